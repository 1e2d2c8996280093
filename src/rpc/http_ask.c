/* SPDX-License-Identifier: MIT */
/*
 * Sends a request of HTTP and reads the head of its response, as straight-line
 * code of the calling task. A kept connection may end just when the request is
 * sent. If no byte of the response has come then, and the request may be sent
 * twice, it is sent again on a new connection.
 */
#include "rpc/http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

uint64_t
wf_exchange_deadline(uint64_t deadline_ns)
{
    uint64_t inherited = wf_task_deadline();
    return WF_MIN(deadline_ns, inherited);
}

/* ---- the request ---- */

static const char *
method_of(const struct weft_http_request *request)
{
    if (request->method)
        return request->method;
    return request->body.ptr ? "POST" : "GET";
}

static const char *
path_of(const struct weft_http_request *request)
{
    return request->path ? request->path : "/";
}

static bool
is_one_of(const char *const *words, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* RFC 9110, 9.2.2. */
static bool
may_repeat(const struct weft_http_request *request)
{
    static const char *const methods[] = {"GET", "HEAD",   "OPTIONS",
                                          "PUT", "DELETE", "TRACE"};
    return request->is_idempotent ||
           is_one_of(methods, sizeof methods / sizeof *methods,
                     method_of(request));
}

/* Without a length a server would take these methods for malformed (RFC 9110,
 * 8.6). */
static bool
has_body(const struct weft_http_request *request)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH"};
    return request->body.ptr ||
           is_one_of(methods, sizeof methods / sizeof *methods,
                     method_of(request));
}

static weft_err
write_request(struct weft_http_exchange *x,
              const struct weft_http_request *request, struct weft_chain *out)
{
    const struct wf_http_request r = {
        .method = method_of(request),
        .path = path_of(request),
        .host = x->http->host,
        .headers = &request->headers,
        .body = request->body,
        .has_body = has_body(request),
    };
    x->stage = WF_HTTP_WRITES;
    return wf_http_write_request(&r, out, &x->refused);
}

static weft_err
dial(struct weft_http_exchange *x, uint64_t deadline_ns)
{
    const struct weft_http_options *o = &x->http->options;
    const struct weft_conn_options options = {
        .read_timeout_ms = o->read_timeout_ms, .max_input = o->head_size};
    uint64_t limit = wf_timeout_from_now(o->connect_timeout_ms);
    weft_err err = weft_dial_until(x->http->address, &options,
                                   WF_MIN(limit, deadline_ns), &x->conn);
    if (!err) {
        wf_notice_dead_peer(weft_conn_fd(x->conn), o->dead_timeout_ms);
        return WEFT_OK;
    }
    if ((err == WEFT_ETIMEOUT && limit >= deadline_ns) || err == WEFT_ECANCEL ||
        err == -ENOMEM)
        return err;
    x->cause = err;
    return WEFT_ECONNECT;
}

static weft_err
connect_to(struct weft_http_exchange *x, bool may_be_kept, uint64_t deadline_ns)
{
    x->stage = WF_HTTP_CONNECTS;
    x->conn = may_be_kept ? wf_http_take_kept(x->http) : NULL;
    x->is_kept = x->conn != NULL;
    weft_err err = x->conn ? WEFT_OK : dial(x, deadline_ns);
    if (!err)
        x->stage = WF_HTTP_AWAITS;
    return err;
}

/* ---- the response ---- */

weft_err
wf_exchange_line(struct weft_http_exchange *x, uint64_t deadline_ns,
                 struct weft_header *header)
{
    const uint8_t *bytes;
    size_t n;
    x->odd = (struct weft_str){0};
    weft_err err =
        weft_conn_next_through_until(x->conn, '\n', deadline_ns, &bytes, &n);
    if (!err || weft_conn_len(x->conn) > 0)
        x->stage = WF_HTTP_READS;
    if (err)
        return err == WEFT_EBUFFERFULL ? WEFT_EHEADER : err;
    x->odd = (struct weft_str){(const char *)bytes, (uint32_t)n};
    return wf_http_response_line(&x->in, x->odd, header);
}

static weft_err
copy_header(struct weft_arena *arena, struct weft_headers *headers,
            const struct weft_header *header)
{
    struct weft_header *h = weft_push(arena, headers, sizeof *h);
    char *key = weft_arena_alloc(arena, (size_t)header->key.len + 1);
    if (!h || !key)
        return WEFT_EBUDGET;
    for (uint32_t i = 0; i < header->key.len; i++) {
        char c = header->key.ptr[i];
        key[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    key[header->key.len] = '\0';
    h->key = (struct weft_str){key, header->key.len};
    h->value = weft_arena_str(arena, header->value.ptr, header->value.len);
    return h->value.ptr ? WEFT_OK : WEFT_EBUDGET;
}

static weft_err
read_head(struct weft_http_exchange *x, bool is_head, uint64_t deadline_ns,
          struct weft_arena *arena, struct weft_http_response *response)
{
    weft_err err = WEFT_OK;
    response->headers = (struct weft_headers){0};
    wf_http_response_init(&x->in, is_head, x->http->options.head_size);
    while (!err && !x->in.has_head) {
        struct weft_header header;
        err = wf_exchange_line(x, deadline_ns, &header);
        if (!err && header.key.len > 0)
            err = copy_header(arena, &response->headers, &header);
        if (x->in.status == 0) /* the headers were those of an interim one */
            response->headers.len = 0;
    }
    response->status = x->in.status;
    if (!err)
        weft_conn_release(x->conn);
    return err;
}

/* True if the connection has ended or failed. */
static bool
is_lost(weft_err err)
{
    return weft_err_is_connection(err) && err != WEFT_EREADTIMEOUT &&
           err != WEFT_ECLOSED && err != WEFT_ECONNECT;
}

/* The error for the caller: only x->text tells how a connection ended. */
weft_err
wf_exchange_error(struct weft_http_exchange *x, weft_err err)
{
    if (!is_lost(err))
        return err;
    x->cause = err;
    return WEFT_EBROKEN;
}

void
wf_exchange_give_up(struct weft_http_exchange *x)
{
    if (x->conn)
        weft_conn_abort(x->conn);
    x->conn = NULL;
}

static weft_err
ask(struct weft_http_exchange *x, const struct weft_http_request *request,
    bool may_be_kept, uint64_t deadline_ns, struct weft_arena *arena,
    struct weft_http_response *response)
{
    struct weft_chain out = {0};
    bool is_head = strcmp(method_of(request), "HEAD") == 0;
    weft_err err = write_request(x, request, &out);
    if (!err)
        err = connect_to(x, may_be_kept, deadline_ns);
    if (!err) {
        weft_conn_append_chain(x->conn, &out);
        err = weft_conn_flush_until(x->conn, deadline_ns);
    }
    weft_chain_clear(&out);
    return err ? err : read_head(x, is_head, deadline_ns, arena, response);
}

/* ---- the connection after the response ---- */

/* If the response is whole, the next request may have the connection. */
void
wf_exchange_settle(struct weft_http_exchange *x)
{
    if (!x->conn || x->in.want != WF_HTTP_WANTS_NOTHING)
        return;
    if (x->in.stays)
        wf_http_keep(x->http, x->conn);
    else
        weft_conn_close(x->conn);
    x->conn = NULL;
}

void
wf_exchange_end(struct weft_http_exchange *x)
{
    wf_exchange_give_up(x);
    /* release: weft_http_free sees what this task did with the client */
    wf_sub(&x->http->n_open, 1, release);
}

weft_err
wf_exchange_begin(struct weft_http_exchange *x, struct weft_http *http,
                  const struct weft_http_request *request, uint64_t deadline_ns,
                  struct weft_arena *arena, struct weft_http_response *response)
{
    *x = (struct weft_http_exchange){.http = http};
    *response = (struct weft_http_response){0};
    (void)snprintf(x->what, sizeof x->what, "%s %s", method_of(request),
                   path_of(request));
    wf_add(&http->n_open, 1, relaxed);
    deadline_ns = wf_exchange_deadline(deadline_ns);
    weft_err err = ask(x, request, true, deadline_ns, arena, response);
    if (x->is_kept && x->stage == WF_HTTP_AWAITS && is_lost(err) &&
        may_repeat(request)) {
        wf_exchange_give_up(x);
        err = ask(x, request, false, deadline_ns, arena, response);
    }
    if (!err) {
        wf_exchange_settle(x);
        return WEFT_OK;
    }
    err = wf_exchange_explain(x, request, wf_exchange_error(x, err));
    response->text = weft_arena_printf(arena, "%s", x->text);
    wf_exchange_end(x);
    return err;
}
