/* SPDX-License-Identifier: MIT */
#include "ledger_calls.h"

#include <inttypes.h>
#include <string.h>

/* ---- the server ---- */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return WEFT_OK;
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return weft_sleep_ms(args->ms);
}

static weft_err
large(struct weft_call *call, const struct ledger_large_args *args,
      struct ledger_large_result *result)
{
    char *bytes = weft_arena_alloc(weft_call_arena(call), (size_t)args->size);
    if (!bytes)
        return WEFT_EBUDGET;
    weft_sim_call_run((uint64_t)args->number);
    memset(bytes, (char)args->number, (size_t)args->size);
    result->success = (struct weft_str){bytes, (uint32_t)args->size};
    return WEFT_OK;
}

static weft_err
note(struct weft_call *call, const struct ledger_note_args *args)
{
    (void)call;
    weft_sim_call_run((uint64_t)args->number);
    return WEFT_OK;
}

struct later {
    struct weft_call *call;
    int32_t ms;
};

static void
answer_later(void *arg)
{
    struct later later = *(struct later *)arg;
    weft_call_finish(later.call, weft_sleep_ms(later.ms));
}

static weft_err
later(struct weft_call *call, const struct ledger_later_args *args,
      struct ledger_later_result *result)
{
    struct later *later =
        weft_arena_alloc(weft_call_arena(call), sizeof *later);
    if (!later)
        return WEFT_EBUDGET;
    *later = (struct later){call, args->ms};
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    weft_call_detach(call);
    weft_err err = weft_fiber_start(answer_later, later, NULL);
    if (err)
        weft_call_finish(call, err);
    return WEFT_OK;
}

static weft_err
serve(struct weft_server *server, int64_t ms, weft_err *stop)
{
    static const struct ledger_Ledger_service table = {
        .run = run, .slow = slow, .later = later, .large = large, .note = note};
    weft_err err = ledger_Ledger_register(server, "Ledger", &table, NULL);
    if (!err)
        err = weft_server_listen(server, ":9090");
    if (!err)
        err = weft_server_start(server);
    if (err)
        return err;
    if (ms < 0)
        weft_sim_wait_for_others();
    else
        (void)weft_sleep_ms(ms);
    *stop = weft_server_stop(server);
    return WEFT_OK;
}

weft_err
ledger_serve_for(const struct weft_server_options *options, int64_t ms,
                 weft_err *stop)
{
    const struct weft_runtime_options runtime = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    struct weft_server *server;
    weft_err err = weft_runtime_start(&runtime);
    if (err)
        return err;
    err = weft_server_new(options, &server);
    if (!err)
        err = serve(server, ms, stop);
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
    return err;
}

weft_err
ledger_serve(void)
{
    const struct weft_server_options options = {.stop_timeout_ms = 500};
    weft_err stop;
    return ledger_serve_for(&options, -1, &stop);
}

/* ---- calls ---- */

/* Each function stores in *reply the number that the server returned. */

static weft_err
ask_run(struct weft_client *client, struct weft_arena *arena, int64_t number,
        const struct weft_call_options *options, int64_t *reply)
{
    struct ledger_run_args args = {.number = number};
    struct ledger_run_result result = {0};
    weft_err err = ledger_Ledger_run(client, arena, &args, &result, options);
    *reply = result.success;
    return err;
}

static weft_err
ask_slow(struct weft_client *client, struct weft_arena *arena, int64_t number,
         const struct weft_call_options *options, int64_t *reply)
{
    struct ledger_slow_args args = {.number = number,
                                    .ms = (int32_t)weft_sim_random(300)};
    struct ledger_slow_result result = {0};
    weft_err err = ledger_Ledger_slow(client, arena, &args, &result, options);
    *reply = result.success;
    return err;
}

static weft_err
ask_later(struct weft_client *client, struct weft_arena *arena, int64_t number,
          const struct weft_call_options *options, int64_t *reply)
{
    struct ledger_later_args args = {.number = number,
                                     .ms = (int32_t)weft_sim_random(300)};
    struct ledger_later_result result = {0};
    weft_err err = ledger_Ledger_later(client, arena, &args, &result, options);
    *reply = result.success;
    return err;
}

static weft_err
ask_large(struct weft_client *client, struct weft_arena *arena, int64_t number,
          const struct weft_call_options *options, int64_t *reply)
{
    struct ledger_large_args args = {
        .number = number,
        .size = 1 + (int32_t)weft_sim_random(1 + weft_sim_random(600000))};
    struct ledger_large_result result = {0};
    weft_err err = ledger_Ledger_large(client, arena, &args, &result, options);
    if (err)
        return err;
    WEFT_SIM_CHECK(result.success.len == (uint32_t)args.size);
    const char *bytes = result.success.ptr;
    WEFT_SIM_CHECK(bytes[0] == (char)number &&
                   !memcmp(bytes, bytes + 1, result.success.len - 1));
    *reply = number;
    return err;
}

static weft_err
ask_note(struct weft_client *client, struct weft_arena *arena, int64_t number,
         const struct weft_call_options *options, int64_t *reply)
{
    struct ledger_note_args args = {.number = number};
    (void)reply; /* a oneway call has no reply */
    return ledger_Ledger_note(client, arena, &args, options);
}

void
ledger_ask(struct weft_client *client)
{
    static weft_err (*const asks[])(struct weft_client *, struct weft_arena *,
                                    int64_t, const struct weft_call_options *,
                                    int64_t *) = {
        ask_run, ask_run, ask_slow, ask_later, ask_large, ask_note};
    struct weft_call_info info;
    struct weft_arena arena;
    uint64_t deadline =
        weft_now_ns() + (1 + weft_sim_random(1500)) * (uint64_t)MS;
    const struct weft_call_options options = {
        .deadline_ns = deadline,
        .info = &info,
        .hash_key = {(const char *)&deadline, sizeof deadline}};
    uint64_t method = weft_sim_random(sizeof asks / sizeof *asks);
    uint64_t number = weft_sim_call_begin(deadline, false);
    int64_t reply = 0;
    weft_arena_init(&arena, 0);
    weft_err err =
        asks[method](client, &arena, (int64_t)number, &options, &reply);
    weft_sim_note("call %" PRIu64 ": %s, reach %d", number, weft_err_text(err),
                  info.reach);
    weft_sim_call_end(number, err,
                      err || asks[method] != ask_note ? info.reach
                                                      : WEFT_CALL_MAYBE_HANDLED,
                      (uint64_t)reply);
    weft_arena_fini(&arena);
    WEFT_SIM_SOMETIMES("a call succeeds", !err);
    WEFT_SIM_SOMETIMES("a call is not sent",
                       err && info.reach == WEFT_CALL_NOT_SENT);
    WEFT_SIM_SOMETIMES("a call may have been handled",
                       err && info.reach == WEFT_CALL_MAYBE_HANDLED);
    WEFT_SIM_SOMETIMES("a call misses its deadline", err == WEFT_ETIMEOUT);
}

void
ledger_ask_some(struct weft_client *const *to, uint32_t n_servers, int n)
{
    for (int i = 0; i < n; i++) {
        ledger_ask(to[weft_sim_random(n_servers)]);
        if (weft_sim_random(4) == 0)
            (void)weft_sleep_ms((int64_t)weft_sim_random(400));
    }
}

void
ledger_ask_in_quiet(struct weft_client *client)
{
    struct weft_arena arena;
    weft_err err = WEFT_ECONNECT;
    int64_t reply = -1;
    for (int i = 0; i < 3 && err; i++) {
        const struct weft_call_options options = {
            .deadline_ns = weft_now_ns() + 5000 * (uint64_t)MS};
        if (i > 0)
            (void)weft_sleep_ms(1000);
        weft_arena_init(&arena, 0);
        err = ask_run(client, &arena, 0, &options, &reply);
        weft_arena_fini(&arena);
    }
    if (err)
        weft_sim_fail("a server does not answer in quiet: %s",
                      weft_err_text(err));
    WEFT_SIM_CHECK(err || reply == 0);
}
