/* SPDX-License-Identifier: MIT */
/* A plain thread that cannot store a task of its own waits all the same, and
 * leaks nothing. */
#include "unit/fiber/fibers.h"

#include "fiber/task.h"

static _Atomic bool refuses;
static _Atomic int refusals;

static int
shim_key_set(pthread_key_t key, const void *value)
{
    if (wf_load(&refuses, acquire)) {
        wf_add(&refusals, 1, relaxed);
        return -ENOMEM;
    }
    return -pthread_setspecific(key, value);
}

static weft_local key;

static void *
be_without_a_task(void *arg)
{
    struct weft_sem one = {.count = 1}, none = {0};
    CHECK(!wf_task_self());
    CHECK(weft_local_set(key, arg) == -ENOMEM && !weft_local_get(key));
    CHECK(weft_sem_take(&one) == WEFT_OK);
    CHECK(weft_sem_take_until(&none, weft_now_ns()) == WEFT_ETIMEOUT);
    return NULL;
}

static void *
note_task(void *index)
{
    *(uint32_t *)index = wf_task_self()->slot.index;
    return NULL;
}

static void
run_thread(void *(*run)(void *arg), void *arg)
{
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, run, arg));
    CHECK(!pthread_join(thread, NULL));
}

static void
a_task_that_cannot_be_kept(void **state)
{
    (void)state;
    int value;
    uint32_t before, after;
    assert_int_equal(weft_local_new(NULL, &key), WEFT_OK);
    run_thread(note_task, &before);
    wf_store(&refuses, true, release);
    for (int i = 0; i < 3; i++)
        run_thread(be_without_a_task, &value);
    assert_true(wf_load(&refusals, relaxed) >= 3);
    wf_store(&refuses, false, release);
    run_thread(note_task, &after); /* gets the same task again */
    assert_int_equal(after, before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_that_cannot_be_kept),
    };
    alarm(120);
    wf_shim.key_set = shim_key_set;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
