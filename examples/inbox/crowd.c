/* SPDX-License-Identifier: MIT */
#include "crowd.h"

#include "words.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weft/fiber.h>

/* ---- life ---- */

static void
join(struct crowd *c, uint32_t talk, uint32_t user)
{
    struct crowd_talk *t = &c->talks[talk];
    struct crowd_user *u = &c->users[user];
    bool is_member = u->n_talks > 0 && u->talks[u->n_talks - 1] == talk;
    if (is_member || u->n_talks == CROWD_TALKS)
        return;
    t->members[t->n_members++] = user;
    u->talks[u->n_talks++] = talk;
}

/* Give each conversation four members of its own, and up to four guests. */
static void
populate(struct crowd *c)
{
    uint64_t random = 1;
    for (uint32_t talk = 0; talk < c->n_talks; talk++) {
        for (uint32_t i = 0; i < CROWD_HOME; i++)
            join(c, talk, talk * CROWD_HOME + i);
        for (uint32_t i = CROWD_HOME; i < CROWD_MEMBERS; i++)
            join(c, talk, (uint32_t)(words_random(&random) % c->n_users));
    }
}

bool
crowd_init(struct crowd *c, uint32_t n_users, uint32_t rounds)
{
    *c = (struct crowd){.first_user = 1000001, .rounds = rounds};
    c->n_talks = (n_users + CROWD_HOME - 1) / CROWD_HOME;
    c->n_users = c->n_talks * CROWD_HOME;
    size_t n = (size_t)c->n_users * rounds;
    c->users = calloc(c->n_users, sizeof *c->users);
    c->talks = calloc(c->n_talks, sizeof *c->talks);
    c->sent = calloc(n, sizeof *c->sent);
    c->us[CROWD_SEND] = calloc(n, sizeof(uint32_t));
    c->us[CROWD_READ] = calloc(n * 2, sizeof(uint32_t));
    c->all_steps = (uint32_t)n + c->n_users + 2 * c->n_talks;
    if (!c->users || !c->talks || !c->sent || !c->us[CROWD_SEND] ||
        !c->us[CROWD_READ])
        return false;
    populate(c);
    return true;
}

void
crowd_fini(struct crowd *c)
{
    for (int i = 0; i < CROWD_CLIENTS; i++)
        weft_client_free(c->clients[i]);
    for (int i = 0; i < CROWD_CALLS; i++)
        free(c->us[i]);
    free(c->users);
    free(c->talks);
    free(c->sent);
}

/* ---- running ---- */

struct run {
    struct crowd *crowd;
    void (*fn)(struct crowd *crowd, uint32_t i);
    uint32_t i;
    weft_fiber fiber;
};

static void
run_one(void *arg)
{
    struct run *run = arg;
    run->fn(run->crowd, run->i);
}

void
crowd_each(struct crowd *c, uint32_t n,
           void (*fn)(struct crowd *crowd, uint32_t i))
{
    struct run *runs = calloc(n, sizeof *runs);
    weft_err err = runs ? WEFT_OK : WEFT_EFIBERS;
    uint32_t begun = 0;
    while (!err && begun < n && !c->failed) {
        runs[begun] = (struct run){c, fn, begun, {0}};
        err = weft_fiber_start(run_one, &runs[begun], &runs[begun].fiber);
        begun += !err;
    }
    if (err)
        crowd_fail(c, "no fiber: %s", weft_err_text(err));
    for (uint32_t i = 0; i < begun; i++)
        weft_fiber_join(runs[i].fiber);
    free(runs);
}

void
crowd_fail(struct crowd *c, const char *fmt, ...)
{
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    va_list args;
    if (atomic_flag_test_and_set(&taken))
        return;
    va_start(args, fmt);
    vsnprintf(c->why, sizeof c->why, fmt, args);
    va_end(args);
    c->failed = true;
}

/* ---- what was sent ---- */

static int
by_talk_newest_first(const void *left, const void *right)
{
    const struct crowd_sent *a = left, *b = right;
    if (a->talk != b->talk)
        return a->talk < b->talk ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

void
crowd_sort(struct crowd *c)
{
    uint32_t n = c->n_users * c->rounds;
    qsort(c->sent, n, sizeof *c->sent, by_talk_newest_first);
    for (uint32_t i = n; i-- > 0;) {
        struct crowd_talk *talk = &c->talks[c->sent[i].talk];
        talk->first = i;
        talk->n_sent++;
    }
}

bool
crowd_is_same(const struct crowd *c, const struct inbox_Message *m,
              const struct crowd_sent *sent)
{
    char text[WORDS_MAX + 1];
    int64_t author = c->first_user + sent->author;
    struct weft_str said = {text, words_say(text, author, sent->n)};
    return m->id == sent->id && m->conversation == c->talks[sent->talk].id &&
           m->author == author && weft_str_eq(m->text, said);
}
