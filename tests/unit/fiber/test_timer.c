/* SPDX-License-Identifier: MIT */
/* The timer wheel, compared with a model that checks every timer. */
#include "fibers.h"

#define TIMERS 300
#define TICK ((uint64_t)1 << WF_WHEEL_SHIFT)

struct timed {
    struct wf_timer timer;
    uint64_t deadline_ns; /* 0: not armed in the model */
};

static struct wf_wheel wheel;
static struct timed timers[TIMERS];
static uint64_t now_ns;
static int n_fired;

static void
fire(struct wf_timer *timer)
{
    struct timed *t = WF_CONTAINER(timer, struct timed, timer);
    CHECK(t->deadline_ns != 0);      /* armed, and fires only once */
    CHECK(t->deadline_ns <= now_ns); /* not early */
    t->deadline_ns = 0;
    n_fired++;
}

/* Timers that are due in the model have fired. The others wait, and next_ns is
 * not later than the first of them. */
static void
compare(void)
{
    uint64_t first = UINT64_MAX, next = wf_load(&wheel.next_ns, relaxed);
    for (int i = 0; i < TIMERS; i++) {
        uint64_t deadline = timers[i].deadline_ns;
        assert_int_equal(deadline != 0, wf_link_queued(&timers[i].timer.link));
        if (deadline && deadline < first)
            first = deadline;
    }
    /* a timer fires at most one tick late; one that was armed for the past
     * fires at the next tick */
    assert_true(first == UINT64_MAX || first + 2 * TICK > now_ns);
    if (first < WEFT_NEVER - 2 * TICK)
        assert_true(next <= (first > now_ns ? first : now_ns) + 2 * TICK);
}

static uint64_t
random_span(void)
{
    uint64_t r = (uint64_t)rand() << 31 ^ (uint64_t)rand();
    return r >> rand() % 62; /* any magnitude, from ns to decades */
}

static void
arm(struct timed *t)
{
    uint64_t deadline = now_ns + random_span();
    if (rand() % 50 == 0)
        deadline = WEFT_NEVER;
    else if (rand() % 20 == 0)
        deadline = now_ns > TICK ? now_ns - TICK : 1; /* the past */
    t->timer.fire = fire;
    t->deadline_ns = deadline ? deadline : 1;
    uint64_t before = wf_load(&wheel.next_ns, relaxed);
    bool earlier = wf_wheel_arm(&wheel, &t->timer, t->deadline_ns);
    uint64_t after = wf_load(&wheel.next_ns, relaxed);
    assert_true(earlier ? after < before : after == before);
}

static void
a_wheel_agrees_with_its_model(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 60; seed++) {
        srand(seed);
        memset(timers, 0, sizeof timers);
        now_ns = random_span();
        wf_wheel_init(&wheel, now_ns);
        for (int step = 0; step < 1500; step++) {
            struct timed *t = &timers[rand() % TIMERS];
            if (!t->deadline_ns) {
                arm(t);
            } else if (rand() % 3 == 0) {
                assert_true(wf_timer_cancel(&t->timer));
                assert_false(wf_timer_cancel(&t->timer));
                t->deadline_ns = 0;
            }
            if (rand() % 4 == 0) {
                uint64_t span = random_span() >> rand() % 30;
                if (now_ns + span < UINT64_MAX / 2)
                    now_ns += span;
                n_fired = 0;
                uint32_t fired = wf_wheel_advance(&wheel, now_ns);
                assert_int_equal(fired, n_fired);
                if (step % 16 == 0)
                    compare();
            }
        }
    }
}

static void
a_timer_fires_at_its_tick(void **state)
{
    (void)state;
    struct timed *t = &timers[0];
    memset(timers, 0, sizeof timers);
    for (uint64_t shift = 0; shift < 46; shift++) {
        for (uint64_t i = 0; i < 3; i++) {
            uint64_t start = 12345678901ull * (shift + 1);
            uint64_t deadline = start + ((uint64_t)1 << shift) + i - 1;
            wf_wheel_init(&wheel, start);
            t->timer.fire = fire;
            t->deadline_ns = deadline;
            assert_true(wf_wheel_arm(&wheel, &t->timer, deadline));
            now_ns = deadline - 1;
            assert_int_equal(wf_wheel_advance(&wheel, now_ns), 0);
            now_ns = (deadline / TICK + 2) * TICK;
            assert_int_equal(wf_wheel_advance(&wheel, now_ns), 1);
            assert_int_equal(t->deadline_ns, 0);
            assert_int_equal(wf_load(&wheel.next_ns, relaxed), WEFT_NEVER);
        }
    }
}

static void
what_never_fires_can_be_cancelled(void **state)
{
    (void)state;
    struct timed *t = &timers[0];
    memset(timers, 0, sizeof timers);
    wf_wheel_init(&wheel, 5);
    assert_false(wf_timer_cancel(&t->timer)); /* never armed */
    t->timer.fire = fire;
    t->deadline_ns = WEFT_NEVER;
    (void)wf_wheel_arm(&wheel, &t->timer, WEFT_NEVER);
    now_ns = (uint64_t)1 << 62;
    assert_int_equal(wf_wheel_advance(&wheel, now_ns), 0);
    assert_true(wf_timer_cancel(&t->timer));
    assert_int_equal(wf_wheel_advance(&wheel, UINT64_MAX), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wheel_agrees_with_its_model),
        cmocka_unit_test(a_timer_fires_at_its_tick),
        cmocka_unit_test(what_never_fires_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
