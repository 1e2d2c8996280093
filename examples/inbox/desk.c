/* SPDX-License-Identifier: MIT */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>

enum { READERS = 4, QUEUE = 4096, BATCH = 512 };

struct desk {
    struct store *writer;
    struct store *readers[READERS];
    struct weft_chan *idle;   /* struct store *: readers that are not in use */
    struct weft_chan *writes; /* struct write *: those that wait */
    weft_fiber writing;
};

/* ---- writing ---- */

struct batch {
    struct store *store;
    struct write *writes[BATCH];
    int n;
};

static enum store_result
write_one(struct store *store, struct write *w)
{
    if (w->members)
        return store_create(store, w->members, &w->id);
    return store_send(store, w->conversation, w->author, w->text, &w->id);
}

/* Runs on a thread that may block. A message to a conversation that is missing
 * changes nothing. If a write fails, the whole batch fails. */
static void
write_batch(void *arg)
{
    struct batch *b = arg;
    enum store_result all = store_begin(b->store);
    for (int i = 0; i < b->n && all == STORE_OK; i++) {
        b->writes[i]->result = write_one(b->store, b->writes[i]);
        if (b->writes[i]->result == STORE_FAILED)
            all = STORE_FAILED;
    }
    if (all == STORE_OK)
        all = store_commit(b->store);
    if (all == STORE_OK)
        return;
    for (int i = 0; i < b->n; i++) {
        b->writes[i]->result = STORE_FAILED;
        snprintf(b->writes[i]->why, sizeof b->writes[i]->why, "%s",
                 store_error(b->store));
    }
    store_rollback(b->store);
}

/* The writer fiber. While it commits a batch, the channel gathers the next. */
static void
keep_writing(void *arg)
{
    static struct batch b;
    struct desk *desk = arg;
    b.store = desk->writer;
    while (!weft_chan_recv(desk->writes, &b.writes[0])) {
        b.n = 1;
        while (b.n < BATCH &&
               !weft_chan_recv_until(desk->writes, &b.writes[b.n], 0))
            b.n++;
        weft_err err = weft_blocking(write_batch, &b);
        for (int i = 0; i < b.n; i++) {
            if (err)
                b.writes[i]->result = STORE_FAILED;
            weft_sem_give(&b.writes[i]->done, 1);
        }
    }
}

weft_err
desk_write(struct desk *desk, struct write *w)
{
    w->done = (struct weft_sem){0};
    weft_err err = weft_chan_send(desk->writes, &w);
    if (err)
        return err;
    while (weft_sem_take(&w->done)) /* cancelled, but the writer uses `w` */
        weft_fiber_yield();
    return WEFT_OK;
}

/* ---- reading ---- */

static void
read_one(void *arg)
{
    struct read *r = arg;
    r->result = store_page(r->store, &r->query, r->arena, r->page);
    if (r->result == STORE_FAILED)
        snprintf(r->why, sizeof r->why, "%s", store_error(r->store));
}

weft_err
desk_read(struct desk *desk, struct read *r)
{
    weft_err err = weft_chan_recv(desk->idle, &r->store);
    if (err)
        return err;
    err = weft_blocking(read_one, r);
    weft_err back = weft_chan_send(desk->idle, &r->store); /* there is room */
    return err ? err : back;
}

/* ---- life ---- */

static bool
open_all(struct desk *desk, const char *path, char *why, size_t size)
{
    for (int i = -1; i < READERS; i++) {
        struct store **each = i < 0 ? &desk->writer : &desk->readers[i];
        if (!store_open(each, path)) {
            snprintf(why, size, "%s", store_error(*each));
            return false;
        }
        if (i >= 0 && weft_chan_send(desk->idle, each))
            return false;
    }
    return true;
}

struct desk *
desk_open(const char *path, char *why, size_t size)
{
    struct desk *desk = calloc(1, sizeof *desk);
    snprintf(why, size, "out of memory");
    if (!desk)
        return NULL;
    if (!weft_chan_new(sizeof(struct store *), READERS, &desk->idle) &&
        !weft_chan_new(sizeof(struct write *), QUEUE, &desk->writes) &&
        open_all(desk, path, why, size) &&
        !weft_fiber_start(keep_writing, desk, &desk->writing))
        return desk;
    desk_close(desk);
    return NULL;
}

void
desk_close(struct desk *desk)
{
    if (desk->writes)
        weft_chan_close(desk->writes);
    weft_fiber_join(desk->writing);
    store_close(desk->writer);
    for (int i = 0; i < READERS; i++)
        store_close(desk->readers[i]);
    weft_chan_free(desk->idle);
    weft_chan_free(desk->writes);
    free(desk);
}
