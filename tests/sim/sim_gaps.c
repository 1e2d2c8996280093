/* SPDX-License-Identifier: MIT */
/*
 * Threads stand still for up to 32 ms, between any two steps, while one thread
 * ends what another one uses: fibers that leave results, waits that time out
 * while they are woken, local calls, connections while calls begin on them, and
 * stops of a listener, a server, or the runtime. What has ended is not used any
 * more, and each wait ends.
 */
#define WEFT_SHIM 1

#include "ledger_answers.h"

#include "fibers.h"
#include "frames.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include "base/base.h"

#include <string.h>

/* Several threads may stand still one after the other. */
#define LATE_NS (1000 * (uint64_t)MS)
#define TEAM 8
#define PIECES 5

static enum part {
    RESULTS, /* of fibers */
    BELLS,   /* waits with deadlines, and broadcasts */
    LOCAL,   /* calls without a connection */
    HTTP,    /* calls in order */
    POLLED,  /* begun calls, which their callers look at all the time */
    RETIRED, /* connections that are given up while calls begin */
    STOPS,   /* of servers, while their last calls and connections end */
    ENDS,    /* peers that end their output while their calls end */
    LISTENS, /* stops of listeners, while their last connections end */
    CHURN,   /* looks at all connections, while they end */
    SENDS,   /* sends by one fiber, while another ends the output */
    POOL,    /* stops of the runtime, while threads of weft_blocking end */
    PARTS,
} part;

/* At most as long as a thread stands still; mostly much shorter. */
static uint64_t
a_while(void)
{
    return below((uint64_t)1024 << below(16));
}

static void
wait_a_while(void)
{
    (void)weft_sleep_until(weft_now_ns() + a_while());
}

/* ---- results ---- */

#define ROUNDS 60

static void
use_stack(int *sum)
{
    volatile uint8_t bytes[2000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    weft_fiber_yield();
    for (size_t i = 0; i < sizeof bytes; i++)
        WEFT_SIM_CHECK(bytes[i] == (uint8_t)i);
    (*sum)++;
}

static void
leave_result(void *arg)
{
    int sum = 0;
    use_stack(&sum);
    if (below(2))
        wait_a_while();
    weft_fiber_set_result(arg);
}

/* Each result is taken as soon as it is there, and its fiber's memory is used
 * again. */
static void
take_results(void *arg)
{
    const struct weft_fiber_options keep = {.keep_result = true};
    void *result;
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        int own = i;
        weft_fiber fiber;
        WEFT_SIM_CHECK(
            !weft_fiber_start_with(&keep, leave_result, &own, &fiber));
        weft_err err = WEFT_ETIMEOUT;
        if (below(4)) /* the fiber ends while no task waits for it */
            while ((err = weft_fiber_join_result_until(fiber, 0, &result)) ==
                   WEFT_ETIMEOUT)
                weft_fiber_yield();
        else
            err = weft_fiber_join_result(fiber, &result);
        WEFT_SIM_CHECK(!err && result == &own);
    }
}

static void
results(void)
{
    weft_fiber fibers[TEAM];
    start_all(take_results, NULL, fibers, TEAM);
    join_all(fibers, TEAM);
}

/* ---- bells ---- */

static struct {
    struct weft_mutex mutex;
    struct weft_cond rings;
    struct weft_sem tokens;
    int given, taken, hearers;
} bell;

static void
hear(void)
{
    uint64_t deadline = weft_now_ns() + a_while();
    WEFT_SIM_CHECK(!weft_mutex_lock(&bell.mutex));
    weft_err err = weft_cond_wait_until(&bell.rings, &bell.mutex, deadline);
    WEFT_SIM_CHECK(!err || err == WEFT_ETIMEOUT);
    WEFT_SIM_CHECK(err || weft_now_ns() < deadline + LATE_NS);
    weft_mutex_unlock(&bell.mutex);
}

static void
take_token(void)
{
    uint64_t deadline = weft_now_ns() + a_while();
    weft_err err = weft_sem_take_until(&bell.tokens, deadline);
    WEFT_SIM_CHECK(!err || err == WEFT_ETIMEOUT);
    bell.taken += !err;
}

static void
hear_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        if (below(2))
            hear();
        else
            take_token();
    }
    bell.hearers--;
}

static void
bells(void)
{
    weft_fiber fibers[TEAM];
    bell.hearers = TEAM;
    start_all(hear_on, NULL, fibers, TEAM);
    while (bell.hearers > 0) {
        weft_cond_broadcast(&bell.rings);
        if (below(2)) {
            bell.given++;
            weft_sem_give(&bell.tokens, 1);
        }
        wait_a_while();
    }
    join_all(fibers, TEAM);
    while (weft_sem_try_take(&bell.tokens))
        bell.taken++;
    WEFT_SIM_CHECK(bell.given == bell.taken);
}

/* ---- a server ---- */

static struct weft_server *server;

/* Returns at about the deadline of the caller. */
static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    uint64_t deadline = weft_call_deadline(call);
    result->success = args->number;
    if (deadline == WEFT_NEVER && below(2))
        wait_a_while();
    else if (deadline != WEFT_NEVER)
        (void)weft_sleep_until(deadline - MS / 2 + below(MS));
    return WEFT_OK;
}

static void
open_server(void)
{
    static const struct ledger_Ledger_service table = {.run = answer_number,
                                                       .slow = slow};
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
}

static void
close_server(void)
{
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    server = NULL;
}

/* ---- local calls ---- */

static void
call_locally(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct ledger_slow_args args = {.number = i};
        struct ledger_slow_result result = {0};
        const struct weft_call_options options = {
            .deadline_ns = weft_now_ns() + MS + a_while()};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        weft_err err = weft_server_call(server, &ledger_slow_method, &arena,
                                        &args, &result, &options);
        WEFT_SIM_CHECK(err ? err == WEFT_ETIMEOUT : result.success == i);
        weft_arena_fini(&arena);
    }
}

static void
call_all_locally(void)
{
    weft_fiber fibers[TEAM];
    start_all(call_locally, NULL, fibers, TEAM);
    join_all(fibers, TEAM);
    (void)weft_sleep_ms(1000); /* handlers that were given up have ended */
}

/* ---- calls ---- */

static weft_err
ask(struct weft_client *client, int64_t number)
{
    struct ledger_run_args args = {.number = number};
    struct ledger_run_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, NULL);
    WEFT_SIM_CHECK(err || result.success == number);
    weft_arena_fini(&arena);
    return err;
}

static void
call_on(void *arg)
{
    for (int64_t i = 0; i < ROUNDS; i++) {
        weft_err err = ask(arg, i);
        if (err)
            weft_sim_fail("a call: %s", weft_err_text(err));
    }
}

static void
call_together(void)
{
    const struct weft_client_options options = {.dialect.framing = WEFT_HTTP};
    struct weft_client *client;
    weft_fiber fibers[TEAM];
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    start_all(call_on, client, fibers, TEAM);
    join_all(fibers, TEAM);
    weft_client_free(client);
}

/* ---- connections that are given up ---- */

#define IDLE_MS 10 /* a connection that is idle for so long is given up */

static uint64_t last_ns; /* when the last call has ended */
static bool settled, looked;

/* All fibers call when the connection has been idle for about IDLE_MS. */
static void
call_again(void *arg)
{
    for (int64_t i = 0; i < ROUNDS; i++) {
        weft_err err = ask(arg, i);
        if (err)
            weft_sim_fail("a call: %s", weft_err_text(err));
        last_ns = weft_now_ns();
        uint64_t until;
        do {
            until = last_ns + IDLE_MS * MS;
            (void)weft_sleep_until(until - 100000 + below(200000));
        } while (until < last_ns + IDLE_MS * MS);
    }
}

/* No call is lost, and each connection that is given up is closed. */
static void
retire(void)
{
    const struct weft_client_options options = {.idle_timeout_ms = IDLE_MS};
    struct weft_client *client;
    weft_fiber fibers[TEAM];
    if (below(2)) /* also with calls in flight */
        weft_sim_faults(WEFT_SIM_STALL | WEFT_SIM_MAYBE);
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    start_all(call_again, client, fibers, TEAM);
    join_all(fibers, TEAM);
    weft_sim_faults(0);
    (void)weft_sleep_ms(200);
    settled = true;
    while (!looked)
        (void)weft_sleep_ms(1);
    weft_client_free(client);
}

static void
count_connections(void)
{
    struct weft_server_stats stats;
    while (!settled)
        (void)weft_sleep_ms(1);
    weft_server_get_stats(server, &stats);
    WEFT_SIM_CHECK(stats.connections <= 1);
    looked = true;
}

/* ---- begun calls ---- */

static void
poll_on(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct ledger_run_args args = {.number = i};
        struct ledger_run_result result = {0};
        struct weft_pending call;
        struct weft_call_info info;
        const struct weft_call_options options = {.info = &info};
        struct weft_arena arena;
        int found;
        weft_arena_init(&arena, 0);
        ledger_Ledger_run_begin(arg, &arena, &args, &result, &options, &call);
        while ((found = weft_await_any_until(&call, 1, 0)) == WEFT_ETIMEOUT)
            weft_fiber_yield();
        weft_err err = weft_await(&call);
        if (err)
            WEFT_SIM_CHECK(err == WEFT_EBROKEN);
        else
            WEFT_SIM_CHECK(result.success == i);
        WEFT_SIM_CHECK((info.reach == WEFT_CALL_ANSWERED) == !err);
        weft_arena_fini(&arena);
        if (err)
            wait_a_while();
    }
}

static void
abort_it(struct weft_conn *conn, void *user)
{
    (void)user;
    wait_a_while();
    weft_conn_abort(conn);
}

/* A server answers, or breaks each connection. */
static void
poll_all(void)
{
    const struct weft_client_options options = {.retry_connect_ms = WEFT_NONE};
    struct weft_client *client;
    weft_fiber fibers[3];
    WEFT_SIM_CHECK(!weft_client_new(below(2) ? "server:9090" : "server:8",
                                    &options, &client));
    start_all(poll_on, client, fibers, 3);
    join_all(fibers, 3);
    weft_client_free(client);
}

/* ---- stops of a server ---- */

static uint32_t n_stops, n_callers;

static void
call_until_stopped(void *arg)
{
    struct weft_client *client;
    uint32_t seen = n_stops;
    (void)arg;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    while (seen == n_stops) {
        uint64_t begun = weft_now_ns();
        struct ledger_slow_args args = {.number = 7};
        struct ledger_slow_result result = {0};
        const struct weft_call_options options = {.deadline_ns = WEFT_NEVER};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        weft_err err =
            ledger_Ledger_slow(client, &arena, &args, &result, &options);
        WEFT_SIM_CHECK(err || result.success == 7);
        WEFT_SIM_CHECK(weft_now_ns() - begun < 3 * LATE_NS);
        weft_arena_fini(&arena);
        if (err)
            break;
    }
    weft_client_free(client);
    n_callers--;
}

static void
stop_servers(void)
{
    for (int i = 0; i < PIECES; i++) {
        while (n_callers > 0)
            (void)weft_sleep_ms(1);
        open_server();
        n_callers = TEAM;
        wait_a_while();
        (void)weft_sleep_ms((int64_t)below(6));
        uint64_t begun = weft_now_ns();
        close_server();
        WEFT_SIM_CHECK(weft_now_ns() - begun < 3 * LATE_NS);
        n_stops++;
    }
}

static void
call_stopping_servers(void)
{
    weft_fiber fibers[TEAM];
    for (int i = 0; i < PIECES; i++) {
        while (n_callers < TEAM)
            (void)weft_sleep_ms(1);
        start_all(call_until_stopped, NULL, fibers, TEAM);
        join_all(fibers, TEAM);
    }
}

/* ---- stops of a listener ---- */

static struct weft_listener *listener;
static int lent, given_back, open_now;

static void
give_back(void *arg)
{
    (void)arg;
    given_back++;
}

static void
on_connect(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
    open_now++;
}

static void
on_close(struct weft_conn *conn, weft_err why, void *user)
{
    (void)conn;
    (void)why;
    (void)user;
    open_now--;
}

static void
lend(struct weft_conn *conn, void *user)
{
    static const uint8_t bytes[3000];
    (void)user;
    (void)!weft_conn_skip(conn, weft_conn_len(conn));
    for (int i = 0; i < 3; i++) {
        if (weft_conn_append_ref(conn, bytes, sizeof bytes, give_back, NULL))
            return;
        lent++;
    }
    if (below(4)) /* or the bytes stay unsent until the connection ends */
        (void)!weft_conn_flush(conn);
}

static void
stop_listeners(void)
{
    static const struct weft_conn_hooks hooks = {
        .on_connect = on_connect, .on_request = lend, .on_close = on_close};
    for (int i = 0; i < PIECES; i++) {
        WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
        n_callers = TEAM;
        (void)weft_sleep_ms((int64_t)below(6));
        wait_a_while();
        uint64_t begun = weft_now_ns();
        weft_err err = weft_listener_stop_until(
            listener, weft_now_ns() + (below(2) ? a_while() : 100 * LATE_NS));
        WEFT_SIM_CHECK(!err || err == WEFT_ETIMEOUT);
        WEFT_SIM_CHECK(weft_now_ns() - begun < 3 * LATE_NS);
        WEFT_SIM_CHECK(lent == given_back && !open_now);
        weft_listener_free(listener);
        while (n_callers > 0)
            (void)weft_sleep_ms(1);
    }
}

static void
connect_on(void *arg)
{
    struct weft_conn *conn;
    (void)arg;
    if (!weft_dial_until("server:7", NULL, weft_after_ms(2000), &conn)) {
        if (!weft_conn_write(conn, "x", 1) && !weft_conn_flush(conn))
            (void)!weft_conn_wait_until(conn, 9000, weft_now_ns() + a_while());
        if (below(4) == 0)
            weft_conn_abort(conn);
        else
            weft_conn_close(conn);
    }
    n_callers--;
}

static void
connect_to_listeners(void)
{
    weft_fiber fibers[TEAM];
    for (int i = 0; i < PIECES; i++) {
        while (n_callers < TEAM)
            (void)weft_sleep_ms(1);
        start_all(connect_on, NULL, fibers, TEAM);
        join_all(fibers, TEAM);
    }
}

/* ---- peers that end their output ---- */

/* Returns how many replies come before the end. */
static uint32_t
read_replies(struct weft_conn *conn)
{
    const uint8_t *bytes;
    uint32_t n = 0;
    weft_err err;
    uint64_t until = weft_now_ns() + 3 * LATE_NS;
    while (!(err = weft_conn_next_until(conn, 4, until, &bytes))) {
        err = weft_conn_next_until(conn, (size_t)bytes[2] << 8 | bytes[3],
                                   until, &bytes);
        if (err)
            break;
        weft_conn_release(conn);
        n++;
    }
    if (err != WEFT_EEOF)
        weft_sim_fail("after %d replies: %s", (int)n, weft_err_text(err));
    return n;
}

/* All calls are answered, and then the server ends the connection. */
static void
end_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS / 2; i++) {
        uint8_t frame[FRAME_MAX];
        struct weft_conn *conn = NULL;
        uint32_t n = 1 + (uint32_t)below(3);
        WEFT_SIM_CHECK(
            !weft_dial_until("server:9090", NULL, weft_after_ms(2000), &conn));
        for (uint32_t k = 0; k < n; k++) {
            size_t len = put_frame(frame, "slow", k, 1);
            WEFT_SIM_CHECK(!weft_conn_write(conn, frame, len));
            if (below(2))
                WEFT_SIM_CHECK(!weft_conn_flush(conn));
        }
        if (below(2)) {
            WEFT_SIM_CHECK(!weft_conn_flush(conn));
            wait_a_while();
        }
        WEFT_SIM_CHECK(!weft_conn_end(conn));
        WEFT_SIM_CHECK(read_replies(conn) == n);
        weft_conn_close(conn);
    }
}

static void
end_all(void)
{
    weft_fiber fibers[TEAM];
    start_all(end_on, NULL, fibers, TEAM);
    join_all(fibers, TEAM);
}

/* ---- looks at all connections ---- */

static void
come_and_go(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        n_callers++;
        connect_on(arg);
    }
}

static void
churn(void)
{
    weft_fiber fibers[TEAM];
    start_all(come_and_go, NULL, fibers, TEAM);
    join_all(fibers, TEAM);
}

/* ---- sends while the output ends ---- */

#define FAREWELL 100 /* bytes that the server sends after the peer's end */

static void
say_farewell(struct weft_conn *conn, void *user)
{
    static const uint8_t bytes[FAREWELL];
    (void)user;
    (void)!weft_conn_write(conn, bytes, sizeof bytes);
    (void)!weft_conn_flush(conn);
    weft_conn_close(conn);
}

static void
skip_all(struct weft_conn *conn, void *user)
{
    (void)user;
    (void)!weft_conn_skip(conn, weft_conn_len(conn));
}

static void
send_on(void *arg)
{
    weft_err err = WEFT_OK;
    for (int i = 1; !err; i++) {
        struct weft_chain chain = {0};
        WEFT_SIM_CHECK(!weft_chain_append(&chain, "y", 1));
        err = weft_conn_send(arg, &chain);
        if (!err && i % 1000 == 0) /* the thread that ends is held up */
            err = weft_sleep_ms(1);
        WEFT_SIM_CHECK(!err || err == WEFT_ECLOSED);
        if (below(2))
            weft_fiber_yield();
    }
}

/* What comes after the end is not sent, and spoils nothing: all that the peer
 * sends arrives. */
static void
end_and_read(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct weft_conn *conn = NULL;
        WEFT_SIM_CHECK(
            !weft_dial_until("server:7", NULL, weft_after_ms(2000), &conn));
        weft_fiber sender = start(send_on, conn);
        if (below(2))
            weft_fiber_yield();
        WEFT_SIM_CHECK(!weft_conn_end(conn));
        WEFT_SIM_CHECK(!weft_fiber_join(sender));
        WEFT_SIM_CHECK(
            !weft_conn_wait_until(conn, FAREWELL, weft_now_ns() + 3 * LATE_NS));
        weft_conn_close(conn);
    }
}

static void
send_and_end(void)
{
    weft_fiber fibers[3];
    start_all(end_and_read, NULL, fibers, 3);
    join_all(fibers, 3);
}

static void
listen_for_others(void)
{
    static const struct weft_conn_hooks hooks[PARTS] = {
        [CHURN] = {.on_connect = on_connect,
                   .on_request = lend,
                   .on_close = on_close},
        [SENDS] = {.on_request = skip_all, .on_end = say_farewell},
        [POLLED] = {.on_request = abort_it}};
    const struct weft_conn_options options = {.idle_timeout_ms =
                                                  part == CHURN ? 40 : 0};
    WEFT_SIM_CHECK(!weft_listen(part == POLLED ? ":8" : ":7", &hooks[part],
                                NULL, &options, &listener));
}

/* ---- stops of the runtime ---- */

static uint32_t busy, most; /* of the functions that block */

static void
work(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(++busy <= most);
    for (uint64_t i = below(20); i > 0; i--)
        weft_fiber_yield(); /* on a plain thread this lets other threads run */
    busy--;
}

static void
block(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_blocking(work, NULL));
}

/* No thread of one runtime works for the next one, which may have fewer. */
static void
stop_runtimes(void)
{
    for (int i = 0; i < 2 * PIECES; i++) {
        weft_fiber fibers[TEAM];
        const struct weft_runtime_options options = {
            .workers = 2, .max_blocking = i % 2 ? 1 : 4};
        most = options.max_blocking;
        WEFT_SIM_CHECK(!weft_runtime_stop());
        WEFT_SIM_CHECK(!weft_runtime_start(&options));
        start_all(block, NULL, fibers, TEAM);
        join_all(fibers, TEAM);
    }
}

/* ---- one run ---- */

static bool ready; /* the client may begin */

static void
serve_for_others(void)
{
    open_server();
    listen_for_others();
    ready = true;
    if (part == RETIRED)
        count_connections();
    if (part == LOCAL)
        call_all_locally();
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_listener_stop(listener));
    WEFT_SIM_CHECK(lent == given_back && !open_now);
    weft_listener_free(listener);
    close_server();
}

static void
be_server(void *arg)
{
    static void (*const parts[PARTS])(void) = {[RESULTS] = results,
                                               [BELLS] = bells,
                                               [STOPS] = stop_servers,
                                               [LISTENS] = stop_listeners,
                                               [POOL] = stop_runtimes};
    const struct weft_runtime_options options = {.workers =
                                                     2 + (uint32_t)below(2)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    weft_sim_note("part %d", (int)part);
    weft_sim_faults(WEFT_SIM_STALL);
    if (parts[part])
        parts[part]();
    else
        serve_for_others();
    weft_sim_faults(0);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
be_client(void *arg)
{
    static void (*const parts[PARTS])(void) = {[STOPS] = call_stopping_servers,
                                               [LISTENS] = connect_to_listeners,
                                               [HTTP] = call_together,
                                               [RETIRED] = retire,
                                               [POLLED] = poll_all,
                                               [ENDS] = end_all,
                                               [CHURN] = churn,
                                               [SENDS] = send_and_end};
    const struct weft_runtime_options options = {.workers =
                                                     2 + (uint32_t)below(2)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    while (parts[part] && part != STOPS && part != LISTENS && !ready)
        (void)weft_sleep_ms(1);
    if (parts[part])
        parts[part]();
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)below(PARTS);
    weft_sim_host_new("server", be_server, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "gaps",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
