/* SPDX-License-Identifier: MIT */
/*
 * Mistakes in scenarios and in the code of hosts. The variable WRONG in the
 * environment chooses one. tests/sim/told compares what the program prints.
 */
#include <weft/buf.h>
#include <weft/fiber.h>
#include <weft/sim.h>

#include <stdlib.h>
#include <string.h>

static const char *mistake;

static bool
is(const char *name)
{
    return strcmp(mistake, name) == 0;
}

static struct weft_sem nobody_posts;

static void
wait_for_ever(void *arg)
{
    (void)arg;
    (void)!weft_sem_take(&nobody_posts);
}

/* Resources that main must not leave: a waiting fiber, a block of bytes,
 * threads. */
static void
leave(void)
{
    static struct weft_chain chain;
    const struct weft_fiber_options options = {.name = "the last one"};
    const struct weft_runtime_options workers = {.workers = 2};
    weft_fiber fiber;
    if (is("thread"))
        WEFT_SIM_CHECK(!weft_runtime_start(&workers));
    if (is("block"))
        WEFT_SIM_CHECK(!weft_chain_append(&chain, "x", 1));
    if (is("fiber") || is("deadlock"))
        WEFT_SIM_CHECK(
            !weft_fiber_start_with(&options, wait_for_ever, NULL, &fiber));
    if (is("deadlock"))
        WEFT_SIM_CHECK(!weft_fiber_join(fiber));
}

/* A call of the ledger that breaks a promise. `call repeats` is allowed to run
 * twice, and the caller of `call lost` dies, so these break none. */
static void
break_a_promise(void)
{
    uint64_t deadline = weft_now_ns() + 1000000;
    uint64_t number = weft_sim_call_begin(deadline, is("call repeats"));
    bool unsent = is("call unsent") || is("call after");
    if (!is("call idle") && !is("call after"))
        weft_sim_call_run(number);
    if (is("call twice") || is("call repeats"))
        weft_sim_call_run(number);
    if (is("call late"))
        (void)weft_sleep_ms(62);
    if (!is("call open") && !is("call lost"))
        weft_sim_call_end(number, WEFT_OK,
                          unsent ? WEFT_CALL_NOT_SENT : WEFT_CALL_ANSWERED,
                          number + is("call crossed"));
    if (is("call ended"))
        weft_sim_call_end(number, WEFT_OK, WEFT_CALL_ANSWERED, number);
    if (is("call after"))
        weft_sim_call_run(number);
    weft_sim_call_run(is("call unknown") ? 9 : 0);
    if (is("call lost"))
        weft_sim_kill((weft_sim_host){0});
}

static void
run(void *arg)
{
    (void)arg;
    leave();
    for (int i = 0; i < 9 && strncmp(mistake, "invariant", 9) == 0; i++)
        (void)weft_sleep_ms(1);
    if (is("die")) {
        void *volatile lost = malloc(32); /* no leak, because the process
                                           * dies */
        WEFT_SIM_CHECK(lost);
        weft_sim_kill((weft_sim_host){0});
    }
    if (strncmp(mistake, "call", 4) == 0)
        break_a_promise();
    if (is("luck"))
        weft_sim_fail("bad luck");
    if (is("served"))
        (void)weft_sleep_ms(2);
    if (is("goes on")) {
        weft_sim_fail("this comes first");
        abort();
    }
    if (is("exit"))
        exit(0);
    if (is("abort"))
        abort();
    WEFT_SIM_SOMETIMES("a second of one name", !is("mark"));
    WEFT_SIM_SOMETIMES("a second of one name", false);
    WEFT_SIM_SOMETIMES("a run", true);
    if (is("host"))
        weft_sim_kill((weft_sim_host){9});
    weft_sim_wait_for_quiet();
    for (int i = 0; i < 9 && is("restless"); i++)
        (void)weft_sleep_ms(1000);
    for (volatile bool endless = is("loop"); endless;)
        ;
}

static void
rest(void *arg)
{
    (void)arg;
}

static void
serve(void *arg)
{
    (void)arg;
    weft_sim_wait_for_others();
    weft_sim_note("nobody is left");
}

static void
check(void)
{
    if (is("check"))
        weft_sim_fail("the check says so");
    if (is("check waits"))
        (void)weft_sleep_ms(1);
}

static uint32_t n_steps;

static void
count_steps(void)
{
    if (is("invariant") && ++n_steps > 3)
        weft_sim_fail("the invariant is broken");
    if (is("invariant waits"))
        (void)weft_sleep_ms(1);
}

static void
set_up(void)
{
    if (is("none"))
        return;
    weft_sim_host_new("one", is("main") ? NULL : run, NULL);
    if (is("luck") || is("check"))
        weft_sim_host_new("other", rest, NULL);
    if (is("served"))
        weft_sim_host_new("other", serve, NULL);
    if (is("twins"))
        weft_sim_host_new("one", run, NULL);
    if (strncmp(mistake, "named ", 6) == 0)
        weft_sim_host_new(mistake + 6, rest, NULL);
    if (is("set_up waits"))
        (void)weft_sleep_ms(1);
    if (is("set_up starts"))
        (void)!weft_runtime_start(NULL);
}

/* Functions that only a run may call. */
static void
call_early(void)
{
    if (is("early host"))
        weft_sim_host_new("one", wait_for_ever, NULL);
    if (is("early faults"))
        weft_sim_faults(WEFT_SIM_SLOW);
    if (is("early link"))
        weft_sim_link(&(struct weft_sim_link){0});
    if (is("early plan"))
        weft_sim_plan("kill one at 1 s");
}

int
main(int argc, char **argv)
{
    struct weft_sim_scenario scenario = {.name = "wrong",
                                         .set_up = set_up,
                                         .check = check,
                                         .invariant = count_steps,
                                         .quiet_ns = 3000000000};
    mistake = getenv("WRONG");
    if (!mistake)
        mistake = "";
    if (is("restless") || is("calm"))
        scenario.faults = WEFT_SIM_SLOW;
    call_early();
    return weft_sim_main(argc, argv, &scenario);
}
