/* SPDX-License-Identifier: MIT */
/*
 * Attacks the proofs of net/sock.c and net/read.c: a peer writes in small
 * pieces while other threads refer to the socket by its id and one of them
 * fails it. There is one reader at a time. All bytes are read if no thread
 * fails the socket. The socket is closed once, and then the lookup of its id
 * returns NULL.
 */
#include "net/net.h"
#include "stress.h"

#include <weft/weft.h>

#include <pthread.h>
#include <string.h>

#define USERS 3

static struct {
    uint64_t id;
    int peer;
    uint32_t bytes; /* how many the peer writes */
    bool fail;      /* a user fails the socket while it reads */
    _Atomic uint32_t readers, closings;
    _Atomic uint64_t taken;
    struct weft_sem closed;
} round_;

static weft_err
read_all(struct wf_sock *s)
{
    bool drained = false;
    weft_err err = WEFT_OK;
    while (!err && !drained) {
        struct weft_chain in = {0};
        struct wf_read_buffer room = {.limit = SIZE_MAX};
        err = wf_sock_read(s, &in, &room, &drained);
        wf_add(&round_.taken, in.len, relaxed);
        weft_chain_clear(&in);
    }
    return err;
}

static void
readable(struct wf_sock *s)
{
    uint64_t seen = wf_sock_read_begin(s);
    for (;;) {
        CHECK(wf_add(&round_.readers, 1, acq_rel) == 0);
        weft_err err = read_all(s);
        if (seen % 3 == 0)
            weft_fiber_yield(); /* events may come while this fiber is the
                                 * reader */
        CHECK(wf_sub(&round_.readers, 1, acq_rel) == 1);
        if (err) {
            wf_sock_fail(s, err);
            return; /* this fiber stays the reader */
        }
        if (wf_sock_read_end(s, &seen))
            return;
    }
}

static void
failed(struct wf_sock *s, weft_err why)
{
    CHECK(why);
    (void)s;
}

static void
closed(struct wf_sock *s)
{
    (void)s;
    CHECK(wf_add(&round_.closings, 1, acq_rel) == 0);
    weft_sem_give(&round_.closed, 1);
}

static const struct wf_sock_ops ops = {
    .readable = readable, .failed = failed, .closed = closed};

static void *
run_peer(void *unused)
{
    static const char block[300];
    uint64_t random = wf_sys_random() | 1;
    (void)unused;
    for (uint32_t left = round_.bytes; left > 0;) {
        size_t part = 1 + stress_random(&random) % sizeof block;
        ssize_t n = send(round_.peer, block, WF_MIN(part, left), MSG_NOSIGNAL);
        if (n <= 0)
            break; /* the socket was failed */
        left -= (uint32_t)n;
    }
    shutdown(round_.peer, SHUT_WR);
    return NULL;
}

static void *
run_user(void *number)
{
    uint64_t random = wf_sys_random() | 1, n = 0;
    uint64_t fail_at = stress_random(&random) % 2000;
    struct wf_sock *s;
    while ((s = wf_sock_ref(round_.id)) != NULL) {
        CHECK(s->ops == &ops);
        if (round_.fail && number == NULL && n++ == fail_at)
            wf_sock_fail(s, WEFT_ECLOSED);
        wf_sock_unref(s);
    }
    return NULL;
}

static void
run_round(uint32_t bytes, bool fail)
{
    int fds[2];
    pthread_t peer, users[USERS];
    memset(&round_, 0, sizeof round_);
    CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
    CHECK(!fcntl(fds[0], F_SETFL, O_NONBLOCK));
    round_.peer = fds[1];
    round_.bytes = bytes;
    round_.fail = fail;
    struct wf_sock *s = wf_sock_new(fds[0], &ops, NULL);
    CHECK(s);
    round_.id = wf_slot_id(&s->slot);
    CHECK(!wf_sock_watch(s));
    CHECK(!pthread_create(&peer, NULL, run_peer, NULL));
    for (uintptr_t i = 0; i < USERS; i++)
        CHECK(!pthread_create(&users[i], NULL, run_user, (void *)i));
    wf_sock_unref(s);
    CHECK(!weft_sem_take(&round_.closed));
    CHECK(!wf_sock_ref(round_.id));
    pthread_join(peer, NULL);
    for (int i = 0; i < USERS; i++)
        pthread_join(users[i], NULL);
    close(fds[1]);
    CHECK(wf_load(&round_.closings, acquire) == 1);
    CHECK(fail || wf_load(&round_.taken, relaxed) == bytes);
}

int
main(void)
{
    const struct weft_runtime_options options = {.workers = 3};
    uint64_t random = 2463534242u;
    stress_begin();
    CHECK(!weft_runtime_start(&options));
    uint64_t rounds = stress_count(1200);
    for (uint64_t i = 0; i < rounds; i++)
        run_round(1 + (uint32_t)(stress_random(&random) % 200000), i % 2);
    CHECK(!weft_runtime_stop());
    printf("%llu rounds\n", (unsigned long long)rounds);
    return 0;
}
