/* SPDX-License-Identifier: MIT */
/* Following a service of Consul, against a server that plays an agent. The
 * answers have the form of Consul 1.12. Row 113 of docs/threats.md. */
#include "unit/rpc/http_script.h"
#include "unit/upstream/told_lists.h"

#include "upstream/consul.h"

#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})
#define BODY(n, text) "Content-Length: " n "\r\n\r\n" text
#define OK(index) "HTTP/1.1 200 OK\r\nX-Consul-Index: " index "\r\n"
#define NONE(index) OK(index) BODY("2", "[]")

/* A server with the address of its node, one with its own address and a weight,
 * one with an IPv6 address, one without a port, and one without an address. */
#define SERVERS                                                                \
    "[{\"Node\":{\"ID\":\"a\",\"Address\":\"10.0.0.1\",\"Meta\":null},"        \
    "\"Service\""                                                              \
    ":{\"Tags\":[\"v1\"],\"Address\":\"\",\"Port\":90}},{\"Service\":{"        \
    "\"Address"                                                                \
    "\":\"10.0.0.2\",\"Port\":91,\"Weights\":{\"Passing\":3,\"Warning\":1}},"  \
    "\"N"                                                                      \
    "ode\":{\"Address\":\"10.0.0.9\"}},{\"Service\":{\"Address\":\"fe80::1\"," \
    "\"Po"                                                                     \
    "rt\":92}},{\"Service\":{\"Address\":\"10.0.0.3\",\"Port\":0}},{"          \
    "\"Checks\":"                                                              \
    "[]}]"
#define SERVERS_LEN "316"
#define TOLD "10.0.0.1:90=1 10.0.0.2:91=3 [fe80::1]:92=1 |"

struct follower {
    struct script script;
    struct wf_consul consul;
    weft_fiber fiber;
    weft_err err;
    struct told_lists told;
};

static void
follow(void *arg)
{
    struct follower *f = arg;
    f->err = wf_consul_follow(&f->consul);
}

static void
begin_with(struct follower *f, const char *service, wf_on_value *on_value,
           const char *const *steps)
{
    memset(f, 0, sizeof *f);
    script_open(&f->script, NULL, steps);
    f->consul = (struct wf_consul){.http = f->script.http,
                                   .service = service,
                                   .on_list = note_list,
                                   .on_value = on_value,
                                   .user = &f->told,
                                   .pause_ms = 1};
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(!weft_fiber_start(follow, f, &f->fiber));
}

static void
begin(struct follower *f, const char *service, const char *const *steps)
{
    begin_with(f, service, NULL, steps);
}

static void
end(struct follower *f, weft_err err)
{
    weft_log_set_level(WEFT_LOG_WARN);
    assert_int_equal(f->err, err);
    script_close(&f->script);
}

/* The agent that plays the script fails at last, which ends the follower. */
#define LAST "HTTP/1.1 500 x\r\nContent-Length: 9\r\n\r\nNo leader"

/* Each query has the index of the last answer, also if it is smaller than the
 * one before. */
static void
lists_by_their_index(void **state)
{
    (void)state;
    struct follower f;
    begin(&f, "inbox",
          SCRIPT("accept", "take", OK("7") BODY(SERVERS_LEN, SERVERS), "take",
                 NONE("7"), "take", NONE("9"), "take", NONE("3"), "take",
                 NONE("3"), "take", LAST));
    MUST(!weft_fiber_join(f.fiber));
    assert_string_equal(f.told.text, TOLD "||||");
    assert_string_equal(f.consul.why, "consul: No leader");
    const char *at = f.script.asked;
    static const char *const queries[] = {"index=0", "index=7", "index=7",
                                          "index=9", "index=3", "index=3"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        char line[100];
        snprintf(line, sizeof line,
                 "GET /v1/health/service/inbox?passing=true&%s&wait=60s "
                 "HTTP/1.1\r\n",
                 queries[i]);
        assert_memory_equal(at, line, strlen(line));
        at = strstr(at, "\r\n\r\n") + 4;
    }
    end(&f, WEFT_EHTTP);
}

static weft_err
note_value(struct weft_str value, void *user)
{
    struct told_lists *told = user;
    size_t at = strlen(told->text);
    snprintf(told->text + at, sizeof told->text - at, "%.*s|",
             value.ptr ? (int)value.len : 4, value.ptr ? value.ptr : "none");
    wf_add(&told->n, 1, release);
    return WEFT_OK;
}

/* The value of a key comes as it is; that there is no such key is an answer,
 * too, if it has an index. */
static void
values_by_their_index(void **state)
{
    (void)state;
    struct follower f;
    begin_with(
        &f, "a/b?dc=east", note_value,
        SCRIPT("accept", "take", OK("7") BODY("3", "{} "), "take",
               OK("8") BODY("0", ""), "take",
               "HTTP/1.1 404 Not Found\r\nX-Consul-Index: 9\r\n" BODY("0", ""),
               "take", "HTTP/1.1 404 Not Found\r\n" BODY("0", "")));
    MUST(!weft_fiber_join(f.fiber));
    assert_string_equal(f.told.text, "{} ||none|");
    assert_string_equal(f.consul.why,
                        "consul: the answer has no X-Consul-Index");
    const char *at = f.script.asked;
    static const int indices[] = {0, 7, 8, 9};
    for (size_t i = 0; i < 4; i++) {
        char line[100];
        snprintf(line, sizeof line,
                 "GET /v1/kv/a/b?dc=east&raw&index=%d&wait=60s HTTP/1.1\r\n",
                 indices[i]);
        assert_memory_equal(at, line, strlen(line));
        at = strstr(at, "\r\n\r\n") + 4;
    }
    end(&f, WEFT_EPROTOCOL);
}

/* An agent that answers index 0 must not be asked without a wait. */
static void
an_index_of_zero(void **state)
{
    (void)state;
    struct follower f;
    begin(&f, "inbox?tag=v2",
          SCRIPT("accept", "take", NONE("0"), "take", LAST));
    f.consul.wait_s = 5;
    MUST(!weft_fiber_join(f.fiber));
    assert_non_null(strstr(f.script.asked,
                           "GET /v1/health/service/inbox?tag=v2&passing=true&"
                           "index=1&wait="));
    end(&f, WEFT_EHTTP);
}

/* An answer that is not Consul's is an error, and no list. */
static void
answers_that_are_garbage(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        weft_err err;
        const char *why;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n" BODY("2", "[]"), WEFT_EPROTOCOL,
         "consul: the answer has no X-Consul-Index"},
        {OK("x") BODY("2", "[]"), WEFT_EPROTOCOL, "no X-Consul-Index"},
        {OK("") BODY("2", "[]"), WEFT_EPROTOCOL, "no X-Consul-Index"},
        {OK("99999999999999999999") BODY("2", "[]"), WEFT_EPROTOCOL,
         "no X-Consul-Index"},
        {OK("1") BODY("4", "oops"), WEFT_EPROTOCOL, "consul: oops"},
        {OK("1") BODY("2", "{}"), WEFT_EPROTOCOL, "consul: {}"},
        {OK("1") BODY("3", "[{}"), WEFT_ETRUNC, "consul: [{}"},
        {OK("1") BODY("3", "[]x"), WEFT_ETRAILING, "consul: []x"},
        {OK("1") BODY("30", "[{\"Service\":{\"Port\":\"65536\"}}]"),
         WEFT_EPROTOCOL, "consul: [{"},
        {"HTTP/1.1 403 x\r\nContent-Length: 17\r\n\r\nPermission denied",
         WEFT_EHTTP, "consul: Permission denied"},
        {"nonsense\r\n", WEFT_EPROTOCOL, "`GET /v1/health/service/inbox"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct follower f;
        begin(&f, "inbox", SCRIPT("accept", "take", rows[i].answer));
        MUST(!weft_fiber_join(f.fiber));
        assert_non_null(strstr(f.consul.why, rows[i].why));
        assert_int_equal(f.told.n, 0);
        end(&f, rows[i].err);
    }
}

/* A server that is registered twice; nobody listens there. */
#define TWICE                                                              \
    "[{\"Service\":{\"Address\":\"127.0.0.1\",\"Port\":1}},{\"Service\":{" \
    "\"Addre"                                                              \
    "ss\":\"127.0.0.1\",\"Port\":1,\"Weights\":{\"Passing\":5}}}]"

/* A client finds its servers, and its end ends the query. */
static void
a_client_of_a_service(void **state)
{
    (void)state;
    struct script script;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    struct weft_client *client;
    char target[64];
    int64_t sum;
    script_open(&script, NULL,
                SCRIPT("accept", "take", OK("4") BODY("115", TWICE), "take",
                       "wait", "ends"));
    snprintf(target, sizeof target, "consul:%s/inbox", script.address);
    MUST(!weft_client_new(target, NULL, &client));
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ECONNECT);
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    assert_int_equal(views.len, 1);
    assert_string_equal(views.items[0].address.ptr, "127.0.0.1:1");
    assert_int_equal(views.items[0].weight, 5);
    weft_arena_fini(&arena);
    AWAIT(wf_load(&script.waits, acquire) == 1); /* the client has asked on */
    weft_client_free(client);
    script_go(&script);
    script_close(&script);
}

static void
a_service_has_tags(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_registry_list list = {0};
    (void)state;
    MUST(!wf_consul_read(
        WEFT_STR("[{\"Service\":{\"Address\":\"a\",\"Port\":1,\"Tags\":"
                 "[\"v2\",\"2/8\",\"1/4\"]}},{\"Service\":{\"Tags\":null,"
                 "\"Address\":\"b\",\"Port\":1}}]"),
        &arena, &list));
    assert_int_equal(list.len, 2);
    assert_string_equal(list.items[0].tag, "2/8 1/4");
    assert_null(list.items[1].tag);
    weft_arena_fini(&arena);
}

static void
targets_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"consul:",          "consul:h:1",
                                      "consul:h/s",       "consul:/s",
                                      "consul:h:1/",      "consul:h:1/?a=b",
                                      "consul:h:1/a b",   "consul:h:1/a/b",
                                      "consul:h:1/s?a b", "consul:h:1/s?a#b"};
    struct weft_client *client;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(weft_client_new(bad[i], NULL, &client), WEFT_EADDRESS);
        assert_null(client);
    }
    MUST(!weft_client_new("consul:h:1/a-b_c.d?tag=x&dc=y", NULL, &client));
    weft_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_by_their_index),
        cmocka_unit_test(values_by_their_index),
        cmocka_unit_test(an_index_of_zero),
        cmocka_unit_test(answers_that_are_garbage),
        cmocka_unit_test(a_client_of_a_service),
        cmocka_unit_test(a_service_has_tags),
        cmocka_unit_test(targets_that_are_none),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
