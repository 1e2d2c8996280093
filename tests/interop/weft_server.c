/* SPDX-License-Identifier: MIT */
/* Serves Everything with weft: one port for framed and unframed peers. */
#include "everything.h"

#include <weft/weft.h>

#include <stdatomic.h>
#include <stdio.h>

static atomic_int forgotten;

static weft_err
echo(struct weft_call *call, const struct everything_Everything_echo_args *args,
     struct everything_Everything_echo_result *result)
{
    (void)call;
    result->success = args->all;
    return WEFT_OK;
}

static weft_err
flip(struct weft_call *call, const struct everything_Everything_flip_args *args,
     struct everything_Everything_flip_result *result)
{
    (void)call;
    result->success = !args->yes;
    return WEFT_OK;
}

static weft_err
sum(struct weft_call *call, const struct everything_Everything_sum_args *args,
    struct everything_Everything_sum_result *result)
{
    (void)call;
    result->success = args->d + args->c + args->b + args->a;
    return WEFT_OK;
}

static weft_err
half(struct weft_call *call, const struct everything_Everything_half_args *args,
     struct everything_Everything_half_result *result)
{
    (void)call;
    result->success = args->real / 2;
    return WEFT_OK;
}

static weft_err
large(struct weft_call *call,
      const struct everything_Everything_large_args *args,
      struct everything_Everything_large_result *result)
{
    (void)call;
    result->success = args->text;
    return WEFT_OK;
}

static weft_err
nothing(struct weft_call *call,
        const struct everything_Everything_nothing_args *args,
        struct everything_Everything_nothing_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return WEFT_OK;
}

static weft_err
trouble(struct weft_call *call,
        const struct everything_Everything_trouble_args *args,
        struct everything_Everything_trouble_result *result)
{
    struct everything_Wrong wrong;
    struct everything_Late late;
    result->success = args->kind;
    if (args->kind == 1) {
        everything_Wrong_init(&wrong);
        wrong.why = WEFT_STR("all wrong");
        wrong.all.text = WEFT_STR("inside");
        return everything_Everything_trouble_throw_wrong(result, wrong);
    }
    if (args->kind == 2) {
        everything_Late_init(&late);
        late.ms = INT64_MAX;
        return everything_Everything_trouble_throw_late(result, late);
    }
    if (args->kind == 3)
        return weft_call_fail(call, WEFT_EHANDLER, "out of order");
    return WEFT_OK;
}

static weft_err
forget(struct weft_call *call,
       const struct everything_Everything_forget_args *args)
{
    (void)call;
    atomic_fetch_add(&forgotten, args->number);
    return WEFT_OK;
}

static weft_err
remembered(struct weft_call *call,
           const struct everything_Everything_remembered_args *args,
           struct everything_Everything_remembered_result *result)
{
    (void)call;
    (void)args;
    result->success = atomic_load(&forgotten);
    return WEFT_OK;
}

static weft_err
collect(struct weft_call *call,
        const struct everything_Everything_collect_args *args,
        struct everything_Everything_collect_result *result)
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
grow(struct weft_call *call, const struct everything_Everything_grow_args *args,
     struct everything_Everything_grow_result *result)
{
    (void)call;
    result->success = args->grow;
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
};

int
main(void)
{
    struct weft_server *server = weft_server_new(NULL);
    if (!server ||
        everything_Everything_register(server, "Everything", &table, NULL) ||
        weft_server_listen(server, "127.0.0.1:0"))
        return 1;
    printf("%u\n", (unsigned)weft_server_port(server));
    fflush(stdout);
    weft_err err = weft_server_run(server, NULL);
    weft_server_free(server);
    weft_stop();
    return err ? 1 : 0;
}
