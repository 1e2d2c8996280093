/* SPDX-License-Identifier: MIT */
/*
 * Attacks the proof of net/write.c: fibers and plain threads push frames on one
 * socket, whose peer reads in small pieces. Each pusher's frames come whole and
 * in order; the memory of every push is released exactly once, also when the
 * socket fails meanwhile. Row 52 of docs/threats.md.
 */
#include "net/net.h"
#include "stress.h"

#include <weft/weft.h>

#include <pthread.h>
#include <string.h>

#define PUSHERS 6 /* every second one is a plain thread */

struct frame {
    uint32_t pusher, number, size; /* size: bytes after the head */
};

static struct {
    struct wf_sock *sock;
    int peer;
    uint32_t frames;      /* how many each pusher sends */
    uint32_t fail_at;     /* at this frame a pusher fails the socket; 0: at
                           * none */
    struct weft_sem done; /* given by each pusher at its end */
    struct weft_sem closed;
    _Atomic uint64_t pushed, let_go;
} round_;

static void
let_go(void *frame)
{
    wf_add(&round_.let_go, 1, relaxed);
    free(frame);
}

/* Push a frame by reference; its done function counts that it was released. */
static weft_err
push(uint32_t pusher, uint32_t number, uint64_t *random)
{
    uint32_t size = (uint32_t)(stress_random(random) % 3000);
    struct frame *frame = calloc(1, sizeof *frame + size);
    struct weft_chain chain = {0};
    CHECK(frame);
    *frame = (struct frame){pusher, number, size};
    memset(frame + 1, (int)(pusher + number), size);
    CHECK(!weft_chain_append_ref(&chain, frame, sizeof *frame + size, let_go,
                                 frame));
    wf_add(&round_.pushed, 1, relaxed);
    unsigned flags = stress_random(random) % 2 ? WF_WRITE_LATER : WF_WRITE_NOW;
    weft_err err = wf_sock_write(round_.sock, &chain, flags);
    CHECK(chain.len == 0);
    return err;
}

static void
run_pusher(void *arg)
{
    uint32_t pusher = (uint32_t)(uintptr_t)arg;
    uint64_t random = wf_sys_random() | 1;
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < round_.frames && !err; i++) {
        if (pusher == 1 && round_.fail_at && i == round_.fail_at)
            wf_sock_fail(round_.sock, WEFT_ECLOSED);
        err = push(pusher, i, &random);
        while (err == WEFT_EOVERCROWDED) {
            (void)!wf_sock_wait_writable(round_.sock, 1 << 20, WEFT_NEVER);
            err = push(pusher, i, &random);
        }
    }
    CHECK(!err || round_.fail_at);
    weft_sem_give(&round_.done, 1);
}

static void *
run_thread(void *arg)
{
    run_pusher(arg);
    return NULL;
}

static bool
read_all(void *to, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t part = WF_MIN(n - at, (size_t)700);
        ssize_t got = read(round_.peer, (char *)to + at, part);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static void *
run_peer(void *unused)
{
    static uint8_t body[4096];
    uint32_t next[PUSHERS] = {0};
    struct frame frame;
    (void)unused;
    while (read_all(&frame, sizeof frame)) {
        CHECK(frame.pusher < PUSHERS && frame.size < 3000);
        CHECK(frame.number == next[frame.pusher]++);
        if (!read_all(body, frame.size))
            break;
        for (uint32_t i = 0; i < frame.size; i++)
            CHECK(body[i] == (uint8_t)(frame.pusher + frame.number));
    }
    for (int i = 0; i < PUSHERS && !round_.fail_at; i++)
        CHECK(next[i] == round_.frames);
    return NULL;
}

static void
readable(struct wf_sock *s)
{
    uint64_t seen = wf_sock_read_begin(s);
    while (!wf_sock_read_end(s, &seen))
        ;
}

static void
failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    (void)why;
}

static void
closed(struct wf_sock *s)
{
    (void)s;
    weft_sem_give(&round_.closed, 1);
}

static const struct wf_sock_ops ops = {
    .readable = readable, .failed = failed, .closed = closed};

static void
run_round(uint32_t frames, uint32_t fail_at)
{
    int fds[2];
    pthread_t peer, threads[PUSHERS];
    memset(&round_, 0, sizeof round_);
    CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
    CHECK(!fcntl(fds[0], F_SETFL, O_NONBLOCK));
    round_.peer = fds[1];
    round_.frames = frames;
    round_.fail_at = fail_at;
    round_.sock = wf_sock_new(fds[0], &ops, NULL);
    CHECK(round_.sock);
    round_.sock->max_queued = 1 << 20;
    CHECK(!wf_sock_watch(round_.sock));
    CHECK(!pthread_create(&peer, NULL, run_peer, NULL));
    for (uintptr_t i = 0; i < PUSHERS; i++)
        if (i % 2)
            CHECK(!pthread_create(&threads[i], NULL, run_thread, (void *)i));
        else
            CHECK(!weft_fiber_start(run_pusher, (void *)i, NULL));
    for (int i = 0; i < PUSHERS; i++)
        CHECK(!weft_sem_take(&round_.done));
    struct weft_chain none = {0};
    (void)!wf_sock_write(round_.sock, &none, WF_WRITE_LAST);
    wf_sock_unref(round_.sock);
    CHECK(!weft_sem_take(&round_.closed));
    for (int i = 1; i < PUSHERS; i += 2)
        pthread_join(threads[i], NULL);
    pthread_join(peer, NULL);
    close(fds[1]);
    CHECK(wf_load(&round_.pushed, relaxed) == wf_load(&round_.let_go, relaxed));
}

int
main(void)
{
    const struct weft_runtime_options options = {.workers = 3};
    uint64_t random = 88172645463325252u;
    stress_begin();
    CHECK(!weft_runtime_start(&options));
    uint64_t rounds = stress_count(400);
    for (uint64_t i = 0; i < rounds; i++) {
        uint32_t frames = 200 + (uint32_t)(stress_random(&random) % 1000);
        run_round(frames, i % 3 ? 0 : 1 + (uint32_t)(random % frames));
    }
    CHECK(!weft_runtime_stop());
    printf("%llu rounds\n", (unsigned long long)rounds);
    return 0;
}
