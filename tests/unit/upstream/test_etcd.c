/* SPDX-License-Identifier: MIT */
/* Following a prefix of etcd, against a server that plays etcd. The answers
 * have the form of etcd 3.4. Row 112 of docs/threats.md. */
#include "unit/rpc/http_script.h"
#include "unit/upstream/told_lists.h"

#include "upstream/etcd.h"

#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})
#define OK "HTTP/1.1 200 OK\r\n"
#define SIZED(n, text) OK "Content-Length: " n "\r\n\r\n" text
#define WATCH OK "Transfer-Encoding: chunked\r\n\r\n"
#define CHUNK(n, text) n "\r\n" text "\r\n"
#define CREATED CHUNK("1c", "{\"result\":{\"created\":true}}\n")
#define EVENT CHUNK("1d", "{\"result\":{\"events\":[{\"a\":1}\n")
#define CANCELED CHUNK("1d", "{\"result\":{\"canceled\":true}}\n")

/* Revision 5: a server in JSON, an address, and three values that are
 * neither. */
#define LIST                                                                   \
    "{\"header\":{\"cluster_id\":\"1\",\"revision\":\"5\"},\"kvs\":[{\"key\":" \
    "\"L"                                                                      \
    "3MvYQ==\",\"create_revision\":\"2\",\"value\":\"eyJhZGRyZXNzIjoiMTAu"     \
    "MC4wLjE6OTAiLCJ4IjpbMSx7InkiOm51bGx9XSwid2VpZ2h0IjozfQ==\"},{"            \
    "\"key\":\"L3MvYg==\",\"create_revision\":\"2\",\"value\":\"MTAuMC4wLjI6"  \
    "OTA=\"},{\"key\":\"L3MvYw==\",\"create_revision\":\"2\",\"value\":\"e2dh" \
    "cmJhZ2U=\"},{\"key\":\"L3MvZA==\",\"create_revision\":\"2\",\"value\":\"" \
    "bm9uc2Vuc2U=\"},{\"key\":\"L3MvZQ==\",\"create_revision\":\"2\",\"valu"   \
    "e\":\"eyJhZGRyZXNzIjoiMTAuMC4wLjM6OTAifX0=\"}],\"count\":\"5\"}"
#define EMPTY \
    "{\"header\":{\"cluster_id\":\"1\",\"revision\":\"7\"},\"count\":\"0\"}"
#define LIST_ANSWER SIZED("476", LIST)
#define EMPTY_ANSWER SIZED("56", EMPTY)

struct follower {
    struct script script;
    struct wf_etcd etcd;
    weft_fiber fiber;
    weft_err err;
    struct told_lists told;
};

static void
follow(void *arg)
{
    struct follower *f = arg;
    f->err = wf_etcd_follow(&f->etcd);
}

static void
begin(struct follower *f, const char *const *steps)
{
    memset(f, 0, sizeof *f);
    script_open(&f->script, NULL, steps);
    f->etcd = (struct wf_etcd){.http = f->script.http,
                               .prefix = WEFT_STR_INIT("/s/"),
                               .on_list = note_list,
                               .user = &f->told,
                               .pause_ms = 1};
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(!weft_fiber_start(follow, f, &f->fiber));
}

static void
end(struct follower *f, weft_err err)
{
    weft_log_set_level(WEFT_LOG_WARN);
    assert_int_equal(f->err, err);
    script_close(&f->script);
}

/* A change comes, and the list is read again. The watch begins after the
 * revision of the list. */
static void
a_list_and_its_change(void **state)
{
    (void)state;
    static const char *const changes[] = {EVENT, CANCELED, "{}\r\n",
                                          "0\r\n\r\n"};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        bool ends = changes[i][0] == '0'; /* the watch alone ends */
        struct follower f;
        begin(&f,
              ends ? SCRIPT("accept", "take", LIST_ANSWER, "take",
                            WATCH CREATED, "wait", changes[i], "take",
                            EMPTY_ANSWER, "take", "wait", "ends")
                   : SCRIPT("accept", "take", LIST_ANSWER, "take",
                            WATCH CREATED, "wait", changes[i], "ends", "accept",
                            "take", EMPTY_ANSWER, "take", "wait", "ends"));
        AWAIT(wf_load(&f.told.n, acquire) == 1);
        script_go(&f.script);
        AWAIT(wf_load(&f.told.n, acquire) == 2);
        AWAIT(wf_load(&f.script.waits, acquire) == 2); /* it watches again */
        assert_string_equal(f.told.text, "10.0.0.1:90=3 10.0.0.2:90=1 ||");
        weft_fiber_cancel(f.fiber);
        MUST(!weft_fiber_join(f.fiber));
        script_go(&f.script);
        end(&f, WEFT_ECANCEL);
        assert_non_null(strstr(f.script.asked, "POST /v3/kv/range HTTP/1.1"));
        assert_non_null(strstr(f.script.asked,
                               "{\"key\":\"L3Mv\",\"range_end\":\"L3Mw\"}"));
        assert_non_null(
            strstr(f.script.asked,
                   "{\"create_request\":{\"key\":\"L3Mv\",\"range_end\":"
                   "\"L3Mw\",\"start_revision\":\"6\"}}"));
    }
}

/* Without a change, the list is read again after a while. */
static void
a_list_is_refreshed(void **state)
{
    (void)state;
    struct follower f;
    memset(&f, 0, sizeof f);
    script_open(&f.script, NULL,
                SCRIPT("accept", "take", LIST_ANSWER, "take", "~" WATCH CREATED,
                       "ends", "accept", "take",
                       "HTTP/1.1 503 x\r\nContent-Length: 4\r\n\r\nbusy",
                       "ends"));
    f.etcd = (struct wf_etcd){.http = f.script.http,
                              .prefix = WEFT_STR_INIT("/s/"),
                              .on_list = note_list,
                              .user = &f.told,
                              .refresh_ms = 50};
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(!weft_fiber_start(follow, &f, &f.fiber));
    MUST(!weft_fiber_join(f.fiber));
    assert_string_equal(f.etcd.why, "etcd: busy");
    weft_http_free(f.script.http);
    f.script.http = NULL;
    end(&f, WEFT_EHTTP);
}

/* An answer that is not etcd's is an error, and no list. */
static void
answers_that_are_garbage(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        weft_err err;
        const char *why;
    } rows[] = {
        {SIZED("2", "{}"), WEFT_EPROTOCOL, "etcd: {}"},
        {SIZED("4", "oops"), WEFT_EPROTOCOL, "etcd: oops"},
        {SIZED("9", "{\"kvs\":[{"), WEFT_ETRUNC, "etcd: {"},
        {SIZED("26", "{\"header\":{\"revision\":1}}x"), WEFT_ETRAILING, "etcd"},
        {"HTTP/1.1 404 x\r\nContent-Length: 4\r\n\r\ngone", WEFT_EHTTP,
         "etcd: gone"},
        {"nonsense\r\n", WEFT_EPROTOCOL, "`POST /v3/kv/range`"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct follower f;
        begin(&f, SCRIPT("accept", "take", rows[i].answer));
        MUST(!weft_fiber_join(f.fiber));
        assert_non_null(strstr(f.etcd.why, rows[i].why));
        assert_int_equal(f.told.n, 0);
        end(&f, rows[i].err);
    }
}

/* The same server below two keys, as after a restart: 127.0.0.1:1. */
#define TWICE                                                \
    "{\"header\":{\"revision\":\"5\"},\"kvs\":[{\"key\":"    \
    "\"L3MvYQ==\",\"value\":\"MTI3LjAuMC4xOjE=\"},{\"key\":" \
    "\"L3MvYg==\",\"value\":\"MTI3LjAuMC4xOjE=\"}]}"

/* A client finds its servers. Nobody listens there. */
static void
a_client_of_a_prefix(void **state)
{
    (void)state;
    struct script script;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    struct weft_client *client;
    char target[64];
    int64_t sum;
    script_open(
        &script, NULL,
        SCRIPT("accept", "take", SIZED("127", TWICE), "take", "wait", "ends"));
    snprintf(target, sizeof target, "etcd:%s/s", script.address);
    MUST(!weft_client_new(target, NULL, &client));
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ECONNECT);
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    assert_int_equal(views.len, 1);
    assert_string_equal(views.items[0].address.ptr, "127.0.0.1:1");
    weft_arena_fini(&arena);
    AWAIT(wf_load(&script.waits, acquire) == 1); /* the client watches */
    weft_client_free(client);
    script_go(&script);
    script_close(&script);
    assert_non_null(strstr(script.asked, "{\"key\":\"L3Mv\","));
}

static void
targets_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"etcd:", "etcd:h:1", "etcd:h/s",
                                      "etcd:/s"};
    struct weft_client *client;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(weft_client_new(bad[i], NULL, &client), WEFT_EADDRESS);
        assert_null(client);
    }
}

/* A value that is JSON may name the zone of its server. */
static void
a_value_may_name_a_zone(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_registry_list list = {0};
    uint64_t revision;
    (void)state;
    MUST(!wf_etcd_read(
        WEFT_STR("{\"header\":{\"revision\":\"5\"},\"kvs\":["
                 "{\"key\":\"YQ==\",\"value\":"
                 "\"eyJ6b25lIjoicmFjayA3IiwiYWRkcm"
                 "VzcyI6IjEwLjAuMC4xOjkwIn0=\"},"
                 "{\"key\":\"Yg==\",\"value\":\"MTAuMC4wLjI6OTA=\"}]}"),
        &arena, &list, &revision));
    assert_int_equal(list.len, 2);
    assert_string_equal(list.items[0].address, "10.0.0.1:90");
    assert_string_equal(list.items[0].zone, "rack 7");
    assert_int_equal(list.items[0].weight, 1);
    assert_true(!list.items[1].zone || !*list.items[1].zone);
    weft_arena_fini(&arena);
}

/* Those that name partitions are kept. */
static void
a_value_may_have_tags(void **state)
{
    static const struct {
        const char *text, *tag;
    } rows[] = {
        {"{\"address\":\"h:1\",\"tags\":[\"2/8\"]}", "2/8"},
        {"{\"tags\":[\"v1\",\"2/8\",\"9/8\",\"1/4\"],\"address\":\"h:1\"}",
         "2/8 1/4"},
        {"{\"address\":\"h:1\",\"tags\":[\"0/2 1/2\"]}", NULL},
        {"{\"address\":\"h:1\",\"tags\":[]}", NULL},
        {"{\"address\":\"h:1\",\"tags\":null}", NULL},
        {"{\"address\":\"h:1\",\"tags\":{\"0/2\":1}}", NULL},
        {"{\"address\":\"h:1\",\"tags\":\"0/2\"}", NULL},
        {"{\"address\":\"h:1\",\"tags\":[\"0/2\",7]}", NULL},
        {"{\"address\":\"h:1\",\"tags\":[\"0/2\\u0000\"]}", NULL},
        {"h:1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_endpoint endpoint;
        MUST(!wf_registry_read_value(weft_str_of(rows[i].text), &arena,
                                     &endpoint));
        assert_string_equal(endpoint.address, "h:1");
        if (rows[i].tag)
            assert_string_equal(endpoint.tag, rows[i].tag);
        else
            assert_null(endpoint.tag);
        weft_arena_fini(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_and_its_change),
        cmocka_unit_test(a_list_is_refreshed),
        cmocka_unit_test(answers_that_are_garbage),
        cmocka_unit_test(a_client_of_a_prefix),
        cmocka_unit_test(targets_that_are_none),
        cmocka_unit_test(a_value_may_name_a_zone),
        cmocka_unit_test(a_value_may_have_tags),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
