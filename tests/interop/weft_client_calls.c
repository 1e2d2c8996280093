/* SPDX-License-Identifier: MIT */
#include "weft_client.h"

/* ---- many at once ---- */

enum { FIBERS = 16, CALLS = 25 };

struct caller {
    struct session *session;
    int16_t number;
};

static void
call_often(void *arg)
{
    struct caller *me = arg;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    for (int8_t i = 0; i < CALLS; i++) {
        struct everything_sum_args args = {.a = i, .b = me->number};
        struct everything_sum_result result;
        OK(everything_Everything_sum(me->session->client, &arena, &args,
                                     &result, NULL));
        CHECK(result.success == i + me->number);
    }
    weft_arena_fini(&arena);
}

static void
check_many(struct session *s)
{
    struct caller callers[FIBERS];
    weft_fiber fibers[FIBERS];
    for (int16_t i = 0; i < FIBERS; i++) {
        callers[i] = (struct caller){s, (int16_t)(i * 1000)};
        OK(weft_fiber_start(call_often, &callers[i], &fibers[i]));
        if (s->quirks.serial)
            OK(weft_fiber_join(fibers[i]));
    }
    for (int i = 0; i < FIBERS; i++)
        OK(weft_fiber_join(fibers[i]));
}

/* ---- time-outs ---- */

static weft_err
nap(struct session *s, int32_t ms, uint64_t deadline_ns)
{
    struct everything_nap_args args = {.ms = ms};
    struct everything_nap_result result;
    struct weft_call_options options = {.deadline_ns = deadline_ns};
    return everything_Everything_nap(s->client, &s->arena, &args, &result,
                                     &options);
}

/* The late reply is dropped, and the connection can still be used. */
static void
check_timeout(struct session *s)
{
    weft_err err;
    int32_t ms = 200;
    while (!(err = nap(s, ms, weft_after_ms(50))))
        ms *= 2; /* this program was held up until the reply came */
    CHECK(err == WEFT_ETIMEOUT);
    OK(nap(s, 1, weft_after_ms(10000)));
}

/* ---- headers and a business status beside the call ---- */

static struct weft_str
header_of(const struct weft_headers *headers, const char *key)
{
    for (uint32_t i = 0; i < headers->len; i++)
        if (weft_str_eq(headers->items[i].key, weft_str_of(key)))
            return headers->items[i].value;
    return (struct weft_str){NULL, 0};
}

static bool
was_seen(const struct everything_Seen *seen, const char *key, const char *value)
{
    for (uint32_t i = 0; i < seen->headers.len; i++)
        if (weft_str_eq(seen->headers.items[i].key, weft_str_of(key)))
            return weft_str_eq(seen->headers.items[i].value,
                               weft_str_of(value));
    return false;
}

static void
see(struct session *s, const struct weft_headers *headers,
    struct everything_Seen *seen, struct weft_call_info *info)
{
    struct everything_seen_args none = {0};
    struct everything_seen_result result;
    struct weft_call_options options = {
        .deadline_ns = weft_after_ms(5000), .info = info, .headers = headers};
    OK(everything_Everything_seen(s->client, &s->arena, &none, &result,
                                  &options));
    *seen = result.success;
}

static void
check_headers(struct session *s, bool is_ttheader)
{
    struct weft_header items[] = {
        {WEFT_STR("ask"), WEFT_STR("why not")},
        {WEFT_STR(WEFT_PERSIST "ask"), WEFT_STR("why not")},
        {WEFT_STR(WEFT_TRANSIT "hop"), WEFT_STR("once")},
    };
    const struct weft_headers headers = {items, 3, 3};
    const char *ask = is_ttheader ? WEFT_PERSIST "ask" : "ask";
    struct everything_Seen seen;
    struct weft_call_info info;
    see(s, &headers, &seen, &info);
    CHECK(was_seen(&seen, ask, "why not"));
    if (is_ttheader)
        CHECK(was_seen(&seen, WEFT_UPSTREAM "hop", "once"));
    if (is_ttheader)
        CHECK(seen.left_ms > 0 && seen.left_ms <= 5000);
    CHECK(weft_str_eq(header_of(&info.headers, "answer"), WEFT_STR("why not")));
    see(s, NULL, &seen, &info);
    CHECK(!was_seen(&seen, ask, "why not"));
    CHECK(header_of(&info.headers, "answer").ptr == NULL);
}

static void
check_business(struct session *s, bool is_ttheader)
{
    struct everything_business_args args = {.status = 1001};
    struct everything_business_result result;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    weft_err err = everything_Everything_business(s->client, &s->arena, &args,
                                                  &result, &options);
    if (is_ttheader) {
        CHECK(err == WEFT_EBUSINESS - WEFT_PEER && info.business == 1001);
        CHECK(weft_str_eq(info.text, WEFT_STR("sold out")));
    } else {
        /* Without headers Kitex cannot send the status: it sends an empty
         * reply, or an error. */
        CHECK(weft_err_is_peer(err) || err == WEFT_EMISSING);
    }
}

static void
check_second(struct session *s)
{
    struct weft_client *client;
    struct weft_client_options options = s->options;
    struct everything_Second_twice_args args = {.number = 21};
    struct everything_Second_twice_result result;
    options.service = "Second";
    OK(weft_client_new(s->address, &options, &client));
    OK(everything_Second_twice(client, &s->arena, &args, &result, NULL));
    CHECK(result.success == 42);
    weft_client_free(client);
}

void
check_calls(struct session *s)
{
    uint8_t framing = s->options.dialect.framing;
    bool is_ttheader =
        framing == WEFT_TTHEADER || framing == WEFT_TTHEADER_FRAMED;
    check_many(s);
    check_timeout(s);
    if (s->mux)
        check_second(s);
    if ((is_ttheader || framing == WEFT_THEADER) && !s->quirks.no_headers)
        check_headers(s, is_ttheader);
    check_business(s, is_ttheader);
}
