/* SPDX-License-Identifier: MIT */
/* weft takes all its memory from the user's allocator, and gives it back to
 * that allocator. A process keeps the same allocator for its life. */
#include <weft/weft.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static _Atomic long taken, given, refused;
static int marker;

static void *
take(size_t size, void *user)
{
    assert_ptr_equal(user, &marker);
    assert_true(size > 0);
    if (refused > 0)
        return NULL;
    taken++;
    return malloc(size);
}

static void
give(void *ptr, void *user)
{
    assert_ptr_equal(user, &marker);
    assert_non_null(ptr);
    given++;
    free(ptr);
}

static const struct weft_allocator ours = {take, give, &marker};

/* Run in a child process, because the allocator cannot be changed
 * afterwards. */
static void
in_a_child(int (*run)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(run());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
nothing(void *arg)
{
    (void)arg;
}

static int
use_ours(void)
{
    struct weft_runtime_options options = {.workers = 1};
    struct weft_arena arena;
    weft_fiber fiber;
    if (weft_set_allocator(&ours) || weft_set_allocator(&ours) != -EBUSY)
        return 1;
    if (weft_runtime_start(&options) ||
        weft_fiber_start(nothing, NULL, &fiber) || weft_fiber_join(fiber))
        return 2;
    weft_arena_init(&arena, 0);
    if (!weft_arena_alloc(&arena, 100000))
        return 3;
    long before = taken;
    refused = 1;
    if (weft_arena_alloc(&arena, 1000000) || taken != before)
        return 4;
    refused = 0;
    weft_arena_fini(&arena);
    if (weft_runtime_stop())
        return 5;
    return taken >= 2 && given == taken ? 0 : 6;
}

static int
too_late(void)
{
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    if (!weft_arena_alloc(&arena, 10))
        return 1;
    if (weft_set_allocator(&ours) != -EBUSY)
        return 2;
    weft_arena_fini(&arena);
    return taken == 0 && given == 0 ? 0 : 3;
}

static void
the_users_allocator_is_used(void **state)
{
    (void)state;
    in_a_child(use_ours);
}

static void
it_cannot_come_after_the_first_allocation(void **state)
{
    (void)state;
    in_a_child(too_late);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_users_allocator_is_used),
        cmocka_unit_test(it_cannot_come_after_the_first_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
