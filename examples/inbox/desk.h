/* SPDX-License-Identifier: MIT */
/*
 * The store, for fibers: a few connections for reading, of which each read
 * borrows one, and one writer that puts all waiting writes into one
 * transaction. Only threads of weft_blocking call SQLite.
 */
#ifndef INBOX_DESK_H
#define INBOX_DESK_H

#include "store.h"

#include <weft/fiber.h>

struct desk;

/* Open the file and start the writer. On a plain thread. NULL: the text says
 * why. */
struct desk *desk_open(const char *path, char *why, size_t size);

/* No call is under way any more. */
void desk_close(struct desk *desk);

/* A write; whoever asks for it waits until it is on disk. */
struct write {
    const struct weft_vec_i64 *members; /* of a new conversation, else NULL */
    int64_t conversation, author;       /* of a new message */
    struct weft_str text;
    int64_t id;               /* of what was made */
    enum store_result result; /* if it failed, `why` says why */
    char why[128];
    struct weft_sem done; /* private */
};

weft_err desk_write(struct desk *desk, struct write *write) WEFT_CHECKED;

/* A read, into the arena. */
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
