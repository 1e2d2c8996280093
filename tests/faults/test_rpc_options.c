/* SPDX-License-Identifier: MIT */
/* A resolver that never answers (row 85 of docs/threats.md), and time-outs that
 * are WEFT_NONE. The clock stands still until a test moves it, and the resolver
 * answers when the test lets it. Each time-out is tested twice: with the
 * longest value (49 days), which ends when sixty days pass, and with WEFT_NONE,
 * which does not. */
#include "shim.h"

#include "trial_server.h"
#include "wire.h"

#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define LONGEST (WEFT_NONE - 1) /* ms: 49 days */
#define SIXTY_DAYS_MS 5184000000u

static struct {
    uint64_t begin_ns;
    _Atomic uint64_t passed_ns;
    _Atomic bool runs;  /* the clock also runs by itself */
    _Atomic bool holds; /* look-ups wait until it is false */
    _Atomic int asked;  /* look-ups that have begun ... */
    _Atomic int held;   /* ... and that wait */
} host;

static uint64_t
clock_ns(void)
{
    struct timespec now;
    uint64_t ns = wf_load(&host.passed_ns, acquire);
    if (!wf_load(&host.runs, acquire))
        return host.begin_ns + ns;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec + ns;
}

static int
resolve(const char *name, const char *port, const struct addrinfo *hints,
        struct addrinfo **found)
{
    if (hints->ai_flags & AI_NUMERICHOST)
        return getaddrinfo(name, port, hints, found);
    wf_add(&host.held, 1, relaxed);
    wf_add(&host.asked, 1, release);
    while (wf_load(&host.holds, acquire))
        usleep(1000);
    wf_sub(&host.held, 1, release);
    return EAI_NONAME;
}

/* A call that waits, on a fiber of its own. */
struct waiting {
    void (*fn)(struct waiting *w);
    void *arg;
    weft_fiber fiber;
    weft_err err;
    _Atomic bool done;
};

static void
wait_main(void *arg)
{
    struct waiting *w = arg;
    w->fn(w);
    wf_store(&w->done, true, release);
}

static void
begin(struct waiting *w, void (*fn)(struct waiting *w), void *arg)
{
    *w = (struct waiting){.fn = fn, .arg = arg};
    MUST(!weft_fiber_start(wait_main, w, &w->fiber));
}

static weft_err
end(struct waiting *w)
{
    MUST(!weft_fiber_join(w->fiber));
    return w->err;
}

static void
rests(struct waiting *w)
{
    w->err = WEFT_OK;
}

static void
sleeps(struct waiting *w)
{
    w->err = weft_sleep_ms(1);
}

/* Move the clock by ms; then let a fiber sleep for 1 ms, and move the clock
 * until the fiber wakes. All earlier timers have fired then. */
static void
let_pass(uint64_t ms)
{
    struct waiting w;
    wf_add(&host.passed_ns, ms * 1000000u, acq_rel);
    begin(&w, sleeps, NULL);
    while (!wf_load(&w.done, acquire)) {
        usleep(1000);
        wf_add(&host.passed_ns, 1000000u, acq_rel);
        /* An idle worker sleeps by the real clock, so a new fiber has to wake
         * it. */
        struct waiting nothing;
        begin(&nothing, rests, NULL);
        MUST(!end(&nothing));
    }
    MUST(!end(&w));
}

/* Wait until a timer has made `cond` true. If that never happens, main's alarm
 * ends the program. */
#define UNTIL(cond)      \
    do {                 \
        while (!(cond))  \
            let_pass(0); \
    } while (0)

/* The same for a time-out, which may have begun only after the last sixty
 * days. */
#define DAYS_UNTIL(cond)             \
    do {                             \
        while (!(cond))              \
            let_pass(SIXTY_DAYS_MS); \
    } while (0)

/* Sixty days, and then time for three checks of all connections. */
static void
let_days_pass(void)
{
    let_pass(SIXTY_DAYS_MS);
    for (int i = 0; i < 3; i++)
        let_pass(1001);
}

/* Let the held look-ups end. At most two look-ups of one host run at a time, so
 * otherwise a later one would wait in the queue and never begin. */
static void
let_resolve(void)
{
    wf_store(&host.holds, false, release);
    UNTIL(wf_load(&host.held, acquire) == 0);
}

/* ---- listening on a name ---- */

static const struct weft_conn_hooks hooks;

static void
server_listens(struct waiting *w)
{
    w->err = weft_server_listen(w->arg, "slow.test:0");
}

static void
server_listens_until(struct waiting *w)
{
    w->err =
        weft_server_listen_until(w->arg, "slow.test:0", weft_after_ms(20000));
}

static void
listens(struct waiting *w)
{
    w->err = weft_listen("slow.test:0", &hooks, NULL, NULL, w->arg);
}

static void
ends_after(void (*fn)(struct waiting *w), void *arg, uint64_t ms, weft_err how)
{
    struct waiting w;
    int before = wf_load(&host.asked, acquire);
    wf_store(&host.holds, true, release);
    begin(&w, fn, arg);
    UNTIL(wf_load(&host.asked, acquire) == before + 1);
    let_pass(ms - 10000);
    assert_false(wf_load(&w.done, acquire));
    let_pass(10000);
    UNTIL(wf_load(&w.done, acquire));
    assert_int_equal(end(&w), how);
    let_resolve();
}

static void
a_resolver_that_never_answers(void **state)
{
    (void)state;
    struct weft_server *server;
    struct weft_listener *listener;
    MUST(!weft_server_new(NULL, &server));
    ends_after(server_listens, server, 30000, WEFT_ETIMEOUT);
    ends_after(server_listens_until, server, 20000, WEFT_ETIMEOUT);
    ends_after(listens, &listener, 30000, WEFT_ETIMEOUT);
    assert_int_equal(weft_server_listen(server, "slow.test:0"), WEFT_EADDRESS);
    weft_server_free(server);
}

/* ---- calls to a name ---- */

static char said[256]; /* the text of the last call's info */

static void
calls_late(struct waiting *w)
{
    struct weft_arena arena;
    struct trial_nothing_args args = {0};
    struct trial_nothing_result result;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    weft_arena_init(&arena, 0);
    w->err = trial_Trial_nothing(w->arg, &arena, &args, &result, &options);
    snprintf(said, sizeof said, "%.*s", WEFT_FMT(info.text));
    weft_arena_fini(&arena);
}

/* The text of a call says that the look-up took too long, both at the deadline
 * of the call and at the time-out of the connect. */
static void
a_call_names_the_look_up(void **state)
{
    (void)state;
    struct weft_client *client;
    struct weft_client_options options = {.connect_timeout_ms = WEFT_NONE,
                                          .call_timeout_ms = 20000};
    MUST(!weft_client_new("slow.test:7", &options, &client));
    ends_after(calls_late, client, 20000, WEFT_ETIMEOUT);
    assert_string_equal(said, "slow.test:7: the look-up of the host did not "
                              "end in time, so the call was not sent");
    weft_client_free(client);
    options.connect_timeout_ms = 30000;
    options.call_timeout_ms = WEFT_NONE;
    MUST(!weft_client_new("slow.test:7", &options, &client));
    ends_after(calls_late, client, 30000, WEFT_ECONNECT);
    assert_string_equal(said, "slow.test:7: the look-up of the host did not "
                              "end within 30000 ms");
    weft_client_free(client);
}

/* ---- time-outs of a server ---- */

/* Make a server whose connections may be idle for idle_ms. All other time-outs,
 * and those of its client, are ms. */
static void
open_house(struct house *h, uint32_t idle_ms, uint32_t ms)
{
    struct weft_server_options server = {.idle_timeout_ms = idle_ms,
                                         .read_timeout_ms = ms,
                                         .write_timeout_ms = ms,
                                         .stop_timeout_ms = ms,
                                         .call_timeout_ms = ms};
    struct weft_client_options client = {.connect_timeout_ms = ms,
                                         .call_timeout_ms = ms,
                                         .write_timeout_ms = ms,
                                         .idle_timeout_ms = ms,
                                         .silent_timeout_ms = ms,
                                         .flush_timeout_ms = ms};
    house_open(h, NULL, &server, &client);
}

/* One connection is idle, one has sent a part of a message, one does not read
 * its replies. */
static void
server_with(uint32_t idle_ms, uint32_t ms, uint64_t idle, uint64_t others)
{
    struct house h;
    struct weft_server_stats stats;
    struct bytes part = {0}, large = {0};
    open_house(&h, idle_ms, ms);
    int quiet = wire_dial(house_port(&h)), partly = wire_dial(house_port(&h)),
        deaf = wire_dial(house_port(&h));
    put32(&part, 100);
    put_large(&large, 1, 8 << 20);
    MUST(wire_send(partly, part.ptr, part.len));
    MUST(wire_send(deaf, large.ptr, large.len));
    do
        weft_server_get_stats(h.server, &stats);
    while (stats.replies < 1 || stats.connections < 3);
    let_days_pass();
    DAYS_UNTIL((weft_server_get_stats(h.server, &stats),
                stats.connections <= 3 - idle - 2 * others));
    assert_int_equal(stats.closed.idle, idle);
    assert_int_equal(stats.closed.read_timeout, others);
    assert_int_equal(stats.closed.write_timeout, others);
    assert_int_equal(stats.connections, 3 - idle - 2 * others);
    wire_reset(quiet);
    wire_reset(partly);
    wire_reset(deaf);
    bytes_free(&part);
    bytes_free(&large);
    house_close(&h);
}

static void
a_server_waits_for_ever(void **state)
{
    (void)state;
    server_with(LONGEST, WEFT_NONE, 3, 0);
    server_with(WEFT_NONE, LONGEST, 0, 1);
    server_with(WEFT_NONE, WEFT_NONE, 0, 0);
}

static void
stops(struct waiting *w)
{
    w->err = weft_server_stop(w->arg);
}

/* How many ms a handler sees until its deadline; -1: it has none. */
static int64_t
left(struct weft_client *client)
{
    struct weft_arena arena;
    struct trial_left_args args;
    struct trial_left_result result;
    weft_arena_init(&arena, 0);
    trial_left_args_init(&args);
    MUST(!trial_Trial_left(client, &arena, &args, &result, NULL));
    weft_arena_fini(&arena);
    return result.success;
}

/* A call is in flight, and its server stops. */
static void
calls_with(uint32_t ms, weft_err call_err, weft_err stop_err)
{
    struct house h;
    struct waiting stop;
    open_house(&h, WEFT_NONE, ms);
    assert_int_equal(left(h.client), ms == WEFT_NONE ? -1 : (int64_t)ms);
    struct caller caller = {.client = h.client, .number = 7};
    caller_start(&caller);
    UNTIL(wf_load(&h.trial.inside, acquire) == 1);
    let_days_pass();
    if (call_err)
        DAYS_UNTIL(wf_load(&caller.ends, acquire));
    assert_int_equal(wf_load(&caller.ends, acquire), call_err != WEFT_OK);
    begin(&stop, stops, h.server);
    let_pass(0); /* until the stop has begun */
    let_days_pass();
    if (stop_err)
        DAYS_UNTIL(wf_load(&stop.done, acquire));
    assert_false(!stop_err && wf_load(&stop.done, acquire));
    weft_sem_give(&h.trial.gate, 1);
    assert_int_equal(end(&stop), stop_err);
    MUST(!weft_fiber_join(caller.fiber));
    assert_int_equal(caller.err, call_err);
    weft_client_free(h.client);
    weft_server_free(h.server);
}

static void
a_call_and_a_stop_wait_for_ever(void **state)
{
    (void)state;
    calls_with(LONGEST, WEFT_ETIMEOUT, WEFT_ETIMEOUT);
    calls_with(WEFT_NONE, WEFT_OK, WEFT_OK);
}

/* ---- time-outs of a client ---- */

/* A connection is idle for sixty days, and is silent while a call times out.
 * The client replaces it each time, or, with WEFT_NONE, keeps it. */
static void
connections_with(uint32_t ms, uint64_t connects, uint64_t replaced)
{
    struct house h;
    struct weft_client_stats stats;
    open_house(&h, WEFT_NONE, ms);
    must_work(&h);
    let_days_pass();
    must_work(&h);
    weft_client_get_stats(h.client, &stats);
    assert_int_equal(stats.connects, connects);
    struct caller caller = {.client = h.client,
                            .options.deadline_ns = weft_after_ms(1000)};
    caller_start(&caller);
    UNTIL(wf_load(&h.trial.inside, acquire) == 1);
    let_days_pass();
    MUST(!weft_fiber_join(caller.fiber));
    assert_int_equal(caller.err, WEFT_ETIMEOUT);
    weft_client_get_stats(h.client, &stats);
    assert_int_equal(stats.replaced, replaced);
    weft_sem_give(&h.trial.gate, 1);
    UNTIL(wf_load(&h.trial.inside, acquire) == 0);
    house_close(&h);
}

static void
a_client_keeps_its_connection(void **state)
{
    (void)state;
    connections_with(LONGEST, 2, 1);
    connections_with(WEFT_NONE, 1, 0);
}

static void
calls(struct waiting *w)
{
    int64_t sum;
    w->err = call_add(w->arg, 1, 2, &sum);
}

static void
frees(struct waiting *w)
{
    weft_client_free(w->arg);
}

/* The look-up does not end until the test lets it. Then the address refuses. */
static void
a_client_connects_for_ever(void **state)
{
    (void)state;
    for (int none = 0; none < 2; none++) {
        uint32_t ms = none ? WEFT_NONE : LONGEST;
        struct weft_client_options options = {.connect_timeout_ms = ms,
                                              .call_timeout_ms = WEFT_NONE};
        struct weft_client *client;
        struct waiting w;
        int before = wf_load(&host.asked, acquire);
        MUST(!weft_client_new("slow.test:80", &options, &client));
        wf_store(&host.holds, true, release);
        begin(&w, calls, client);
        UNTIL(wf_load(&host.asked, acquire) == before + 1);
        let_pass(0); /* until the call has begun */
        let_days_pass();
        if (!none)
            DAYS_UNTIL(wf_load(&w.done, acquire));
        assert_int_equal(wf_load(&w.done, acquire), !none);
        let_resolve();
        assert_int_equal(end(&w), WEFT_ECONNECT);
        weft_client_free(client);
    }
}

static void
a_client_tries_without_a_pause(void **state)
{
    (void)state;
    for (int none = 0; none < 2; none++) {
        struct weft_client_options options = {.retry_connect_ms =
                                                  none ? WEFT_NONE : 0};
        struct weft_client *client;
        struct weft_client_stats stats;
        int64_t sum;
        MUST(!weft_client_new("unix:@nobody.listens", &options, &client));
        for (int i = 0; i < 3; i++)
            assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ECONNECT);
        weft_client_get_stats(client, &stats);
        assert_int_equal(stats.failed_connects, none ? 3 : 1);
        weft_client_free(client);
    }
}

static weft_err
note(struct weft_client *client)
{
    struct weft_arena arena;
    struct trial_note_args args;
    weft_arena_init(&arena, 0);
    trial_note_args_init(&args);
    weft_err err = trial_Trial_note(client, &arena, &args, NULL);
    weft_arena_fini(&arena);
    return err;
}

/* Calls are queued for a peer that does not read. */
static void
a_client_sends_for_ever(void **state)
{
    (void)state;
    for (int none = 0; none < 2; none++) {
        struct weft_client_options options = {.flush_timeout_ms =
                                                  none ? WEFT_NONE : LONGEST,
                                              .write_timeout_ms = WEFT_NONE,
                                              .max_queued = 1 << 16};
        struct weft_client *client;
        struct waiting w;
        uint16_t port = 0;
        char address[32], bytes[4096];
        int listener = wire_listen(&port, 1);
        snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
        MUST(!weft_client_new(address, &options, &client));
        while (!note(client)) {
        }
        int peer = wire_accept(listener);
        begin(&w, frees, client);
        let_pass(0); /* until the free has begun */
        let_days_pass();
        if (!none)
            DAYS_UNTIL(wf_load(&w.done, acquire));
        assert_int_equal(wf_load(&w.done, acquire), !none);
        while (recv(peer, bytes, sizeof bytes, 0) > 0) {
        }
        (void)end(&w);
        close(peer);
        close(listener);
    }
}

/* ---- connections of net.h ---- */

static struct weft_sem let_go;
static _Atomic int requests, idle_ends;

static void
on_request(struct weft_conn *conn, void *unused)
{
    (void)unused;
    wf_add(&requests, 1, release);
    MUST(!weft_sem_take(&let_go));
    MUST(!weft_conn_skip(conn, weft_conn_len(conn)));
}

static void
on_close(struct weft_conn *conn, weft_err why, void *unused)
{
    (void)conn;
    (void)unused;
    wf_add(&idle_ends, why == WEFT_EIDLE, release);
}

static void
reads(struct waiting *w)
{
    w->err = weft_conn_wait(w->arg, 1);
}

static void
stops_listening(struct waiting *w)
{
    w->err = weft_listener_stop(w->arg);
}

static void
conns_with(uint32_t idle_ms, uint32_t ms, int idles, bool ends)
{
    static const struct weft_conn_hooks busy = {.on_request = on_request,
                                                .on_close = on_close};
    struct weft_conn_options options = {.read_timeout_ms = ms,
                                        .idle_timeout_ms = idle_ms,
                                        .stop_timeout_ms = ms};
    struct weft_listener *l;
    struct weft_conn *conn;
    struct waiting read, stop;
    char address[32];
    wf_store(&requests, 0, relaxed);
    wf_store(&idle_ends, 0, relaxed);
    MUST(!weft_listen("127.0.0.1:0", &busy, NULL, &options, &l));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(l));
    MUST(!weft_dial_until(address, &options, WEFT_NEVER, &conn));
    begin(&read, reads, conn);
    int idle = wire_dial(weft_listener_port(l));
    MUST(wire_send(idle, "x", 1));
    UNTIL(wf_load(&requests, acquire) == 1);
    let_days_pass();
    if (ends || idles)
        DAYS_UNTIL(wf_load(&read.done, acquire));
    assert_int_equal(wf_load(&read.done, acquire), ends || idles);
    begin(&stop, stops_listening, l);
    let_pass(0); /* until the stop has begun */
    let_days_pass();
    if (ends) /* the busy connection fails, too */
        DAYS_UNTIL(recv(idle, address, 1, MSG_DONTWAIT) >= 0 ||
                   errno != EAGAIN);
    weft_sem_give(&let_go, 1);
    assert_int_equal(end(&stop), ends ? WEFT_ETIMEOUT : WEFT_OK);
    assert_int_equal(end(&read), ends ? WEFT_EREADTIMEOUT : WEFT_EEOF);
    assert_int_equal(wf_load(&idle_ends, acquire), idles);
    weft_conn_close(conn);
    weft_listener_free(l);
    close(idle);
}

static void
a_connection_waits_for_ever(void **state)
{
    (void)state;
    conns_with(LONGEST, WEFT_NONE, 2, false);
    conns_with(WEFT_NONE, LONGEST, 0, true);
    conns_with(WEFT_NONE, WEFT_NONE, 0, false);
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 1,
                                           .poller = WEFT_POLLER_EPOLL};
    alarm(300);
    shim_install();
    host.begin_ns = weft_now_ns();
    wf_shim.now_ns = clock_ns;
    wf_shim.getaddrinfo = resolve;
    return weft_runtime_start(&options);
}

static int
stop(void **state)
{
    (void)state;
    /* Connections may still linger, for less than a minute. */
    wf_store(&host.runs, true, release);
    let_pass(60000);
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resolver_that_never_answers),
        cmocka_unit_test(a_call_names_the_look_up),
        cmocka_unit_test(a_server_waits_for_ever),
        cmocka_unit_test(a_call_and_a_stop_wait_for_ever),
        cmocka_unit_test(a_client_keeps_its_connection),
        cmocka_unit_test(a_client_connects_for_ever),
        cmocka_unit_test(a_client_tries_without_a_pause),
        cmocka_unit_test(a_client_sends_for_ever),
        cmocka_unit_test(a_connection_waits_for_ever),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
