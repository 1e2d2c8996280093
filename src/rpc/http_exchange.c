/* SPDX-License-Identifier: MIT */
/* Reads the body of a response of HTTP, whole or piece by piece, as
 * straight-line code of the calling task. */
#include "rpc/http.h"

#include <errno.h>

/* ---- the body ---- */

static weft_err
take_data(struct weft_http_exchange *x, uint64_t most, uint64_t deadline_ns,
          struct weft_chain *to)
{
    weft_err err = weft_conn_wait_until(x->conn, 1, deadline_ns);
    if (err)
        return err;
    size_t n = weft_conn_len(x->conn);
    n = n < most ? n : (size_t)most;
    err = weft_conn_slice_until(x->conn, n, deadline_ns, to);
    if (!err)
        wf_http_response_data(&x->in, n);
    return err;
}

static weft_err
take_part(struct weft_http_exchange *x, uint64_t deadline_ns,
          struct weft_chain *to)
{
    struct weft_header trailer;
    if (x->in.want == WF_HTTP_WANTS_DATA)
        return take_data(x, x->in.left, deadline_ns, to);
    if (x->in.want == WF_HTTP_WANTS_REST) {
        weft_err err = take_data(x, UINT64_MAX, deadline_ns, to);
        if (err == WEFT_EEOF)
            x->in.want = WF_HTTP_WANTS_NOTHING;
        return err == WEFT_EEOF ? WEFT_OK : err;
    }
    weft_err err = wf_exchange_line(x, deadline_ns, &trailer);
    if (!err)
        weft_conn_release(x->conn);
    return err;
}

/* True if a later read may succeed: the error has changed nothing. */
static bool
is_passing(weft_err err)
{
    return err == WEFT_ETIMEOUT || err == WEFT_EREADTIMEOUT ||
           err == WEFT_ECANCEL || err == -ENOMEM;
}

weft_err
weft_http_read_until(struct weft_http_exchange *x, uint64_t deadline_ns,
                     struct weft_chain *to)
{
    size_t before = to->len;
    if (x->err)
        return x->err;
    weft_err err = WEFT_OK;
    x->text[0] = '\0';
    deadline_ns = wf_exchange_deadline(deadline_ns);
    while (!err && to->len == before && x->in.want != WF_HTTP_WANTS_NOTHING)
        err = take_part(x, deadline_ns, to);
    wf_exchange_settle(x);
    if (!err)
        return WEFT_OK;
    err = wf_exchange_explain(x, NULL, wf_exchange_error(x, err));
    if (is_passing(err))
        return err;
    wf_exchange_give_up(x);
    return x->err = err;
}

weft_err
weft_http_read(struct weft_http_exchange *x, struct weft_chain *to)
{
    return weft_http_read_until(x, WEFT_NEVER, to);
}

/* ---- whole responses ---- */

static weft_err
read_all(struct weft_http_exchange *x, uint64_t deadline_ns,
         struct weft_chain *body)
{
    size_t before, most = x->http->options.body_size;
    weft_err err = WEFT_OK;
    do {
        before = body->len;
        if (x->in.want == WF_HTTP_WANTS_DATA && x->in.left > most - before)
            return wf_exchange_explain(x, NULL, WEFT_ETOOBIG);
        err = weft_http_read_until(x, deadline_ns, body);
        if (body->len > most)
            err = wf_exchange_explain(x, NULL, WEFT_ETOOBIG);
        if (!err)
            err = wf_chain_compact(body);
    } while (!err && body->len > before);
    return err;
}

static weft_err
read_body(struct weft_http_exchange *x, uint64_t deadline_ns,
          struct weft_arena *arena, struct weft_str *out)
{
    struct weft_chain body = {0};
    weft_err err = read_all(x, deadline_ns, &body);
    char *copy = err ? NULL : weft_arena_alloc(arena, body.len + 1);
    if (copy) {
        copy[weft_chain_copy_out(&body, 0, copy, body.len)] = '\0';
        *out = (struct weft_str){copy, (uint32_t)body.len};
    } else if (!err) {
        err = wf_exchange_explain(x, NULL, WEFT_EBUDGET);
    }
    weft_chain_clear(&body);
    return err;
}

weft_err
weft_http_call_until(struct weft_http *http,
                     const struct weft_http_request *request,
                     uint64_t deadline_ns, struct weft_arena *arena,
                     struct weft_http_response *response)
{
    struct weft_http_exchange x;
    weft_err err =
        wf_exchange_begin(&x, http, request, deadline_ns, arena, response);
    if (err)
        return err;
    err = read_body(&x, deadline_ns, arena, &response->body);
    if (err)
        response->text = weft_arena_printf(arena, "%s", x.text);
    wf_exchange_end(&x);
    return err;
}

weft_err
weft_http_call(struct weft_http *http, const struct weft_http_request *request,
               struct weft_arena *arena, struct weft_http_response *response)
{
    uint64_t until = wf_timeout_from_now(http->options.call_timeout_ms);
    return weft_http_call_until(http, request, until, arena, response);
}

/* ---- exchanges ---- */

weft_err
weft_http_open_until(struct weft_http *http,
                     const struct weft_http_request *request,
                     uint64_t deadline_ns, struct weft_arena *arena,
                     struct weft_http_response *response,
                     struct weft_http_exchange **out)
{
    *out = NULL;
    *response = (struct weft_http_response){0};
    struct weft_http_exchange *x = wf_sys_zalloc(sizeof *x);
    if (!x)
        return -ENOMEM;
    weft_err err =
        wf_exchange_begin(x, http, request, deadline_ns, arena, response);
    if (err)
        wf_sys_free(x);
    else
        *out = x;
    return err;
}

weft_err
weft_http_open(struct weft_http *http, const struct weft_http_request *request,
               struct weft_arena *arena, struct weft_http_response *response,
               struct weft_http_exchange **out)
{
    uint64_t until = wf_timeout_from_now(http->options.call_timeout_ms);
    return weft_http_open_until(http, request, until, arena, response, out);
}

const char *
weft_http_text(const struct weft_http_exchange *x)
{
    return x->text;
}

void
weft_http_close(struct weft_http_exchange *x)
{
    if (!x)
        return;
    wf_exchange_end(x);
    wf_sys_free(x);
}
