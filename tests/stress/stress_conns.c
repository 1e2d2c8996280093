/* SPDX-License-Identifier: MIT */
/*
 * Attacks net/conns.c: sockets join the set, fail and are closed while other
 * threads walk over the set. A walk meets only live members, and never drops a
 * last reference while it holds the lock that a closing socket takes. The set
 * is empty at the end.
 */
#include "net/net.h"
#include "stress.h"

#include <weft/weft.h>

#include <pthread.h>
#include <sys/eventfd.h>

#define MAKERS 2
#define WALKERS 2

static struct {
    struct wf_conns conns;
    uint64_t sockets; /* how many each maker makes */
    _Atomic uint32_t making;
    _Atomic uint64_t closings;
} all;

static void
readable(struct wf_sock *s)
{
    CHECK(!s); /* no poller watches these sockets */
}

static void
failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    CHECK(why);
}

static void
closed(struct wf_sock *s)
{
    (void)s;
    wf_add(&all.closings, 1, acq_rel);
}

static const struct wf_sock_ops ops = {
    .readable = readable, .failed = failed, .closed = closed};

static void *
make(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i < all.sockets; i++) {
        int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        CHECK(fd >= 0);
        struct wf_sock *s = wf_sock_new(fd, &ops, NULL);
        CHECK(s);
        wf_conns_add(&all.conns, s);
        wf_sock_fail(s, WEFT_ECLOSED);
        wf_sock_unref(s);
    }
    wf_sub(&all.making, 1, acq_rel);
    return NULL;
}

static void
look(struct wf_sock *s, void *seen)
{
    CHECK(s->ops == &ops);
    CHECK(s->conns == &all.conns);
    ++*(uint64_t *)seen;
}

static void *
walk(void *seen)
{
    while (wf_load(&all.making, acquire) > 0)
        wf_conns_each(&all.conns, look, seen);
    return NULL;
}

int
main(void)
{
    pthread_t makers[MAKERS], walkers[WALKERS];
    uint64_t seen[WALKERS] = {0};
    stress_begin();
    CHECK(!wf_conns_init(&all.conns, 0));
    all.sockets = stress_count(100000);
    all.making = MAKERS;
    for (int i = 0; i < WALKERS; i++)
        CHECK(!pthread_create(&walkers[i], NULL, walk, &seen[i]));
    for (int i = 0; i < MAKERS; i++)
        CHECK(!pthread_create(&makers[i], NULL, make, NULL));
    for (int i = 0; i < MAKERS; i++)
        pthread_join(makers[i], NULL);
    for (int i = 0; i < WALKERS; i++)
        pthread_join(walkers[i], NULL);
    CHECK(wf_conns_count(&all.conns) == 0);
    CHECK(wf_load(&all.closings, acquire) == MAKERS * all.sockets);
    printf("%llu sockets, met %llu times\n",
           (unsigned long long)(MAKERS * all.sockets),
           (unsigned long long)(seen[0] + seen[1]));
    return 0;
}
