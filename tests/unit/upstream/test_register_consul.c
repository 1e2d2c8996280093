/* SPDX-License-Identifier: MIT */
/* A server registers itself in Consul, played by a listener that answers as an
 * agent of Consul 1.12. Row 116 of docs/threats.md. */
#include "unit/upstream/registered.h"

#include <unistd.h>

static struct {
    struct weft_mutex lock; /* guards the texts */
    char id[100], last[2000], deleted[200];
    _Atomic int n_registers, n_passes, n_deletes, n_wrong;
    _Atomic bool forgets; /* it does not know the check */
    _Atomic int status;   /* of each answer; 0: 200 */
} agent;
static struct weft_listener *listener;
static char address[32];

/* ---- the agent ---- */

static void
note_register(const char *body)
{
    if (!fake_field(body, "ID", agent.id, sizeof agent.id))
        agent.n_wrong++;
    snprintf(agent.last, sizeof agent.last, "%s", body);
    agent.n_registers++;
    agent.forgets = false;
}

/* Returns the status. */
static int
handle(const char *path, const char *body)
{
    char pass[200], leave[200];
    snprintf(pass, sizeof pass, "/v1/agent/check/pass/service:%s?token=t",
             agent.id);
    snprintf(leave, sizeof leave, "/v1/agent/service/deregister/%s?token=t",
             agent.id);
    if (strcmp(path, "/v1/agent/service/register?token=t") == 0)
        note_register(body);
    else if (strcmp(path, leave) == 0)
        agent.n_deletes++;
    else if (strcmp(path, pass) != 0)
        agent.n_wrong++;
    else if (!agent.forgets)
        agent.n_passes++;
    else
        return 404;
    return 200;
}

static void
on_request(struct weft_conn *conn, void *user)
{
    char path[100], body[2000], status[32];
    (void)user;
    if (!fake_read(conn, path, body))
        return;
    MUST(!weft_mutex_lock(&agent.lock));
    int code = agent.status ? agent.status : handle(path, body);
    weft_mutex_unlock(&agent.lock);
    snprintf(status, sizeof status, "%d x", code);
    fake_answer(conn, status, code == 200 ? "" : "Permission denied");
}

static int
set_up(void **state)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    (void)state;
    memset(&agent, 0, sizeof agent);
    MUST(!weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &listener));
    snprintf(address, sizeof address, "consul:127.0.0.1:%u/",
             (unsigned)weft_listener_port(listener));
    weft_log_set_level(WEFT_LOG_NONE);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    weft_listener_free(listener);
    weft_log_set_level(WEFT_LOG_WARN);
    return 0;
}

static const char *
target(char text[64])
{
    snprintf(text, 64, "%sinbox?token=t", address);
    return text;
}

/* ---- tests ---- */

/* The whole body, and then passes, and the end. */
static void
a_service_and_its_check(void **state)
{
    (void)state;
    static const char *const tags[] = {"v2", "zone-a"};
    const struct weft_registry_options options = {.address = "[fe80::1]:90",
                                                  .weight = 5,
                                                  .tags = tags,
                                                  .n_tags = 2,
                                                  .ttl_ms = 300,
                                                  .linger_ms = WEFT_NONE};
    char text[64], body[1000];
    struct registered r;
    registered_open(&r, target(text), &options);
    AWAIT(agent.n_passes >= 2);
    snprintf(
        body, sizeof body,
        "{\"ID\":\"%s\",\"Name\":\"inbox\",\"Address\":\"fe80::1\",\"Port\":90,"
        "\"Tags\":[\"v2\",\"zone-a\"],\"Weights\":{\"Passing\":5,"
        "\"Warning\":1},\"Check\":{\"TTL\":\"300ms\",\"Status\":\"passing\","
        "\"DeregisterCriticalServiceAfter\":\"60s\"}}",
        agent.id);
    assert_string_equal(agent.last, body);
    assert_int_equal(strncmp(agent.id, "inbox-", 6), 0);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    registered_close(&r);
    assert_int_equal(agent.n_registers, 1);
    assert_int_equal(agent.n_deletes, 1);
    assert_int_equal(agent.n_wrong, 0);
}

/* An agent that has begun anew does not know the check. */
static void
an_agent_that_forgets(void **state)
{
    (void)state;
    const struct weft_registry_options options = {.ttl_ms = 300,
                                                  .linger_ms = WEFT_NONE};
    char text[64], host[64];
    struct registered r;
    registered_open(&r, target(text), &options);
    AWAIT(agent.n_passes >= 1);
    agent.forgets = true;
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_HELD &&
          r.view.registrations == 2);
    assert_int_equal(agent.n_registers, 2);
    snprintf(host, sizeof host, "\"Address\":\"127.0.0.1\",\"Port\":%u,",
             (unsigned)weft_server_port(r.server));
    assert_non_null(strstr(agent.last, host));
    assert_non_null(strstr(agent.last, "\"Tags\":[],"));
    registered_close(&r);
    assert_int_equal(agent.n_wrong, 0);
}

/* A refusal is told, and is no reason to register anew. */
static void
an_agent_that_refuses(void **state)
{
    (void)state;
    const struct weft_registry_options options = {
        .ttl_ms = 300, .leave_timeout_ms = 1, .linger_ms = WEFT_NONE};
    char text[64];
    struct registered r;
    registered_open(&r, target(text), &options);
    registered_await(&r, WEFT_REGISTRATION_HELD);
    agent.status = 403;
    AWAIT(registered_state(&r) == WEFT_REGISTRATION_TRYING &&
          r.view.failures >= 2);
    assert_string_equal(r.view.reason.ptr, "consul: Permission denied");
    agent.status = 0;
    registered_await(&r, WEFT_REGISTRATION_HELD);
    agent.status = 403;
    registered_close(&r);
    assert_int_equal(agent.n_registers, 1);
    assert_int_equal(agent.n_deletes, 0);
}

/* An address or a name that Consul cannot hold. */
static void
options_that_are_wrong(void **state)
{
    (void)state;
    static const char *const bad[] = {"a b", ""};
    static const struct {
        const char *registry;
        struct weft_registry_options options;
        weft_err err;
    } rows[] = {
        {"consul:h:1/", {0}, WEFT_EADDRESS},
        {"consul:h:1/a/b", {0}, WEFT_EADDRESS},
        {"consul:h:1/a%20", {0}, WEFT_EADDRESS},
        {"consul:h:1/a", {.address = "unix:/x"}, WEFT_EADDRESS},
        {"consul:h:1/a", {.weight = 65536}, -EINVAL},
        {"consul:h:1/a", {.tags = bad, .n_tags = 1}, -EINVAL},
        {"consul:h:1/a", {.tags = bad + 1, .n_tags = 1}, -EINVAL},
        {"consul:h:1/a", {.tags = bad, .n_tags = 65}, -EINVAL},
        {"consul:h:1/a", {.n_tags = 1}, -EINVAL},
    };
    struct weft_server *server;
    char path[64];
    MUST(!weft_server_new(NULL, &server));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(weft_server_add_registry(server, rows[i].registry,
                                                  &rows[i].options),
                         rows[i].err);
    /* the server listens on a path only */
    snprintf(path, sizeof path, "unix:@weft-consul-%ld", (long)getpid());
    MUST(!weft_server_listen(server, path));
    MUST(!weft_server_add_registry(server, "consul:h:1/a", NULL));
    assert_int_equal(weft_server_start(server), WEFT_EADDRESS);
    weft_server_free(server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_service_and_its_check),
        TEST(an_agent_that_forgets),
        TEST(an_agent_that_refuses),
        TEST(options_that_are_wrong),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
