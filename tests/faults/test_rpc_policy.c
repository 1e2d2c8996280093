/* SPDX-License-Identifier: MIT */
/* The n-th allocation, or the n-th call that reads the file, fails while a
 * policy is read: it is read whole or not at all, nothing stays allocated, and
 * the client works and takes the policy later. */
#include "shim.h"
#include "trial_server.h"

#include <weft/os.h>
#include <weft/upstream.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const char document[] =
    "{\"client\": {\"eject_ms\": 7},\n"
    "\"methods\": {\"Trial.*\": {\"timeout_ms\": 60000},\n"
    "\"Trial.\\u0061dd\": {\"max_attempts\": 2}}}";

static struct house house;
static char dir[] = "/tmp/weft-policy-XXXXXX";
static char path[64], source[80], target[160];

static int
set_up(void **state)
{
    const struct weft_runtime_options one = {.workers = 1};
    (void)state;
    alarm(500);
    shim_install();
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/policy", dir);
    snprintf(source, sizeof source, "file:%s", path);
    MUST(!weft_runtime_start(&one));
    MUST(!weft_file_save(path, document, sizeof document - 1, 0600));
    house_open(&house, NULL, NULL, NULL);
    snprintf(target, sizeof target, "list:%s", house.address);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    house_close(&house);
    MUST(!unlink(path));
    MUST(!rmdir(dir));
    MUST(!weft_runtime_stop());
    return 0;
}

static void
the_nth_allocation_of_a_check_fails(void **state)
{
    bool failed = true;
    (void)state;
    for (uint32_t nth = 1; failed; nth++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_json_error why;
        struct weft_str values;
        shim_fail(SHIM_malloc, nth, ENOMEM);
        weft_err err =
            weft_policy_check(weft_str_of(document), &arena, &values, &why);
        shim_fail(SHIM_malloc, 0, 0);
        failed = err != WEFT_OK;
        if (failed)
            assert_true(err == -ENOMEM || err == WEFT_EBUDGET);
        assert_true(failed == !values.ptr && (!failed || *why.text));
        assert_true(failed || nth > 1);
        weft_arena_fini(&arena);
    }
}

static bool
holds(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_policy_view view;
    MUST(!weft_client_get_policy(client, NULL, &arena, &view));
    bool is_taken = strstr(view.text.ptr, "client eject_ms 7 (line 1)\n");
    assert_true(is_taken == (view.taken == 1));
    weft_arena_fini(&arena);
    return is_taken;
}

/* Make a client while the n-th of these calls fails. */
static void
nth_fails(enum shim_call call, int errnum, uint32_t most)
{
    const struct weft_upstream_options upstream = {.policy = source};
    const struct weft_client_options options = {.upstream = &upstream};
    for (uint32_t nth = 1; nth <= most; nth++) {
        struct weft_client *client;
        int64_t sum;
        shim_fail(call, nth, errnum);
        weft_err err = weft_client_new(target, &options, &client);
        shim_fail(call, 0, 0);
        assert_true(err == WEFT_OK || err == -ENOMEM);
        if (err)
            continue;
        assert_int_equal(call_add(client, 1, 2, &sum), WEFT_OK);
        AWAIT(holds(client));
        weft_client_free(client);
    }
}

static void
the_nth_allocation_of_a_new_client_fails(void **state)
{
    (void)state;
    nth_fails(SHIM_malloc, ENOMEM, 30);
}

static void
the_nth_read_of_the_file_fails(void **state)
{
    (void)state;
    nth_fails(SHIM_open, EMFILE, 3);
    nth_fails(SHIM_fstat, EIO, 3);
    nth_fails(SHIM_read, EIO, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nth_allocation_of_a_check_fails),
        cmocka_unit_test(the_nth_allocation_of_a_new_client_fails),
        cmocka_unit_test(the_nth_read_of_the_file_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
