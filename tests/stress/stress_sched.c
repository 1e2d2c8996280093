/* SPDX-License-Identifier: MIT */
/*
 * Attacks the scheduler as a whole, and the proof of fiber/sleep.c: fibers that
 * start fibers, yield, sleep, lock, pass tokens and block a thread, over 1 to 4
 * workers, while plain threads start and wake them. If a ready fiber is
 * forgotten while the workers sleep, the program hangs. At the end all counts
 * must agree.
 */
#include "stress.h"

#include "fiber/fiber.h"

#define THREADS 2
#define DEPTH 3u

static struct weft_mutex mutex;
static struct weft_cond cond;
static struct weft_sem tokens;
static struct weft_chan *chan;
static uint64_t counted;          /* plain, under the mutex */
static uint64_t turn;             /* under the mutex */
static _Atomic uint64_t to_count; /* how often count() ran */
static _Atomic uint64_t started, ended, sent, received, blocked, offers;

struct life {
    uint64_t random;
    uint32_t depth;
};

static void live(void *arg);

static weft_fiber
start(uint64_t random, uint32_t depth)
{
    weft_fiber fiber;
    struct life *life = malloc(sizeof *life);
    CHECK(life);
    *life = (struct life){.random = random | 1, .depth = depth};
    wf_add(&started, 1, relaxed);
    CHECK(weft_fiber_start(live, life, &fiber) == WEFT_OK);
    return fiber;
}

static void
count(uint64_t r)
{
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    counted++;
    if (r % 4 == 0)
        weft_fiber_yield();
    weft_mutex_unlock(&mutex);
    wf_add(&to_count, 1, relaxed);
}

/* Wait until another fiber or thread calls this, or for a millisecond. */
static void
meet(uint64_t r)
{
    CHECK(weft_mutex_lock(&mutex) == WEFT_OK);
    uint64_t mine = ++turn;
    if (r % 2)
        weft_cond_broadcast(&cond);
    else
        weft_cond_signal(&cond);
    while (turn == mine)
        if (weft_cond_wait_until(&cond, &mutex, weft_after_ms(1)))
            break;
    weft_mutex_unlock(&mutex);
}

static void
pass_item(void)
{
    uint64_t in = 7, out = 0;
    CHECK(weft_chan_send(chan, &in) == WEFT_OK);
    wf_add(&sent, in, relaxed);
    CHECK(weft_chan_recv(chan, &out) == WEFT_OK);
    wf_add(&received, out, relaxed);
}

static void
block(void *arg)
{
    wf_add((_Atomic uint64_t *)arg, 1, relaxed);
    weft_sem_give(&tokens, 1); /* a plain thread wakes a fiber */
}

struct rest {
    struct wf_stealable offer;
    struct weft_sem *done;
};

static void
run_rest(struct wf_stealable *offer)
{
    struct rest *rest = WF_CONTAINER(offer, struct rest, offer);
    wf_add(&offers, 1, relaxed);
    weft_sem_give(rest->done, 1);
}

/* Publish stealable work, wait, and take it back if no other worker has taken
 * it. */
static void
offer_rest(uint64_t r)
{
    struct weft_sem done = {0};
    struct rest rest = {{run_rest}, &done};
    wf_stealable_publish(&rest.offer);
    if (r % 2)
        weft_fiber_yield();
    if (wf_stealable_reclaim(&rest.offer))
        run_rest(&rest.offer);
    CHECK(weft_sem_take(&done) == WEFT_OK);
}

static void
do_something(struct life *life)
{
    uint64_t r = stress_random(&life->random);
    switch (r % 16) {
    case 0:
        CHECK(weft_sleep_until(weft_now_ns() + r / 16 % 500000) == WEFT_OK);
        break;
    case 1:
        CHECK(weft_blocking(block, &blocked) == WEFT_OK);
        CHECK(weft_sem_take(&tokens) == WEFT_OK);
        break;
    case 2:
        meet(r / 16);
        break;
    case 3:
    case 4:
        pass_item();
        break;
    case 5:
        offer_rest(r / 16);
        break;
    case 6:
        if (life->depth > 0)
            (void)start(r, life->depth - 1);
        break;
    case 7:
        if (life->depth > 0)
            CHECK(weft_fiber_join(start(r, life->depth - 1)) == WEFT_OK);
        break;
    case 8:
    case 9:
        weft_fiber_yield();
        break;
    default:
        count(r / 16);
    }
}

static void
live(void *arg)
{
    struct life *life = arg;
    weft_fiber self = weft_fiber_self();
    for (int i = 0; i < 16; i++) {
        do_something(life);
        CHECK(weft_fiber_self().id == self.id);
    }
    free(life);
    wf_add(&ended, 1, relaxed);
}

/* A plain thread that starts fibers and does what they do. */
static void *
live_as_thread(void *arg)
{
    uint64_t random = (uintptr_t)arg;
    for (uint64_t n = stress_count(4000); n > 0; n--) {
        weft_fiber fiber = start(stress_random(&random), DEPTH);
        struct life life = {.random = stress_random(&random), .depth = 0};
        if (n % 16 == 0)
            do_something(&life);
        if (n % 64 == 0)
            CHECK(weft_fiber_join(fiber) == WEFT_OK);
        /* Let the workers fall asleep from time to time. */
        if (n % 256 == 0)
            usleep(2000);
    }
    return NULL;
}

static void
run_with(uint32_t workers)
{
    struct weft_runtime_options options = {.workers = workers};
    pthread_t threads[THREADS];
    CHECK(weft_runtime_start(&options) == WEFT_OK);
    started = ended = sent = received = to_count = blocked = offers = 0;
    counted = 0;
    CHECK(!weft_chan_new(sizeof(uint64_t), 4, &chan));
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(!pthread_create(&threads[i], NULL, live_as_thread,
                              (void *)(i * 77 + workers)));
    for (int i = 0; i < THREADS; i++)
        CHECK(!pthread_join(threads[i], NULL));
    CHECK(weft_runtime_stop() == WEFT_OK); /* waits for all fibers */
    CHECK(started == ended && sent == received && counted == to_count);
    CHECK(tokens.count == 0);
    weft_chan_free(chan);
    printf("%u workers: %llu fibers, %llu counts, %llu items, %llu jobs, %llu "
           "offers: balanced\n",
           workers, (unsigned long long)ended, (unsigned long long)counted,
           (unsigned long long)sent / 7, (unsigned long long)blocked,
           (unsigned long long)offers);
}

int
main(void)
{
    stress_begin();
    for (uint32_t workers = 1; workers <= 4; workers++)
        run_with(workers);
    return 0;
}
