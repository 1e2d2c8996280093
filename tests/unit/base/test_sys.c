/* SPDX-License-Identifier: MIT */
/* The seam to the host: what it adds to the calls that it passes on. */
#include "base/base.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void
a_line_is_aligned_and_zero(void **state)
{
    (void)state;
    void *memory[64];
    for (size_t i = 0; i < 64; i++) {
        uint8_t *line = wf_sys_zalloc_line(1 + i * 3, &memory[i]);
        assert_non_null(line);
        assert_int_equal((uintptr_t)line % 64, 0);
        assert_true(line >= (uint8_t *)memory[i]);
        assert_true(line - (uint8_t *)memory[i] < 64);
        for (size_t k = 0; k < 1 + i * 3; k++)
            assert_int_equal(line[k], 0);
        memset(line, 0xff, 1 + i * 3);
    }
    for (size_t i = 0; i < 64; i++)
        wf_sys_free(memory[i]);
}

static void
a_futex_times_out(void **state)
{
    (void)state;
    uint32_t word = 7;
    assert_int_equal(wf_sys_futex_wait(&word, 8, WEFT_NEVER), -EAGAIN);
    uint64_t until = weft_now_ns() + 1500000;
    assert_int_equal(wf_sys_futex_wait(&word, 7, until), -ETIMEDOUT);
    assert_true(weft_now_ns() >= until);
}

struct sleeper {
    uint32_t word;
    int result;
    _Atomic bool done;
};

static void *
sleep_on(void *arg)
{
    struct sleeper *s = arg;
    errno = EBADF; /* of an earlier call: it says nothing of this one */
    s->result = wf_sys_futex_wait(&s->word, 0, WEFT_NEVER);
    wf_store(&s->done, true, release);
    return NULL;
}

static void
a_futex_is_woken(void **state)
{
    (void)state;
    struct sleeper s = {.result = 1};
    pthread_t thread;
    assert_int_equal(wf_sys_thread(&thread, sleep_on, &s), 0);
    while (!wf_load(&s.done, acquire)) {
        wf_sys_futex_wake(&s.word, 1);
        sched_yield();
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(s.result, 0);
}

static void
a_condition_times_out(void **state)
{
    (void)state;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&cond, &attr);
    pthread_mutex_lock(&lock);
    uint64_t until = weft_now_ns() + 1500000;
    assert_int_equal(wf_sys_cond_wait(&cond, &lock, until), -ETIMEDOUT);
    assert_true(weft_now_ns() >= until);
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&cond);
    pthread_condattr_destroy(&attr);
}

static void *
wait_for_end(void *arg)
{
    while (!wf_load((_Atomic bool *)arg, acquire))
        sched_yield();
    return NULL;
}

/* The n-th processor is the n-th that the process may use. */
static void
a_thread_is_pinned_in_turn(void **state)
{
    (void)state;
    cpu_set_t may = {0}, one = {0}; /* MSan does not know who fills them */
    pthread_t thread;
    _Atomic bool ends = false;
    assert_int_equal(sched_getaffinity(0, sizeof may, &may), 0);
    uint32_t n = (uint32_t)CPU_COUNT(&may);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_end, &ends), 0);
    size_t core = 0;
    for (uint32_t i = 0; i < n; i++, core++) {
        while (!CPU_ISSET(core, &may))
            core++;
        for (uint32_t turn = 0; turn < 2; turn++) {
            assert_int_equal(wf_sys_pin(thread, i + turn * n), 0);
            assert_int_equal(pthread_getaffinity_np(thread, sizeof one, &one),
                             0);
            assert_int_equal(CPU_COUNT(&one), 1);
            assert_true(CPU_ISSET(core, &one));
        }
    }
    wf_store(&ends, true, release);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_aligned_and_zero),
        cmocka_unit_test(a_futex_times_out),
        cmocka_unit_test(a_futex_is_woken),
        cmocka_unit_test(a_condition_times_out),
        cmocka_unit_test(a_thread_is_pinned_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
