/* SPDX-License-Identifier: MIT */
/* A client whose calls pass a function of the user (weft_client_intercept). */
#include "upstream/combined.h"

#include <errno.h>

struct around {
    struct wf_combined combined; /* one part */
    weft_client_interceptor_fn fn;
    void *user;
};

/* What is known of a call beside what its interceptor sees. */
struct wf_passage {
    struct weft_client *part;
    uint64_t deadline_ns;
    struct weft_call_info *info;
    struct weft_call_attempts attempts; /* of all times that it was sent */
    uint32_t n_sent; /* of these, those that a handler may have seen */
    bool is_unknown; /* one of them has no answer */
};

/* Note how the call has ended this time. */
static void
note(struct wf_passage *p, struct weft_arena *arena, weft_err err,
     uint64_t begun)
{
    const struct wf_ended ended = {p->part, p->info, err,
                                   wf_sys_now_ns() - begun};
    wf_combined_record(&p->attempts, arena, &ended);
    p->n_sent += p->info->reach != WEFT_CALL_NOT_SENT;
    p->is_unknown |= p->info->reach == WEFT_CALL_MAYBE_HANDLED;
    p->info->attempts = p->attempts;
    if (err && p->is_unknown && p->info->reach == WEFT_CALL_NOT_SENT)
        p->info->reach = WEFT_CALL_MAYBE_HANDLED;
}

weft_err
weft_client_proceed(struct weft_intercepted *call)
{
    struct wf_passage *p = call->passage;
    struct weft_call_options options = call->options;
    uint64_t begun = wf_sys_now_ns();
    options.info = p->info;
    options.sent_before += p->n_sent;
    if (options.deadline_ns == 0 || options.deadline_ns > p->deadline_ns)
        options.deadline_ns = p->deadline_ns;
    weft_err err = weft_client_call(p->part, call->method, call->arena,
                                    call->args, call->result, &options);
    note(p, call->arena, err, begun);
    return err;
}

static weft_err
call_around(void *upstream, const struct wf_whole_call *c)
{
    struct around *a = upstream;
    struct wf_passage passage = {
        .part = a->combined.parts[0],
        .deadline_ns = c->options.deadline_ns,
        .info = c->options.info,
    };
    struct weft_intercepted call = {
        .method = c->method,
        .args = c->args,
        .result = c->result,
        .arena = c->arena,
        .options = c->options,
        .passage = &passage,
    };
    return a->fn(&call, a->user);
}

/* ---- the client ---- */

static void
add_stats(void *upstream, struct weft_client_stats *stats)
{
    struct around *a = upstream;
    wf_combined_add_stats(&a->combined, stats);
}

static void
close_part(void *upstream)
{
    struct around *a = upstream;
    wf_combined_close(&a->combined);
}

static void
free_part(void *upstream)
{
    struct around *a = upstream;
    wf_combined_free(&a->combined);
    wf_sys_free(a);
}

static const struct wf_upstream_ops ops = {
    .call = call_around,
    .add_stats = add_stats,
    .close = close_part,
    .free = free_part,
};

weft_err
weft_client_intercept(struct weft_client *client, weft_client_interceptor_fn fn,
                      void *user, struct weft_client **out)
{
    *out = NULL;
    if (!fn)
        return -EINVAL;
    struct around *a = wf_sys_zalloc(sizeof *a);
    if (!a)
        return -ENOMEM;
    a->fn = fn;
    a->user = user;
    weft_err err = wf_combined_init(&a->combined, &client, 1);
    if (!err)
        err = wf_combined_open(wf_client_address(client),
                               wf_client_options(client)->call_timeout_ms, &ops,
                               a, out);
    if (!err)
        return WEFT_OK;
    wf_combined_fini(&a->combined);
    wf_sys_free(a);
    return err;
}
