/* SPDX-License-Identifier: MIT */
/*
 * The users of the demo: the conversations of each, the messages that each has
 * sent, and so the messages that every inbox must have. The demo knows users
 * and conversations by their indices, the server by their ids.
 */
#ifndef INBOX_CROWD_H
#define INBOX_CROWD_H

#include "inbox.h"

enum {
    CROWD_MEMBERS = 8, /* of a conversation, at most */
    CROWD_HOME = 4,    /* members that are no guests */
    CROWD_TALKS = 4,   /* conversations of a user, at most */
    CROWD_CLIENTS = 2
};

struct crowd_user {
    uint32_t talks[CROWD_TALKS];
    uint32_t n_talks;
};

struct crowd_talk {
    int64_t id;
    uint32_t members[CROWD_MEMBERS];
    uint32_t n_members;
    uint32_t first, n_sent; /* its part of `sent`, after crowd_sort */
};

/* A message that was sent. */
struct crowd_sent {
    int64_t id; /* 0: the server has not accepted it */
    uint32_t talk, author;
    uint32_t n; /* it is its author's n-th message, from 0 on */
};

enum crowd_call { CROWD_SEND, CROWD_READ, CROWD_CALLS };

struct crowd {
    struct weft_client *clients[CROWD_CLIENTS];
    int64_t first_user; /* id of the user with index 0 */
    uint32_t n_users, n_talks, rounds;
    struct crowd_user *users;
    struct crowd_talk *talks;
    struct crowd_sent *sent;   /* `rounds` messages of each user */
    uint32_t *us[CROWD_CALLS]; /* how long each call took */
    _Atomic uint32_t n_us[CROWD_CALLS];
    _Atomic uint32_t compared; /* messages that were read and compared */
    _Atomic uint32_t steps;    /* how many of all_steps are done */
    uint32_t all_steps;
    _Atomic bool failed;
    char why[200]; /* of the first failure */
};

/* Make users and conversations, in this process only. false: no memory. */
bool crowd_init(struct crowd *crowd, uint32_t n_users, uint32_t rounds);
void crowd_fini(struct crowd *crowd);

/* Run fn(crowd, i) for each i < n, each on a fiber of its own. */
void crowd_each(struct crowd *crowd, uint32_t n,
                void (*fn)(struct crowd *crowd, uint32_t i));

/* Note why the demo fails; the first reason stays. */
void crowd_fail(struct crowd *crowd, const char *fmt, ...) WEFT_PRINTF(2, 3);

/* Sort the messages by conversation, newest first, after the last was sent. */
void crowd_sort(struct crowd *crowd);

/* Is m, which was read, the message that was sent? */
bool crowd_is_same(const struct crowd *crowd, const struct inbox_Message *m,
                   const struct crowd_sent *sent);

/* ---- users.c: what users do; each function is an fn of crowd_each ---- */

void users_meet(struct crowd *crowd, uint32_t talk);
void users_chat(struct crowd *crowd, uint32_t user);

/* Read all messages of an inbox or a conversation, and compare them with those
 * that were sent. Call it after crowd_sort. */
void users_check_inbox(struct crowd *crowd, uint32_t user);
void users_check_talk(struct crowd *crowd, uint32_t talk);

#endif
