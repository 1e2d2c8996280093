/* SPDX-License-Identifier: MIT */
/*
 * The store, for fibers. There are a few connections for reading; each read
 * borrows one of them. One fiber writes, and puts all waiting writes into one
 * transaction. Reads and writes run on threads of weft_blocking.
 */
#ifndef INBOX_DESK_H
#define INBOX_DESK_H

#include "store.h"

#include <weft/fiber.h>

struct desk;

/* Open the file and start the writer. Call it on a plain thread, since it
 * blocks. NULL: the text in `why` says why. */
struct desk *desk_open(const char *path, char *why, size_t size);

/* Call it when no other call is under way. */
void desk_close(struct desk *desk);

/* A write: a new conversation, or a new message. */
struct write {
    const struct weft_vec_i64 *members; /* of a new conversation, else NULL */
    int64_t conversation, author;       /* of a new message */
    struct weft_str text;
    int64_t id;               /* of the new conversation or message */
    enum store_result result; /* if it is STORE_FAILED, `why` says why */
    char why[128];
    struct weft_sem done; /* private */
};

/* Returns after the write is on disk. */
weft_err desk_write(struct desk *desk, struct write *write) WEFT_CHECKED;

/* A read of a page into the arena. */
struct read {
    struct store_query query;
    struct weft_arena *arena;
    struct inbox_Page *page;
    enum store_result result;
    char why[128];
    struct store *store; /* private */
};

weft_err desk_read(struct desk *desk, struct read *read) WEFT_CHECKED;

#endif
