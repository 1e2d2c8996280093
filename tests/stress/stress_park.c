/* SPDX-License-Identifier: MIT */
/*
 * Attacks the proof of fiber/park.c and the wait queues that use it: tokens are
 * given while deadlines and cancels end the waits for them, and the object of a
 * wait is freed as soon as the wait is over. No token may be lost or doubled,
 * no waiter may be forgotten, and no waker may touch freed memory. Row 53 of
 * docs/threats.md.
 */
#include "stress.h"

#include "fiber/fiber.h"

#include <string.h>

static void
start(weft_fiber *fiber, void (*fn)(void *arg), void *arg)
{
    CHECK(weft_fiber_start(fn, arg, fiber) == WEFT_OK);
}

/* ---- park and wake alone: a counter, its only waiter and many wakers ---- */

struct mailbox {
    _Atomic(struct wf_task *) owner;
    _Atomic uint64_t letters;
    uint64_t expected;
};

static void
read_letters(void *arg)
{
    struct mailbox *box = arg;
    wf_store(&box->owner, wf_task_self(), release);
    for (uint64_t got = 0; got < box->expected;) {
        uint64_t n = wf_xchg(&box->letters, 0, acquire);
        got += n;
        if (n == 0)
            wf_park(WEFT_WAIT_SEM);
    }
    CHECK(wf_load(&box->letters, relaxed) == 0);
}

#define BOXES 8
static struct mailbox boxes[BOXES];

static void
post_letters(void *arg)
{
    uint64_t random = (uintptr_t)arg + 1;
    for (uint64_t n = stress_count(100000) * BOXES; n > 0; n--) {
        struct mailbox *box = &boxes[n % BOXES];
        struct wf_task *owner = wf_load(&box->owner, acquire);
        wf_add(&box->letters, 1, release);
        if (owner)
            wf_wake(owner);
        if (stress_random(&random) % 64 == 0)
            weft_fiber_yield();
    }
}

static void *
post_letters_thread(void *arg)
{
    post_letters(arg);
    return NULL;
}

static void *
read_letters_thread(void *arg)
{
    read_letters(arg);
    return NULL;
}

static void
letters_arrive(void)
{
    weft_fiber readers[BOXES], poster;
    pthread_t reading, posting;
    memset(boxes, 0, sizeof boxes);
    for (int i = 0; i < BOXES; i++) {
        boxes[i].expected = 2 * stress_count(100000);
        if (i > 0)
            start(&readers[i], read_letters, &boxes[i]);
    }
    CHECK(!pthread_create(&reading, NULL, read_letters_thread, &boxes[0]));
    start(&poster, post_letters, (void *)1);
    CHECK(!pthread_create(&posting, NULL, post_letters_thread, (void *)2));
    for (int i = 1; i < BOXES; i++)
        CHECK(weft_fiber_join(readers[i]) == WEFT_OK);
    CHECK(weft_fiber_join(poster) == WEFT_OK);
    CHECK(!pthread_join(reading, NULL) && !pthread_join(posting, NULL));
    puts("park and wake: every letter was read");
}

/* ---- tokens against deadlines and cancels ---- */

#define TAKERS 16

static struct weft_sem sem;
static struct weft_mutex gate;
static struct weft_chan *chan;
static _Atomic uint64_t taken, timed_out, cancelled, received, sent;
static _Atomic uint64_t takers_alive;
static _Atomic uint64_t current[TAKERS]; /* ids of fibers that may be
                                          * cancelled */
static uint64_t guarded;                 /* a counter under the lock `gate` */

static void
count_wait(weft_err err)
{
    if (err == WEFT_ETIMEOUT)
        wf_add(&timed_out, 1, relaxed);
    else if (err == WEFT_ECANCEL)
        wf_add(&cancelled, 1, relaxed);
    else
        CHECK(err == WEFT_OK);
}

static uint64_t
soon(uint64_t random)
{
    return weft_now_ns() + random % 300000;
}

/* One wait of each kind. Each deadline is about as long as the wait. */
static void
try_all(uint64_t *random)
{
    uint64_t value = 1;
    weft_err err = weft_sem_take_until(&sem, soon(stress_random(random)));
    count_wait(err);
    wf_add(&taken, err == WEFT_OK, relaxed);
    err = weft_mutex_lock_until(&gate, soon(stress_random(random)));
    count_wait(err);
    if (err == WEFT_OK) {
        guarded++;
        if (stress_random(random) % 4 == 0)
            weft_fiber_yield();
        weft_mutex_unlock(&gate);
    }
    if (stress_random(random) % 2) {
        err = weft_chan_send_until(chan, &value, soon(stress_random(random)));
        wf_add(&sent, err == WEFT_OK, relaxed);
    } else {
        err = weft_chan_recv_until(chan, &value, soon(stress_random(random)));
        wf_add(&received, err == WEFT_OK, relaxed);
        CHECK(value == 1);
    }
    count_wait(err);
}

static void
taker(void *arg)
{
    uint64_t random = 3 + 2 * (uintptr_t)arg;
    for (int i = 0; i < 20 && !weft_fiber_cancelled(); i++)
        try_all(&random);
    wf_sub(&takers_alive, 1, release);
}

static void *
giver(void *arg)
{
    (void)arg;
    uint64_t random = 99, given = 0;
    while (wf_load(&takers_alive, acquire) > 0) {
        uint64_t r = stress_random(&random);
        weft_sem_give(&sem, (uint32_t)(r % 3));
        given += r % 3;
        weft_fiber_cancel((weft_fiber){current[r / 3 % TAKERS]});
        for (int i = (int)(r >> 32 & 1023); i > 0; i--)
            wf_cpu_relax();
    }
    return (void *)(uintptr_t)given;
}

static void
tokens_are_kept(uint32_t capacity)
{
    pthread_t thread;
    void *given;
    uint64_t left = 0, value;
    sem = (struct weft_sem){0};
    taken = sent = received = timed_out = cancelled = 0;
    CHECK(!weft_chan_new(sizeof value, capacity, &chan));
    takers_alive = 1;
    CHECK(!pthread_create(&thread, NULL, giver, NULL));
    for (uint64_t n = stress_count(10000); n > 0; n--) {
        weft_fiber fiber, old = {current[n % TAKERS]};
        CHECK(weft_fiber_join(old) == WEFT_OK);
        wf_add(&takers_alive, 1, relaxed);
        start(&fiber, taker, (void *)(uintptr_t)n);
        current[n % TAKERS] = fiber.id;
    }
    for (int i = 0; i < TAKERS; i++)
        CHECK(weft_fiber_join((weft_fiber){current[i]}) == WEFT_OK);
    wf_sub(&takers_alive, 1, release);
    CHECK(!pthread_join(thread, &given));
    CHECK(taken + sem.count == (uintptr_t)given);
    CHECK(!sem.waiters.head && !gate.waiters.head);
    CHECK(weft_mutex_try_lock(&gate));
    weft_mutex_unlock(&gate);
    while (weft_chan_recv_until(chan, &value, 0) == WEFT_OK)
        left++;
    CHECK(sent == received + left);
    weft_chan_free(chan);
    printf("channel of %u: %llu tokens, %llu items, %llu timeouts, %llu "
           "cancels: all accounted for\n",
           capacity, (unsigned long long)taken, (unsigned long long)sent,
           (unsigned long long)timed_out, (unsigned long long)cancelled);
}

/* ---- an object is freed as soon as the wait for it ends ---- */

struct brief {
    struct weft_sem sem;
    struct weft_mutex mutex;
    struct weft_cond cond;
    struct weft_chan *chan;
    bool flag;
};

static void
signal_brief(struct brief *b, uint64_t round)
{
    int value = 1;
    switch (round % 5) {
    case 0:
        weft_sem_give(&b->sem, 1);
        break;
    case 1: /* the mutex goes to a waiter, or becomes free */
    case 4:
        weft_mutex_unlock(&b->mutex);
        break;
    case 2:
        CHECK(weft_mutex_lock(&b->mutex) == WEFT_OK);
        b->flag = true;
        weft_cond_broadcast(&b->cond);
        weft_mutex_unlock(&b->mutex);
        break;
    case 3:
        CHECK(weft_chan_send(b->chan, &value) == WEFT_OK);
        break;
    }
}

static void
await_brief(struct brief *b, uint64_t round)
{
    int value = 0;
    switch (round % 5) {
    case 0:
        CHECK(weft_sem_take(&b->sem) == WEFT_OK);
        break;
    case 1:
        CHECK(weft_mutex_lock(&b->mutex) == WEFT_OK);
        weft_mutex_unlock(&b->mutex);
        break;
    case 2:
        CHECK(weft_mutex_lock(&b->mutex) == WEFT_OK);
        CHECK(b->flag || weft_cond_wait(&b->cond, &b->mutex) == WEFT_OK);
        weft_mutex_unlock(&b->mutex);
        break;
    case 3:
        CHECK(weft_chan_recv(b->chan, &value) == WEFT_OK && value == 1);
        break;
    case 4: /* time out and retry, so that the mutex is marked as waited for */
        while (weft_mutex_lock_until(&b->mutex, weft_now_ns()) != WEFT_OK)
            continue;
        weft_mutex_unlock(&b->mutex);
        break;
    }
}

static _Atomic(struct brief *) offered;
static uint64_t brief_rounds;

/* Takes the brief that is offered, and signals it. Its waiter then frees it. */
static void *
signaller(void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < brief_rounds; i++) {
        struct brief *b;
        while (!(b = wf_xchg(&offered, NULL, acquire)))
            weft_fiber_yield();
        signal_brief(b, i);
    }
    return NULL;
}

static void
signaller_fiber(void *arg)
{
    (void)signaller(arg);
}

static void
await_all(void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < brief_rounds; i++) {
        struct brief *b = calloc(1, sizeof *b);
        CHECK(b && !weft_chan_new(sizeof(int), i / 5 % 2, &b->chan));
        if (i % 5 == 1 || i % 5 == 4)
            CHECK(weft_mutex_try_lock(&b->mutex));
        wf_store(&offered, b, release);
        await_brief(b, i);
        weft_chan_free(b->chan);
        free(b);
    }
}

static void
nothing_is_touched_behind_a_wait(bool by_thread)
{
    weft_fiber fiber, waiter;
    pthread_t thread;
    brief_rounds = stress_count(100000);
    start(&waiter, await_all, NULL);
    if (by_thread) {
        CHECK(!pthread_create(&thread, NULL, signaller, NULL));
        CHECK(!pthread_join(thread, NULL));
    } else {
        start(&fiber, signaller_fiber, NULL);
        CHECK(weft_fiber_join(fiber) == WEFT_OK);
    }
    CHECK(weft_fiber_join(waiter) == WEFT_OK);
    puts("what was waited on was freed at once");
}

int
main(void)
{
    stress_begin();
    for (uint32_t workers = 1; workers <= 4; workers *= 2) {
        struct weft_runtime_options options = {.workers = workers};
        CHECK(weft_runtime_start(&options) == WEFT_OK);
        printf("%u workers\n", workers);
        letters_arrive();
        tokens_are_kept(0);
        tokens_are_kept(2);
        nothing_is_touched_behind_a_wait(true);
        nothing_is_touched_behind_a_wait(false);
        CHECK(weft_runtime_stop() == WEFT_OK);
    }
    return 0;
}
