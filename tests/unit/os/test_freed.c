/* SPDX-License-Identifier: MIT */
/* Memory that was freed is not written to, not even by a function of the C
 * library, whose writes ASan does not see. */
#include "unit/fiber/fibers.h"

#include <weft/os.h>

#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#define FREED_MAX 4096

/* What was freed: it is cleared, and kept. */
static struct {
    const uint8_t *ptr;
    size_t size;
} freed[FREED_MAX];
static _Atomic uint32_t n_freed;

static void *
take(size_t size, void *unused)
{
    (void)unused;
    return malloc(size);
}

static void
keep(void *ptr, void *unused)
{
    (void)unused;
    uint32_t n = wf_add(&n_freed, 1, relaxed);
    size_t size = malloc_usable_size(ptr);
    CHECK(n < FREED_MAX);
    memset(ptr, 0, size);
    freed[n].ptr = ptr;
    freed[n].size = size;
}

static void
use_all(void *unused)
{
    const struct weft_process_options options = {.file = "true"};
    const int number = SIGUSR1;
    struct weft_process *p;
    struct weft_signals *s;
    struct weft_exit end;
    (void)unused;
    CHECK(weft_process_start(&options, &p) == WEFT_OK);
    CHECK(weft_process_wait(p, &end) == WEFT_OK && end.code == 0);
    weft_process_free(p);
    CHECK(weft_process_start(&options, &p) == WEFT_OK);
    weft_process_free(p);
    CHECK(weft_signals_new(&number, 1, &s) == WEFT_OK);
    weft_signals_free(s);
}

static void
freed_memory_stays_as_it_is(void **state)
{
    (void)state;
    workers_start(2);
    run_fiber(use_all, NULL);
    use_all(NULL);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    assert_true(wf_load(&n_freed, relaxed) >= 6);
    for (uint32_t i = 0; i < wf_load(&n_freed, relaxed); i++)
        for (size_t k = 0; k < freed[i].size; k++)
            assert_int_equal(freed[i].ptr[k], 0);
}

int
main(void)
{
    const struct weft_allocator allocator = {.alloc = take, .free = keep};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(freed_memory_stays_as_it_is),
    };
    alarm(120);
    CHECK(weft_set_allocator(&allocator) == WEFT_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
