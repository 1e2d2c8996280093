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
    errno = EBADF; /* of an earlier call; this call must not return it */
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

/* ---- conditions ---- */

enum { SLEEPERS = 3 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int asleep, awake; /* under the lock */
} room = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *
sleep_in_the_room(void *arg)
{
    int err = 0;
    wf_sys_lock(&room.lock);
    const int n = room.awake;
    room.asleep++;
    while (!err && room.awake == n)
        err = wf_sys_cond_wait(&room.cond, &room.lock, weft_after_ms(60000));
    room.asleep--;
    wf_sys_unlock(&room.lock);
    return err ? arg : NULL;
}

static void
wait_for_sleepers(int n)
{
    wf_sys_lock(&room.lock);
    while (room.asleep != n) {
        wf_sys_unlock(&room.lock);
        sched_yield();
        wf_sys_lock(&room.lock);
    }
    wf_sys_unlock(&room.lock);
}

/* A broadcast wakes all waiters, and a signal wakes one. */
static void
a_condition_wakes(void **state)
{
    (void)state;
    pthread_t threads[SLEEPERS];
    pthread_condattr_t attr;
    void *failed;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&room.cond, &attr);
    for (int n = SLEEPERS; n >= 1; n -= SLEEPERS - 1) {
        for (int i = 0; i < n; i++)
            assert_int_equal(
                wf_sys_thread(&threads[i], sleep_in_the_room, &room), 0);
        wait_for_sleepers(n);
        wf_sys_lock(&room.lock);
        room.awake++;
        if (n > 1)
            wf_sys_cond_broadcast(&room.cond);
        else
            wf_sys_cond_signal(&room.cond);
        wf_sys_unlock(&room.lock);
        for (int i = 0; i < n; i++) {
            assert_int_equal(pthread_join(threads[i], &failed), 0);
            assert_null(failed);
        }
    }
    pthread_cond_destroy(&room.cond);
    pthread_condattr_destroy(&attr);
}

/* ---- threads ---- */

static _Atomic bool may_end, has_ended;

static void *
end_when_told(void *arg)
{
    while (!wf_load(&may_end, acquire))
        sched_yield();
    wf_store(&has_ended, true, release);
    return arg;
}

/* A join waits for the end of the thread, a detach does not. */
static void
a_thread_is_joined_or_let_go(void **state)
{
    (void)state;
    pthread_t thread;
    wf_store(&may_end, true, release);
    assert_int_equal(wf_sys_thread(&thread, end_when_told, NULL), 0);
    wf_sys_join(thread);
    assert_true(wf_load(&has_ended, acquire));

    wf_store(&may_end, false, release);
    wf_store(&has_ended, false, release);
    assert_int_equal(wf_sys_thread(&thread, end_when_told, NULL), 0);
    wf_sys_detach(thread);
    assert_false(wf_load(&has_ended, acquire));
    wf_store(&may_end, true, release);
    while (!wf_load(&has_ended, acquire))
        sched_yield();
}

static pthread_key_t key;

static void
add_one(void *value)
{
    ++*(int *)value;
}

static void *
set_key(void *value)
{
    return wf_sys_key_set(key, value) ? value : NULL;
}

static void
a_key_is_told_of_the_end(void **state)
{
    (void)state;
    pthread_t thread;
    void *failed;
    int ends = 0;
    assert_int_equal(wf_sys_key_make(&key, add_one), 0);
    assert_int_equal(wf_sys_thread(&thread, set_key, &ends), 0);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_int_equal(ends, 1);
    pthread_key_delete(key);
    assert_int_equal(wf_sys_key_set(key, &ends), -EINVAL);
}

static void
a_thread_finds_its_stack(void **state)
{
    (void)state;
    void *low = NULL;
    size_t size = 0;
    wf_sys_stack(&low, &size);
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    assert_true(here > (uintptr_t)low && here < (uintptr_t)low + size);
}

/* ---- descriptors ---- */

/* A move leaves nothing open at the old number, and sets errno if it fails. */
static void
a_descriptor_is_moved(void **state)
{
    (void)state;
    int fds[2];
    char byte;
    assert_int_equal(wf_sys_pipe2(fds, 0), 0);
    int moved = wf_move_descriptor(fds[1]);
    assert_true(moved > 2 && moved != fds[1]);
    assert_int_equal(fcntl(moved, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(fds[1], F_GETFD), -1);
    assert_int_equal(write(moved, "x", 1), 1);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    close(moved);
    assert_int_equal(read(fds[0], &byte, 1), 0); /* no write end is open */
    close(fds[0]);
    errno = 0;
    assert_int_equal(wf_move_descriptor(fds[0]), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(wf_off_standard(-1), -1);
    assert_int_equal(wf_off_standard(7), 7);
}

static void
random_numbers_differ(void **state)
{
    (void)state;
    uint64_t a = wf_sys_random(), b = wf_sys_random();
    assert_true(a != b);
    assert_true(a >> 32 != 0 || b >> 32 != 0);
}

/* ---- processors ---- */

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
    cpu_set_t may = {0}, one = {0}; /* MSan does not see the call fill them */
    pthread_t thread;
    _Atomic bool ends = false;
    assert_int_equal(sched_getaffinity(0, sizeof may, &may), 0);
    uint32_t n = (uint32_t)CPU_COUNT(&may);
    assert_int_equal(wf_sys_cores(), n);
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
        cmocka_unit_test(a_condition_wakes),
        cmocka_unit_test(a_thread_is_joined_or_let_go),
        cmocka_unit_test(a_key_is_told_of_the_end),
        cmocka_unit_test(a_thread_finds_its_stack),
        cmocka_unit_test(a_descriptor_is_moved),
        cmocka_unit_test(random_numbers_differ),
        cmocka_unit_test(a_thread_is_pinned_in_turn),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
