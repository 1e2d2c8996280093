/* SPDX-License-Identifier: MIT */
/*
 * A client whose calls go to one of its parts, and to another part after a
 * failure (weft_client_select). The rules are those of attempt.c. A part may
 * have made several attempts before its call fails; what they have left open is
 * in the info's `reach`.
 */
#include "upstream/combined.h"

#include <errno.h>

#define ATTEMPTS 3u

/* What one worker keeps; all plain threads share one struct. */
struct own {
    _Alignas(64) _Atomic uint32_t turn;
    _Atomic int32_t tokens; /* see budget.c */
};

struct selection {
    struct wf_combined combined;
    enum weft_select_first first;
    uint32_t max_attempts;    /* at most the number of parts */
    _Atomic uint64_t reserve; /* see budget.c */
    struct own *own;
};

/* A call, and what its latest attempt has left. */
struct tries {
    struct selection *selection;
    const struct wf_whole_call *call;
    uint32_t first; /* index of the part that gets the call first */
    uint32_t n;     /* attempts that have ended */
    uint32_t n_sent;
    bool is_idempotent;
    bool is_unknown; /* a handler may have seen an attempt that has ended */
    struct weft_call_info info;
    struct weft_call_attempts attempts;
};

/* ---- the next attempt ---- */

static bool
may_retry(const struct tries *t, uint64_t now)
{
    struct selection *s = t->selection;
    if (wf_is_for_retry() || t->call->options.sent_before > 0)
        return false;
    return wf_budget_take(&s->own[wf_parts_index()].tokens, &s->reserve,
                          WF_BUDGET_RESERVE, now);
}

static bool
goes_on(const struct tries *t, weft_err err)
{
    struct selection *s = t->selection;
    uint64_t now = wf_sys_now_ns();
    bool is_idempotent =
        t->is_idempotent || WF_MUTANT(open_call_selected_again);
    if (!err || t->n >= s->max_attempts ||
        !wf_combined_may_go_elsewhere(err, t->info.reach, is_idempotent) ||
        wf_load(&s->combined.closing, seq_cst) ||
        now >= t->call->options.deadline_ns)
        return false;
    return t->info.reach == WEFT_CALL_NOT_SENT || may_retry(t, now);
}

/* ---- one attempt ---- */

static weft_err
try_next(struct tries *t)
{
    const struct wf_whole_call *c = t->call;
    const struct wf_combined *parts = &t->selection->combined;
    uint32_t i = (t->first + t->n) % parts->n;
    uint64_t begun = wf_sys_now_ns();
    struct weft_call_options options = c->options;
    options.info = &t->info;
    options.sent_before += t->n_sent;
    weft_err err = weft_client_call(parts->parts[i], c->method, c->arena,
                                    c->args, c->result, &options);
    const struct wf_ended ended = {parts->parts[i], &t->info, err,
                                   wf_sys_now_ns() - begun};
    wf_combined_record(&t->attempts, c->arena, &ended);
    t->n++;
    t->n_sent += t->info.reach != WEFT_CALL_NOT_SENT;
    t->is_unknown |= t->info.reach == WEFT_CALL_MAYBE_HANDLED;
    return err;
}

static uint32_t
first_of(struct selection *s)
{
    if (s->first == WEFT_SELECT_BEST)
        return 0;
    /* relaxed: the worker's own, or a counter that plain threads share */
    uint32_t part = wf_parts_index();
    return wf_add(&s->own[part].turn, 1, relaxed) % s->combined.n;
}

static weft_err
call_one(void *upstream, const struct wf_whole_call *c)
{
    struct selection *s = upstream;
    struct tries t = {
        .selection = s,
        .call = c,
        .first = first_of(s),
        .is_idempotent = c->method->idempotent || c->options.idempotent,
    };
    weft_err err;
    wf_budget_earn(&s->own[wf_parts_index()].tokens, WF_BUDGET_PERCENT);
    do
        err = try_next(&t);
    while (goes_on(&t, err));
    *c->options.info = t.info;
    c->options.info->attempts = t.attempts;
    if (err && t.is_unknown && t.info.reach == WEFT_CALL_NOT_SENT)
        c->options.info->reach = WEFT_CALL_MAYBE_HANDLED;
    return err;
}

/* ---- the client ---- */

static void
add_stats(void *upstream, struct weft_client_stats *stats)
{
    struct selection *s = upstream;
    wf_combined_add_stats(&s->combined, stats);
}

static void
close_parts(void *upstream)
{
    struct selection *s = upstream;
    wf_combined_close(&s->combined);
}

static void
free_own(struct selection *s)
{
    wf_parts_free(s->own, sizeof *s->own);
    wf_sys_free(s);
}

static void
free_parts(void *upstream)
{
    struct selection *s = upstream;
    wf_combined_free(&s->combined);
    free_own(s);
}

static const struct wf_upstream_ops ops = {
    .call = call_one,
    .add_stats = add_stats,
    .close = close_parts,
    .free = free_parts,
};

static struct selection *
new_selection(const struct weft_client_select_options *o, uint32_t n)
{
    struct selection *s = wf_sys_zalloc(sizeof *s);
    if (!s)
        return NULL;
    uint32_t most = o->max_attempts ? o->max_attempts : ATTEMPTS;
    s->max_attempts = WF_MIN(most, n);
    s->first = o->first;
    s->own = wf_parts_new(sizeof *s->own);
    if (!s->own) {
        wf_sys_free(s);
        return NULL;
    }
    /* So that the workers do not all begin with the same part. */
    for (uint32_t i = 0; i < wf_parts_count(); i++)
        wf_store(&s->own[i].turn, i, relaxed);
    return s;
}

weft_err
weft_client_select(struct weft_client *const *clients, uint32_t n,
                   const struct weft_client_select_options *options,
                   struct weft_client **out)
{
    static const struct weft_client_select_options none = {0};
    const struct weft_client_select_options *o = options ? options : &none;
    *out = NULL;
    if ((unsigned)o->first > WEFT_SELECT_BEST)
        return -EINVAL;
    struct selection *s = new_selection(o, n);
    if (!s)
        return -ENOMEM;
    weft_err err = wf_combined_init(&s->combined, clients, n);
    if (err) {
        free_own(s);
        return err;
    }
    err = wf_combined_open(o->name ? o->name : "select", o->call_timeout_ms,
                           &ops, s, out);
    if (err) {
        wf_combined_fini(&s->combined);
        free_own(s);
    }
    return err;
}
