/* SPDX-License-Identifier: MIT */
/* After an allocator is accepted, all memory comes from it, whatever another
 * thread does at the same time. Each meeting is in a child process, because the
 * allocator cannot be changed later. */
#include "orders/meet.h"
#include "unit/fiber/fibers.h"

#include <sys/wait.h>
#include <unistd.h>

/* What one of the two threads does. It either sets `allocator`, whose calls are
 * counted in `taken` and `given`, or allocates `memory` from `arena`. `err` is
 * the result of the set. */
struct part {
    struct weft_allocator allocator;
    struct weft_arena arena;
    void *memory;
    weft_err err;
    long taken, given;
};

static struct part parts[2];

static void *
take(size_t size, void *user)
{
    ((struct part *)user)->taken++;
    return malloc(size);
}

static void
give(void *ptr, void *user)
{
    ((struct part *)user)->given++;
    free(ptr);
}

static void
set(void *arg)
{
    struct part *p = arg;
    p->allocator = (struct weft_allocator){take, give, p};
    p->err = weft_set_allocator(&p->allocator);
}

static void
allocate(void *arg)
{
    struct part *p = arg;
    p->err = -EBUSY; /* this part sets no allocator */
    weft_arena_init(&p->arena, 0);
    p->memory = weft_arena_alloc(&p->arena, 100);
    CHECK(p->memory);
}

/* All memory comes from the one allocator that was accepted, or from the C
 * library, and is freed there. */
static void
check_allocator(void)
{
    struct part more = {.err = 0};
    long blocks = 1;
    allocate(&more);
    weft_arena_fini(&more.arena);
    for (int i = 0; i < 2; i++)
        if (parts[i].memory) {
            weft_arena_fini(&parts[i].arena);
            blocks++;
        }
    CHECK(parts[0].err || parts[1].err);
    for (int i = 0; i < 2; i++) {
        CHECK(parts[i].err == 0 || parts[i].err == -EBUSY);
        CHECK(parts[i].taken == (parts[i].err ? 0 : blocks));
        CHECK(parts[i].given == parts[i].taken);
    }
}

/* Returns whether a higher n makes a difference. */
static bool
meet(uint32_t n, void (*first)(void *arg), void (*other)(void *arg))
{
    meet_begin();
    meet_arm(n, other, &parts[1]);
    first(&parts[0]);
    meet_end();
    bool more = meet_wait();
    check_allocator();
    return more;
}

enum { MORE = 10, LAST = 11 };

static bool
meet_in_a_child(uint32_t n, void (*first)(void *arg), void (*other)(void *arg))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(60);
        _exit(meet(n, first, other) ? MORE : LAST);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_in_range(WEXITSTATUS(status), MORE, LAST);
    return WEXITSTATUS(status) == MORE;
}

static void
meet_in_every_order(void (*first)(void *arg), void (*other)(void *arg))
{
    uint32_t n = 1;
    while (meet_in_a_child(n, first, other))
        n++;
    assert_in_range(n, 2, 100);
}

static void
two_set_an_allocator(void **state)
{
    (void)state;
    meet_in_every_order(set, set);
}

static void
one_sets_it_and_one_allocates(void **state)
{
    (void)state;
    meet_in_every_order(set, allocate);
    meet_in_every_order(allocate, set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_set_an_allocator),
        cmocka_unit_test(one_sets_it_and_one_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
