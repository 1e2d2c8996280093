/* SPDX-License-Identifier: MIT */
/*
 * The attempts of a call to one of many servers. The folder upstream
 * chooses the endpoint of each attempt and decides whether another attempt
 * follows; this file lists the attempts for the caller.
 */
#include "rpc/client.h"
#include "rpc/headers.h"

#include <string.h>
#include <strings.h>

/* The comparison ignores case, because HTTP changes keys to lower case. */
bool
wf_is_for_retry(void)
{
    const struct weft_headers *came = wf_headers_handled();
    static const char key[] = WF_RETRY;
    for (uint32_t i = 0; came && i < came->len; i++) {
        struct weft_str k = came->items[i].key;
        if (k.len == sizeof key - 1 && strncasecmp(k.ptr, key, k.len) == 0)
            return true;
    }
    return false;
}

/* Ask for the plan of the call. Its time-out counts if the call has no deadline
 * of its own. */
static void
ask_plan(struct wf_client_call *x, struct wf_attempt *a)
{
    x->front->ops->plan(x->front->upstream, x->method, a);
    a->plan = &a->own_plan;
    if (x->call && x->call->deadline_ns > 0)
        return;
    uint64_t end = wf_timeout_end(x->begun_ns, a->own_plan.timeout_ms);
    x->until_ns = x->deadline_ns = WF_MIN(end, wf_task_deadline());
}

void
wf_attempts_init(struct wf_client_call *x, struct wf_attempt *a)
{
    x->attempt = a;
    x->client = NULL; /* no endpoint is chosen yet */
    a->is_idempotent =
        x->method->idempotent || (x->call && x->call->idempotent);
    a->n_sent = x->call ? x->call->sent_before : 0;
    a->is_for_retry = a->n_sent > 0 || wf_is_for_retry();
    a->plan = x->front->plan;
    if (WEFT_UNLIKELY(!a->plan))
        ask_plan(x, a);
}

/* Wait until the pause before the next attempt is over. */
static weft_err
end_pause(struct wf_client_call *x)
{
    uint64_t until = WF_MIN(x->attempt->pause_ns, x->deadline_ns);
    weft_err err = weft_sleep_until(until);
    if (err)
        return err;
    x->attempt->pause_ns = 0;
    return until == x->deadline_ns ? WEFT_ETIMEOUT : WEFT_OK;
}

static weft_err
find_servers(struct wf_client_call *x, bool may_wait, bool *found)
{
    struct weft_client *front = x->front;
    x->lacks = WF_LACKS_SERVERS;
    weft_err err =
        front->ops->find(front->upstream, x->deadline_ns, may_wait, found);
    if (err != WEFT_ETIMEOUT)
        x->lacks = WF_LACKS_NOTHING;
    return err;
}

/* Clear what the previous attempt has stored, except for the list of
 * attempts. */
static void
forget(struct wf_client_call *x)
{
    struct weft_call_attempts attempts = x->info->attempts;
    *x->info = (struct weft_call_info){.app_type = -1, .attempts = attempts};
    if (!x->method->oneway)
        ((struct weft_result *)x->result)->which = WEFT_RESULT_NONE;
    x->odd = (struct weft_str){NULL, 0};
    x->strays = 0;
    x->cause = WEFT_OK;
    x->lacks = WF_LACKS_NOTHING;
}

weft_err
wf_attempt_begin(struct wf_client_call *x, bool may_wait, bool *found)
{
    struct weft_client *endpoint;
    struct wf_attempt *a = x->attempt;
    if (a->pause_ns && !may_wait) {
        *found = false;
        return WEFT_OK;
    }
    weft_err err = a->pause_ns ? end_pause(x) : WEFT_OK;
    if (!err)
        err = find_servers(x, may_wait, found);
    if (err || !*found)
        return err;
    a->arena = x->side;
    a->deadline_ns = x->deadline_ns;
    a->key = x->call ? x->call->hash_key : (struct weft_str){NULL, 0};
    a->partition = x->call ? x->call->partition : 0;
    a->begun_ns = x->begun_ns = wf_sys_now_ns();
    err = x->front->ops->begin(x->front->upstream, a, &endpoint);
    if (err)
        return err;
    x->until_ns = a->until_ns;
    x->client = endpoint;
    x->options = &endpoint->options;
    x->host = endpoint->host;
    x->tries = 0;
    forget(x);
    return WEFT_OK;
}

bool
wf_attempt_give_up(struct wf_client_call *x)
{
    struct wf_attempt *a = x->attempt;
    if (x->front->ops->give_up(x->front->upstream, a))
        return true;
    x->until_ns = a->until_ns = x->deadline_ns;
    return false;
}

/* Append the attempt to info->attempts, in the arena x->side. If there is no
 * memory, the list lacks the attempt. */
static void
record(struct wf_client_call *x)
{
    const char *address = x->client->address;
    struct weft_call_attempt *a =
        weft_push(x->side, &x->info->attempts, sizeof *a);
    if (!a)
        return;
    *a = (struct weft_call_attempt){
        .endpoint = weft_arena_str(x->side, address, (uint32_t)strlen(address)),
        .text = x->info->text,
        .took_ns = wf_sys_now_ns() - x->attempt->begun_ns,
        .err = x->err,
        .reach = (enum weft_call_reach)x->reach,
    };
}

bool
wf_attempt_end(struct wf_client_call *x)
{
    bool is_asked = x->call && x->call->info;
    if (x->err)
        wf_client_explain(x->client, x, x->err, x->info);
    if (is_asked)
        record(x);
    x->attempt->err = x->err;
    x->attempt->reach = (enum weft_call_reach)x->reach;
    if (x->reach != WEFT_CALL_NOT_SENT) {
        x->attempt->n_sent++;
        x->attempt->is_unknown |= !weft_err_is_peer(x->err);
    }
    bool more = x->front->ops->end(x->front->upstream, x->attempt);
    x->client = NULL;
    return more;
}
