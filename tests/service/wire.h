/* SPDX-License-Identifier: MIT */
/*
 * The other end of a connection, written without weft: plain sockets that
 * block, and messages that are built byte by byte. A failure ends the program,
 * unless the function returns it.
 */
#ifndef WEFT_TESTS_WIRE_H
#define WEFT_TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bytes {
    uint8_t *ptr;
    size_t len, cap;
};

void bytes_free(struct bytes *b);
void put(struct bytes *b, const void *ptr, size_t len);
void put8(struct bytes *b, unsigned v);
void put16(struct bytes *b, unsigned v);
void put32(struct bytes *b, uint32_t v);
void put64(struct bytes *b, uint64_t v);

/* Append the head of a strict binary message; the caller appends the struct. */
void put_head(struct bytes *b, unsigned type, const char *name, int32_t seqid);

/* Append a whole call: add(a, b), or a function of one number (twice, gate,
 * note). */
void put_add(struct bytes *b, bool framed, int32_t seqid, int64_t x, int64_t y);
void put_number(struct bytes *b, bool framed, unsigned type, const char *name,
                int32_t seqid, int64_t number);
/* Append a whole framed call: hog(seqid, ms), or large(size). */
void put_hog(struct bytes *b, int32_t seqid, int32_t ms);
void put_large(struct bytes *b, int32_t seqid, int32_t size);

/* frame_begin leaves room for a length and returns its place; frame_end stores
 * the length of the bytes after it. */
size_t frame_begin(struct bytes *b);
void frame_end(struct bytes *b, size_t from);

/* Returns a socket that is connected to 127.0.0.1. Each of its calls waits
 * LONG_MS at most. */
int wire_dial(uint16_t port);
int wire_dial_unix(const char *path);
/* Returns a socket that listens on a free port of 127.0.0.1. */
int wire_listen(uint16_t *port, int backlog);
int wire_accept(int fd);

/* Return false if the other end has closed or reset the connection, or takes
 * too long. */
bool wire_send(int fd, const void *ptr, size_t len);
bool wire_recv(int fd, void *ptr, size_t len);
/* Receive what is there, at most len bytes; wait if nothing is there. Returns
 * as recv does. recv itself may return EINTR here, although no handler of a
 * signal runs: a socket with a time-out does not go on after io_uring has
 * interrupted its thread. */
ssize_t wire_some(int fd, void *ptr, size_t len);
/* Wait for a byte, the end or a reset. Returns false if a byte came. */
bool wire_ends(int fd);
/* Close with a reset. */
void wire_reset(int fd);

/* A reply, framed or not, of at most 64 KiB. */
struct reply {
    unsigned type;
    char name[64];
    int32_t seqid;
    int64_t value;  /* of a success that is an i64 */
    int32_t code;   /* of an exception */
    char text[256]; /* of an exception */
};
bool wire_reply(int fd, bool framed, struct reply *reply);

#endif
