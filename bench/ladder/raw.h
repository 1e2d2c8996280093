/* SPDX-License-Identifier: MIT */
/*
 * The functions that the raw echoes share; the programs differ only in how they
 * wait. Each answers tload's calls as rawecho does, with one read, one pass
 * over the bytes and one write, and is run as NAME PORT.
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAW_SIZE 262144

struct raw_conn {
    int fd;
    size_t len; /* bytes in buf, not yet a whole call */
    uint8_t buf[RAW_SIZE];
};

/* The port of argv, or 8888. */
uint16_t raw_port(int argc, char **argv);

/* A socket that listens on the loopback address; the process ends if that
 * fails. */
int raw_listen(uint16_t port);

/* The next connection, with TCP_NODELAY; NULL if there is none. */
struct raw_conn *raw_accept(int listener, int flags);

/* Turns the whole calls within len bytes into replies, in place; returns their
 * size. */
size_t raw_answer(uint8_t *bytes, size_t len);

/* Reads once, answers, writes. *is_drained says whether the socket had no more
 * bytes. Returns false if the connection has ended. */
bool raw_turn(struct raw_conn *conn, bool *is_drained);

void raw_close(struct raw_conn *conn);

#endif
