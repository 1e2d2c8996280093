/* SPDX-License-Identifier: MIT */
/*
 * The policies of a client: a fiber that watches the document, and calls, which
 * copy the values that hold when they begin. A client that does not know its
 * document yet has the values of its options.
 */
#include "upstream/policy.h"
#include "upstream/upstream.h"

#include <errno.h>
#include <string.h>

/* How long weft_client_new waits for the first answer of a registry. */
#define FIRST_MS 1000u

/* ---- for calls ---- */

static void
watch(void *arg)
{
    struct wf_policies *p = arg;
    wf_policy_watch(p);
    wf_mutex_lock_surely(&p->lock);
    p->runs = false;
    wf_store(&p->ready, false, relaxed); /* see wf_policies_ensure */
    weft_cond_broadcast(&p->changed);
    weft_mutex_unlock(&p->lock);
}

void
wf_policies_ensure(struct wf_policies *p)
{
    static const struct weft_fiber_options options = {.name = "policy",
                                                      .background = true};
    /* relaxed: nothing follows from the flag but that there is nothing to do */
    if (WEFT_LIKELY(wf_load(&p->ready, relaxed)))
        return;
    wf_mutex_lock_surely(&p->lock);
    if (!p->runs && !p->closing)
        p->runs = !weft_fiber_start_with(&options, watch, p, &p->fiber);
    wf_store(&p->ready, p->runs, relaxed);
    weft_mutex_unlock(&p->lock);
}

void
wf_policies_plan(void *upstream, const struct weft_method *method,
                 struct wf_attempt *a)
{
    struct wf_upstream *up = upstream;
    wf_policies_ensure(up->policies);
    uint32_t part = wf_parts_index();
    (void)wf_snapshot_enter(up, part);
    const struct wf_policy *policy = wf_load(&up->policies->current, seq_cst);
    WF_ATOMIC_STEP(); /* here `policy` could be freed, but for the proof */
    memcpy(&a->own_plan, wf_policy_find(policy, method)->values,
           sizeof a->own_plan);
    wf_snapshot_leave(up, part);
}

weft_err
wf_policies_view(struct wf_policies *p, const struct weft_method *method,
                 struct weft_arena *arena, struct weft_policy_view *view)
{
    wf_mutex_lock_surely(&p->lock);
    view->taken = p->n_taken;
    view->refused = p->n_refused;
    weft_err err = wf_policy_put(wf_load(&p->current, relaxed), method, arena,
                                 &view->text);
    if (!err && *p->why) {
        view->why = weft_arena_printf(arena, "%s", p->why);
        err = view->why.ptr ? WEFT_OK : WEFT_EBUDGET;
    }
    weft_mutex_unlock(&p->lock);
    return err;
}

/* ---- life ---- */

/* Give the client the document that is there now, so that its first call has
 * it. A registry that does not answer, or a runtime that does not run yet, must
 * not hold the client up. */
static void
find_first(struct wf_policies *p)
{
    uint64_t until = wf_timeout_from_now(FIRST_MS);
    weft_err err = WEFT_OK;
    if (p->is_file) {
        wf_policy_look_first(p);
        return;
    }
    if (weft_runtime_workers() == 0) /* to start it is the user's choice */
        return;
    wf_policies_ensure(p);
    wf_mutex_lock_surely(&p->lock);
    while (!err && p->runs && !p->is_answered && !WF_MUTANT(policy_not_awaited))
        err = weft_cond_wait_until(&p->changed, &p->lock, until);
    weft_mutex_unlock(&p->lock);
}

weft_err
wf_policies_new(struct wf_upstream *up, const char *source,
                const struct wf_policy_values *base)
{
    struct weft_json_error why;
    struct wf_policy *first;
    size_t size = strlen(source) + 1;
    bool is_file;
    weft_err err = wf_policy_check_source(source, &is_file);
    if (err)
        return err;
    struct wf_policies *p = wf_sys_zalloc(sizeof *p + size);
    if (!p)
        return -ENOMEM;
    up->policies = p;
    p->up = up;
    p->base = *base;
    p->is_file = is_file;
    memcpy(p->source, source, size);
    weft_arena_init(&p->watch.arena, WEFT_UNLIMITED_SIZE);
    /* This document is valid, so the only errors are those of memory. */
    if (wf_policy_read(weft_str_of("{}"), base, &first, &why))
        return -ENOMEM;
    wf_store(&p->current, first, relaxed); /* nobody else has `up` yet */
    find_first(p);
    return WEFT_OK;
}

void
wf_policies_close(struct wf_policies *p)
{
    wf_mutex_lock_surely(&p->lock);
    p->closing = true;
    weft_fiber fiber = p->fiber;
    weft_mutex_unlock(&p->lock);
    weft_fiber_cancel(fiber);
    wf_join_surely(fiber);
}

void
wf_policies_free(struct wf_policies *p)
{
    if (!p)
        return;
    while (p->old) {
        struct wf_policy *next = p->old->next;
        wf_policy_free(p->old);
        p->old = next;
    }
    wf_policy_free(wf_load(&p->current, relaxed));
    weft_arena_fini(&p->watch.arena);
    wf_sys_free(p);
}
