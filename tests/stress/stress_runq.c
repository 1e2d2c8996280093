/* SPDX-License-Identifier: MIT */
/*
 * Attacks the proof of fiber/runq.c: an owner pushes and pops, thieves steal
 * into rings of their own and from each other. Every task that was pushed must
 * come out once. Rounds differ in how many tasks the owner pushes before it
 * pops: one task, or as many as fill the ring. A full ring must refuse a push,
 * and no task may be lost. Row 54 of docs/threats.md.
 */
#include "stress.h"

#include "fiber/runq.h"

#define THIEVES 2
#define TASKS 1024u

enum place { OUT, IN };

struct item {
    struct wf_task task;
    _Atomic uint32_t place; /* OUT: not queued, so the owner may push it */
};

static struct item items[TASKS];
static struct wf_runq queues[THIEVES + 1]; /* 0: the owner's queue */
static _Atomic uint64_t pushed, came_out, refused;
static _Atomic bool over;

static void
came(struct wf_task *task)
{
    struct item *item = WF_CONTAINER(task, struct item, task);
    task->runs++; /* not atomic, so that TSan reports a missing order */
    CHECK(wf_xchg(&item->place, OUT, release) == IN);
    wf_add(&came_out, 1, relaxed);
}

static void *
thief(void *arg)
{
    uint32_t me = (uint32_t)(uintptr_t)arg;
    uint64_t random = me;
    while (!wf_load(&over, acquire)) {
        struct wf_runq *from = &queues[stress_random(&random) % (THIEVES + 1)];
        struct wf_task *task = NULL;
        if (from != &queues[me])
            task = wf_runq_steal(from, &queues[me]);
        if (!task)
            task = wf_runq_take_last(from);
        for (; task; task = wf_runq_pop(&queues[me]))
            came(task);
    }
    return NULL;
}

/* Push a task to the ring or the slot. Returns false if the ring is full. */
static bool
push(struct item *item, bool slot)
{
    struct wf_task *task = &item->task;
    wf_store(&item->place, IN, relaxed);
    task->runs++;
    if (slot)
        task = wf_runq_push_last(&queues[0], task);
    if (!task || wf_runq_push(&queues[0], task)) {
        wf_add(&pushed, 1, relaxed);
        return true;
    }
    /* The ring was full: the owner still has the task that did not fit. */
    wf_add(&pushed, 1, relaxed);
    wf_add(&refused, 1, relaxed);
    came(task);
    return false;
}

/* Push until the ring has `length` tasks or no task is OUT, then pop some. */
static void
own(uint64_t length, uint64_t *random)
{
    for (uint32_t i = 0; i < TASKS && wf_runq_len(&queues[0]) < length; i++) {
        struct item *item = &items[stress_random(random) % TASKS];
        if (wf_load(&item->place, acquire) == OUT &&
            !push(item, stress_random(random) % 4 == 0))
            break;
    }
    struct wf_task *task;
    for (uint64_t n = stress_random(random) % (length + 1); n > 0; n--)
        if ((task = wf_runq_pop(&queues[0])) != NULL)
            came(task);
    if (stress_random(random) % 2 && (task = wf_runq_take_last(&queues[0])))
        came(task);
}

static void
empty(struct wf_runq *q)
{
    struct wf_task *task;
    while ((task = wf_runq_pop(q)) != NULL)
        came(task);
    if ((task = wf_runq_take_last(q)) != NULL)
        came(task);
    CHECK(wf_runq_len(q) == 0);
}

static void
round_of(uint64_t length, uint64_t count)
{
    pthread_t threads[THIEVES];
    uint64_t random = length + 1;
    over = false;
    pushed = came_out = refused = 0;
    for (uintptr_t i = 0; i < THIEVES; i++)
        CHECK(!pthread_create(&threads[i], NULL, thief, (void *)(i + 1)));
    while (pushed < count)
        own(length, &random);
    wf_store(&over, true, release);
    for (int i = 0; i < THIEVES; i++)
        CHECK(!pthread_join(threads[i], NULL));
    for (int i = 0; i <= THIEVES; i++)
        empty(&queues[i]);
    CHECK(pushed == came_out);
    for (uint32_t i = 0; i < TASKS; i++)
        CHECK(items[i].place == OUT);
    printf("ring of %llu: %llu pushed, each came out once; %llu found it "
           "full\n",
           (unsigned long long)length, (unsigned long long)pushed,
           (unsigned long long)refused);
}

/* A full ring refuses a task. No thieves run here, because they might never let
 * the ring become full. */
static void
fill_up(struct wf_runq *q)
{
    uint64_t n = 0;
    while (wf_runq_push(q, &items[0].task))
        CHECK(++n <= WF_RUNQ_SIZE);
    CHECK(n == WF_RUNQ_SIZE);
    for (; n > 0; n--)
        CHECK(wf_runq_pop(q) == &items[0].task);
    CHECK(!wf_runq_pop(q));
}

int
main(void)
{
    stress_begin();
    /* The indices begin near 2^32, as after some years, or at 0. */
    for (int i = 0; i <= THIEVES; i++)
        queues[i].head = queues[i].tail = i % 2 ? 0 : UINT32_MAX - 1000;
    uint64_t count = stress_count(4000000);
    round_of(1, count);
    round_of(2, count);
    round_of(WF_RUNQ_SIZE, count);
    round_of(2 * WF_RUNQ_SIZE, count);
    fill_up(&queues[0]);
    return 0;
}
