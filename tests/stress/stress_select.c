/* SPDX-License-Identifier: MIT */
/*
 * Attacks the proof of fiber/select.c: fibers and threads send and receive
 * numbers over a few channels, by selects of several sends and receives at once
 * and by plain calls, while deadlines and cancels end their waits. Each number
 * that was sent is received exactly once, or is left in a channel. Row 67 of
 * docs/threats.md.
 */
#include "stress.h"

#include "fiber/fiber.h"

#include <pthread.h>
#include <string.h>

#define CHANS 4
#define CASES 6
#define AT_ONCE 16

static struct weft_chan *chans[CHANS];
static _Atomic uint64_t next_number;
static _Atomic uint8_t *state_of; /* for each number, added: 1 when sent, 2 when
                                   * received */
static uint64_t n_numbers;
static _Atomic uint64_t happened, late, cancelled, closed;
static _Atomic uint64_t ids[AT_ONCE];

static uint64_t
new_number(void)
{
    uint64_t number = wf_add(&next_number, 1, relaxed);
    CHECK(number < n_numbers);
    return number;
}

static void
note_sent(uint64_t number)
{
    CHECK(!(wf_or(&state_of[number], 1, relaxed) & 1));
}

static void
note_received(uint64_t number)
{
    CHECK(number < n_numbers && !(wf_or(&state_of[number], 2, relaxed) & 2));
}

static uint64_t
some_deadline(uint64_t random)
{
    return random % 8 == 0 ? 0 : weft_now_ns() + random % 200000;
}

static void
count(int end)
{
    if (end == WEFT_ETIMEOUT)
        wf_add(&late, 1, relaxed);
    else if (end == WEFT_ECANCEL)
        wf_add(&cancelled, 1, relaxed);
    else if (end == WEFT_ECLOSED)
        wf_add(&closed, 1, relaxed);
    else
        wf_add(&happened, 1, relaxed);
}

static void
select_once(uint64_t *random)
{
    struct weft_select_case cases[CASES] = {{0}};
    uint64_t numbers[CASES], to_send = new_number();
    uint32_t n = 1 + (uint32_t)(stress_random(random) % CASES);
    for (uint32_t i = 0; i < n; i++) {
        bool sends = stress_random(random) % 2;
        cases[i].kind = sends ? WEFT_SELECT_SEND : WEFT_SELECT_RECV;
        cases[i].chan = chans[stress_random(random) % CHANS];
        numbers[i] = sends ? to_send : UINT64_MAX;
        cases[i].item = &numbers[i];
    }
    int i = wf_select(cases, n, some_deadline(stress_random(random)), NULL);
    count(i < 0 ? i : cases[i].err);
    for (uint32_t k = 0; k < n; k++) /* the other cases are unchanged */
        CHECK(cases[k].kind == WEFT_SELECT_SEND ? numbers[k] == to_send
              : (int)k == i && !cases[k].err    ? numbers[k] != UINT64_MAX
                                                : numbers[k] == UINT64_MAX);
    if (i < 0 || cases[i].err)
        return;
    if (cases[i].kind == WEFT_SELECT_SEND)
        note_sent(to_send);
    else
        note_received(numbers[i]);
}

static void
plain_once(uint64_t *random)
{
    struct weft_chan *chan = chans[stress_random(random) % CHANS];
    uint64_t deadline = some_deadline(stress_random(random)), number;
    weft_err err;
    if (stress_random(random) % 2) {
        number = new_number();
        err = weft_chan_send_until(chan, &number, deadline);
        if (!err)
            note_sent(number);
    } else {
        err = weft_chan_recv_until(chan, &number, deadline);
        if (!err)
            note_received(number);
    }
    count(err);
}

static void
work(uint64_t *random, int rounds)
{
    for (int i = 0; i < rounds && !weft_fiber_cancelled(); i++)
        (stress_random(random) % 4 ? select_once : plain_once)(random);
}

static void
work_fiber(void *arg)
{
    uint64_t random = 3 + 2 * (uintptr_t)arg;
    work(&random, 20);
}

static _Atomic bool over;

static void *
work_thread(void *arg)
{
    uint64_t random = 77 + (uintptr_t)arg;
    for (int i = 0; !wf_load(&over, relaxed); i++) {
        if (i < 500)
            work(&random, 4);
        uint64_t id = wf_load(&ids[stress_random(&random) % AT_ONCE], relaxed);
        weft_fiber_cancel((weft_fiber){id});
        for (int k = (int)(stress_random(&random) % 20000); k > 0; k--)
            wf_cpu_relax();
    }
    return NULL;
}

/* What was sent and not received is still in the channels. */
static void
settle(void)
{
    uint64_t number;
    for (int i = 0; i < CHANS; i++) {
        while (weft_chan_recv_until(chans[i], &number, 0) == WEFT_OK)
            note_received(number);
        weft_chan_free(chans[i]);
    }
    for (uint64_t i = 0; i < n_numbers; i++)
        CHECK(state_of[i] == 0 || state_of[i] == 3);
}

static void
every_number_arrives_once(uint64_t fibers, bool close_one)
{
    pthread_t threads[2];
    n_numbers = fibers * 20 + 2 * 2000;
    state_of = calloc(n_numbers, 1);
    CHECK(state_of);
    next_number = happened = late = cancelled = closed = 0;
    over = false;
    for (uint32_t i = 0; i < CHANS; i++) /* with room for 0, 0, 1 and 3 items */
        CHECK(
            !weft_chan_new(sizeof(uint64_t), i < 2 ? 0 : 2 * i - 3, &chans[i]));
    for (uintptr_t i = 0; i < 2; i++)
        CHECK(!pthread_create(&threads[i], NULL, work_thread, (void *)i));
    for (uint64_t i = 0; i < fibers; i++) {
        weft_fiber fiber;
        CHECK(!weft_fiber_join((weft_fiber){ids[i % AT_ONCE]}));
        CHECK(!weft_fiber_start(work_fiber, (void *)(uintptr_t)i, &fiber));
        wf_store(&ids[i % AT_ONCE], fiber.id, relaxed);
        if (close_one && i == fibers / 2)
            weft_chan_close(chans[2]);
    }
    wf_store(&over, true, relaxed);
    for (int i = 0; i < AT_ONCE; i++)
        CHECK(!weft_fiber_join((weft_fiber){ids[i]}));
    for (int i = 0; i < 2; i++)
        CHECK(!pthread_join(threads[i], NULL));
    settle();
    printf("%llu happened, %llu late, %llu cancelled, %llu closed: all "
           "accounted for\n",
           (unsigned long long)happened, (unsigned long long)late,
           (unsigned long long)cancelled, (unsigned long long)closed);
    free((void *)state_of);
}

int
main(void)
{
    stress_begin();
    for (uint32_t workers = 1; workers <= 4; workers *= 2) {
        struct weft_runtime_options options = {.workers = workers};
        CHECK(weft_runtime_start(&options) == WEFT_OK);
        printf("%u workers\n", workers);
        every_number_arrives_once(stress_count(20000), false);
        every_number_arrives_once(stress_count(20000), true);
        CHECK(weft_runtime_stop() == WEFT_OK);
    }
    return 0;
}
