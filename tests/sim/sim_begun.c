/* SPDX-License-Identifier: MIT */
/*
 * Fibers and plain threads have several calls in flight at once, which they
 * await in any order, or cancel, while servers are killed and restarted, links
 * are cut, and connections are reset. In some runs there are few fibers. Each
 * call ends once, and a call is found by weft_await_any only after it has
 * ended.
 */
#include "ledger_calls.h"

#include <errno.h>
#include <inttypes.h>

#define SERVERS 2
#define CALLERS 4
#define ROUNDS 10
#define IN_FLIGHT 5
#define FEW 8 /* fibers in some runs, besides those that call */

static weft_sim_host servers[SERVERS], client;
static uint32_t failing; /* 1 while faults happen */

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

/* ---- calls in flight ---- */

enum { RUN, SLOW, NOTE, N_METHODS };

struct begun {
    struct ledger_run_args run;
    struct ledger_slow_args slow;
    struct ledger_note_args note;
    struct ledger_run_result run_result;
    struct ledger_slow_result slow_result;
    struct weft_call_options options;
    struct weft_call_info info;
    uint64_t number;
    uint64_t method; /* RUN, SLOW or NOTE */
};

static void
begin(struct weft_client *to, struct weft_arena *arena, struct begun *b,
      uint64_t last_ns, struct weft_pending *pending)
{
    uint64_t deadline = last_ns - weft_sim_random(1500) * (uint64_t)MS;
    *b = (struct begun){.options = {.deadline_ns = deadline, .info = &b->info},
                        .number = weft_sim_call_begin(last_ns, false),
                        .method = weft_sim_random(N_METHODS)};
    int64_t number = (int64_t)b->number;
    switch (b->method) {
    case RUN:
        b->run.number = number;
        ledger_Ledger_run_begin(to, arena, &b->run, &b->run_result, &b->options,
                                pending);
        break;
    case SLOW:
        b->slow.number = number;
        b->slow.ms = (int32_t)weft_sim_random(300);
        ledger_Ledger_slow_begin(to, arena, &b->slow, &b->slow_result,
                                 &b->options, pending);
        break;
    case NOTE:
        b->note.number = number;
        ledger_Ledger_note_begin(to, arena, &b->note, &b->options, pending);
    }
}

static void
end(struct begun *b, struct weft_pending *pending, bool cancel)
{
    weft_err err = cancel ? weft_pending_cancel(pending) : weft_await(pending);
    uint32_t reach = b->info.reach;
    if (!err && b->method == NOTE)
        reach = WEFT_CALL_MAYBE_HANDLED;
    uint64_t reply = (uint64_t)(b->method == RUN    ? b->run_result.success
                                : b->method == SLOW ? b->slow_result.success
                                                    : 0);
    weft_sim_note("call %" PRIu64 ": %s, reach %u%s", b->number,
                  weft_err_text(err), reach, cancel ? ", cancelled" : "");
    weft_sim_call_end(b->number, err, reach, reply);
    WEFT_SIM_CHECK(weft_await(pending) == err);
    WEFT_SIM_SOMETIMES("a begun call succeeds", !err);
    WEFT_SIM_SOMETIMES("a begun call misses its deadline",
                       err == WEFT_ETIMEOUT);
    WEFT_SIM_SOMETIMES("a begun call is cancelled", err == WEFT_ECANCEL);
    WEFT_SIM_SOMETIMES("a call has ended before it is cancelled",
                       cancel && !err);
    WEFT_SIM_SOMETIMES("a call is cancelled before it is sent",
                       cancel && err && reach == WEFT_CALL_NOT_SENT);
}

/* When the first of the calls in flight ends, at the latest. */
static uint64_t
first_end(const struct begun *begun, const struct weft_pending *calls,
          uint32_t n)
{
    uint64_t first = WEFT_NEVER, now = weft_now_ns();
    for (uint32_t i = 0; i < n; i++)
        if (calls[i].call && begun[i].options.deadline_ns < first)
            first = begun[i].options.deadline_ns;
    return first < now ? now : first;
}

enum choice { AWAIT, FOUND, CANCEL };

/* Choose a call in flight, and how it ends: one that has ended, which is found,
 * or any call, which is awaited or cancelled. */
static uint32_t
choose(const struct begun *begun, struct weft_pending *calls, uint32_t n,
       enum choice *choice)
{
    int i;
    uint64_t due;
    *choice = FOUND;
    switch (weft_sim_random(4)) {
    case 0:
        *choice = weft_sim_random(2) ? CANCEL : AWAIT;
        do
            i = (int)weft_sim_random(n);
        while (!calls[i].call);
        return (uint32_t)i;
    case 1:
        i = weft_await_any_until(calls, n,
                                 weft_now_ns() + weft_sim_random(50) * MS);
        WEFT_SIM_CHECK(i >= 0 || i == WEFT_ETIMEOUT);
        WEFT_SIM_SOMETIMES("no call ends in time", i < 0);
        return i < 0 ? choose(begun, calls, n, choice) : (uint32_t)i;
    default:
        due = first_end(begun, calls, n);
        i = weft_await_any(calls, n);
        WEFT_SIM_CHECK(i >= 0);
        WEFT_SIM_CHECK(weft_now_ns() <= due + SLACK_NS);
        return (uint32_t)i;
    }
}

static void
call_round(struct weft_client *const *to)
{
    struct weft_arena arena;
    struct begun begun[IN_FLIGHT];
    struct weft_pending calls[IN_FLIGHT] = {0};
    uint32_t n = 1 + (uint32_t)weft_sim_random(IN_FLIGHT);
    uint64_t last_ns = weft_now_ns() + 1500 * (uint64_t)MS;
    weft_arena_init(&arena, 0);
    for (uint32_t i = 0; i < n; i++) {
        begin(to[weft_sim_random(SERVERS)], &arena, &begun[i], last_ns,
              &calls[i]);
        WEFT_SIM_CHECK(calls[i].call); /* there is memory */
    }
    for (uint32_t left = n; left > 0; left--) {
        enum choice choice;
        uint32_t i = choose(begun, calls, n, &choice);
        WEFT_SIM_CHECK(i < n);
        uint64_t now = weft_now_ns();
        end(&begun[i], &calls[i], choice == CANCEL);
        WEFT_SIM_CHECK(choice == AWAIT || weft_now_ns() <= now + SLACK_NS);
    }
    WEFT_SIM_CHECK(weft_await_any(calls, n) == -EINVAL);
    weft_arena_fini(&arena);
}

static void
call(void *arg)
{
    struct weft_client *const *to = arg;
    for (int i = 0; i < ROUNDS; i++) {
        call_round(to);
        ledger_ask(to[weft_sim_random(SERVERS)]);
        (void)weft_sleep_ms((int64_t)weft_sim_random(400));
    }
}

static void
be_client(void *arg)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090"};
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3),
        .max_fibers = weft_sim_random(4) ? 0 : CALLERS + FEW};
    struct weft_client *handles[SERVERS];
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int i = 0; i < SERVERS; i++)
        WEFT_SIM_CHECK(!weft_client_new(names[i], NULL, &handles[i]));
    start_all(call, handles, fibers, CALLERS);
    call(handles); /* this plain thread has calls in flight, too */
    join_all(fibers, CALLERS);
    wait_for_quiet(&failing);
    for (int i = 0; i < SERVERS; i++) {
        ledger_ask_in_quiet(handles[i]);
        weft_client_free(handles[i]);
    }
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
fail(void *arg)
{
    uint64_t until = weft_sim_random(5000) * (uint64_t)MS;
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_MAYBE);
    while (weft_sim_now_ns() < until) {
        weft_sim_host s = servers[weft_sim_random(SERVERS)];
        (void)weft_sleep_ms((int64_t)weft_sim_random(500));
        if (weft_sim_random(2)) {
            weft_sim_cut(client, s, true);
            (void)weft_sleep_ms((int64_t)weft_sim_random(1500));
            weft_sim_cut(client, s, false);
        } else {
            weft_sim_kill(s);
            (void)weft_sleep_ms((int64_t)weft_sim_random(1000));
            weft_sim_restart(s);
        }
    }
    end_faults(&failing);
}

static void
set_up(void)
{
    failing = 1;
    servers[0] = weft_sim_host_new("s0", serve, NULL);
    servers[1] = weft_sim_host_new("s1", serve, NULL);
    client = weft_sim_host_new("c", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "begun",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
