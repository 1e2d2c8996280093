/* SPDX-License-Identifier: MIT */
/*
 * An endpoint has at most one check in flight, and an endpoint with a check in
 * flight is not freed. Proof: take_due sets `runs` while the endpoint is in the
 * list, and release clears it; both hold wf_upstream.lock, and so does
 * free_unused (snapshot.c), which keeps an endpoint whose `runs` is set. Only
 * the checks' own fiber calls take_due, which passes over endpoints whose
 * `runs` is set. wf_checks_close joins the checks' own fiber, which first
 * joins the fiber of each check; so no check is in flight when the endpoints
 * are freed. Tests: tests/sim/sim_checks.c, and
 * tests/unit/upstream/test_checks.c.
 */
#include "upstream/checks.h"

#include "upstream/upstream.h"

#include <errno.h>

#define TIMEOUT_MS 1000u
#define FAILURES 2u
#define SUCCESSES 2u
#define CHECK_MS_MAX 86400000u
/* The fiber looks for due checks at most once in this time. */
#define TICK_NS 5000000u

/* A check in flight; its fiber is joined before the slot is used again. */
struct slot {
    struct wf_checks *checks;
    struct wf_endpoint *endpoint;
    weft_fiber fiber;
    _Atomic bool is_busy;
};

struct wf_checks {
    struct wf_upstream *up;
    uint64_t every_ns;
    _Atomic bool ready;     /* the fiber runs */
    struct weft_mutex lock; /* guards fiber, runs and closing */
    weft_fiber fiber;
    bool runs, closing;
    struct weft_sem n_free; /* slots that are not busy */
    struct slot slots[WF_CHECKS];
};

weft_err
wf_checks_fill_in(struct weft_upstream_options *o)
{
    if (o->check_ms == WEFT_NONE)
        o->check_ms = 0;
    o->check_timeout_ms = wf_option(o->check_timeout_ms, TIMEOUT_MS);
    o->check_failures = wf_option(o->check_failures, FAILURES);
    o->check_successes = wf_option(o->check_successes, SUCCESSES);
    return o->check_ms > CHECK_MS_MAX || o->check_timeout_ms > CHECK_MS_MAX ||
                   o->check_successes == WEFT_NONE ||
                   (unsigned)o->check > WEFT_CHECK_CONNECT
               ? -EINVAL
               : WEFT_OK;
}

/* ---- one check ---- */

/* If calls of the client name a service, the call of a check has to name one,
 * too: the service `weft`, which every server of weft has. */
static const char *
service_of(const struct weft_client *client)
{
    const struct weft_client_options *o = wf_client_options(client);
    return o->service || o->multiplexed ? "weft" : NULL;
}

/* Call weft.health. It is an answer, too, that the server does not know the
 * method. */
static weft_err
call(const struct wf_endpoint *endpoint, struct wf_attempt *a)
{
    static const uint8_t no_args[WF_HEALTH_ARGS];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    struct wf_health_result result;
    const struct weft_call_options options = {.deadline_ns = a->deadline_ns,
                                              .service =
                                                  service_of(endpoint->client),
                                              .info = &info};
    a->err = weft_client_call(endpoint->client, &wf_health_method, &arena,
                              no_args, &result, &options);
    a->reach = info.reach;
    if (!a->err && weft_str_eq(result.success, WEFT_STR(WF_HEALTH_STOPPING)))
        a->err = WEFT_ESTOPPING - WEFT_PEER;
    weft_arena_fini(&arena);
    return a->err;
}

/* Connect. An error that says nothing about the server becomes WEFT_ECLOSED. */
static weft_err
connect_to(const struct wf_endpoint *endpoint, struct wf_attempt *a)
{
    struct weft_conn *conn;
    a->err = weft_dial_until(wf_client_address(endpoint->client), NULL,
                             a->deadline_ns, &conn);
    if (!a->err)
        weft_conn_close(conn);
    bool is_ours = a->err == -ENOMEM || a->err == -EMFILE ||
                   a->err == -ENFILE || a->err == WEFT_ECANCEL;
    a->reach = a->err ? WEFT_CALL_NOT_SENT : WEFT_CALL_ANSWERED;
    if (is_ours)
        a->err = WEFT_ECLOSED;
    else if (a->err && a->err != WEFT_ETIMEOUT)
        a->err = WEFT_ECONNECT;
    return a->err;
}

static void
check(struct wf_upstream *up, struct wf_endpoint *endpoint)
{
    uint64_t now = wf_sys_now_ns();
    struct wf_attempt a = {
        .begun_ns = now,
        .deadline_ns = wf_timeout_end(now, up->options.check_timeout_ms)};
    weft_err err = up->options.check == WEFT_CHECK_CONNECT
                       ? connect_to(endpoint, &a)
                       : call(endpoint, &a);
    bool failed = wf_attempt_has_failed(&a);
    if (failed || a.reach == WEFT_CALL_ANSWERED)
        wf_health_checked(up, endpoint, failed ? err : WEFT_OK, a.begun_ns,
                          wf_sys_now_ns());
}

/* ---- which endpoints ---- */

/* The endpoints whose checks are due, and when the next one of another endpoint
 * is due. */
struct due {
    uint64_t now, every_ns, next_ns;
    uint32_t n;
    struct wf_endpoint *endpoints[WF_CHECKS];
};

/* The first check of an endpoint comes at a random time, so that the clients of
 * a server do not check it at the same moment, nor a client all its servers.
 * Each pause is longer or shorter by up to a tenth, by chance, so that clients
 * that check at the same moment do not go on to do so. */
static void
take_due(const struct wf_item *item, void *arg)
{
    struct due *due = arg;
    struct wf_check *c = &item->endpoint->check;
    uint64_t tenth = due->every_ns / 10;
    if (c->due_ns == 0)
        c->due_ns = due->now + 1 + wf_sys_random() % due->every_ns;
    if (c->runs && c->due_ns <= due->now && !WF_MUTANT(checks_overlap)) {
        due->next_ns = WF_MIN(due->next_ns, due->now + tenth);
        return; /* look again soon, because the last check has not ended */
    }
    if (c->due_ns <= due->now && due->n < WF_CHECKS) {
        c->due_ns = due->now + due->every_ns - tenth +
                    wf_sys_random() % (2 * tenth + 1);
        c->runs = true;
        due->endpoints[due->n++] = item->endpoint;
    }
    due->next_ns = WF_MIN(due->next_ns, c->due_ns);
}

static void
release(struct wf_upstream *up, struct wf_endpoint *endpoint)
{
    wf_mutex_lock_surely(&up->lock);
    WF_DCHECK(endpoint->check.runs);
    endpoint->check.runs = false;
    weft_mutex_unlock(&up->lock);
}

/* ---- the fibers ---- */

static void
run_check(void *arg)
{
    struct slot *slot = arg;
    struct wf_checks *c = slot->checks;
    check(c->up, slot->endpoint);
    release(c->up, slot->endpoint);
    /* release: pairs with the load in find_free */
    wf_store(&slot->is_busy, false, release);
    weft_sem_give(&c->n_free, 1);
}

static struct slot *
find_free(struct wf_checks *c)
{
    struct slot *slot = c->slots;
    while (wf_load(&slot->is_busy, acquire))
        slot++;
    return slot;
}

/* Start the check of an endpoint, when fewer than WF_CHECKS are in flight. */
static weft_err
begin(struct wf_checks *c, struct wf_endpoint *endpoint)
{
    static const struct weft_fiber_options options = {.name = "check",
                                                      .background = true};
    weft_err err = weft_sem_take(&c->n_free);
    if (err)
        return err;
    struct slot *slot = find_free(c);
    wf_join_surely(slot->fiber); /* has all but ended */
    slot->endpoint = endpoint;
    wf_store(&slot->is_busy, true, relaxed); /* the fiber starts later */
    err = weft_fiber_start_with(&options, run_check, slot, &slot->fiber);
    if (!err)
        return WEFT_OK;
    slot->fiber = (weft_fiber){0};
    wf_store(&slot->is_busy, false, relaxed);
    weft_sem_give(&c->n_free, 1);
    return err;
}

/* Begin all checks that are due. Returns when the next one will be. A check
 * that cannot begin is due again later. */
static uint64_t
begin_due(struct wf_checks *c)
{
    struct due due;
    do {
        uint64_t now = wf_sys_now_ns();
        due = (struct due){now, c->every_ns, now + c->every_ns, 0, {NULL}};
        wf_snapshot_each_item(c->up, take_due, &due);
        for (uint32_t i = 0; i < due.n; i++)
            if (begin(c, due.endpoints[i]))
                release(c->up, due.endpoints[i]);
    } while (due.n == WF_CHECKS && !weft_fiber_cancelled());
    return due.next_ns;
}

static void
check_on(void *arg)
{
    struct wf_checks *c = arg;
    uint64_t next;
    do {
        next = begin_due(c);
    } while (!weft_sleep_until(WF_MAX(next, wf_sys_now_ns() + TICK_NS)));
    for (uint32_t i = 0; i < WF_CHECKS; i++) {
        weft_fiber_cancel(c->slots[i].fiber);
        wf_join_surely(c->slots[i].fiber);
    }
    wf_mutex_lock_surely(&c->lock);
    c->runs = false;
    wf_store(&c->ready, false, relaxed); /* see wf_checks_ensure */
    weft_mutex_unlock(&c->lock);
}

/* ---- life ---- */

void
wf_checks_ensure(struct wf_checks *c)
{
    static const struct weft_fiber_options options = {.name = "checks",
                                                      .background = true};
    /* relaxed: nothing follows from the flag but that there is nothing to do */
    if (WEFT_LIKELY(wf_load(&c->ready, relaxed)))
        return;
    wf_mutex_lock_surely(&c->lock);
    if (!c->runs && !c->closing)
        c->runs = !weft_fiber_start_with(&options, check_on, c, &c->fiber);
    wf_store(&c->ready, c->runs, relaxed);
    weft_mutex_unlock(&c->lock);
}

weft_err
wf_checks_new(struct wf_upstream *up)
{
    if (up->options.check_ms == 0)
        return WEFT_OK;
    struct wf_checks *c = wf_sys_zalloc(sizeof *c);
    if (!c)
        return -ENOMEM;
    c->up = up;
    c->every_ns = up->options.check_ms * (uint64_t)1000000;
    for (uint32_t i = 0; i < WF_CHECKS; i++)
        c->slots[i].checks = c;
    weft_sem_give(&c->n_free, WF_CHECKS);
    up->checks = c;
    return WEFT_OK;
}

void
wf_checks_close(struct wf_checks *c)
{
    wf_mutex_lock_surely(&c->lock);
    c->closing = true;
    weft_fiber fiber = c->fiber;
    weft_mutex_unlock(&c->lock);
    weft_fiber_cancel(fiber);
    wf_join_surely(fiber);
}

void
wf_checks_free(struct wf_checks *c)
{
    wf_sys_free(c);
}
