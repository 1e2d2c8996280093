/* SPDX-License-Identifier: MIT */
/* A server registers itself in ZooKeeper, played by tests/fake_zk.h. Row 117 of
 * docs/threats.md. */
#include "unit/upstream/registered.h"

#include "fake_zk.h"

#include "upstream/zk.h"

static struct fake_zk zk;
static struct weft_listener *listener;
static char registry[64];

static int
set_up(void **state)
{
    (void)state;
    memset(&zk, 0, sizeof zk);
    fake_zk_begin(&zk);
    MUST(!fake_zk_listen(&zk, "127.0.0.1:0", &listener));
    snprintf(registry, sizeof registry, "zk:127.0.0.1:%u/s/trial",
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

static const struct weft_registry_options quick = {.ttl_ms = 1000,
                                                   .linger_ms = WEFT_NONE};

/* A client with the same target finds the server, with its weight and its
 * tag. */
static void
a_client_finds_the_server(void **state)
{
    (void)state;
    static const char *const tags[] = {"2/8"};
    const struct weft_registry_options options = {
        .weight = 7, .tags = tags, .n_tags = 1, .linger_ms = WEFT_NONE};
    struct registered r;
    struct weft_client *client;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    int64_t sum = 0;
    registered_open(&r, registry, &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    MUST(!weft_client_new(registry, NULL, &client));
    MUST(!call_add(client, 1, 2, &sum) && sum == 3);
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    assert_int_equal(views.len, 1);
    assert_int_equal(views.items[0].weight, 7);
    assert_string_equal(views.items[0].tag.ptr, "2/8");
    assert_string_equal(views.items[0].address.ptr, r.view.address.ptr);
    weft_arena_fini(&arena);
    weft_client_free(client);
    registered_close(&r);
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 0);
    assert_int_equal(zk.n_closes, 1);
    assert_int_equal(zk.n_bad, 0);
}

/* The server of ZooKeeper decides how often. */
static void
the_session_is_renewed(void **state)
{
    (void)state;
    struct registered r;
    zk.least_ms = 4500;
    registered_open(&r, registry, &quick);
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_HELD &&
          r.view.renewals >= 2);
    assert_int_equal(zk.sessions[0].timeout_ms, 4500);
    registered_close(&r);
    assert_int_equal(zk.n_hellos, 1);
    assert_int_equal(zk.n_bad, 0);
}

/* The connection alone is lost: the node stays. */
static void
a_node_survives_its_connection(void **state)
{
    (void)state;
    struct registered r;
    registered_open(&r, registry, &quick);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    fake_zk_end_all(&zk, true);
    AWAIT(zk.n_resumed > 0);
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_HELD);
    assert_int_equal(r.view.registrations, 1);
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 1);
    registered_close(&r);
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 0);
}

/* The session expires, or somebody deletes the node, or all data is lost. */
static void
a_lost_node_is_made_anew(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct registered r;
        registered_open(&r, registry, &quick);
        registered_await(&r, WEFT_REGISTRATION_HELD);
        if (i == 0)
            fake_zk_end_all(&zk, false);
        fake_zk_lock(&zk);
        if (i == 2)
            fake_zk_begin(&zk);
        for (int k = 0; i == 1 && k < FAKE_ZK_NODES; k++)
            if (zk.nodes[k].path[0] && zk.nodes[k].owner)
                fake_zk_delete(&zk, &zk.nodes[k]);
        weft_mutex_unlock(&zk.lock);
        if (i == 2)
            fake_zk_end_all(&zk, true);
        AWAIT(registered_state(&r) == WEFT_REGISTRATION_HELD &&
              r.view.registrations == 2);
        assert_int_equal(fake_zk_count(&zk, "/s/trial"), 1);
        registered_close(&r);
        assert_int_equal(fake_zk_count(&zk, "/s/trial"), 0);
    }
}

/* The end of an old process does not delete the node of the new one. */
static void
an_old_server_leaves_the_new_ones_node(void **state)
{
    (void)state;
    const struct weft_registry_options options = {.address = "10.0.0.1:9090",
                                                  .linger_ms = WEFT_NONE};
    struct registered old, new;
    registered_open(&old, registry, &options);
    registered_await(&old, WEFT_REGISTRATION_HELD);
    registered_open(&new, registry, &options);
    registered_await(&new, WEFT_REGISTRATION_HELD);
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 2);
    registered_close(&old);
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 1);
    registered_close(&new);
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 0);
}

static void
a_server_starts_again(void **state)
{
    (void)state;
    struct registered r;
    registered_open(&r, registry, &quick);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    MUST(!weft_server_stop(r.server));
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 0);
    MUST(!weft_server_listen(r.server, "127.0.0.1:0"));
    MUST(!weft_server_start(r.server));
    registered_await(&r, WEFT_REGISTRATION_HELD);
    assert_int_equal(fake_zk_count(&zk, "/s/trial"), 1);
    registered_close(&r);
}

static void
the_reason_is_told(void **state)
{
    (void)state;
    struct registered r;
    zk.refusal = -102;
    registered_open(&r, registry, &quick);
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_TRYING &&
          r.view.failures > 0);
    assert_non_null(strstr(r.view.reason.ptr, "no authority"));
    zk.refusal = 0;
    registered_await(&r, WEFT_REGISTRATION_HELD);
    registered_close(&r);
}

static void
wrong_options_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"zk:", "zk:h:1", "zk:h:1/", "zk:h:1/a/"};
    static const char *const tags[] = {"\""};
    const struct weft_registry_options tagged = {.tags = tags, .n_tags = 1},
                                       local = {.address = "unix:/x"};
    struct weft_server *server;
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(!weft_server_new(NULL, &server));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(weft_server_add_registry(server, bad[i], NULL),
                         WEFT_EADDRESS);
    assert_int_equal(weft_server_add_registry(server, "zk:h:1/a", &tagged),
                     -EINVAL);
    assert_int_equal(weft_server_add_registry(server, "zk:h:1/a", &local),
                     WEFT_EADDRESS);
    MUST(!weft_server_add_registry(server, "zk:h:1,i:2/a", NULL));
    weft_server_free(server);
    weft_log_set_level(WEFT_LOG_WARN);
}

#define WITH_ZK(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ZK(a_client_finds_the_server),
        WITH_ZK(the_session_is_renewed),
        WITH_ZK(a_node_survives_its_connection),
        WITH_ZK(a_lost_node_is_made_anew),
        WITH_ZK(an_old_server_leaves_the_new_ones_node),
        WITH_ZK(a_server_starts_again),
        WITH_ZK(the_reason_is_told),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
