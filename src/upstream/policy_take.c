/* SPDX-License-Identifier: MIT */
/*
 * Takes the documents of a policy that are valid. One that is not changes
 * nothing but a counter and a text.
 *
 * A call copies its values when it begins, between wf_snapshot_enter and
 * wf_snapshot_leave. Proof that no call reads a policy that is freed: `put`
 * stores the new policy, and wf_policies_reap then waits until it has seen
 * every part read no list. These two accesses, the store to `reading` in
 * wf_snapshot_enter, and the load of `current` after it are seq_cst. So a
 * reader either had left when wf_policies_reap looked, or it entered after the
 * store of the new policy, and loads the new one.
 */
#include "upstream/policy.h"
#include "upstream/upstream.h"

#include <stdio.h>
#include <string.h>

/* What the log calls the policy; a query may have a token, and is left out. */
static int
name_of(const struct wf_policies *p, const char **name)
{
    *name = p->source + (p->is_file ? strlen("file:") : 0);
    return (int)strcspn(*name, p->is_file ? "" : "?");
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
