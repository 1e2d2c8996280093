/* SPDX-License-Identifier: MIT */
/* Headers that HTTP owns: no user may set them in a call or a reply, and weft
 * leaves out those that a handler passes on (row 19 of docs/threats.md). */
#include "rpc_test.h"

#include "dialects.h"

#include <unistd.h>

static struct house house, other;
static struct weft_arena arena;

static const char *const owned[] = {
    "Content-Length",
    "content-length",
    "Transfer-Encoding",
    "HOST",
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Upgrade",
    "Expect",
    "Content-Type",
    "accept",
    "HTTP2-Settings",
};
#define N_OWNED (sizeof owned / sizeof *owned)

static const char *const free_names[] = {"Content", "Host-Name", "T", "Trace"};
#define N_FREE (sizeof free_names / sizeof *free_names)

static const struct weft_client_options http = {.dialect.framing = WEFT_HTTP};

/* ---- the gateway ---- */

/* Pass all headers of the caller on, and one more. */
static weft_err
forward(struct weft_call *call, const struct trial_seen_next_args *args,
        struct trial_seen_next_result *result)
{
    const struct weft_headers *came = weft_call_headers(call);
    struct weft_arena *a = weft_call_arena(call);
    struct trial_seen_args none = {0};
    struct trial_seen_result seen;
    struct weft_headers all = {0};
    struct weft_call_options options = {.headers = &all};
    (void)args;
    all.items = weft_arena_alloc(a, (came->len + 1) * sizeof *all.items);
    MUST(all.items);
    for (uint32_t i = 0; i < came->len; i++)
        all.items[all.len++] = came->items[i];
    all.items[all.len++] =
        (struct weft_header){WEFT_STR("own"), WEFT_STR("yes")};
    weft_err err = trial_Trial_seen(other.client, a, &none, &seen, &options);
    if (!err)
        result->success = seen.success;
    return err;
}

static int
open_houses(void **state)
{
    static struct trial_Trial_service table;
    (void)state;
    table = trial_table;
    table.seen_next = forward;
    house_open_with(&house, &table, NULL);
    house_open(&other, NULL, NULL, &http);
    weft_arena_init(&arena, (size_t)64 << 20);
    return 0;
}

static int
close_houses(void **state)
{
    (void)state;
    must_work(&house);
    house_close(&house);
    house_close(&other);
    weft_arena_fini(&arena);
    return 0;
}

static struct weft_client *
speaker_of(struct weft_dialect d)
{
    struct weft_client_options options = {.dialect = d};
    struct weft_client *client;
    MUST(!weft_client_new(house.address, &options, &client));
    return client;
}

static struct weft_str
found(const struct trial_map_str_str *map, const char *key)
{
    for (uint32_t i = 0; i < map->len; i++)
        if (weft_str_eq(map->items[i].key, weft_str_of(key)))
            return map->items[i].value;
    return (struct weft_str){NULL, 0};
}

/* ---- what a user sends ---- */

/* A call of `gate` is in flight on the same connection, and succeeds. */
static void
a_call_with_one_fails_alone(void **state)
{
    (void)state;
    struct weft_client *client = speaker_of(http.dialect);
    struct weft_client_stats stats;
    struct caller a = {.client = client, .number = 7};
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    for (size_t i = 0; i < N_OWNED; i++) {
        struct trial_add_args args = {.a = 2, .b = 3};
        struct trial_add_result result;
        struct weft_header h = {weft_str_of(owned[i]), WEFT_STR("5")};
        struct weft_headers headers = {&h, 1, 0};
        struct weft_call_info info;
        struct weft_call_options call = {.headers = &headers, .info = &info};
        char text[200];
        assert_int_equal(trial_Trial_add(client, &arena, &args, &result, &call),
                         WEFT_EHEADER);
        assert_int_equal(info.reach, WEFT_CALL_NOT_SENT);
        snprintf(text, sizeof text,
                 "%s: the call was not sent: only HTTP itself may write the "
                 "header `%s`",
                 house.address, owned[i]);
        assert_string_equal(info.text.ptr, text);
    }
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    weft_client_get_stats(client, &stats);
    assert_int_equal(stats.connects, 1);
    assert_int_equal(stats.broken, 0);
    weft_client_free(client);
}

static void
the_text_names_other_headers(void **state)
{
    (void)state;
    static const struct weft_dialect framed = {WEFT_FRAMED, WEFT_BINARY, false,
                                               WEFT_ALONE};
    const struct weft_dialect *const all[] = {&http.dialect, &framed};
    for (size_t i = 0; i < 2; i++) {
        struct weft_client *client = speaker_of(*all[i]);
        struct trial_add_args args = {.a = 2, .b = 3};
        struct trial_add_result result;
        struct weft_header h = {WEFT_STR("a\nb"), WEFT_STR("5")};
        struct weft_headers headers = {&h, 1, 0};
        struct weft_call_info info;
        struct weft_call_options call = {.headers = &headers, .info = &info};
        char text[200];
        assert_int_equal(trial_Trial_add(client, &arena, &args, &result, &call),
                         WEFT_EHEADER);
        snprintf(text, sizeof text,
                 "%s: the call was not sent: the dialect cannot carry the "
                 "header `a\\x0ab`",
                 house.address);
        assert_string_equal(info.text.ptr, text);
        weft_client_free(client);
    }
}

static weft_err
tell(struct weft_client *client, const char *key, struct weft_call_info *info)
{
    struct weft_call_options options = {.info = info};
    struct trial_tell_args args = {.key = weft_str_of(key),
                                   .value = WEFT_STR("5")};
    struct trial_tell_result result;
    return trial_Trial_tell(client, &arena, &args, &result, &options);
}

static void
a_reply_with_one_is_refused(void **state)
{
    (void)state;
    struct weft_client *client = speaker_of(http.dialect);
    struct weft_client_stats stats;
    struct weft_call_info info;
    for (size_t i = 0; i < N_OWNED; i++)
        assert_int_equal(tell(client, owned[i], &info),
                         WEFT_EHEADER - WEFT_PEER);
    for (size_t i = 0; i < N_FREE; i++) {
        assert_int_equal(tell(client, free_names[i], &info), WEFT_OK);
        assert_int_equal(info.headers.len, 1);
    }
    weft_client_get_stats(client, &stats);
    assert_int_equal(stats.connects, 1);
    assert_int_equal(stats.broken, 0);
    weft_client_free(client);
}

/* Frames with headers of their own carry every name, in HTTP, too. */
static void
frames_carry_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        struct weft_header h = {WEFT_STR("Content-Length"), WEFT_STR("5")};
        struct weft_headers headers = {&h, 1, 0};
        struct weft_call_options options = {.headers = &headers};
        struct trial_seen_args none = {0};
        struct trial_seen_result seen;
        struct weft_call_info info;
        if (dialects[i].framing < WEFT_THEADER ||
            dialects[i].framing == WEFT_HTTP)
            continue;
        struct weft_client *client = speaker_of(dialects[i]);
        MUST(!trial_Trial_seen(client, &arena, &none, &seen, &options));
        assert_non_null(found(&seen.success, "Content-Length").ptr);
        assert_int_equal(tell(client, "Transfer-Encoding", &info), WEFT_OK);
        weft_client_free(client);
    }
}

/* ---- what a handler passes on ---- */

static void
a_gateway(void **state)
{
    (void)state;
    static const struct weft_dialect theader = {WEFT_THEADER, WEFT_BINARY,
                                                false, WEFT_ALONE};
    struct weft_header from_http[] = {{WEFT_STR("trace"), WEFT_STR("7")}};
    struct weft_header from_frame[N_OWNED + 1] = {
        {WEFT_STR("trace"), WEFT_STR("7")}};
    for (size_t i = 0; i < N_OWNED; i++)
        from_frame[i + 1] =
            (struct weft_header){weft_str_of(owned[i]), WEFT_STR("5")};
    struct {
        struct weft_dialect dialect;
        struct weft_headers headers;
    } rows[] = {{http.dialect, {from_http, 1, 0}},
                {theader, {from_frame, N_OWNED + 1, 0}}};
    for (size_t i = 0; i < 2; i++) {
        struct weft_client *client = speaker_of(rows[i].dialect);
        struct weft_call_options options = {.headers = &rows[i].headers};
        struct trial_seen_next_args none = {0};
        struct trial_seen_next_result seen;
        assert_int_equal(
            trial_Trial_seen_next(client, &arena, &none, &seen, &options),
            WEFT_OK);
        assert_true(weft_str_eq(found(&seen.success, "trace"), WEFT_STR("7")));
        assert_true(weft_str_eq(found(&seen.success, "own"), WEFT_STR("yes")));
        /* The host is that of the connection. */
        assert_true(weft_str_eq(found(&seen.success, "host"),
                                weft_str_of(other.address)));
        weft_client_free(client);
    }
}

/* Of the headers of HTTP a handler sees only the host. */
static void
what_a_handler_sees(void **state)
{
    (void)state;
    static const char body[] = "\x80\1\0\1\0\0\0\4seen\0\0\0\1";
    char request[1024], reply[2048];
    int fd = wire_dial(house_port(&house));
    int n = snprintf(request, sizeof request,
                     "POST / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nTE: b\r\n"
                     "Trailer: c\r\nProxy-Connection: keep-alive\r\n"
                     "Keep-Alive: d\r\nHTTP2-Settings: e\r\nX-Own: f\r\n"
                     "Connection: close\r\nContent-Length: %zu\r\n\r\n",
                     sizeof body);
    MUST(wire_send(fd, request, (size_t)n));
    MUST(wire_send(fd, body, sizeof body));
    size_t len = 0;
    while (len < sizeof reply && wire_recv(fd, reply + len, 1))
        len++;
    close(fd);
    const char *map = memmem(reply, len, "seen", 4);
    MUST(map);
    /* name, sequence id, field 0, types of the map, and its size */
    assert_int_equal(map[4 + 4 + 3 + 2 + 3], 3);
    assert_non_null(memmem(map, len - (size_t)(map - reply), "x-own", 5));
    assert_non_null(memmem(map, len - (size_t)(map - reply), "host", 4));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_houses, close_houses)
    const struct CMUnitTest tests[] = {
#if WF_HTTP
        TEST(a_call_with_one_fails_alone),
        TEST(the_text_names_other_headers),
        TEST(a_reply_with_one_is_refused),
        TEST(a_gateway),
        TEST(what_a_handler_sees),
#endif
        TEST(frames_carry_them),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
