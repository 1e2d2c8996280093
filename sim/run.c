/* SPDX-License-Identifier: MIT */
/*
 * Executes one run. The loop lets one thread run until this thread jumps back
 * to the loop, and lets time pass.
 *
 * One file, because the loop, the threads and their waits share the list of
 * ready threads, and only this file jumps between threads.
 */
#include "sim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK ((size_t)512 << 10)
#define STEP_NS 150 /* time that a call of the seam takes */
#define LIMIT_NS 600000000000u
#define WHIM_STEPS 64 /* between two chances for a host to have a fault */

/* The section of the thread-local variables. */
extern uint8_t __start_wf_thread[], __stop_wf_thread[];

/* This variable ensures that the section exists in a program that uses little
 * of weft. */
static __attribute__((used)) WF_THREAD_LOCAL uint64_t first_local;

struct ws_run ws;

static struct wf_context loop; /* where threads jump back to */
static uint8_t *fresh_locals;  /* the thread-local variables of a new thread */

void *
ws_alloc(size_t n)
{
    void *p = calloc(1, n);
    if (!p)
        ws_die("no memory for %zu bytes", n);
    return p;
}

/* ---- chance ---- */

/* splitmix64 (Steele, Lea, Flood 2014) */
uint64_t
ws_random(void)
{
    uint64_t z = ws.random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t
ws_below(uint64_t bound)
{
    return (uint64_t)((unsigned __int128)ws_random() * bound >> 64);
}

bool
ws_chance(uint32_t n)
{
    return ws_below(n) == 0;
}

static uint64_t
limit_ns(void)
{
    uint64_t limit = ws.scenario->limit_ns;
    return limit ? limit : LIMIT_NS;
}

/* ---- threads ---- */

static size_t
locals_size(void)
{
    return (size_t)(__stop_wf_thread - __start_wf_thread);
}

static void
make_ready(struct ws_thread *thread)
{
    if (ws_host_is_held(thread->host)) {
        thread->held = true;
        return;
    }
    if (ws.n_ready == ws.cap_ready) {
        ws.cap_ready = ws.cap_ready ? ws.cap_ready * 2 : 64;
        ws.ready = realloc(ws.ready, ws.cap_ready * sizeof(void *));
        if (!ws.ready)
            ws_die("no memory for %u threads", ws.cap_ready);
    }
    ws.ready[ws.n_ready++] = thread;
    thread->ready = ws.n_ready;
}

static void
make_unready(struct ws_thread *thread)
{
    if (!thread->ready)
        return;
    struct ws_thread *last = ws.ready[--ws.n_ready];
    ws.ready[thread->ready - 1] = last;
    last->ready = thread->ready;
    thread->ready = 0;
}

void
ws_threads_hold(struct ws_host *host)
{
    struct wf_link *link = host->threads.head.next;
    for (; link != &host->threads.head; link = link->next) {
        struct ws_thread *t = (void *)link;
        t->held |= t->ready > 0;
        make_unready(t);
    }
}

void
ws_threads_release(struct ws_host *host)
{
    struct wf_link *link = host->threads.head.next;
    for (; link != &host->threads.head; link = link->next) {
        struct ws_thread *t = (void *)link;
        if (t->held)
            make_ready(t);
        t->held = false;
    }
}

static void
wake(struct ws_thread *thread, int result)
{
    ws_event_cancel(&thread->timeout);
    thread->waits = NULL;
    thread->result = result;
    make_ready(thread);
}

static void
time_out(struct ws_event *event)
{
    struct ws_thread *t =
        (void *)((uint8_t *)event - offsetof(struct ws_thread, timeout));
    wake(t, -ETIMEDOUT);
}

/* Call the destructors of the thread's keys, and again while the destructors
 * set new values, four times at the most, as libc does. */
static void
leave(struct ws_thread *thread)
{
    bool any = true;
    for (int round = 0; any && round < 4; round++) {
        any = false;
        for (uint32_t i = 0; i < thread->host->n_keys; i++) {
            void *value = (void *)(uintptr_t)thread->values[i];
            thread->values[i] = NULL;
            if (!value || !thread->host->leave[i])
                continue;
            any = true;
            thread->host->leave[i](value);
        }
    }
}

static void
jump_to_loop(bool last)
{
    (void)wf_context_jump(&ws.current->context, &loop, NULL, last);
}

static void
thread_main(void *arg, void *carry)
{
    struct ws_thread *thread = arg;
    (void)carry;
    wf_context_entered();
    (void)thread->run(thread->arg);
    leave(thread);
    thread->ended = true;
    ws_wake(thread->host, thread, UINT32_MAX);
    jump_to_loop(true);
    abort();
}

struct ws_thread *
ws_thread_new(struct ws_host *host, void *(*run)(void *), void *arg)
{
    struct ws_thread *t = ws_alloc(sizeof *t);
    t->host = host;
    t->run = run;
    t->arg = arg;
    t->number = ++ws.n_threads;
    t->timeout.happen = time_out;
    t->locals = ws_alloc(locals_size());
    memcpy(t->locals, fresh_locals, locals_size());
    t->stack = ws_map(STACK, PROT_READ | PROT_WRITE, MAP_NORESERVE);
    if (t->stack == MAP_FAILED || mprotect(t->stack, 4096, PROT_NONE))
        ws_die("no memory for a stack");
    t->context.low = t->stack + 4096;
    t->context.size = STACK - 4096;
    wf_context_make(&t->context, thread_main, t);
    wf_list_push(&host->threads, &t->link);
    make_ready(t);
    return t;
}

void
ws_thread_free(struct ws_thread *thread)
{
    ws_event_cancel(&thread->timeout);
    make_unready(thread);
    wf_list_remove(&thread->link);
    (void)ws_unmap(thread->stack, STACK);
    free(thread->locals);
    free(thread);
}

/* ---- waits ---- */

int
ws_wait(const void *key, const char *why, uint64_t until_ns)
{
    struct ws_thread *t = ws.current;
    if (until_ns <= ws.now_ns) {
        ws_yield();
        return -ETIMEDOUT;
    }
    t->waits = key;
    t->why = why;
    t->since_ns = ws.now_ns;
    if (until_ns != WEFT_NEVER)
        ws_event_at(&t->timeout, until_ns);
    jump_to_loop(false);
    return t->result;
}

uint32_t
ws_wake(struct ws_host *host, const void *key, uint32_t n)
{
    uint32_t woken = 0;
    struct wf_link *link = host->threads.head.next, *next;
    for (; link != &host->threads.head && woken < n; link = next) {
        next = link->next;
        struct ws_thread *t = (void *)link;
        if (t->waits != key || !key)
            continue;
        wake(t, 0);
        woken++;
    }
    return woken;
}

bool
ws_is_awaited(const struct ws_host *host, const void *key)
{
    const struct wf_link *link = host->threads.head.next;
    for (; link != &host->threads.head; link = link->next)
        if (((const struct ws_thread *)(const void *)link)->waits == key)
            return true;
    return false;
}

/* Called if only the current thread is ready, so that the loop would jump back
 * to this thread at once. true: the thread continues without these two
 * jumps. */
static bool
can_go_on(void)
{
    if (ws.current->host->power == WS_OFF || ws.failure[0] ||
        ws.now_ns > limit_ns() || ws_strategy_next() != ws.current)
        return false;
    make_unready(ws.current);
    return true;
}

void
ws_yield(void)
{
    if (!ws.current)
        return;
    ws_strategy_yielded(ws.current);
    make_ready(ws.current);
    if (ws.n_ready == 1 && ws.ready[0] == ws.current &&
        ws_event_due_ns() > ws.now_ns && can_go_on())
        return;
    jump_to_loop(false);
}

void
ws_need_host(void)
{
    if (!ws.current)
        ws_die("weft is called outside of all hosts: set_up and check may "
               "call weft/sim.h only");
}

/* A step of the invariant would call the invariant again, without end. */
static void
check_invariant(void)
{
    static bool is_checking;
    if (is_checking)
        ws_die("the invariant calls weft: it may call weft/sim.h only");
    is_checking = true;
    ws.scenario->invariant();
    is_checking = false;
}

void
ws_step(void)
{
    ws_need_host();
    ws.n_steps++;
    ws.now_ns += STEP_NS;
    if (ws.scenario->invariant)
        check_invariant();
    if (ws.has_whims && ws.n_steps % WHIM_STEPS == 0)
        ws_whim();
    if (ws.has_stalls && ws_stall())
        return;
    if (--ws.until_switch > 0)
        return;
    ws_yield();
}

/* ---- the loop ---- */

/* Let the thread continue. The thread may jump back here from the stack of a
 * fiber; ASan then reports which stack. */
static void
resume(struct ws_thread *thread)
{
    struct wf_context *c = &thread->context;
#if WF_ASAN
    const void *low;
    __sanitizer_start_switch_fiber(&loop.asan, c->low, c->size);
    (void)wf_switch(&loop.sp, c->sp, NULL);
    __sanitizer_finish_switch_fiber(loop.asan, &low, &c->size);
    c->low = (uint8_t *)(uintptr_t)low;
#else
    (void)wf_context_jump(&loop, c, NULL, false);
#endif
}

static void
run_thread(struct ws_thread *thread)
{
    struct ws_host *host = thread->host;
    make_unready(thread);
    ws_host_enter(host);
    memcpy(__start_wf_thread, thread->locals, locals_size());
    ws.current = thread;
    ws.n_switches++;
    resume(thread);
    ws.current = NULL;
    if (host->power == WS_OFF) { /* the thread has killed its host */
        ws_host_end(host);
        return;
    }
    memcpy(thread->locals, __start_wf_thread, locals_size());
    if (!thread->ended)
        return;
    if (thread == host->first) {
        ws_check_left(host);
        host->first = NULL;
        ws_main_ended();
    }
    if (thread->detached)
        ws_thread_free(thread);
}

/* True if some main function runs, or will run again. */
static bool
some_main_runs(void)
{
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if (ws.hosts[i]->first || ws_host_comes_back(ws.hosts[i]))
            return true;
    return false;
}

static void
stuck(const char *why)
{
    ws_fail("%s", why);
    ws_waits_keep();
}

static void
let_time_pass(void)
{
    struct ws_event *event;
    while ((event = ws_event_next(ws.now_ns)))
        event->happen(event);
    if (ws.n_ready || !some_main_runs()) /* an event may kill the last host */
        return;
    uint64_t due = ws_event_due_ns();
    if (due == WEFT_NEVER || (!ws_event_is_any() && ws_tcp_all_answer()))
        stuck("deadlock: all wait, and nothing will happen");
    else
        ws.now_ns = due;
}

static void
turn(void)
{
    let_time_pass();
    if (ws.n_ready)
        run_thread(ws_strategy_next());
    if (ws.now_ns > limit_ns())
        stuck("the run does not end");
    else if (ws_quiet_lasts_too_long())
        stuck("all is quiet, but the run does not end");
}

/* Report a failure, because the code of a host has called exit(). The status of
 * exit() may be 0, and without this function the run would then count as
 * passed. */
static void
exited(void)
{
    if (!ws.runs)
        return;
    fprintf(stderr, "%s: seed %" PRIu64 " failed: %s\n", ws.scenario->name,
            ws.seed, ws.failure[0] ? ws.failure : "a host has called exit()");
    fflush(NULL);
    _exit(1);
}

void
ws_within(const char *function)
{
    if (!ws.runs)
        ws_die("%s is called before weft_sim_main; call it in set_up or in a "
               "host",
               function);
}

bool
ws_run_once(const struct weft_sim_scenario *scenario, uint64_t seed,
            FILE *trace, const uint8_t *only)
{
    ws.scenario = scenario;
    ws.seed = ws.random = seed;
    ws.hash = 0xcbf29ce484222325u;
    ws.trace = trace;
    ws.only = only;
    fresh_locals = ws_alloc(locals_size());
    memcpy(fresh_locals, __start_wf_thread, locals_size());
    ws_seam_install();
    ws.runs = true;
    weft_sim_link(&(struct weft_sim_link){0});
    wf_context_of_thread(&loop);
    ws_strategy_draw();
    ws_faults_draw();
    if (!scenario->set_up)
        ws_die("the scenario has no set_up");
    atexit(exited);
    scenario->set_up();
    ws_check_left_out();
    ws_quiet_plan();
    if (ws.script)
        weft_sim_plan("%s", ws.script);
    if (ws.n_hosts == 0)
        ws_die("set_up has made no host");
    while (!ws.failure[0] && some_main_runs())
        turn();
    if (!ws.failure[0])
        ws_ledger_check();
    ws_total_add(WS_FAULTS, ws.n_faults);
    ws.in_check = !ws.failure[0];
    if (ws.in_check && scenario->check)
        scenario->check();
    ws.runs = false;
    return !ws.failure[0];
}

void
weft_sim_fail(const char *fmt, ...)
{
    char why[WS_FAILURE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    ws_fail("%s", why);
    if (ws.current) /* the loop ends the run; the thread does not go on */
        ws_yield();
}

uint64_t
weft_sim_now_ns(void)
{
    return ws.now_ns;
}

uint64_t
weft_sim_random(uint64_t bound)
{
    return ws_below(bound);
}
