/* SPDX-License-Identifier: MIT */
/*
 * A server is cut off or killed for up to a minute. A call with a deadline ends
 * at its deadline. Other calls end soon after the client learns that the server
 * is gone, with an error of err.def. Meanwhile the client does not try to
 * connect too often. Soon after the outage the server answers the client again,
 * and no connection stays open.
 */
#include "ledger_answers.h"

#include "fibers.h"

#include <weft/rpc.h>

#define SECOND (1000 * (uint64_t)MS)
#define CALLERS 3

/* The outage of server_host ends; far_host stays cut off. */
static weft_sim_host server_host, far_host, client_host;
static bool over, client_done, was_long;

/* ---- the server ---- */

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    result->success = args->number;
    return weft_sleep_ms(args->ms);
}

static weft_err
note(struct weft_call *call, const struct ledger_note_args *args)
{
    (void)call;
    (void)args;
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {
        .run = answer_number, .slow = slow, .note = note};
    const struct weft_server_options limits = {.max_connections = 20};
    const struct weft_runtime_options options = {.workers = 2};
    struct weft_server_stats stats;
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(&limits, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    while (!client_done)
        (void)weft_sleep_ms(100);
    /* All clients are freed except an idle one. After a long outage the server
     * may have more connections, because their ends never arrived. */
    (void)weft_sleep_ms(15000); /* by then TCP retries only seldom */
    weft_server_get_stats(server, &stats);
    WEFT_SIM_CHECK(stats.connections <= 1 || was_long || arg == &far_host);
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the client ---- */

static weft_err
ask(struct weft_client *client, int32_t ms, uint64_t deadline_ns)
{
    struct weft_arena arena;
    const struct weft_call_options options = {.deadline_ns = deadline_ns};
    struct ledger_slow_args args = {.number = 1, .ms = ms};
    struct ledger_slow_result result = {0};
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    weft_arena_fini(&arena);
    if (err && err != WEFT_ETIMEOUT && err != WEFT_ECONNECT &&
        err != WEFT_EBROKEN && err != WEFT_ECLOSED && err != WEFT_EOVERCROWDED)
        weft_sim_fail("a call: %s", weft_err_text(err));
    return err;
}

static void
ask_on(void *arg)
{
    while (!over) {
        uint64_t deadline = weft_now_ns() + below(800) * MS;
        if (ask(arg, (int32_t)below(100), deadline) == WEFT_ETIMEOUT)
            WEFT_SIM_CHECK(weft_now_ns() >= deadline);
        WEFT_SIM_CHECK(weft_now_ns() < deadline + SLACK_NS);
        (void)weft_sleep_ms(10);
    }
}

/* Send more than the peer takes, until the queue is full. */
static void
flood(struct weft_client *client)
{
    weft_err err = WEFT_OK;
    for (int i = 0; i < 30000 && !err; i++) {
        struct ledger_note_args args = {.number = i};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        err = ledger_Ledger_note(client, &arena, &args, NULL);
        weft_arena_fini(&arena);
    }
    WEFT_SIM_CHECK(err == WEFT_EOVERCROWDED || err == WEFT_ECONNECT);
    /* A refused call ends at once. */
    WEFT_SIM_CHECK(ask(client, 0, weft_now_ns() + 3 * SECOND) != WEFT_ETIMEOUT);
}

/* Call without a deadline over a connection whose peer is gone. The call ends
 * because its request or a probe is not acknowledged. */
static void
ask_patiently(void *arg)
{
    (void)ask(arg, 0, weft_now_ns() + SECOND);
    (void)weft_sleep_ms(500);
    if (below(2))
        flood(arg);
    uint64_t begun = weft_now_ns();
    (void)ask(arg, 2000, WEFT_NEVER);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 150 * SECOND);
}

static void
ask_once(void *arg)
{
    (void)ask(arg, 0, weft_now_ns() + SECOND);
}

struct look {
    weft_fiber fiber;
    bool is_ready;
};

static void
look_at(void *arg, const struct weft_fiber_info *info)
{
    struct look *look = arg;
    if (info->fiber.id == look->fiber.id)
        look->is_ready = info->state != WEFT_FIBER_WAITING;
}

/* Free a client while one of its calls connects. */
static void
leave_early(void)
{
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    weft_fiber fiber = start(ask_once, client);
    struct look look = {.fiber = fiber, .is_ready = true};
    while (look.is_ready) { /* the fiber has not begun its call */
        look.is_ready = false;
        weft_fiber_list(look_at, &look);
        (void)weft_sleep_until(weft_now_ns() + below(100000));
    }
    uint64_t begun = weft_now_ns();
    weft_client_free(client);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 7 * SECOND);
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
}

/* The client must get an answer within 4 s after the outage. */
static void
recover(struct weft_client *client)
{
    uint64_t begun = weft_now_ns();
    while (ask(client, 0, weft_now_ns() + SECOND))
        (void)weft_sleep_ms(20);
    if (weft_now_ns() - begun > 4 * SECOND)
        weft_sim_fail("served %d ms after the outage",
                      (int)((weft_now_ns() - begun) / MS));
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    const struct weft_client_options narrow = {.max_queued = 100000};
    struct weft_client *client, *other;
    struct weft_client_stats stats;
    weft_fiber fibers[CALLERS], patient;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    (void)ask(client, 0, weft_now_ns() + SECOND);
    start_all(ask_on, client, fibers, CALLERS);
    WEFT_SIM_CHECK(!weft_client_new("far:9090", &narrow, &other));
    patient = start(ask_patiently, other);
    leave_early();
    uint64_t begun = weft_now_ns();
    join_all(fibers, CALLERS);
    leave_early();
    recover(client);
    weft_client_get_stats(client, &stats);
    if (stats.failed_connects > (weft_now_ns() - begun) / (300 * MS) + 15)
        weft_sim_fail("%d failed connects in %d ms", (int)stats.failed_connects,
                      (int)((weft_now_ns() - begun) / MS));
    WEFT_SIM_CHECK(!weft_fiber_join(patient));
    weft_client_free(other);
    client_done = true;
    (void)weft_sleep_ms(20000);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the outage ---- */

static void
cut(bool there, bool back)
{
    weft_sim_cut(client_host, server_host, there);
    weft_sim_cut(server_host, client_host, back);
}

static void
fail(void *arg)
{
    uint64_t kind = below(5);
    (void)arg;
    (void)weft_sleep_ms((int64_t)below(300));
    weft_sim_cut(client_host, far_host, true);
    weft_sim_cut(far_host, client_host, true);
    if (kind < 4)
        cut(kind != 1, kind != 2);
    if (kind >= 3)
        weft_sim_kill(server_host);
    uint64_t ms = 100 + below(below(2) ? 5000 : 60000);
    was_long = ms > 5000;
    (void)weft_sleep_ms((int64_t)ms);
    if (kind >= 3)
        weft_sim_restart(server_host);
    (void)weft_sleep_ms(1);
    cut(false, false);
    over = true;
}

static void
set_up(void)
{
    server_host = weft_sim_host_new("server", serve, NULL);
    far_host = weft_sim_host_new("far", serve, &far_host);
    client_host = weft_sim_host_new("client", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "outage",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
