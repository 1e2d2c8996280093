/* SPDX-License-Identifier: MIT */
/*
 * Measures how fast the simulator is on one core of this machine: calls per
 * second of three clients with three servers, and simulated seconds per second
 * of ten hosts that only call their neighbour each 100 ms. Run it by hand, in a
 * release build: rate [SEEDS]. Each seed is a process, and only its user time
 * counts, so other programs on the machine make little difference. Runs that
 * switch at atomic operations are left out.
 */
#include "fibers.h"
#include "ledger_answers.h"

#include "sim.h"

#include <weft/rpc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define SERVERS 3
#define CLIENTS 3
#define CALLERS 32
#define CALLS 500 /* of each caller */
#define IDLERS 10
#define IDLE_S 500
#define PERIOD_MS 100

/* ---- both ---- */

static struct weft_server *
serve(void)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    struct weft_server *server = NULL;
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    return server;
}

static void
end(struct weft_server *server)
{
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
wait_for_servers(void)
{
    (void)weft_sleep_ms(100);
}

/* ---- calls ---- */

static struct weft_client *clients[CLIENTS][SERVERS];

static void
be_server(void *arg)
{
    (void)arg;
    struct weft_server *server = serve();
    weft_sim_wait_for_others();
    end(server);
}

static void
call(void *arg)
{
    struct weft_client **to = arg;
    for (int64_t i = 0; i < CALLS; i++)
        must_answer(to[i % SERVERS], i);
}

static void
be_client(void *arg)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090", "s2:9090"};
    struct weft_client **to = arg;
    weft_fiber callers[CALLERS];
    for (int i = 0; i < SERVERS; i++)
        WEFT_SIM_CHECK(!weft_client_new(names[i], NULL, &to[i]));
    wait_for_servers();
    start_all(call, to, callers, CALLERS);
    join_all(callers, CALLERS);
    for (int i = 0; i < SERVERS; i++)
        weft_client_free(to[i]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
leave_out_atomics(void)
{
    if (strcmp(ws_strategy_name(), "atomics") == 0)
        _exit(0);
}

static void
set_up_calls(void)
{
    leave_out_atomics();
    static const char *const names[] = {"s0", "s1", "s2", "c0", "c1", "c2"};
    for (int i = 0; i < SERVERS; i++)
        weft_sim_host_new(names[i], be_server, NULL);
    for (int i = 0; i < CLIENTS; i++)
        weft_sim_host_new(names[SERVERS + i], be_client, clients[i]);
}

/* ---- idle ---- */

static const char *const idlers[IDLERS] = {"h0", "h1", "h2", "h3", "h4",
                                           "h5", "h6", "h7", "h8", "h9"};
static int idlers_left;

static void
be_idle(void *arg)
{
    char address[16];
    struct weft_client *client = NULL;
    struct weft_server *server = serve();
    (void)snprintf(address, sizeof address, "%s:9090", (const char *)arg);
    WEFT_SIM_CHECK(!weft_client_new(address, NULL, &client));
    wait_for_servers();
    uint64_t next = weft_now_ns();
    for (int64_t i = 0; i < IDLE_S * 1000 / PERIOD_MS; i++) {
        must_answer(client, i);
        next += PERIOD_MS * (uint64_t)1000000;
        (void)weft_sleep_until(next);
    }
    weft_client_free(client);
    idlers_left--;
    while (idlers_left > 0) /* its neighbour may still call this host */
        (void)weft_sleep_ms(PERIOD_MS);
    end(server);
}

static void
set_up_idle(void)
{
    leave_out_atomics();
    idlers_left = IDLERS;
    for (int i = 0; i < IDLERS; i++)
        weft_sim_host_new(idlers[i], be_idle,
                          (void *)(uintptr_t)idlers[(i + 1) % IDLERS]);
}

/* ---- measure ---- */

struct result {
    double user_s; /* 0: the run is left out */
    uint64_t steps, switches;
};

static void
run_in_process(const struct weft_sim_scenario *scenario, uint64_t seed,
               struct result *result)
{
    int status;
    struct rusage used;
    memset(result, 0, sizeof *result);
    pid_t child = fork();
    if (child == 0) {
        bool passed = ws_run_once(scenario, seed, NULL, NULL);
        if (!passed)
            fprintf(stderr, "seed %lu: %s\n", (unsigned long)seed, ws.failure);
        result->steps = ws.n_steps;
        result->switches = ws.n_switches;
        (void)getrusage(RUSAGE_SELF, &used);
        result->user_s =
            (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6;
        _exit(!passed);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
        exit(1);
}

static void
measure(const struct weft_sim_scenario *scenario, uint64_t seeds, double amount,
        const char *unit)
{
    struct result *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double user_s = 0, done = 0, steps = 0, switches = 0;
    if (r == MAP_FAILED)
        exit(1);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        run_in_process(scenario, seed, r);
        if (r->user_s <= 0)
            continue;
        user_s += r->user_s;
        done += amount;
        steps += (double)r->steps;
        switches += (double)r->switches;
    }
    printf("%s: %.0f %s per second of user time (%.1f s); %.2f calls of the "
           "seam and %.2f switches each\n",
           scenario->name, done / user_s, unit, user_s, steps / done,
           switches / done);
    (void)munmap(r, sizeof *r);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario calls = {.name = "calls",
                                                   .set_up = set_up_calls};
    static const struct weft_sim_scenario idle = {
        .name = "idle", .set_up = set_up_idle, .limit_ns = UINT64_MAX};
    uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 20;
    measure(&calls, seeds, CLIENTS * CALLERS * CALLS, "calls");
    measure(&idle, seeds, IDLE_S, "simulated seconds");
    return 0;
}
