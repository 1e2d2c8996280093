/* SPDX-License-Identifier: MIT */
/*
 * Conversations, messages and inboxes in a SQLite file. Every function here
 * blocks its thread, so fibers use desk.h instead. A store is one connection to
 * the file, for one thread at a time.
 */
#ifndef INBOX_STORE_H
#define INBOX_STORE_H

#include "inbox.h"

struct store;

enum store_result {
    STORE_OK,
    STORE_MISSING, /* no such conversation, or the author is no member */
    STORE_FAILED,  /* store_error says why */
};

/* Open a file; make it if it does not exist. false: store_error says why, and
 * the caller must still close *store. */
bool store_open(struct store **store, const char *path);
void store_close(struct store *store);
const char *store_error(const struct store *store);

/* The writes between a begin and its commit or rollback are one transaction. */
enum store_result store_begin(struct store *store);
enum store_result store_commit(struct store *store);
void store_rollback(struct store *store);

/* Make a conversation, or send a message; *id gets its id. */
enum store_result store_create(struct store *store,
                               const struct weft_vec_i64 *members, int64_t *id);
enum store_result store_send(struct store *store, int64_t conversation,
                             int64_t author, struct weft_str text, int64_t *id);

/* A page of an inbox or of a conversation. */
struct store_query {
    bool of_user;   /* of a user's inbox, else of a conversation */
    int64_t key;    /* the id of the user or conversation */
    int64_t cursor; /* only messages with smaller ids; 0: the newest */
    int32_t limit;
};

/* Read a page into the arena. */
enum store_result store_page(struct store *store,
                             const struct store_query *query,
                             struct weft_arena *arena, struct inbox_Page *page);

#endif
