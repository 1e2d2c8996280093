/* SPDX-License-Identifier: MIT */
/* One port serves every dialect, with its headers. */
#include "rpc_test.h"

#include "dialects.h"

#include <unistd.h>

#define CALLERS 12

static struct house house, other;
static struct weft_arena arena;

static bool
has_headers(struct weft_dialect d)
{
    return d.framing >= WEFT_THEADER;
}

static int
open_house(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    weft_arena_init(&arena, (size_t)256 << 20);
    return 0;
}

static int
close_house(void **state)
{
    (void)state;
    must_work(&house);
    house_close(&house);
    weft_arena_fini(&arena);
    return 0;
}

static struct weft_client *
client_of(const struct weft_client_options *options)
{
    struct weft_client *client;
    MUST(!weft_client_new(house.address, options, &client));
    return client;
}

static struct weft_client *
speaker_of(struct weft_dialect d)
{
    struct weft_client_options options = {.dialect = d};
    return client_of(&options);
}

/* ---- the calls ---- */

static void
echo(struct weft_client *client, uint32_t size)
{
    struct trial_echo_args args;
    struct trial_echo_result result;
    char *text = weft_arena_alloc(&arena, size + 1);
    MUST(text);
    for (uint32_t i = 0; i < size; i++)
        text[i] = (char)(1 + i * 7 % 126);
    trial_echo_args_init(&args);
    args.item.number = INT64_MIN;
    args.item.text = (struct weft_str){text, size};
    args.item.data = (struct weft_str){"\0\xff\x80", 3};
    MUST(!trial_Trial_echo(client, &arena, &args, &result, NULL));
    assert_true(result.success.number == INT64_MIN);
    assert_true(weft_str_eq(result.success.text, args.item.text));
    assert_true(weft_str_eq(result.success.data, args.item.data));
}

static void
fails(struct weft_client *client)
{
    struct trial_refuse_args refuse = {.code = -5};
    struct trial_refuse_result refused;
    MUST(trial_Trial_refuse(client, &arena, &refuse, &refused, NULL) ==
         WEFT_ETHROWN);
    assert_int_equal(refused.refused.code, -5);
    struct trial_absent_args none = {0};
    struct trial_absent_result nothing;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    MUST(trial_Trial_absent(client, &arena, &none, &nothing, &options) ==
         WEFT_ENOMETHOD - WEFT_PEER);
    assert_int_equal(info.app_type, 1);
    struct trial_fail_args fail = {.err = WEFT_EHANDLER,
                                   .why = WEFT_STR("no way")};
    struct trial_fail_result failed;
    MUST(trial_Trial_fail(client, &arena, &fail, &failed, &options));
    assert_true(weft_str_eq(info.text, WEFT_STR("no way")));
}

static void
oneway(struct weft_client *client)
{
    struct trial_note_args note = {.number = 1};
    uint64_t before = wf_load(&house.trial.noted, acquire);
    for (int i = 0; i < 10; i++)
        MUST(!trial_Trial_note(client, &arena, &note, NULL));
    AWAIT(wf_load(&house.trial.noted, acquire) == before + 10);
}

static void
many(struct weft_client *client)
{
    struct caller callers[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.client = client, .number = 100 + i};
        caller_start(&callers[i]);
    }
    weft_sem_give(&house.trial.gate, CALLERS);
    for (int i = 0; i < CALLERS; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_OK);
        assert_int_equal(callers[i].result, 100 + i);
    }
}

static struct weft_str
found(const struct trial_map_str_str *map, const char *key)
{
    for (uint32_t i = map->len; i > 0; i--)
        if (weft_str_eq(map->items[i - 1].key, weft_str_of(key)))
            return map->items[i - 1].value;
    return (struct weft_str){NULL, 0};
}

static struct weft_str
seen(struct weft_client *client, const struct weft_call_options *options,
     const char *key)
{
    struct trial_seen_args none = {0};
    struct trial_seen_result result;
    MUST(!trial_Trial_seen(client, &arena, &none, &result, options));
    return found(&result.success, key);
}

#define SAME(str, text) assert_true(weft_str_eq((str), weft_str_of(text)))

/* ---- tests ---- */

static void
each_by_itself(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 5000, 70000, 1 << 20};
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = speaker_of(dialects[i]);
        int64_t sum;
        MUST(!call_add(client, 2, 3, &sum));
        assert_int_equal(sum, 5);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
            echo(client, sizes[k]);
        fails(client);
        oneway(client);
        many(client);
        weft_client_free(client);
        weft_arena_reset(&arena);
    }
}

static void
all_at_once_on_one_port(void **state)
{
    (void)state;
    struct weft_client *clients[N_DIALECTS];
    struct caller callers[N_DIALECTS];
    for (size_t i = 0; i < N_DIALECTS; i++) {
        clients[i] = speaker_of(dialects[i]);
        callers[i] =
            (struct caller){.client = clients[i], .number = (int64_t)i};
        caller_start(&callers[i]);
    }
    weft_sem_give(&house.trial.gate, N_DIALECTS);
    for (size_t i = 0; i < N_DIALECTS; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_OK);
        assert_int_equal(callers[i].result, i);
        weft_client_free(clients[i]);
    }
}

/* Send text, maybe in a frame, and read a reply in JSON that ends with
 * `end`. */
static void
answered_in_json(const char *text, bool framed, const char *end)
{
    struct bytes b = {0};
    char reply[256];
    size_t n = 0, len = strlen(end);
    int fd = wire_dial(house_port(&house));
    size_t from = framed ? frame_begin(&b) : 0;
    put(&b, text, strlen(text));
    if (framed)
        frame_end(&b, from);
    for (size_t i = 0; i < b.len; i++) /* byte by byte */
        MUST(wire_send(fd, b.ptr + i, 1));
    while (n < len || memcmp(reply + n - len, end, len) != 0)
        MUST(n < sizeof reply && wire_recv(fd, reply + n++, 1));
    bytes_free(&b);
    close(fd);
}

static void
white_space_before_json(void **state)
{
    (void)state;
    static const char *const spaces[] = {"",     " ",        "\n",
                                         "\r\n", "\r\n\r\n", "\t \r\n  \n"};
    char text[128];
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        snprintf(text, sizeof text,
                 "%s[1,\"add\",1,7,{\"1\":{\"i64\":40},\"2\":{\"i64\":2}}]",
                 spaces[i]);
        answered_in_json(text, false, "[1,\"add\",2,7,{\"0\":{\"i64\":42}}]");
        answered_in_json(text, true, "[1,\"add\",2,7,{\"0\":{\"i64\":42}}]");
    }
}

static void
the_server_knows_which(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        char text[32];
        struct weft_dialect d = dialects[i];
        struct weft_client *client = speaker_of(d);
        snprintf(text, sizeof text, "%d %d %d", d.framing, d.protocol, d.zlib);
        SAME(seen(client, NULL, "dialect"), text);
        weft_client_free(client);
    }
}

static void
some_dialects_do_not_exist(void **state)
{
    (void)state;
    static const struct weft_dialect none[] = {
        {WEFT_HTTP + 1, WEFT_BINARY, false, WEFT_ALONE},
        {WEFT_FRAMED, WEFT_OLD_BINARY + 1, false, WEFT_ALONE},
        {WEFT_THEADER, WEFT_BINARY, false, WEFT_IN_HTTP + 1},
        {WEFT_FRAMED, WEFT_BINARY, false, WEFT_IN_ZLIB},
        {WEFT_HTTP, WEFT_BINARY, false, WEFT_IN_HTTP},
        {WEFT_TTHEADER, WEFT_BINARY, true, WEFT_ALONE},
        {WEFT_HTTP, WEFT_BINARY, true, WEFT_ALONE},
        {WEFT_TTHEADER, WEFT_JSON, false, WEFT_ALONE},
    };
    for (size_t i = 0; i < N_DIALECTS; i++)
        assert_true(weft_dialect_exists(&dialects[i]));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct weft_client_options options = {.dialect = none[i]};
        struct weft_client *client;
        assert_false(weft_dialect_exists(&none[i]));
        assert_int_equal(weft_client_new(house.address, &options, &client),
                         -EINVAL);
    }
}

static void
headers_there_and_back(void **state)
{
    (void)state;
    struct weft_header own[] = {{WEFT_STR("trace"), WEFT_STR("a b")},
                                {WEFT_STR("empty"), WEFT_STR("")}};
    struct weft_headers headers = {own, 2, 0};
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = speaker_of(dialects[i]);
        struct weft_call_info info;
        struct weft_call_options options = {.headers = &headers, .info = &info};
        struct trial_tell_args tell = {.key = WEFT_STR("answer"),
                                       .value = WEFT_STR("42")};
        struct trial_tell_result told;
        weft_err err = trial_Trial_tell(client, &arena, &tell, &told, &options);
        if (!has_headers(dialects[i])) {
            assert_int_equal(err, WEFT_EHEADER);
            options.headers = NULL; /* the reply cannot have headers, either */
            err = trial_Trial_tell(client, &arena, &tell, &told, &options);
            assert_int_equal(err, WEFT_EHEADER - WEFT_PEER);
        } else {
            assert_int_equal(err, WEFT_OK);
            bool is_there = false;
            for (uint32_t k = 0; k < info.headers.len; k++)
                is_there |=
                    weft_str_eq(info.headers.items[k].key,
                                WEFT_STR("answer")) &&
                    weft_str_eq(info.headers.items[k].value, WEFT_STR("42"));
            assert_true(is_there);
            SAME(seen(client, &options, "trace"), "a b");
            SAME(seen(client, &options, "empty"), "");
            /* Headers belong to one call, not to the connection. */
            assert_null(seen(client, NULL, "trace").ptr);
        }
        weft_client_free(client);
    }
}

static void
headers_that_cannot_be(void **state)
{
    (void)state;
    struct weft_header bad = {WEFT_STR(""), WEFT_STR("x")};
    struct weft_headers headers = {&bad, 1, 0};
    struct weft_call_options options = {.headers = &headers};
    struct trial_seen_args none = {0};
    struct trial_seen_result result;
    char *large = weft_arena_zalloc(&arena, 70000);
    static const char *const of_http[] = {"a b", "a:b", "a\r\nb", "\xc3\xa4"};
    for (size_t i = 0; i < N_DIALECTS; i++) {
        if (!has_headers(dialects[i]))
            continue;
        struct weft_client *client = speaker_of(dialects[i]);
        bad = (struct weft_header){WEFT_STR(""), WEFT_STR("x")};
        MUST(trial_Trial_seen(client, &arena, &none, &result, &options) ==
             WEFT_EHEADER);
        bad = (struct weft_header){WEFT_STR("large"), {large, 70000}};
        MUST(trial_Trial_seen(client, &arena, &none, &result, &options) ==
             WEFT_EHEADER);
        for (size_t k = 0; dialects[i].framing == WEFT_HTTP && k < 4; k++) {
            bad.key = weft_str_of(of_http[k]);
            bad.value = WEFT_STR("x");
            MUST(trial_Trial_seen(client, &arena, &none, &result, &options) ==
                 WEFT_EHEADER);
        }
        assert_int_equal(trial_Trial_seen(client, &arena, &none, &result, NULL),
                         WEFT_OK);
        weft_client_free(client);
    }
}

static void
what_goes_one_hop_or_all_the_way(void **state)
{
    (void)state;
    struct weft_header own[] = {
        {WEFT_STR(WEFT_PERSIST "user"), WEFT_STR("ada")},
        {WEFT_STR(WEFT_TRANSIT "shard"), WEFT_STR("7")},
    };
    struct weft_headers headers = {own, 2, 0};
    struct weft_call_options options = {.headers = &headers};
    for (size_t i = 0; i < N_DIALECTS; i++) {
        if (!has_headers(dialects[i]))
            continue;
        struct weft_client_options to_other = {.dialect = dialects[i]};
        house_open(&other, NULL, NULL, &to_other);
        house.trial.next = other.client;
        struct weft_client *client = speaker_of(dialects[i]);
        SAME(seen(client, &options, WEFT_PERSIST "user"), "ada");
        SAME(seen(client, &options, WEFT_UPSTREAM "shard"), "7");
        struct trial_seen_next_args none = {0};
        struct trial_seen_next_result result;
        MUST(!trial_Trial_seen_next(client, &arena, &none, &result, &options));
        SAME(found(&result.success, WEFT_PERSIST "user"), "ada");
        assert_null(found(&result.success, WEFT_UPSTREAM "shard").ptr);
        assert_null(found(&result.success, WEFT_TRANSIT "shard").ptr);
        weft_client_free(client);
        house_close(&other);
    }
}

static void
a_deadline_travels(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = speaker_of(dialects[i]);
        struct weft_call_options options = {.deadline_ns = weft_after_ms(9000)};
        struct trial_left_args none = {0};
        struct trial_left_result left;
        MUST(!trial_Trial_left(client, &arena, &none, &left, &options));
        if (has_headers(dialects[i]))
            assert_in_range(left.success, 1, 9001);
        else
            assert_int_equal(left.success, -1);
        weft_client_free(client);
    }
}

static void
a_business_status(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = speaker_of(dialects[i]);
        struct weft_call_info info;
        struct weft_call_options options = {.info = &info};
        struct trial_business_args args = {.status = -404,
                                           .why = WEFT_STR("not here")};
        struct trial_business_result result;
        weft_err err =
            trial_Trial_business(client, &arena, &args, &result, &options);
        bool has = has_headers(dialects[i]);
        assert_int_equal(err,
                         (has ? WEFT_EBUSINESS : WEFT_EHANDLER) - WEFT_PEER);
        SAME(info.text, "not here");
        assert_int_equal(info.business, has ? -404 : 0);
        bool empty = dialects[i].framing == WEFT_TTHEADER ||
                     dialects[i].framing == WEFT_TTHEADER_FRAMED;
        assert_int_equal(info.app_type, empty ? -1 : 6);
        weft_client_free(client);
    }
}

/* In no dialect does the text of a failure or of a business status let a client
 * repeat the call. */
static void
a_text_that_names_an_error_to_repeat(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = speaker_of(dialects[i]);
        struct weft_call_info info;
        struct weft_call_options options = {.info = &info};
        struct weft_str why = WEFT_STR("WEFT_EOVERLOAD: busy");
        struct trial_business_args args = {.status = 7, .why = why};
        struct trial_business_result result;
        struct trial_fail_args fail = {.err = WEFT_EHANDLER, .why = why};
        struct trial_fail_result failed;
        bool has = has_headers(dialects[i]);
        assert_int_equal(
            trial_Trial_business(client, &arena, &args, &result, &options),
            WEFT_EBUSINESS - WEFT_PEER);
        assert_int_equal(info.business, has ? 7 : 0);
        if (has)
            SAME(info.text, "WEFT_EOVERLOAD: busy");
        else
            SAME(info.text, "WEFT_EBUSINESS: WEFT_EOVERLOAD: busy");
        assert_int_equal(
            trial_Trial_fail(client, &arena, &fail, &failed, &options),
            WEFT_EHANDLER - WEFT_PEER);
        SAME(info.text, "WEFT_EHANDLER: WEFT_EOVERLOAD: busy");
        weft_client_free(client);
    }
}

static weft_err
fail_with_headers(struct weft_call *call, const struct trial_fail_args *args,
                  struct trial_fail_result *result)
{
    static const char *const keys[] = {"k0", "k1", "k2"};
    static char value[30000];
    (void)args;
    (void)result;
    memset(value, 'v', sizeof value);
    for (unsigned i = 0; i < 3; i++) {
        weft_err err = weft_call_set_header(
            call, weft_str_of(keys[i]), (struct weft_str){value, sizeof value});
        if (err)
            break; /* the dialect has no headers */
    }
    return weft_call_fail(call, WEFT_EHANDLER, "why");
}

/* Some headers cannot be sent back: they are too long, or have bytes that HTTP
 * forbids. The exception and its text are sent back all the same. */
static void
a_failure_without_its_headers(void **state)
{
    struct house strict;
    struct trial_Trial_service table = trial_table;
    (void)state;
    table.fail = fail_with_headers;
    house_open_with(&strict, &table, NULL);
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client_options plain = {.dialect = dialects[i]};
        struct weft_client *client, *usual = speaker_of(dialects[i]);
        struct weft_call_info info;
        struct weft_call_options options = {.info = &info};
        struct trial_business_args args = {.status = 7,
                                           .why = WEFT_STR("two\r\nlines")};
        struct trial_business_result result;
        struct trial_fail_args fail = {.err = WEFT_EHANDLER};
        struct trial_fail_result failed;
        int64_t sum;
        assert_true(weft_err_is_peer(
            trial_Trial_business(usual, &arena, &args, &result, &options)));
        SAME(info.text, "two\r\nlines");
        MUST(!weft_client_new(strict.address, &plain, &client));
        for (int k = 0; k < 2; k++) {
            assert_int_equal(
                trial_Trial_fail(client, &arena, &fail, &failed, &options),
                WEFT_EHANDLER - WEFT_PEER);
            SAME(info.text, "why");
            MUST(!call_add(client, 2, 3, &sum));
            assert_int_equal(sum, 5);
        }
        weft_client_free(client);
        weft_client_free(usual);
    }
    house_close(&strict);
}

/* The handler sets headers of one size until one does not fit; `n` counts those
 * that fit. `first` is the error of the one that does not fit, `second` that of
 * one more try. `turn` orders the caller and the handler for TSan, which does
 * not know that a socket orders them. */
static struct {
    uint32_t key_len, value_len, n;
    weft_err first, second;
    _Atomic uint32_t turn;
} filled;

static weft_err
fill_with_headers(struct weft_call *call, const struct trial_fail_args *args,
                  struct trial_fail_result *result)
{
    static char text[70000];
    (void)args;
    (void)result;
    (void)wf_load(&filled.turn, acquire);
    memset(text, 'v', sizeof text);
    struct weft_str key = {text, filled.key_len},
                    value = {text, filled.value_len};
    weft_err err = WEFT_OK;
    for (filled.n = 0; !err; filled.n += !err)
        err = weft_call_set_header(call, key, value);
    filled.first = err;
    filled.second = weft_call_set_header(call, key, value);
    wf_add(&filled.turn, 1, release);
    return WEFT_OK;
}

/* A header that does not fit is refused when it is set. The reply is sent with
 * all others. */
static void
a_reply_full_of_headers(void **state)
{
    (void)state;
    static const struct {
        uint32_t key_len, value_len;
    } sizes[] = {{1, 30000}, {200, 200}, {1, 1}, {1000, 0}, {1, 65000}};
    struct house full;
    struct trial_Trial_service table = trial_table;
    table.fail = fill_with_headers;
    house_open_with(&full, &table, NULL);
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client_options plain = {.dialect = dialects[i]};
        struct weft_client *client;
        MUST(!weft_client_new(full.address, &plain, &client));
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            struct weft_call_info info;
            struct weft_call_options options = {.info = &info};
            struct trial_fail_args args = {.err = WEFT_OK};
            struct trial_fail_result result;
            filled.key_len = sizes[k].key_len;
            filled.value_len = sizes[k].value_len;
            wf_add(&filled.turn, 1, release);
            weft_err err =
                trial_Trial_fail(client, &arena, &args, &result, &options);
            assert_int_equal(err, WEFT_OK);
            assert_int_equal(wf_load(&filled.turn, acquire) % 2, 0);
            assert_int_equal(filled.first, WEFT_EHEADER);
            assert_int_equal(filled.second, WEFT_EHEADER);
            uint32_t each = filled.key_len + filled.value_len;
            uint32_t most = WEFT_HEADER_SIZE / each;
            if (!has_headers(dialects[i]))
                most = 0;
            else if (dialects[i].framing == WEFT_HTTP && most > 248)
                most = 248;
            assert_true(filled.n <= most);
            assert_true(filled.n + 64 / each + 1 >=
                            WEFT_HEADER_SIZE / (each + 4) ||
                        filled.n == most);
            assert_true(info.headers.len >= filled.n);
        }
        weft_client_free(client);
    }
    house_close(&full);
}

/* The text of the call's info names the header that does not fit. */
static void
a_request_full_of_headers(void **state)
{
    (void)state;
    static char value[20000];
    memset(value, 'v', sizeof value);
    struct weft_header items[] = {{WEFT_STR("one"), {value, sizeof value}},
                                  {WEFT_STR("two"), {value, sizeof value}},
                                  {WEFT_STR("three"), {value, sizeof value}},
                                  {WEFT_STR("four"), {value, sizeof value}},
                                  {WEFT_STR("five"), WEFT_STR("v")}};
    struct weft_headers headers = {items, 5, 0};
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = speaker_of(dialects[i]);
        struct weft_call_info info;
        struct weft_call_options options = {.headers = &headers, .info = &info};
        struct trial_seen_args none = {0};
        struct trial_seen_result result;
        const char *why = has_headers(dialects[i])
                              ? "with the others there is no room for the "
                                "header `four`"
                              : "the dialect cannot carry the header `one`";
        assert_int_equal(
            trial_Trial_seen(client, &arena, &none, &result, &options),
            WEFT_EHEADER);
        info.text = weft_arena_str(&arena, info.text.ptr, info.text.len);
        assert_non_null(strstr(info.text.ptr, why));
        weft_client_free(client);
    }
}

/* In TTHeader the checksum belongs to the frame, so users cannot set it as a
 * header. */
static void
a_checksum_is_no_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = speaker_of(dialects[i]);
        struct trial_tell_args tell = {.key = WEFT_STR("crc32c"),
                                       .value = WEFT_STR("01234567")};
        struct trial_tell_result told;
        bool is_free = has_headers(dialects[i]) &&
                       dialects[i].framing != WEFT_TTHEADER &&
                       dialects[i].framing != WEFT_TTHEADER_FRAMED;
        assert_int_equal(trial_Trial_tell(client, &arena, &tell, &told, NULL),
                         is_free ? WEFT_OK : WEFT_EHEADER - WEFT_PEER);
        weft_client_free(client);
    }
}

/* If the headers of a call are too large for HTTP, only this call fails, not
 * others on the connection. */
static void
headers_without_room(void **state)
{
    (void)state;
    enum { MANY = 300 };
    static char value[65400];
    static struct weft_header items[MANY];
    struct weft_client *client =
        speaker_of((struct weft_dialect){.framing = WEFT_HTTP});
    struct caller a = {.client = client};
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    memset(value, 'v', sizeof value);
    for (size_t i = 0; i < MANY; i++)
        items[i] = (struct weft_header){WEFT_STR("k"), WEFT_STR("v")};
    struct weft_headers many = {items, MANY, 0};
    struct weft_header large = {WEFT_STR("x"), {value, sizeof value}};
    struct weft_headers one = {&large, 1, 0};
    struct weft_header line = {WEFT_STR("x"), WEFT_STR("a\r\nb: c")};
    struct weft_headers bad = {&line, 1, 0};
    const struct weft_headers *const all[] = {&many, &one, &bad};
    for (size_t i = 0; i < 3; i++) {
        struct trial_add_args args = {.a = 2, .b = 3};
        struct trial_add_result result;
        struct weft_call_options call = {.headers = all[i]};
        assert_int_equal(trial_Trial_add(client, &arena, &args, &result, &call),
                         WEFT_EHEADER);
    }
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    weft_client_free(client);
}

static void
names_of_services(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        static const struct {
            const char *service;
            int64_t sum;
        } rows[] = {{NULL, 5}, {"Trial", 5}, {"Extra", -1}};
        struct weft_client_options options = {.dialect = dialects[i]};
        int64_t sum;
        for (size_t k = 0; k < 3; k++) {
            options.service = rows[k].service;
            struct weft_client *client = client_of(&options);
            MUST(!call_add(client, 2, 3, &sum));
            assert_int_equal(sum, rows[k].sum);
            weft_client_free(client);
        }
        /* Calls on one connection name different services; the client's service
         * is the default. */
        options.service = "Extra";
        struct weft_client *shared = client_of(&options);
        for (size_t k = 0; k < 3; k++) {
            struct trial_add_args args = {.a = 2, .b = 3};
            struct trial_add_result result;
            struct weft_call_options call = {.service = rows[k].service};
            MUST(!trial_Trial_add(shared, &arena, &args, &result, &call));
            assert_int_equal(result.success, k == 0 ? -1 : rows[k].sum);
        }
        weft_client_free(shared);
        options.service = "Nobody";
        struct weft_client *client = client_of(&options);
        assert_int_equal(call_add(client, 2, 3, &sum),
                         WEFT_ENOSERVICE - WEFT_PEER);
        assert_int_equal(
            call_add(client, 2, 3, &sum), /* the connection stays open */
            WEFT_ENOSERVICE - WEFT_PEER);
        weft_client_free(client);
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(each_by_itself),
        TEST(all_at_once_on_one_port),
        TEST(white_space_before_json),
        TEST(the_server_knows_which),
        TEST(some_dialects_do_not_exist),
        TEST(headers_there_and_back),
        TEST(headers_that_cannot_be),
        TEST(what_goes_one_hop_or_all_the_way),
        TEST(a_deadline_travels),
        TEST(a_business_status),
        TEST(a_text_that_names_an_error_to_repeat),
        TEST(a_failure_without_its_headers),
        TEST(a_reply_full_of_headers),
        TEST(a_request_full_of_headers),
        TEST(a_checksum_is_no_header),
        TEST(names_of_services),
#if WF_HTTP
        TEST(headers_without_room),
#endif
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
