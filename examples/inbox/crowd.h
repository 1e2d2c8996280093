/* SPDX-License-Identifier: MIT */
/*
 * The users of the demo: who is in which conversation, what each has sent, and
 * so what must be in every inbox. Users and conversations are known by their
 * indices here; the server knows them by ids.
 */
#ifndef INBOX_CROWD_H
#define INBOX_CROWD_H

#include "inbox.h"

enum {
    CROWD_MEMBERS = 8, /* of a conversation, at the most */
    CROWD_HOME = 4,    /* of them, those that are no guests */
    CROWD_TALKS = 4,   /* of a user, at the most */
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
    uint32_t first, n_sent; /* in `sent`, once it is sorted */
};

/* A message that was sent. */
struct crowd_sent {
    int64_t id; /* 0: the server has not accepted it */
    uint32_t talk, author;
    uint32_t n; /* of its author's messages */
};

enum crowd_call { CROWD_SEND, CROWD_READ, CROWD_CALLS };

struct crowd {
    struct weft_client *clients[CROWD_CLIENTS];
    int64_t first_user; /* id of the user with index 0 */
    uint32_t n_users, n_talks, rounds;
    struct crowd_user *users;
    struct crowd_talk *talks;
    struct crowd_sent *sent;   /* `rounds` of each user */
    uint32_t *us[CROWD_CALLS]; /* how long each call took */
    _Atomic uint32_t n_us[CROWD_CALLS];
    _Atomic uint32_t compared; /* messages that were read and compared */
    _Atomic uint32_t steps;    /* done, of all_steps */
    uint32_t all_steps;
    _Atomic bool failed;
    char why[200]; /* of the first failure */
};

/* Make users and conversations, of which the server knows nothing yet. false:
 * no memory. */
bool crowd_init(struct crowd *crowd, uint32_t n_users, uint32_t rounds);
void crowd_fini(struct crowd *crowd);

/* Run fn(crowd, i) for each i < n, each on a fiber of its own. */
void crowd_each(struct crowd *crowd, uint32_t n,
                void (*fn)(struct crowd *crowd, uint32_t i));

/* Note why the demo fails; the first reason stays. */
void crowd_fail(struct crowd *crowd, const char *fmt, ...) WEFT_PRINTF(2, 3);

/* After the last message was sent: sort them by conversation, newest first. */
void crowd_sort(struct crowd *crowd);

/* Is m the message that was sent? */
bool crowd_is_same(const struct crowd *crowd, const struct inbox_Message *m,
                   const struct crowd_sent *sent);

/* ---- users.c: what they do; each a fn for crowd_each ---- */

void users_meet(struct crowd *crowd, uint32_t talk);
void users_chat(struct crowd *crowd, uint32_t user);

/* Read all of an inbox or of a conversation, and compare; after the sort. */
void users_check_inbox(struct crowd *crowd, uint32_t user);
void users_check_talk(struct crowd *crowd, uint32_t talk);

#endif
