/* SPDX-License-Identifier: MIT */
/* Which work is reported as holding its worker. The test makes the looks
 * itself, at times of its own. */
#include "fibers.h"
#include "fiber/sched.h"

#define MS 1000000u

static struct wf_worker workers[2];
static struct wf_task tasks[2];

static void
nobody_hears(const char *name, uint64_t ns)
{
    (void)name;
    (void)ns;
}

/* Two workers. Each runs a fiber with named work. */
static int
set_up(void **state)
{
    (void)state;
    memset(workers, 0, sizeof workers);
    memset(tasks, 0, sizeof tasks);
    wf_held_reset();
    wf_set_held(nobody_hears);
    wf_n_workers = 2;
    for (uint32_t i = 0; i < 2; i++) {
        workers[i].index = i;
        wf_store(&workers[i].current, &tasks[i], relaxed);
        wf_store(&tasks[i].work_name, i ? "second" : "first", relaxed);
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    wf_n_workers = 0;
    wf_set_held(NULL);
    wf_held_reset();
    return 0;
}

/* Returns what is reported if a look at this time finds these workers stuck. */
static const char *
told_at(uint64_t ms, unsigned stuck)
{
    static struct wf_held held;
    for (uint32_t i = 0; i < 2; i++)
        if (stuck >> i & 1)
            wf_held_look(&workers[i], ms * MS);
    wf_held_take(ms * MS, &held);
    return held.name;
}

static void
it_is_told_after_100_ms_and_each_second(void **state)
{
    (void)state;
    assert_string_equal(told_at(1000, 1), "");
    assert_string_equal(told_at(1099, 1), "");
    assert_string_equal(told_at(1100, 1), "first");
    assert_string_equal(told_at(1101, 1), "");
    assert_string_equal(told_at(2099, 1), "");
    assert_string_equal(told_at(2100, 1), "first");
}

static void
it_is_told_for_how_long(void **state)
{
    struct wf_held held;
    (void)state;
    wf_held_look(&workers[0], 7 * MS);
    wf_held_look(&workers[0], 130 * MS);
    wf_held_take(130 * MS, &held);
    assert_string_equal(held.name, "first");
    assert_int_equal(held.ns, 123 * MS);
}

static void
two_are_told_in_turn(void **state)
{
    (void)state;
    assert_string_equal(told_at(0, 3), "");
    assert_string_equal(told_at(100, 3), "first");
    assert_string_equal(told_at(101, 3), "");
    assert_string_equal(told_at(1100, 3), "second");
    assert_string_equal(told_at(2100, 3), "first");
}

static void
the_next_work_begins_anew(void **state)
{
    (void)state;
    assert_string_equal(told_at(0, 1), "");
    wf_add(&tasks[0].n_works, 1, relaxed); /* the same method once more */
    assert_string_equal(told_at(100, 1), "");
    wf_store(&workers[0].current, &tasks[1], relaxed);
    wf_store(&tasks[1].n_works, 1, relaxed);
    wf_store(&tasks[1].work_name, "first", relaxed);
    assert_string_equal(told_at(200, 1), "");
    assert_string_equal(told_at(300, 1), "first");
}

static void
work_that_lets_go_or_has_no_name_is_not_told(void **state)
{
    (void)state;
    assert_string_equal(told_at(0, 1), "");
    wf_held_forget(0);
    assert_string_equal(told_at(100, 0), "");
    assert_string_equal(told_at(101, 1), "");
    wf_store(&tasks[0].work_name, NULL, relaxed);
    assert_string_equal(told_at(300, 1), "");
    assert_string_equal(told_at(500, 1), "");
}

static void
a_worker_that_never_ran_is_passed_over(void **state)
{
    (void)state;
    wf_store(&workers[0].current, NULL, relaxed);
    assert_string_equal(told_at(0, 1), "");
    assert_string_equal(told_at(500, 1), "");
}

static void
nothing_is_told_to_nobody(void **state)
{
    (void)state;
    wf_set_held(NULL);
    assert_string_equal(told_at(0, 1), "");
    assert_string_equal(told_at(100, 1), "");
    wf_set_held(nobody_hears);
    assert_string_equal(told_at(101, 1), "first");
}

static void
a_long_name_is_cut_off(void **state)
{
    char name[200];
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    wf_store(&tasks[0].work_name, name, relaxed);
    assert_string_equal(told_at(0, 1), "");
    assert_int_equal(strlen(told_at(100, 1)),
                     sizeof((struct wf_held *)0)->name - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        TEST(it_is_told_after_100_ms_and_each_second),
        TEST(it_is_told_for_how_long),
        TEST(two_are_told_in_turn),
        TEST(the_next_work_begins_anew),
        TEST(work_that_lets_go_or_has_no_name_is_not_told),
        TEST(a_worker_that_never_ran_is_passed_over),
        TEST(nothing_is_told_to_nobody),
        TEST(a_long_name_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
