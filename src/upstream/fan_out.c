/* SPDX-License-Identifier: MIT */
/*
 * A client whose calls are made to all of its parts at the same time
 * (weft_client_fan_out). The task of the call begins the calls of the parts,
 * awaits them one by one until it is decided how the call ends, and cancels the
 * rest. So each of them has ended when the call ends, and only this task
 * touches the memory of the call.
 */
#include "upstream/combined.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TOLD 4u       /* failures that the text of an error lists */
#define TEXT_SIZE 800 /* of that text */

/* A call to all parts. */
struct fan {
    struct wf_fan_out *f;
    const struct wf_whole_call *call;
    struct weft_fan_call seen;
    struct weft_sub_call *subs;    /* one for each part */
    struct weft_pending *pendings; /* the same */
    uint64_t begun_ns;
    uint32_t n_made; /* calls that are not skipped */
    uint32_t n_ok, n_failed;
    uint32_t enough, fail_limit; /* in terms of n_made */
};

/* Returns the client of a partition. */
static struct weft_client *
part_of(const struct fan *fan, uint32_t i)
{
    return fan->f->combined.parts[fan->f->by_tag ? 0 : i];
}

/* ---- before ---- */

/* Let the user change the call of one part. */
static weft_err
map_one(struct fan *fan, uint32_t i)
{
    const struct wf_whole_call *c = fan->call;
    struct weft_sub_call *sub = &fan->subs[i];
    const struct weft_struct *desc = c->method->result;
    sub->index = i;
    sub->args = c->args;
    sub->options = c->options;
    weft_map_fn map = fan->f->options.map;
    weft_err err = map ? map(&fan->seen, sub) : WEFT_OK;
    uint64_t deadline = sub->options.deadline_ns;
    if (deadline == 0 || deadline > c->options.deadline_ns)
        sub->options.deadline_ns = c->options.deadline_ns;
    sub->options.info = &sub->info;
    if (fan->f->by_tag)
        sub->options.partition = WF_PARTITION(i, fan->seen.n);
    if (err || sub->is_skipped)
        return err;
    fan->n_made++;
    if (desc)
        sub->result = weft_arena_zalloc(c->arena, desc->size);
    return desc && !sub->result ? WEFT_EBUDGET : WEFT_OK;
}

static weft_err
prepare(struct fan *fan)
{
    struct weft_arena *arena = fan->call->arena;
    uint32_t n = fan->seen.n;
    fan->subs = weft_arena_zalloc(arena, n * sizeof *fan->subs);
    fan->pendings = weft_arena_zalloc(arena, n * sizeof *fan->pendings);
    if (!fan->subs || !fan->pendings)
        return WEFT_EBUDGET;
    for (uint32_t i = 0; i < n; i++) {
        weft_err err = map_one(fan, i);
        if (err)
            return err;
    }
    return fan->n_made ? WEFT_OK : WEFT_ENOENDPOINT;
}

/* How many successes and failures decide the call. */
static void
set_limits(struct fan *fan)
{
    const struct weft_fan_out_options *o = &fan->f->options;
    uint32_t n = fan->n_made;
    fan->enough = o->enough ? WF_MIN(o->enough, n) : 0;
    uint32_t limit = fan->enough ? n - fan->enough + 1 : n;
    if (o->fail_limit)
        limit = WF_MIN(limit, o->fail_limit);
    fan->fail_limit = limit;
}

/* ---- the calls ---- */

static void
begin_all(struct fan *fan)
{
    const struct wf_whole_call *c = fan->call;
    fan->begun_ns = wf_sys_now_ns();
    for (uint32_t i = 0; i < fan->seen.n; i++) {
        struct weft_sub_call *sub = &fan->subs[i];
        if (!sub->is_skipped)
            weft_client_begin(part_of(fan, i), c->method, c->arena, sub->args,
                              sub->result, &sub->options, &fan->pendings[i]);
    }
}

static bool
is_decided(const struct fan *fan)
{
    return fan->n_failed >= fan->fail_limit ||
           (fan->enough && fan->n_ok >= fan->enough) ||
           fan->n_ok + fan->n_failed == fan->n_made;
}

static void
note_end(struct fan *fan, uint32_t i, weft_err err)
{
    struct weft_sub_call *sub = &fan->subs[i];
    const struct wf_ended ended = {part_of(fan, i), &sub->info, err,
                                   wf_sys_now_ns() - fan->begun_ns};
    sub->err = err;
    wf_combined_record(&fan->call->options.info->attempts, fan->call->arena,
                       &ended);
}

/* Await calls until it is decided how the call ends. Errors as
 * weft_await_any. */
static weft_err
await_some(struct fan *fan)
{
    while (!is_decided(fan)) {
        int i = weft_await_any(fan->pendings, fan->seen.n);
        if (i < 0)
            return i;
        weft_err err = weft_await(&fan->pendings[i]);
        note_end(fan, (uint32_t)i, err);
        fan->n_ok += !err;
        fan->n_failed += err != WEFT_OK;
    }
    return WEFT_OK;
}

/* End the calls that are still in flight. One of them may have ended by itself
 * meanwhile; its result then is there for `merge`. */
static void
cancel_rest(struct fan *fan)
{
    for (uint32_t i = 0; i < fan->seen.n; i++)
        if (fan->pendings[i].call) {
            weft_err err = WF_MUTANT(rest_left_in_flight)
                               ? weft_await(&fan->pendings[i])
                               : weft_pending_cancel(&fan->pendings[i]);
            note_end(fan, i, err);
            fan->subs[i].is_cancelled = err == WEFT_ECANCEL;
        }
}

static bool
has_failed(const struct weft_sub_call *sub)
{
    return !sub->is_skipped && !sub->is_cancelled && sub->err;
}

/* ---- how it ends ---- */

/* Copy a result. What it points to lies in the arena of the call. */
static void
copy_result(const struct fan *fan, const struct weft_sub_call *sub)
{
    const struct weft_struct *desc = fan->call->method->result;
    if (desc)
        memcpy(fan->call->result, sub->result, desc->size);
}

/* Returns the first call that has failed, in the order of the parts. */
static const struct weft_sub_call *
first_failure(const struct fan *fan)
{
    for (uint32_t i = 0; i < fan->seen.n; i++) {
        if (has_failed(&fan->subs[i]))
            return &fan->subs[i];
    }
    return NULL;
}

/* True if a handler may have executed the call of a part. */
static bool
is_touched(const struct weft_sub_call *sub)
{
    if (sub->is_skipped || sub->info.reach == WEFT_CALL_NOT_SENT)
        return false;
    return sub->info.reach == WEFT_CALL_MAYBE_HANDLED || !sub->err ||
           !weft_err_is_peer(sub->err) || !weft_err_is_retryable(sub->err);
}

/* Returns how far a call came that has failed with `err`. If all servers have
 * refused it, the error says so. */
static enum weft_call_reach
reach_of(const struct fan *fan, weft_err err)
{
    bool touched = false, sent = false, answered = true;
    for (uint32_t i = 0; i < fan->seen.n; i++) {
        const struct weft_sub_call *sub = &fan->subs[i];
        touched |= is_touched(sub);
        sent |= !sub->is_skipped && sub->info.reach != WEFT_CALL_NOT_SENT;
        answered &= sub->is_skipped || sub->info.reach == WEFT_CALL_ANSWERED;
    }
    bool is_refusal = weft_err_is_peer(err) && weft_err_is_retryable(err);
    if (touched && (!answered || is_refusal) &&
        !WF_MUTANT(executed_part_forgotten))
        return WEFT_CALL_MAYBE_HANDLED;
    return sent ? WEFT_CALL_ANSWERED : WEFT_CALL_NOT_SENT;
}

/* Append ": [INDEX] WHY" to the text. Returns its new length. */
static size_t
tell_failure(const struct fan *fan, uint32_t i, char *text, size_t at)
{
    const struct weft_sub_call *sub = &fan->subs[i];
    struct weft_str why = sub->info.text;
    if (at >= TEXT_SIZE)
        return at;
    if (!why.ptr)
        why = weft_str_of(weft_err_text(sub->err));
    bool is_named = sub->info.text.ptr && !weft_err_is_peer(sub->err);
    const char *name = wf_client_address(part_of(fan, i));
    int n = snprintf(text + at, TEXT_SIZE - at, "; [%u] %.100s%s%.*s",
                     (unsigned)i, is_named ? "" : name, is_named ? "" : ": ",
                     (int)WF_MIN(why.len, 200u), why.ptr);
    return at + (n > 0 ? (size_t)n : 0);
}

/* The text says which calls have failed, and why. */
static struct weft_str
explain(const struct fan *fan)
{
    char text[TEXT_SIZE] = "";
    uint32_t n_told = 0;
    size_t at = 0;
    for (uint32_t i = 0; i < fan->seen.n && n_told < TOLD; i++) {
        if (!has_failed(&fan->subs[i]))
            continue;
        at = tell_failure(fan, i, text, at);
        n_told++;
    }
    return weft_arena_printf(fan->call->arena, "%u of %u calls failed%s%s",
                             (unsigned)fan->n_failed, (unsigned)fan->n_made,
                             text, fan->n_failed > n_told ? "; ..." : "");
}

static weft_err
fail(const struct fan *fan, weft_err err)
{
    struct weft_call_info *info = fan->call->options.info;
    const struct weft_sub_call *sub = first_failure(fan);
    if (!err && sub) {
        err = sub->err;
        info->app_type = sub->info.app_type;
        info->business = sub->info.business;
        info->http_status = sub->info.http_status;
        info->text = explain(fan);
    }
    if (err == WEFT_ETHROWN && sub)
        copy_result(fan, sub);
    info->reach = reach_of(fan, err);
    return err;
}

static weft_err
succeed(const struct fan *fan)
{
    struct weft_call_info *info = fan->call->options.info;
    weft_merge_fn merge = fan->f->options.merge;
    info->reach = WEFT_CALL_ANSWERED;
    if (!fan->call->method->result)
        return WEFT_OK;
    if (!merge) {
        uint32_t i = 0;
        while (fan->subs[i].is_skipped || fan->subs[i].err)
            i++; /* one call at least has succeeded */
        copy_result(fan, &fan->subs[i]);
        info->headers = fan->subs[i].info.headers;
        return WEFT_OK;
    }
    weft_err err = merge(&fan->seen, fan->subs, fan->call->result);
    if (err)
        info->text = weft_arena_printf(fan->call->arena, "merge: %s",
                                       weft_err_text(err));
    return err;
}

static weft_err
not_sent(const struct fan *fan, weft_err err)
{
    const char *why = err == WEFT_ENOENDPOINT && fan->n_made == 0
                          ? "`map` has skipped all clients"
                          : weft_err_text(err);
    fan->call->options.info->text =
        weft_arena_printf(fan->call->arena, "the call was not sent: %s", why);
    return err;
}

weft_err
wf_fan_out_to_all(struct wf_fan_out *f, const struct wf_whole_call *c,
                  uint32_t n)
{
    struct fan fan = {
        .f = f,
        .call = c,
        .seen = {c->method, c->args, &c->options, c->arena, n, f->options.user},
    };
    weft_err err = prepare(&fan);
    if (err)
        return not_sent(&fan, err);
    set_limits(&fan);
    begin_all(&fan);
    err = await_some(&fan);
    cancel_rest(&fan);
    if (err || fan.n_failed >= fan.fail_limit)
        return fail(&fan, err);
    return succeed(&fan);
}

/* ---- the client ---- */

static weft_err
call_all(void *upstream, const struct wf_whole_call *c)
{
    struct wf_fan_out *f = upstream;
    return wf_fan_out_to_all(f, c, f->combined.n);
}

void
wf_fan_out_add_stats(void *upstream, struct weft_client_stats *stats)
{
    struct wf_fan_out *f = upstream;
    wf_combined_add_stats(&f->combined, stats);
}

void
wf_fan_out_close(void *upstream)
{
    struct wf_fan_out *f = upstream;
    wf_combined_close(&f->combined);
}

void
wf_fan_out_free(void *upstream)
{
    struct wf_fan_out *f = upstream;
    wf_combined_free(&f->combined);
    wf_sys_free(f);
}

weft_err
wf_fan_out_new(struct weft_client *const *clients, uint32_t n,
               const struct wf_fan_out *like, const struct wf_upstream_ops *ops,
               struct weft_client **out)
{
    *out = NULL;
    struct wf_fan_out *f = wf_sys_zalloc(sizeof *f);
    if (!f)
        return -ENOMEM;
    *f = *like;
    const char *name = f->options.name ? f->options.name : "fan_out";
    f->options.name = NULL; /* the client has a copy */
    weft_err err = wf_combined_init(&f->combined, clients, n);
    if (err) {
        wf_sys_free(f);
        return err;
    }
    err = wf_combined_open(name, f->options.call_timeout_ms, ops, f, out);
    if (err) {
        wf_combined_fini(&f->combined);
        wf_sys_free(f);
    }
    return err;
}

static const struct wf_upstream_ops ops = {
    .call = call_all,
    .add_stats = wf_fan_out_add_stats,
    .close = wf_fan_out_close,
    .free = wf_fan_out_free,
};

weft_err
weft_client_fan_out(struct weft_client *const *clients, uint32_t n,
                    const struct weft_fan_out_options *options,
                    struct weft_client **out)
{
    struct wf_fan_out like = {.route = NULL};
    if (options)
        like.options = *options;
    return wf_fan_out_new(clients, n, &like, &ops, out);
}
