/* SPDX-License-Identifier: MIT */
/*
 * Threads stand still for up to 32 ms, between any two steps, while calls are
 * made, give up, and lose their connections. If a caller gives up while its
 * reply arrives, the thread with the reply no longer uses the caller's memory.
 * If a connection fails while a call begins, the call ends. If the caller is
 * gone, the handler is cancelled. What one fiber sends, another fiber receives.
 */
#include "ledger_answers.h"

#include "fibers.h"
#include "frames.h"

#include <weft/net.h>
#include <weft/rpc.h>

#define CALLERS 5
#define CALLS 60
#define LEAVERS 3
#define LEAVES 15
#define SECOND (1000 * (uint64_t)MS)

/* ---- the server ---- */

/* Only a cancel ends this handler. */
static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return weft_sleep_until(WEFT_NEVER);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number,
                                                       .slow = slow};
    static const struct weft_server_options options = {.cancel_when_gone =
                                                           true};
    struct weft_server *server;
    (void)arg;
    WEFT_SIM_CHECK(!weft_server_new(&options, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    (void)weft_sleep_ms(1000);
    WEFT_SIM_CHECK(!weft_server_stop_until(server, weft_now_ns() + SECOND));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- callers ---- */

static weft_err
ask(struct weft_client *client, int64_t number, uint64_t deadline_ns)
{
    struct ledger_run_args args = {.number = number};
    struct ledger_run_result result = {0};
    const struct weft_call_options options = {.deadline_ns = deadline_ns};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(err || result.success == number);
    weft_arena_fini(&arena);
    return err;
}

/* Each deadline is about as long as a call takes. */
static void
call_on(void *arg)
{
    for (int64_t i = 0; i < CALLS; i++) {
        uint64_t now = weft_now_ns();
        (void)ask(arg, i, now + below((uint64_t)4096 << below(12)));
        WEFT_SIM_CHECK(weft_now_ns() - now < SECOND);
    }
}

/* ---- two fibers that meet ---- */

#define ITEMS 200

static struct weft_chan *chan; /* has room for no item */

static void
send_items(void *arg)
{
    (void)arg;
    for (int i = 0; i < ITEMS; i++)
        WEFT_SIM_CHECK(!weft_chan_send(chan, &i));
}

static void
pass_items(void)
{
    weft_fiber fiber = start(send_items, NULL);
    for (int i = 0, got; i < ITEMS; i++)
        WEFT_SIM_CHECK(!weft_chan_recv(chan, &got) && got == i);
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
}

/* ---- peers that leave ---- */

static void
leave_on(void *arg)
{
    uint8_t request[FRAME_MAX];
    (void)arg;
    for (int i = 0; i < LEAVES; i++) {
        struct weft_conn *conn;
        if (weft_dial_until("server:9090", NULL, weft_now_ns() + SECOND, &conn))
            continue;
        size_t size = put_frame(request, "slow", 1, 1);
        for (uint64_t n = 1 + below(3); n > 0; n--)
            (void)!weft_conn_write(conn, request, size);
        (void)!weft_conn_flush(conn);
        uint64_t most = (uint64_t)4096 << below(14);
        (void)weft_sleep_until(weft_now_ns() + below(most));
        if (below(2))
            weft_conn_abort(conn);
        else
            weft_conn_close(conn);
    }
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     2 + (uint32_t)below(2)};
    const struct weft_client_options client_options = {.retry_connect_ms =
                                                           WEFT_NONE};
    struct weft_client *client;
    weft_fiber fibers[CALLERS + LEAVERS];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &client_options, &client));
    WEFT_SIM_CHECK(!weft_chan_new(sizeof(int), 0, &chan));
    (void)weft_sleep_ms(10); /* by then the server listens */
    weft_sim_faults(WEFT_SIM_STALL | WEFT_SIM_RESET);
    start_all(call_on, client, fibers, CALLERS);
    start_all(leave_on, NULL, fibers + CALLERS, LEAVERS);
    pass_items();
    join_all(fibers, CALLERS + LEAVERS);
    weft_sim_faults(0);
    weft_chan_free(chan);
    (void)weft_sleep_ms(100);
    WEFT_SIM_CHECK(!ask(client, 0, weft_now_ns() + 5 * SECOND) ||
                   !ask(client, 0, weft_now_ns() + 5 * SECOND));
    weft_client_free(client);
    (void)weft_sleep_ms(100);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "torn",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
