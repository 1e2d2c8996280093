/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at times on all hosts. Each call ends soon, with its own
 * reply or with an error: nobody waits for a reply for which there was no
 * memory. Bytes that are lent are given back once, or not taken at all. Nothing
 * leaks.
 */
#include "ledger_answers.h"

#include "fibers.h"

#include "../service/dialects.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include <string.h>

#define CALLERS 6
#define CALLS 30
#define LENT 500 /* bytes */

static uint32_t callers_left;
static int notes_sent, notes;
static int lent, given_back;

/* ---- the server ---- */

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    result->success = args->number;
    rest();
    return WEFT_OK;
}

static weft_err
note(struct weft_call *call, const struct ledger_note_args *args)
{
    (void)call;
    (void)args;
    notes++;
    return WEFT_OK;
}

static void
give_back(void *arg)
{
    (void)arg;
    given_back++;
}

/* Lend bytes until the connection takes no more. */
static void
lend(struct weft_conn *conn, void *user)
{
    static const uint8_t bytes[LENT];
    (void)user;
    if (weft_conn_skip(conn, weft_conn_len(conn)))
        return;
    for (uint64_t i = 1 + below(8); i > 0; i--) {
        int before = given_back;
        weft_err err = weft_conn_append_ref(conn, bytes, LENT, give_back, NULL);
        WEFT_SIM_CHECK(!err || given_back == before);
        if (err)
            break;
        lent++;
    }
    if (weft_conn_flush(conn))
        weft_conn_close(conn);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number,
                                                       .slow = slow,
                                                       .large = answer_large,
                                                       .note = note};
    static const struct weft_conn_hooks hooks = {.on_request = lend};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    struct weft_listener *listener;
    struct weft_server *server;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_listener_stop(listener));
    WEFT_SIM_CHECK(lent == given_back);
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_server_stop(server));
    WEFT_SIM_CHECK(notes <= notes_sent);
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- callers ---- */

static weft_err
ask(struct weft_client *client, int64_t number)
{
    struct ledger_run_args run_args = {.number = number};
    struct ledger_slow_args slow_args = {.number = number};
    struct ledger_large_args large_args = {.size = 1 + (int32_t)below(9000)};
    struct ledger_note_args note_args = {.number = number};
    struct ledger_run_result run_result = {0};
    struct ledger_slow_result slow_result = {0};
    struct ledger_large_result large_result = {0};
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_after_ms(10000)};
    struct weft_arena arena;
    weft_err err;
    weft_arena_init(&arena, 0);
    switch (below(4)) {
    case 0:
        err =
            ledger_Ledger_run(client, &arena, &run_args, &run_result, &options);
        WEFT_SIM_CHECK(err || run_result.success == number);
        break;
    case 1:
        err = ledger_Ledger_slow(client, &arena, &slow_args, &slow_result,
                                 &options);
        WEFT_SIM_CHECK(err || slow_result.success == number);
        break;
    case 2:
        err = ledger_Ledger_large(client, &arena, &large_args, &large_result,
                                  &options);
        WEFT_SIM_CHECK(err ||
                       large_result.success.len == (uint32_t)large_args.size);
        break;
    default:
        notes_sent++;
        err = ledger_Ledger_note(client, &arena, &note_args, &options);
    }
    weft_arena_fini(&arena);
    if (err)
        weft_sim_note("call %d: %s", (int)number, weft_err_text(err));
    return err;
}

static struct weft_client *plain; /* of several callers */

static void
call(void *arg)
{
    struct weft_client *client = plain;
    if (arg) {
        uint64_t which = below(N_DIALECTS);
        const struct weft_client_options options = {.dialect = dialects[which]};
        weft_sim_note("a client of dialect %d", (int)which);
        WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    }
    for (int64_t i = 0; i < CALLS; i++) {
        uint64_t begun = weft_now_ns();
        weft_err err = ask(client, i);
        WEFT_SIM_CHECK(err != WEFT_ETIMEOUT);
        WEFT_SIM_CHECK(weft_now_ns() - begun < 5000 * (uint64_t)MS);
        if (err)
            rest();
    }
    end_faults(&callers_left);
    wait_for_quiet(&callers_left);
    (void)weft_sleep_ms(1000);
    WEFT_SIM_CHECK(!ask(client, 1) || !ask(client, 1));
    if (arg)
        weft_client_free(client);
}

static void
borrow(void *arg)
{
    (void)arg;
    for (int i = 0; i < CALLS; i++) {
        struct weft_conn *conn;
        if (weft_dial_until("server:7", NULL, weft_after_ms(2000), &conn))
            continue;
        weft_err err = weft_conn_write(conn, "x", 1);
        if (!err)
            err = weft_conn_flush(conn);
        if (!err)
            err = weft_conn_wait_until(conn, LENT, weft_after_ms(10));
        weft_conn_close(conn);
    }
    end_faults(&callers_left);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    weft_fiber fibers[CALLERS + 2];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &plain));
    (void)weft_sleep_ms(10); /* by then the server listens */
    start_all(call, NULL, fibers, CALLERS);
    fibers[CALLERS] = start(call, &plain);
    fibers[CALLERS + 1] = start(borrow, NULL);
    (void)weft_sleep_ms(1);
    if (callers_left)
        weft_sim_faults(WEFT_SIM_NO_MEMORY | WEFT_SIM_MAYBE);
    join_all(fibers, CALLERS + 2);
    weft_client_free(plain);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    callers_left = CALLERS + 2;
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "poor",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
