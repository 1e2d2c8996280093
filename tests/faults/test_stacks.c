/* SPDX-License-Identifier: MIT */
/* Stacks of a size of their own: guards, and what fails. */
#include "unit/fiber/fibers.h"

#include "fiber/task.h"

static _Atomic int n_failing; /* calls that still fail */
static _Atomic int n_unmapped;

static bool
fails(void)
{
    if (n_failing == 0)
        return false;
    n_failing--;
    return true;
}

static void *
failing_mmap(size_t n, int prot, int flags)
{
    if (fails())
        return NULL;
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static int
no_guards(void *p, size_t n, int advice)
{
    (void)p;
    (void)n;
    return advice == MADV_DONTNEED || advice == MADV_NOHUGEPAGE ? 0 : -EINVAL;
}

static int
failing_mprotect(void *p, size_t n, int prot)
{
    return fails() ? -ENOMEM : mprotect(p, n, prot) ? -errno : 0;
}

static int
count_munmap(void *p, size_t n)
{
    n_unmapped++;
    return munmap(p, n) ? -errno : 0;
}

/* Can the byte be read? Asked of the kernel, which does not trap. */
static bool
is_readable(const uint8_t *byte)
{
    int fds[2];
    CHECK(pipe(fds) == 0);
    ssize_t n = write(fds[1], byte, 1);
    CHECK(n == 1 || errno == EFAULT);
    close(fds[0]);
    close(fds[1]);
    return n == 1;
}

static void
look_at_stack(void *arg)
{
    const struct wf_context *c = &wf_task_self()->context;
    CHECK(c->size == *(size_t *)arg && c->guard == 65536);
    CHECK(is_readable(c->low) && is_readable(c->low + c->size - 1));
    CHECK(!is_readable(c->low - 1) && !is_readable(c->low - c->guard));
}

static weft_err
run_with_stack(size_t size)
{
    const struct weft_fiber_options o = {.stack_size = size};
    weft_fiber fiber;
    weft_err err = weft_fiber_start_with(&o, look_at_stack, &size, &fiber);
    if (!err)
        CHECK(weft_fiber_join(fiber) == WEFT_OK);
    WAIT_FOR(wf_tasks_alive() == 0); /* the stack is given back before */
    return err;
}

static void
each_has_a_guard(void **state)
{
    (void)state;
    assert_int_equal(run_with_stack(192 << 10), WEFT_OK);
    wf_shim.madvise = no_guards; /* of an old kernel */
    assert_int_equal(run_with_stack(96 << 10), WEFT_OK);
    wf_shim.madvise = NULL;
}

/* Each failure refuses one fiber and leaves nothing behind. */
static void
without_memory_or_guard_there_is_no_fiber(void **state)
{
    (void)state;
    wf_shim.mmap = failing_mmap;
    wf_shim.madvise = no_guards;
    wf_shim.mprotect = failing_mprotect;
    wf_shim.munmap = count_munmap;
    assert_int_equal(run_with_stack(96 << 10), WEFT_OK);
    assert_int_equal(n_unmapped, 1);
    n_failing = 1; /* the mapping */
    assert_int_equal(run_with_stack(96 << 10), WEFT_EFIBERS);
    wf_shim.mmap = NULL;
    n_failing = 1; /* the guard */
    n_unmapped = 0;
    assert_int_equal(run_with_stack(96 << 10), WEFT_EFIBERS);
    assert_int_equal(n_unmapped, 1);
    assert_int_equal(run_with_stack(96 << 10), WEFT_OK);
    wf_shim = (struct wf_shim){0};
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_guard),
        cmocka_unit_test(without_memory_or_guard_there_is_no_fiber),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
