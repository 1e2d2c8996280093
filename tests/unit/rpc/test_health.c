/* SPDX-License-Identifier: MIT */
/* A server answers weft.health in any dialect, also while it stops, when it
 * refuses every other call. */
#include "rpc_test.h"
#include "waiting.h"

#include "rpc/health.h"

static struct house house;
static char text[64];

/* `service`: the one that is named in the call; may be NULL. */
static weft_err
ask_of(struct weft_client *client, const char *service)
{
    static const uint8_t no_args[WF_HEALTH_ARGS];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_health_result result;
    const struct weft_call_options options = {.service = service};
    weft_err err = weft_client_call(client, &wf_health_method, &arena, no_args,
                                    &result, &options);
    if (!err)
        snprintf(text, sizeof text, "%.*s", WEFT_FMT(result.success));
    weft_arena_fini(&arena);
    return err;
}

static weft_err
ask(struct weft_client *client)
{
    text[0] = '\0';
    return ask_of(client, NULL);
}

static void
is_told_in_every_dialect(void **state)
{
    (void)state;
    uint32_t n = 0;
    for (uint32_t i = 0; i < 6u * 4 * 2 * 3; i++) {
        const struct weft_dialect d = {.framing = (uint8_t)(i % 6),
                                       .protocol = (uint8_t)(i / 6 % 4),
                                       .zlib = i / 24 % 2 == 1,
                                       .around = (uint8_t)(i / 48)};
        const struct weft_client_options options = {.dialect = d};
        if (!weft_dialect_exists(&d))
            continue;
        house_open(&house, NULL, NULL, &options);
        assert_int_equal(ask(house.client), WEFT_OK);
        assert_string_equal(text, "SERVING");
        house_close(&house);
        n++;
    }
    assert_true(n >= 20);
}

static void
a_service_may_be_named(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    assert_int_equal(ask_of(house.client, "weft"), WEFT_OK);
    assert_int_equal(ask_of(house.client, "Trial"), WEFT_ENOMETHOD - WEFT_PEER);
    house_close(&house);
}

static void
stop(void *arg)
{
    *(weft_err *)arg =
        weft_server_stop_until(house.server, weft_after_ms(LONG_MS));
}

static void
a_server_that_stops_says_so(void **state)
{
    (void)state;
    struct caller a;
    weft_fiber fiber;
    weft_err stopped;
    int64_t sum;
    house_open(&house, NULL, NULL, NULL);
    a = (struct caller){.client = house.client, .number = 5};
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    MUST(!weft_fiber_start(stop, &stopped, &fiber));
    AWAIT(wf_load(&house.server->stopping, acquire));
    assert_int_equal(ask(house.client), WEFT_OK);
    assert_string_equal(text, "STOPPING");
    assert_int_equal(call_add(house.client, 1, 2, &sum),
                     WEFT_ESTOPPING - WEFT_PEER);
    /* another service has no such method, and does not get the call */
    assert_int_equal(ask_of(house.client, "Trial"), WEFT_ESTOPPING - WEFT_PEER);
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(stopped, WEFT_OK);
    weft_client_free(house.client);
    weft_server_free(house.server);
}

/* ---- a method of the program ---- */

static weft_err
tell_own(const void *table, struct weft_call *call, const void *args,
         void *record)
{
    struct wf_health_result *result = record;
    (void)table;
    (void)call;
    (void)args;
    result->which = 0;
    result->success = WEFT_STR("as ever");
    return WEFT_OK;
}

static weft_err
wait_at_gate(const void *table, struct weft_call *call, const void *args,
             void *record)
{
    struct trial *trial = weft_call_user(call);
    weft_err err = tell_own(table, call, args, record);
    wf_add(&trial->inside, 1, seq_cst);
    return err ? err : weft_sem_take(&trial->gate);
}

static void
serve(const struct weft_service *service, const char *name)
{
    char address[32];
    house = (struct house){0};
    MUST(!weft_server_new(NULL, &house.server));
    MUST(!weft_server_add(house.server, name, service, NULL, &house.trial));
    MUST(!weft_server_listen(house.server, "127.0.0.1:0"));
    MUST(!weft_server_start(house.server));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_server_port(house.server));
    MUST(!weft_client_new(address, NULL, &house.client));
}

static void
ask_later(void *arg)
{
    *(weft_err *)arg = ask(house.client);
}

/* A method of the program comes first, and a stop refuses its calls. */
static void
a_method_of_the_program_comes_first(void **state)
{
    (void)state;
    struct weft_method own = wf_health_method;
    const struct weft_method *const methods[] = {&own};
    const struct weft_service service = {
        .name = "Own", .methods = methods, .n_methods = 1};
    weft_fiber fibers[2];
    weft_err asked, stopped;
    own.invoke = wait_at_gate;
    serve(&service, "Own");
    MUST(!weft_fiber_start(ask_later, &asked, &fibers[0]));
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    MUST(!weft_fiber_start(stop, &stopped, &fibers[1]));
    AWAIT(wf_load(&house.server->stopping, acquire));
    assert_int_equal(ask(house.client), WEFT_ESTOPPING - WEFT_PEER);
    weft_sem_give(&house.trial.gate, 1);
    MUST(!weft_fiber_join(fibers[0]));
    MUST(!weft_fiber_join(fibers[1]));
    assert_int_equal(asked, WEFT_OK);
    assert_int_equal(stopped, WEFT_OK);
    assert_string_equal(text, "as ever");
    weft_client_free(house.client);
    weft_server_free(house.server);
}

static void
a_service_named_weft_is_served(void **state)
{
    (void)state;
    struct weft_method own = wf_health_method;
    const struct weft_method *const methods[] = {&own};
    const struct weft_service service = {
        .name = "Own", .methods = methods, .n_methods = 1};
    own.invoke = tell_own;
    serve(&service, "weft");
    assert_int_equal(ask(house.client), WEFT_OK);
    assert_string_equal(text, "as ever");
    weft_client_free(house.client);
    weft_server_free(house.server);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_told_in_every_dialect),
        cmocka_unit_test(a_service_may_be_named),
        cmocka_unit_test(a_server_that_stops_says_so),
        cmocka_unit_test(a_method_of_the_program_comes_first),
        cmocka_unit_test(a_service_named_weft_is_served),
    };
    return cmocka_run_group_tests_name("rpc/health", tests, start_workers,
                                       stop_workers);
}
