/* SPDX-License-Identifier: MIT */
/*
 * Conversations, messages and inboxes in a SQLite file. Everything here blocks
 * its thread, so fibers come through desk.h. A store is one connection: for
 * one thread at a time.
 */
#ifndef INBOX_STORE_H
#define INBOX_STORE_H

#include "inbox.h"

struct store;

enum store_result {
    STORE_OK,
    STORE_MISSING, /* no such conversation, or not for this user */
    STORE_FAILED,  /* store_error says why */
};

/* Open a file, made on first use. false: *store is to be closed all the same,
 * and store_error says why. */
bool store_open(struct store **store, const char *path);
void store_close(struct store *store);
const char *store_error(const struct store *store);

/* Between these, writes are one transaction. */
enum store_result store_begin(struct store *store);
enum store_result store_commit(struct store *store);
void store_rollback(struct store *store);

/* Writes; *id is that of the new conversation or message. */
enum store_result store_create(struct store *store,
                               const struct weft_vec_i64 *members, int64_t *id);
enum store_result store_send(struct store *store, int64_t conversation,
                             int64_t author, struct weft_str text, int64_t *id);

/* Whose messages, and which page of them. */
struct store_query {
    bool of_user; /* of a user's inbox, else of a conversation */
    int64_t key;
    int64_t cursor; /* 0: from the newest on */
    int32_t limit;
};

/* Read a page into the arena. */
enum store_result store_page(struct store *store,
                             const struct store_query *query,
                             struct weft_arena *arena, struct inbox_Page *page);

#endif
