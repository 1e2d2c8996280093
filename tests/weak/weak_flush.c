/* SPDX-License-Identifier: MIT */
/* Deferred writes: each is sent once, by the worker that deferred it or by a
 * watcher, and the sender sees its bytes. */
#define WEFT_SHIM 1

#include "weak.h"

#include "net/flush.c"

#include <string.h>

static struct flush_list list;
static struct wf_ring ring;
static struct wf_sock socks[3];
static struct wf_write nodes[3];
static int rests[3];

/* ---- what flush.c calls ---- */

struct wf_shim wf_shim;

uint32_t
wf_worker_index(void)
{
    return 0;
}

bool
wf_worker_busy(void)
{
    return true;
}

bool
wf_chain_lends(const struct weft_chain *chain)
{
    (void)chain;
    return false;
}

void
wf_ring_send(struct wf_ring *r, uint32_t n)
{
    (void)r, (void)n;
}

void
wf_ring_free(struct wf_ring *r)
{
    (void)r;
}

int
wf_write_iov(struct wf_sock *s, struct iovec *iov, int n)
{
    (void)iov, (void)n;
    weak_read(&nodes[s - socks], sizeof *nodes);
    return s == &socks[0]; /* the references of the other sockets fail */
}

void
wf_write_sent(struct wf_sock *s, ssize_t n)
{
    (void)s, (void)n;
}

/* Frees the node, as if all of it were sent. */
void
wf_write_rest(struct wf_sock *s, enum wf_write_where where)
{
    (void)where;
    weak_free(&nodes[s - socks], sizeof *nodes);
    WEAK_CHECK(rests[s - socks]++ == 0);
}

static void
note_closed(struct wf_slot *slot)
{
    (void)slot;
}

static struct wf_slab slab = WF_SLAB_INIT(struct wf_sock, 3, note_closed);

void
wf_sock_unref(struct wf_sock *s)
{
    wf_slot_unref(&slab, &s->slot);
}

void
wf_slot_unref(struct wf_slab *of, struct wf_slot *slot)
{
    (void)of;
    (void)wf_sub(&slot->word, 1, release);
}

static void
fake_free(void *p)
{
    (void)p;
}

/* ---- tests ---- */

static void
begin(void)
{
    memset(&wf_shim, 0, sizeof wf_shim);
    wf_shim.free = fake_free;
    memset(&list, 0, sizeof list);
    memset(socks, 0, sizeof socks);
    memset(nodes, 0, sizeof nodes);
    memset(rests, 0, sizeof rests);
    list.ring = &ring;
    lists.n = 1;
    lists.all = &list;
    for (int i = 0; i < 3; i++) {
        nodes[i].sock = &socks[i];
        wf_store(&socks[i].slot.word, ((uint64_t)4 << 32) + 1, relaxed);
        weak_write(&nodes[i], sizeof *nodes);
    }
}

static void
defer(int i)
{
    weak_write(&nodes[i], sizeof *nodes);
    WEAK_CHECK(wf_flush_defer(&nodes[i]));
}

static void
defer_three(void)
{
    for (int i = 0; i < 3; i++)
        defer(i);
    wf_flush_worker(0);
}

static void
flush_for_it(void)
{
    wf_flush_worker(0);
}

static void
stop(void)
{
    wf_flush_tear_down();
    for (int i = 0; i < 3; i++)
        WEAK_CHECK(rests[i] == 1);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"a watcher", begin, {defer_three, flush_for_it}, stop, 0},
        {"two watchers",
         begin,
         {defer_three, flush_for_it, flush_for_it},
         stop,
         2},
        {0},
    };
    static const char *const files[] = {"flush.c", NULL};
    static const struct weak_excuse excuses[] = {
        {"wf_cas", "that fails", WEAK_relaxed,
         "not needed here; base/atomic.h says so for all"},
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
