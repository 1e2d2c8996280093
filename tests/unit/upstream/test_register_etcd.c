/* SPDX-License-Identifier: MIT */
/* A server registers itself in etcd, played by tests/fake_etcd.h. Row 116 of
 * docs/threats.md. */
#include "unit/upstream/registered.h"

#include "rpc/health.h"

#define HOUR_MS 3600000u
#define QUICK                                  \
    {                                          \
        .ttl_ms = 1000, .linger_ms = WEFT_NONE \
    }

static struct fake_etcd etcd;
static struct weft_listener *listener;
static char registry[64];

static int
set_up(void **state)
{
    (void)state;
    memset(&etcd, 0, sizeof etcd);
    fake_begin(&etcd);
    MUST(!fake_listen(&etcd, "127.0.0.1:0", &listener));
    snprintf(registry, sizeof registry, "etcd:127.0.0.1:%u/trial",
             (unsigned)weft_listener_port(listener));
    weft_log_set_level(WEFT_LOG_NONE);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    (void)!weft_listener_stop_until(listener, 0);
    weft_listener_free(listener);
    weft_log_set_level(WEFT_LOG_WARN);
    return 0;
}

static weft_err
call_once(struct weft_client *client)
{
    int64_t sum = 0;
    weft_err err = call_add(client, 1, 2, &sum);
    MUST(err || sum == 3);
    return err;
}

static bool
says_stopping(struct weft_client *client)
{
    static const uint8_t no_args[WF_HEALTH_ARGS];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_health_result result;
    MUST(!weft_client_call(client, &wf_health_method, &arena, no_args, &result,
                           NULL));
    bool stops = weft_str_eq(result.success, WEFT_STR(WF_HEALTH_STOPPING));
    weft_arena_fini(&arena);
    return stops;
}

/* ---- registering ---- */

/* A client with the same target finds the server, with its weight and those of
 * its tags that name a partition. */
static void
a_client_finds_the_server(void **state)
{
    (void)state;
    static const char *const tags[] = {"v2", "2/8", "1/4"};
    const struct weft_registry_options options = {
        .weight = 7, .tags = tags, .n_tags = 3, .linger_ms = WEFT_NONE};
    struct registered r;
    struct weft_client *client;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    MUST(!weft_client_new(registry, NULL, &client));
    assert_int_equal(call_once(client), WEFT_OK);
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    assert_int_equal(views.len, 1);
    assert_int_equal(views.items[0].weight, 7);
    assert_string_equal(views.items[0].tag.ptr, "2/8 1/4");
    assert_string_equal(views.items[0].address.ptr, r.view.address.ptr);
    assert_string_equal(r.view.registry.ptr, registry);
    assert_null(r.view.reason.ptr);
    assert_int_equal(r.view.registrations, 1);
    assert_true(r.view.changed_ns > 0);
    weft_arena_fini(&arena);
    weft_client_free(client);
    assert_int_equal(etcd.last_ttl_s, 10);
    registered_close(&r);
    assert_int_equal(fake_count(&etcd), 0);
    assert_int_equal(etcd.n_revokes, 1);
    assert_int_equal(etcd.n_bad, 0);
}

static void
the_lease_is_renewed(void **state)
{
    (void)state;
    const struct weft_registry_options options = {.ttl_ms = 1200,
                                                  .linger_ms = WEFT_NONE};
    struct registered r;
    registered_open(&r, registry, &options);
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_HELD &&
          r.view.renewals >= 2);
    assert_int_equal(etcd.last_ttl_s, 2); /* whole seconds, rounded up */
    registered_close(&r);
    assert_int_equal(etcd.n_bad, 0);
}

static uint64_t
lease_now(void)
{
    return etcd.pairs[0].key[0] ? etcd.pairs[0].lease : 0;
}

/* etcd begins anew without data, as after the loss of its disk. */
static void
a_lost_lease_is_made_anew(void **state)
{
    (void)state;
    const struct weft_registry_options options = QUICK;
    struct registered r;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    fake_lock(&etcd);
    uint64_t first = lease_now();
    fake_begin(&etcd);
    weft_mutex_unlock(&etcd.lock);
    AWAIT(fake_count(&etcd) == 1);
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_HELD &&
          r.view.registrations == 2);
    fake_lock(&etcd);
    assert_true(first && lease_now() != first);
    weft_mutex_unlock(&etcd.lock);
    registered_close(&r);
    assert_int_equal(fake_count(&etcd), 0);
}

/* The server that is started again at the address of one that has not ended has
 * the same key. The end of the old one does not delete it. */
static void
an_old_server_leaves_the_new_ones_key(void **state)
{
    (void)state;
    const struct weft_registry_options options = {.address = "10.0.0.1:9090",
                                                  .linger_ms = WEFT_NONE};
    struct registered old, new;
    registered_open(&old, registry, &options);
    registered_await(&old, WEFT_REGISTRATION_HELD);
    registered_open(&new, registry, &options);
    registered_await(&new, WEFT_REGISTRATION_HELD);
    assert_int_equal(fake_count(&etcd), 1);
    registered_close(&old);
    assert_int_equal(fake_count(&etcd), 1);
    registered_close(&new);
    assert_int_equal(fake_count(&etcd), 0);
}

static void
a_server_starts_again(void **state)
{
    (void)state;
    const struct weft_registry_options options = QUICK;
    struct registered r;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    MUST(!weft_server_stop(r.server));
    assert_int_equal(registered_state(&r), WEFT_REGISTRATION_NONE);
    assert_int_equal(fake_count(&etcd), 0);
    MUST(!weft_server_listen(r.server, "127.0.0.1:0"));
    MUST(!weft_server_start(r.server));
    registered_await(&r, WEFT_REGISTRATION_HELD);
    assert_int_equal(fake_count(&etcd), 1);
    registered_close(&r);
    assert_int_equal(etcd.n_grants, 2);
}

/* ---- etcd is ill ---- */

static _Atomic bool is_ill;
static _Atomic int n_refused;

static bool
refuse_puts(const char *path)
{
    bool refused = is_ill && strcmp(path, "/v3/kv/put") == 0;
    n_refused += refused;
    return refused;
}

/* The server serves meanwhile, and says what is wrong. A put that has failed is
 * tried again with the same lease. */
static void
etcd_refuses_at_first(void **state)
{
    (void)state;
    const struct weft_registry_options options = QUICK;
    struct registered r;
    is_ill = true;
    n_refused = 0;
    etcd.refuses = refuse_puts;
    registered_open(&r, registry, &options);
    AWAIT(n_refused >= 2);
    registered_await(&r, WEFT_REGISTRATION_TRYING);
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_TRYING &&
          r.view.reason.ptr);
    assert_non_null(strstr(r.view.reason.ptr, "etcd: "));
    assert_non_null(strstr(r.view.reason.ptr, "no leader"));
    is_ill = false;
    registered_await(&r, WEFT_REGISTRATION_HELD);
    assert_null(r.view.reason.ptr);
    assert_true(r.view.failures >= 2);
    assert_int_equal(etcd.n_grants, 1);
    registered_close(&r);
}

static void
answers_that_are_garbage(void **state)
{
    (void)state;
    static const char *const texts[] = {"oops",
                                        "{",
                                        "{}",
                                        "{\"ID\":\"1\"}x",
                                        "{\"ID\":\"-1\",\"TTL\":\"5\"}",
                                        "{\"ID\":\"99999999999999999999\"}",
                                        "{\"error\":{\"code\":14}}"};
    const struct weft_registry_options options = QUICK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct registered r;
        etcd.garbage = texts[i];
        registered_open(&r, registry, &options);
        AWAIT(registered_state(&r) == WEFT_REGISTRATION_TRYING &&
              r.view.failures >= 1);
        assert_non_null(strstr(r.view.reason.ptr, "etcd: "));
        etcd.garbage = NULL;
        registered_await(&r, WEFT_REGISTRATION_HELD);
        /* and later, instead of a renewal */
        etcd.garbage = texts[i];
        registered_await(&r, WEFT_REGISTRATION_TRYING);
        etcd.garbage = NULL;
        registered_await(&r, WEFT_REGISTRATION_HELD);
        registered_close(&r);
        assert_int_equal(fake_count(&etcd), 0);
    }
}

/* An answer about another lease is no renewal. */
static void
an_answer_about_another_lease(void **state)
{
    (void)state;
    const struct weft_registry_options options = QUICK;
    struct registered r;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    etcd.garbage = "{\"result\":{\"ID\":\"5\",\"TTL\":\"5\"}}";
    registered_await(&r, WEFT_REGISTRATION_TRYING);
    assert_non_null(strstr(r.view.reason.ptr, "another lease"));
    etcd.garbage = NULL;
    registered_close(&r);
}

/* ---- stopping ---- */

/* leave_timeout_ms bounds how long a stop waits for etcd. */
static void
a_stop_while_etcd_hangs(void **state)
{
    (void)state;
    const struct weft_registry_options options = {
        .ttl_ms = 1000, .leave_timeout_ms = 50, .linger_ms = HOUR_MS};
    struct registered r;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    etcd.hangs = true;
    assert_int_equal(weft_server_stop(r.server), WEFT_OK);
    assert_int_equal(registered_state(&r), WEFT_REGISTRATION_NONE);
    etcd.hangs = false;
    registered_close(&r);
    AWAIT(fake_count(&etcd) == 0); /* the lease ends */
}

#define REFUSALS 45 /* more than there are in the default time, 2 s */

static bool
refuse_revokes(const char *path)
{
    return strcmp(path, "/v3/lease/revoke") == 0 && n_refused++ < REFUSALS;
}

/* The stop tries to delete the entry again and again for leave_timeout_ms. A
 * pause between two tries lasts 50 ms at least. */
static void
a_stop_tries_again(void **state)
{
    (void)state;
    const struct weft_registry_options options = {
        .ttl_ms = 300, .leave_timeout_ms = HOUR_MS, .linger_ms = WEFT_NONE};
    struct registered r;
    n_refused = 0;
    etcd.refuses = refuse_revokes;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    registered_close(&r);
    assert_int_equal(n_refused, REFUSALS + 1);
    assert_int_equal(fake_count(&etcd), 0);
}

struct stop {
    struct weft_server *server;
    weft_err err;
};

static void
stop(void *arg)
{
    struct stop *s = arg;
    s->err = weft_server_stop(s->server);
}

static uint32_t
calls_in_flight(struct weft_server *server)
{
    struct weft_server_stats stats;
    weft_server_get_stats(server, &stats);
    return stats.calls_in_flight;
}

/* The entry is deleted first, and then the server serves on for linger_ms, but
 * says that it stops to clients that check it. A stop with an earlier deadline
 * ends the wait. */
static void
a_server_lingers(void **state)
{
    (void)state;
    const struct weft_registry_options options = {.linger_ms = HOUR_MS};
    struct registered r;
    struct weft_client *client;
    weft_fiber fiber;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    MUST(!weft_client_new(r.view.address.ptr, NULL, &client));
    struct stop s = {r.server, WEFT_EPROTOCOL};
    assert_false(says_stopping(client));
    MUST(!weft_fiber_start(stop, &s, &fiber));
    AWAIT(fake_count(&etcd) == 0);
    assert_true(says_stopping(client));
    MUST(!weft_sleep_ms(1500)); /* longer than the default time */
    assert_int_equal(registered_state(&r), WEFT_REGISTRATION_LEAVING);
    assert_int_equal(call_once(client), WEFT_OK);
    AWAIT(calls_in_flight(r.server) == 0);
    assert_int_equal(weft_server_stop_until(r.server, 0), WEFT_OK);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(s.err, WEFT_OK);
    weft_client_free(client);
    registered_close(&r);
}

/* The deadline of a stop bounds the time for the registry, and leaves some for
 * the calls. After the deadline the registry is not asked. */
static void
the_deadline_of_a_stop(void **state)
{
    (void)state;
    const struct weft_registry_options options = {.ttl_ms = 1000,
                                                  .linger_ms = HOUR_MS};
    struct registered r;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    assert_int_equal(weft_server_stop_until(r.server, weft_after_ms(6000)),
                     WEFT_OK);
    assert_int_equal(etcd.n_revokes, 1);
    registered_close(&r);
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    assert_int_equal(weft_server_stop_until(r.server, 0), WEFT_OK);
    assert_int_equal(etcd.n_revokes, 1);
    registered_close(&r);
}

/* ---- addresses and options ---- */

static void
the_address(void **state)
{
    (void)state;
    struct registered r;
    char text[64];
    struct weft_registry_options options = {.linger_ms = WEFT_NONE};
    r.server = trial_server(&r.trial, NULL);
    MUST(!weft_server_listen(r.server, ":0"));
    MUST(!weft_server_add_registry(r.server, registry, &options));
    assert_int_equal(weft_server_start(r.server), WEFT_EADDRESS);
    weft_server_free(r.server);
    options.address = "a.example:0"; /* port 0: that of the server */
    registered_open(&r, registry, &options);
    snprintf(text, sizeof text, "a.example:%u",
             (unsigned)weft_server_port(r.server));
    registered_await(&r, WEFT_REGISTRATION_HELD);
    assert_string_equal(r.view.address.ptr, text);
    registered_close(&r);
    options.address = "a.example:700";
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    assert_string_equal(r.view.address.ptr, "a.example:700");
    registered_close(&r);
}

static void
options_that_are_wrong(void **state)
{
    (void)state;
    static const char *const tags[] = {"a"};
    static const struct {
        const char *registry;
        struct weft_registry_options options;
        weft_err err;
    } rows[] = {
        {"etcd:h:1", {0}, WEFT_EADDRESS},
        {"etcd:h/s", {0}, WEFT_EADDRESS},
        {"redis:h:1/s", {0}, WEFT_EADDRESS},
        {"h:1/s", {0}, WEFT_EADDRESS},
        {"etcd:h:1/s", {.address = ":90"}, WEFT_EADDRESS},
        {"etcd:h:1/s", {.address = "0.0.0.0:90"}, WEFT_EADDRESS},
        {"etcd:h:1/s", {.address = "[::]:90"}, WEFT_EADDRESS},
        {"etcd:h:1/s", {.address = "h"}, WEFT_EADDRESS},
        {"etcd:h:1/s", {.address = "h\":90"}, WEFT_EADDRESS},
        {"etcd:h:1/s", {.weight = 1000001}, -EINVAL},
        {"etcd:h:1/s", {.tags = tags, .n_tags = 65}, -EINVAL},
        {"etcd:h:1/s", {.ttl_ms = 99}, -EINVAL},
        {"etcd:h:1/s", {.ttl_ms = 86400001}, -EINVAL},
        {"etcd:h:1/s", {.leave_timeout_ms = HOUR_MS + 1}, -EINVAL},
        {"etcd:h:1/s", {.linger_ms = HOUR_MS + 1}, -EINVAL},
    };
    struct weft_server *server;
    MUST(!weft_server_new(NULL, &server));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(weft_server_add_registry(server, rows[i].registry,
                                                  &rows[i].options),
                         rows[i].err);
    for (int i = 0; i < 8; i++)
        MUST(!weft_server_add_registry(server, "etcd:h:1/s", NULL));
    assert_int_equal(weft_server_add_registry(server, "etcd:h:1/s", NULL),
                     WEFT_EFULL);
    weft_server_free(server);
}

static void
a_server_that_runs(void **state)
{
    (void)state;
    struct registered r;
    const struct weft_registry_options options = QUICK;
    registered_open(&r, registry, &options);
    assert_int_equal(weft_server_add_registry(r.server, registry, NULL),
                     -EBUSY);
    registered_close(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_client_finds_the_server),
        TEST(the_lease_is_renewed),
        TEST(a_lost_lease_is_made_anew),
        TEST(an_old_server_leaves_the_new_ones_key),
        TEST(a_server_starts_again),
        TEST(etcd_refuses_at_first),
        TEST(answers_that_are_garbage),
        TEST(an_answer_about_another_lease),
        TEST(a_stop_while_etcd_hangs),
        TEST(a_stop_tries_again),
        TEST(a_server_lingers),
        TEST(the_deadline_of_a_stop),
        TEST(the_address),
        TEST(options_that_are_wrong),
        TEST(a_server_that_runs),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
