/* SPDX-License-Identifier: MIT */
/* The n-th allocation or system call fails while a client reads its policy from
 * a registry: the client is made and works, or there is no memory for it, and
 * it takes the policy later. Row 120 of docs/threats.md. */
#include "policy_registries.h"

#include "shim.h"
#include "trial_server.h"

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
    "\"methods\": {\"Trial.*\": {\"timeout_ms\": 60000}}}";

static struct house house;
static char target[160];

static int
set_up(void **state)
{
    const struct weft_runtime_options two = {.workers = 2};
    (void)state;
    alarm(500);
    shim_install();
    MUST(!weft_runtime_start(&two));
    house_open(&house, NULL, NULL, NULL);
    snprintf(target, sizeof target, "list:%s", house.address);
    weft_log_set_level(WEFT_LOG_NONE);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_WARN);
    house_close(&house);
    MUST(!weft_runtime_stop());
    return 0;
}

static bool
holds(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_policy_view view;
    MUST(!weft_client_get_policy(client, NULL, &arena, &view));
    bool is_taken = strstr(view.text.ptr, "client eject_ms 7 (line 1)\n");
    MUST(is_taken == (view.taken > 0));
    weft_arena_fini(&arena);
    return is_taken;
}

/* Returns whether the n-th call was made, and so has failed. */
static bool
make_while_nth_fails(enum shim_call call, int errnum, uint32_t nth,
                     const char *source)
{
    const struct weft_upstream_options upstream = {.policy = source};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    int64_t sum;
    shim_fail(call, nth, errnum);
    weft_err err = weft_client_new(target, &options, &client);
    bool failed = shim_failures() > 0;
    shim_heal();
    MUST(err == WEFT_OK || (failed && err == -ENOMEM));
    if (err)
        return true;
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_OK);
    AWAIT(holds(client));
    weft_client_free(client);
    return failed;
}

/* Returns whether the n-th call has failed. */
static bool
load_while_nth_fails(enum shim_call call, int errnum, uint32_t nth,
                     const char *source)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str text, why;
    shim_fail(call, nth, errnum);
    weft_err err = weft_policy_load_until(source, weft_after_ms(LONG_MS),
                                          &arena, &text, &why);
    bool failed = shim_failures() > 0;
    shim_heal();
    MUST(err ? failed && !text.ptr : !strcmp(text.ptr, document));
    weft_arena_fini(&arena);
    return failed;
}

typedef bool work_fn(enum shim_call call, int errnum, uint32_t nth,
                     const char *source);

static void
each_call_fails(const struct fake_policy_registry *registry, work_fn *work)
{
    static const struct {
        enum shim_call call;
        int errnum;
    } rows[] = {{SHIM_malloc, ENOMEM},        {SHIM_socket, EMFILE},
                {SHIM_connect, ECONNREFUSED}, {SHIM_setsockopt, ENOMEM},
                {SHIM_recv, ECONNRESET},      {SHIM_send, EPIPE}};
    struct weft_listener *listener;
    char source[80];
    registry->begin();
    registry->set(document);
    MUST(!registry->listen("127.0.0.1:0", &listener));
    snprintf(source, sizeof source, "%s:127.0.0.1:%u%s", registry->prefix,
             (unsigned)weft_listener_port(listener), registry->path);
    fake_policy_etcd.stops = fake_policy_consul.stops = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t nth = 1;
        while (work(rows[i].call, rows[i].errnum, nth, source))
            MUST(nth++ < 1000);
        MUST(nth > 1);
    }
    fake_policy_stop(listener);
}

static void
a_client_while_calls_fail(void **state)
{
    (void)state;
    for (int i = 0; i < FAKE_POLICY_REGISTRIES; i++)
        each_call_fails(&fake_policy_registries[i], make_while_nth_fails);
}

static void
a_document_that_cannot_be_loaded(void **state)
{
    (void)state;
    for (int i = 0; i < FAKE_POLICY_REGISTRIES; i++)
        each_call_fails(&fake_policy_registries[i], load_while_nth_fails);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_while_calls_fail),
        cmocka_unit_test(a_document_that_cannot_be_loaded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
