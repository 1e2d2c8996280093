/* SPDX-License-Identifier: MIT */
/* Serves Everything and Second with weft, with all dialects on one port. */
#include "dialect.h"
#include "everything.h"

#include <weft/weft.h>

#include <stdatomic.h>
#include <stdio.h>

static atomic_int forgotten;
static char own_address[32];

static weft_err
echo(struct weft_call *call, const struct everything_echo_args *args,
     struct everything_echo_result *result)
{
    (void)call;
    result->success = args->all;
    return WEFT_OK;
}

static weft_err
flip(struct weft_call *call, const struct everything_flip_args *args,
     struct everything_flip_result *result)
{
    (void)call;
    result->success = !args->yes;
    return WEFT_OK;
}

static weft_err
sum(struct weft_call *call, const struct everything_sum_args *args,
    struct everything_sum_result *result)
{
    (void)call;
    result->success = args->d + args->c + args->b + args->a;
    return WEFT_OK;
}

static weft_err
half(struct weft_call *call, const struct everything_half_args *args,
     struct everything_half_result *result)
{
    (void)call;
    result->success = args->real / 2;
    return WEFT_OK;
}

static weft_err
large(struct weft_call *call, const struct everything_large_args *args,
      struct everything_large_result *result)
{
    (void)call;
    result->success = args->text;
    return WEFT_OK;
}

static weft_err
nothing(struct weft_call *call, const struct everything_nothing_args *args,
        struct everything_nothing_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return WEFT_OK;
}

static weft_err
trouble(struct weft_call *call, const struct everything_trouble_args *args,
        struct everything_trouble_result *result)
{
    struct everything_Wrong wrong;
    struct everything_Late late;
    result->success = args->kind;
    if (args->kind == 1) {
        everything_Wrong_init(&wrong);
        wrong.why = WEFT_STR("all wrong");
        wrong.all.text = WEFT_STR("inside");
        wrong.all.choice.which = 1; /* Java cannot read a union without a
                                     * member */
        wrong.all.color = everything_Color_RED; /* Ruby cannot read a 0 there */
        return everything_trouble_throw_wrong(result, wrong);
    }
    if (args->kind == 2) {
        everything_Late_init(&late);
        late.ms = INT64_MAX;
        return everything_trouble_throw_late(result, late);
    }
    if (args->kind == 3)
        return weft_call_fail(call, WEFT_EHANDLER, "out of order");
    return WEFT_OK;
}

static weft_err
forget(struct weft_call *call, const struct everything_forget_args *args)
{
    (void)call;
    atomic_fetch_add(&forgotten, args->number);
    return WEFT_OK;
}

static weft_err
remembered(struct weft_call *call,
           const struct everything_remembered_args *args,
           struct everything_remembered_result *result)
{
    (void)call;
    (void)args;
    result->success = atomic_load(&forgotten);
    return WEFT_OK;
}

static weft_err
collect(struct weft_call *call, const struct everything_collect_args *args,
        struct everything_collect_result *result)
{
    static const struct weft_str keys[] = {WEFT_STR_INIT("once"),
                                           WEFT_STR_INIT("again")};
    for (int i = 0; i < 2; i++) {
        struct everything_map_str_vec_All_item *item =
            weft_push(weft_call_arena(call), &result->success, sizeof *item);
        if (!item)
            return WEFT_EBUDGET;
        item->key = keys[i];
        item->value = args->alls;
    }
    return WEFT_OK;
}

static weft_err
grow(struct weft_call *call, const struct everything_grow_args *args,
     struct everything_grow_result *result)
{
    (void)call;
    result->success = args->grow;
    return WEFT_OK;
}

static weft_err
copy_headers(struct weft_call *call, struct everything_map_str_str *map)
{
    const struct weft_headers *from = weft_call_headers(call);
    for (uint32_t i = 0; i < from->len; i++) {
        struct everything_map_str_str_item *item =
            weft_push(weft_call_arena(call), map, sizeof *item);
        if (!item)
            return WEFT_EBUDGET;
        item->key = from->items[i].key;
        item->value = from->items[i].value;
    }
    return WEFT_OK;
}

static weft_err
seen(struct weft_call *call, const struct everything_seen_args *args,
     struct everything_seen_result *result)
{
    (void)args;
    uint64_t deadline = weft_call_deadline(call), now = weft_now_ns();
    struct weft_str ask = weft_call_header(call, WEFT_STR("ask"));
    if (!ask.ptr)
        ask = weft_call_header(call, WEFT_STR(WEFT_PERSIST "ask"));
    result->success.left_ms = -1;
    if (deadline != WEFT_NEVER)
        result->success.left_ms = ((int64_t)deadline - (int64_t)now) / 1000000;
    result->success.dialect = weft_str_of(
        dialect_name(weft_call_arena(call), weft_call_dialect(call)));
    weft_err err = copy_headers(call, &result->success.headers);
    if (!err && ask.ptr)
        err = weft_call_set_header(call, WEFT_STR("answer"), ask);
    return err;
}

/* This server calls itself: weft passes deadline and headers on. */
static weft_err
relay(struct weft_call *call, const struct everything_relay_args *args,
      struct everything_relay_result *result)
{
    struct weft_client *client;
    struct weft_client_options options = {.dialect = weft_call_dialect(call)};
    struct everything_seen_args none = {0};
    struct everything_seen_result other;
    (void)args;
    weft_err err = weft_client_new(own_address, &options, &client);
    if (err)
        return err;
    err = everything_Everything_seen(client, weft_call_arena(call), &none,
                                     &other, NULL);
    weft_client_free(client);
    result->success = other.success;
    return err;
}

static weft_err
nap(struct weft_call *call, const struct everything_nap_args *args,
    struct everything_nap_result *result)
{
    (void)call;
    result->success = args->ms;
    return weft_sleep_ms(args->ms);
}

static weft_err
business(struct weft_call *call, const struct everything_business_args *args,
         struct everything_business_result *result)
{
    (void)result;
    return weft_call_business(call, args->status, "sold out");
}

static weft_err
twice(struct weft_call *call, const struct everything_Second_twice_args *args,
      struct everything_Second_twice_result *result)
{
    (void)call;
    result->success = 2 * args->number;
    return WEFT_OK;
}

static const struct everything_Everything_service table = {
    .echo = echo,
    .flip = flip,
    .sum = sum,
    .half = half,
    .large = large,
    .nothing = nothing,
    .trouble = trouble,
    .forget = forget,
    .remembered = remembered,
    .collect = collect,
    .grow = grow,
    .seen = seen,
    .relay = relay,
    .nap = nap,
    .business = business,
};

static const struct everything_Second_service second = {.twice = twice};

int
main(void)
{
    /* The stop does not wait for naps whose clients are gone. */
    struct weft_server_options options = {.stop_timeout_ms = 1};
    struct weft_server *server;
    if (weft_server_new(&options, &server) ||
        everything_Everything_register(server, "Everything", &table, NULL) ||
        everything_Second_register(server, "Second", &second, NULL) ||
        weft_server_listen(server, "127.0.0.1:0"))
        return 1;
    unsigned port = weft_server_port(server);
    snprintf(own_address, sizeof own_address, "127.0.0.1:%u", port);
    printf("%u\n", port);
    fflush(stdout);
    weft_err err = weft_server_run(server, NULL);
    weft_server_free(server);
    weft_runtime_stop();
    return err && err != WEFT_ETIMEOUT ? 1 : 0;
}
