/* SPDX-License-Identifier: MIT */
/*
 * Calls that a task begins, and awaits later. The state of such a call lies in
 * the call's arena. A call that finds a connection ready is sent at once.
 * Otherwise a fiber connects and sends it, so that the task can begin its next
 * call.
 */
#include "rpc/client.h"
#include "rpc/client_begun.h"

#include <errno.h>
#include <limits.h>

/* ---- beginning ---- */

/* The fiber that sends a call for which no connection was ready. */
static void
send_later(void *arg)
{
    struct wf_client_call *x = arg;
    struct wf_task *task = x->task;
    (void)wf_client_call_start(x, true);
    wf_store(&x->is_begun, true, release); /* the task may free x now */
    if (!WF_MUTANT(sender_wakes_none))
        wf_wake(task);
}

static void
start(struct wf_client_call *x)
{
    if (WEFT_LIKELY(wf_client_call_start(x, false)))
        return;
    /* relaxed: the fiber starts after this store, and stores true later */
    wf_store(&x->is_begun, false, relaxed);
    weft_err err = weft_fiber_start(send_later, x, &x->sender);
    if (err) {
        wf_store(&x->is_begun, true, relaxed); /* there is no fiber */
        x->err = err;
        if (x->client && x->attempt)
            (void)wf_attempt_end(x);
    }
}

/* What weft_client_begin allocates in the arena of the call. */
struct call {
    struct wf_client_call x;
    struct wf_begun begun;
    struct weft_call_info unasked;
    struct weft_arena side;
    void *work; /* what the task works for, see run_whole */
};

static struct wf_begun *
begun_of(struct wf_client_call *x)
{
    return &WF_CONTAINER(x, struct call, x)->begun;
}

/* The fiber of a call that a function makes. For this time the fiber works for
 * whom the task that began the call works for, so headers that are forwarded
 * are known to it; this task ends the call before that work ends. */
static void
run_whole(void *arg)
{
    struct wf_client_call *x = arg;
    struct wf_task *task = x->task;
    wf_task_work(x->deadline_ns, NULL, WF_CONTAINER(x, struct call, x)->work,
                 NULL);
    if (WF_MUTANT(begun_whole_call_uncounted))
        wf_store(&x->is_begun, true, release);
    wf_whole_call_run(x);
    wf_task_work(WEFT_NEVER, NULL, NULL, NULL);
    wf_store(&x->is_begun, true, release); /* the task may free x now */
    wf_wake(task);
}

/* Start the fiber of a call that a function makes. Its replies go to the arena
 * `side`, because the task may use the other one meanwhile. */
static void
start_whole(struct wf_client_call *x)
{
    WF_CONTAINER(x, struct call, x)->work = wf_task_working_for();
    weft_arena_init(x->side, x->arena->budget);
    x->side->pool = x->arena->pool;
    wf_store(&x->is_begun, false, relaxed); /* as in `start` */
    weft_err err = weft_fiber_start(run_whole, x, &x->sender);
    if (err) { /* else the fiber may have stored x->err already */
        wf_store(&x->is_begun, true, relaxed);
        x->err = err;
    }
}

static void
free_arena(void *arena)
{
    weft_arena_fini(arena);
}

/* Make a call in the arena. `many`: the call makes attempts. NULL: no
 * memory. */
static struct wf_client_call *
make(struct weft_arena *arena, const struct weft_call_options *options,
     bool many)
{
    struct call *call = weft_arena_zalloc(arena, sizeof *call);
    if (!call)
        return NULL;
    weft_arena_init(&call->side, 0);
    if (weft_arena_defer(arena, free_arena, &call->side))
        return NULL;
    call->x.arena = arena;
    call->x.side = &call->side;
    call->x.call = options;
    call->x.info = options && options->info ? options->info : &call->unasked;
    wf_store(&call->x.is_begun, true, relaxed); /* not shared yet */
    if (many)
        call->x.attempt = weft_arena_zalloc(arena, sizeof *call->x.attempt);
    return many && !call->x.attempt ? NULL : &call->x;
}

void
weft_client_begin(struct weft_client *client, const struct weft_method *method,
                  struct weft_arena *arena, const void *args, void *result,
                  const struct weft_call_options *options,
                  struct weft_pending *pending)
{
    const struct wf_upstream_ops *ops = client->ops;
    struct wf_client_call *x = make(arena, options, ops && !ops->call);
    *pending = (struct weft_pending){NULL, WEFT_EBUDGET};
    if (!x) {
        if (options && options->info)
            *options->info = (struct weft_call_info){.app_type = -1};
        if (!method->oneway)
            ((struct weft_result *)result)->which = WEFT_RESULT_NONE;
        return;
    }
    x->method = method;
    x->args = args;
    x->result = result;
    pending->err = wf_client_call_begin(x, client);
    if (pending->err)
        return;
    pending->call = x;
    wf_begun_add(begun_of(x), x);
    if (WEFT_UNLIKELY(ops != NULL)) {
        if (ops->call) {
            start_whole(x);
            return;
        }
        wf_attempts_init(x, x->attempt);
    }
    struct wf_gather *gather = wf_task_gather(x->task);
    gather->now = gather->may;
    start(x);
    *gather = (struct wf_gather){0};
}

/* ---- ending ---- */

/* Returns the call in flight, or NULL. `task` is the task that runs this
 * function. */
static struct wf_client_call *
call_of(const struct weft_pending *pending, const struct wf_task *task)
{
    struct wf_client_call *x = pending->call;
    if (x && WEFT_UNLIKELY(x->task != task))
        WF_MISUSED("a call is awaited by another fiber or thread than the one "
                   "that began it");
    return x;
}

static void
end(struct weft_pending *pending)
{
    wf_begun_remove(begun_of(pending->call));
    pending->err = wf_client_call_end(pending->call);
    pending->call = NULL;
}

weft_err
weft_await(struct weft_pending *pending)
{
    struct wf_client_call *x = call_of(pending, wf_task_known());
    if (x) {
        if (WEFT_UNLIKELY(x->attempt != NULL))
            wf_hedged_wait(x);
        else
            wf_client_call_wait(x);
        end(pending);
    }
    return pending->err;
}

weft_err
weft_pending_cancel(struct weft_pending *pending)
{
    struct wf_client_call *x = call_of(pending, wf_task_known());
    if (x) {
        wf_client_call_cancel(x);
        wf_client_call_wait(x);
        end(pending);
    }
    return pending->err;
}

/* ---- one of several ---- */

/* What a look at all calls has found. */
struct look {
    int over;        /* the index of a call that has ended, or -1 */
    int next;        /* the index of the call in flight that is due first, or
                        -1 */
    uint64_t due_ns; /* when the call `next` is due: at its deadline, or earlier
                        if its attempt is given up earlier */
};

/* True if the attempt has lasted as long as it may, and has to be given up. */
static bool
is_given_up(struct wf_client_call *x)
{
    return wf_load(&x->is_begun, acquire) && x->until_ns < x->deadline_ns &&
           wf_sys_now_ns() >= x->until_ns && wf_attempt_give_up(x);
}

/* Returns when the call has to be looked at again. While a fiber sends the
 * call, only that fiber may use until_ns. */
static uint64_t
due_of(const struct wf_client_call *x)
{
    bool is_begun = wf_load(&x->is_begun, acquire);
    return is_begun ? x->until_ns : x->deadline_ns;
}

/* True if the call has ended. If the request has to be sent again, this
 * function sends the request, and the call goes on. */
static bool
has_ended(struct wf_client_call *x)
{
    while (wf_client_call_is_over(x) || is_given_up(x)) {
        bool is_last =
            !x->conn || (!x->attempt && x->waiting.end != WF_END_RESEND);
        if (is_last || !wf_client_call_take(x))
            return true;
        start(x);
    }
    return false;
}

/* Look at all calls, beginning at a random one. So if several calls have ended,
 * each of them may be the one that is found. */
static struct look
look(const struct weft_pending *pendings, uint32_t n, struct wf_task *task)
{
    uint32_t first = wf_task_random(task) % n;
    struct look found = {-1, -1, WEFT_NEVER};
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = first + k < n ? first + k : first + k - n;
        struct wf_client_call *x = call_of(&pendings[i], task);
        if (!x)
            continue;
        if (has_ended(x)) {
            found.over = (int)i;
            break;
        }
        if (found.next < 0 || due_of(x) < found.due_ns) {
            found.next = (int)i;
            found.due_ns = due_of(x);
        }
    }
    return found;
}

int
weft_await_any_until(struct weft_pending *pendings, uint32_t n,
                     uint64_t deadline_ns)
{
    struct wf_task *task = wf_task_self();
    bool late = false;
    uint64_t until = 0;
    if (n == 0 || n > INT_MAX)
        return -EINVAL;
    if (!task)
        return -ENOMEM;
    for (;;) {
        struct look found = look(pendings, n, task);
        if (found.over >= 0) {
            wf_task_gather(task)->may = true;
            return found.over;
        }
        if (found.next < 0)
            return -EINVAL;
        if (wf_task_cancelled(task))
            return wf_cancel_error();
        if (late && found.due_ns <= until)
            return found.next;
        if (late && deadline_ns <= until)
            return WEFT_ETIMEOUT;
        until = WF_MUTANT(any_ignores_calls)
                    ? deadline_ns
                    : WF_MIN(found.due_ns, deadline_ns);
        late = !wf_park_until(until, WEFT_WAIT_REPLY);
    }
}

int
weft_await_any(struct weft_pending *pendings, uint32_t n)
{
    return weft_await_any_until(pendings, n, WEFT_NEVER);
}
