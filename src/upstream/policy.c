/* SPDX-License-Identifier: MIT */
/*
 * Has the policies of a client: takes a document if it is valid, and lets calls
 * copy its values. A document that is not valid changes nothing but a counter
 * and a text. policy_watch.c finds the documents.
 *
 * A call copies its values when it begins, between wf_snapshot_enter and
 * wf_snapshot_leave. Proof that no call reads a policy that is freed: `put`
 * stores the new policy, and wf_policies_reap then waits until it has seen every
 * part read no list. These two accesses, the store to `reading` in
 * wf_snapshot_enter, and the load of `current` after it are seq_cst. So a
 * reader either had left when wf_policies_reap looked, or it entered after the
 * store of the new policy, and loads the new one.
 */
#include "upstream/policy.h"
#include "upstream/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How long weft_client_new waits for the first answer of a registry. */
#define FIRST_MS 1000u

/* ---- taking and refusing ---- */

/* What the log calls the policy; a query may have a token, and is left out. */
static int
name_of(const struct wf_policies *p, const char **name)
{
    bool is_file = wf_policy_is_file(p->source);
    *name = p->source + (is_file ? strlen("file:") : 0);
    return (int)strcspn(*name, is_file ? "" : "?");
}

/* The lock is held. */
static void
note_answer(struct wf_policies *p, const char *why)
{
    snprintf(p->why, sizeof p->why, "%s", why);
    p->is_answered = true;
    weft_cond_broadcast(&p->changed);
}

static void
put(struct wf_policies *p, struct wf_policy *policy)
{
    const char *name;
    wf_mutex_lock_surely(&p->lock);
    struct wf_policy *old = wf_load(&p->current, relaxed);
    wf_store(&p->current, policy, seq_cst);
    wf_tune(&p->up->tuned, policy->base.tuned.values);
    old->next = p->old;
    p->old = old;
    p->n_taken++;
    note_answer(p, "");
    weft_mutex_unlock(&p->lock);
    int len = name_of(p, &name);
    wf_log_limited(WEFT_LOG_INFO, "%.*s: the policy is taken", len, name);
}

weft_err
wf_policies_take(struct wf_policies *p, struct weft_str text, char *why)
{
    struct weft_json_error at;
    struct wf_policy *policy;
    weft_err err = wf_policy_read(text, &p->base, &policy, &at);
    if (!err)
        put(p, policy);
    else
        snprintf(why, WF_POLICY_WHY, "line %u, column %u: %s", at.line,
                 at.column, at.text);
    return err;
}

void
wf_policies_refuse(struct wf_policies *p, const char *why)
{
    const char *name;
    wf_mutex_lock_surely(&p->lock);
    p->n_refused++;
    note_answer(p, why);
    weft_mutex_unlock(&p->lock);
    int len = name_of(p, &name);
    wf_log_limited(WEFT_LOG_WARN,
                   "%.*s: the policy is refused, the last one stays: %s", len,
                   name, why);
}

/* `list` were replaced. */
void
wf_policies_reap(struct wf_policies *p)
{
    weft_err err = WEFT_OK;
    wf_mutex_lock_surely(&p->lock);
    struct wf_policy *list = p->old;
    weft_mutex_unlock(&p->lock);
    for (uint32_t i = 0; list && i < wf_parts_count() && !err; i++)
        while (!err && wf_load(&p->up->parts[i].reading, seq_cst) &&
               !WF_MUTANT(read_policy_freed))
            err = weft_sleep_ms(1);
    if (err || !list)
        return;
    wf_mutex_lock_surely(&p->lock);
    p->old = NULL; /* only this fiber takes policies, so it is still `list` */
    weft_mutex_unlock(&p->lock);
    while (list) {
        struct wf_policy *next = list->next;
        wf_policy_free(list);
        list = next;
    }
}

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
    if (wf_policy_is_file(p->source)) {
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
    weft_err err = wf_policy_check_source(source);
    if (err)
        return err;
    struct wf_policies *p = wf_sys_zalloc(sizeof *p + size);
    if (!p)
        return -ENOMEM;
    up->policies = p;
    p->up = up;
    p->base = *base;
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
