/* SPDX-License-Identifier: MIT */
#include "rpc/unpack.h"

#include <errno.h>

/* At most so many bytes are inflated in one step. They are cut into messages
 * before more bytes are inflated. */
#define INFLATE_MAX ((size_t)256 << 10)

/* The largest hint for the size of the next read. */
#define HINT_MAX ((size_t)256 << 10)

/* ---- the memory of a message that is not whole ---- */

/* If more than `len` bytes are charged, give the rest back to `memory`. */
static void
give_back(struct wf_unpacker *unpacker, size_t len)
{
    if (len >= unpacker->charged)
        return;
    wf_pool_give(unpacker->memory, unpacker->charged - len);
    unpacker->charged = len;
}

/* A few compressed bytes may inflate to many bytes. So the inflated bytes of a
 * message are charged before the message is whole. */
static weft_err
charge(struct wf_unpacker *unpacker, size_t len)
{
    if (!unpacker->memory || len <= WF_CHARGED_MIN || len <= unpacker->charged)
        return WEFT_OK;
    if (len > unpacker->memory->max)
        return WEFT_ETOOBIG;
    if (!wf_pool_take(unpacker->memory, len - unpacker->charged))
        return WEFT_EOVERLOAD;
    unpacker->charged = len;
    return WEFT_OK;
}

void
wf_unpacker_taken(struct wf_unpacker *unpacker, const struct weft_chain *in)
{
    if (WEFT_LIKELY(!unpacker))
        return;
    /* The bytes of the last step may belong to the taken message and to the
     * next message, so they count for both. */
    unpacker->packed = unpacker->step;
    give_back(unpacker, in->len);
}

/* ---- the life of an unpacker ---- */

static weft_err
make_parts(struct wf_unpacker *unpacker, bool of_requests,
           const struct weft_limits *limits)
{
    if (unpacker->kind == WF_CUT_HTTP) {
        unpacker->http = wf_http_new(of_requests, limits);
        return unpacker->http ? WEFT_OK : -ENOMEM;
    }
    weft_err err = wf_inflater_new(&unpacker->inflater);
    return err ? err : wf_deflater_new(&unpacker->deflater);
}

weft_err
wf_unpacker_new(uint8_t kind, bool of_requests,
                const struct weft_limits *limits,
                struct weft_arena_pool *memory, struct wf_unpacker **out)
{
    if (kind == WF_CUT_ZLIB ? !WF_ZLIB : !WF_HTTP)
        return WEFT_EUNKNOWNPROTO;
    struct wf_unpacker *unpacker = wf_sys_zalloc(sizeof *unpacker);
    if (!unpacker)
        return -ENOMEM;
    unpacker->kind = kind;
    unpacker->ratio = limits->inflate_ratio;
    unpacker->memory = memory;
    weft_err err = make_parts(unpacker, of_requests, limits);
    if (err)
        wf_unpacker_free(unpacker);
    else
        *out = unpacker;
    return err;
}

void
wf_unpacker_free(struct wf_unpacker *unpacker)
{
    if (!unpacker)
        return;
    give_back(unpacker, 0);
    weft_chain_clear(&unpacker->raw);
    wf_inflater_free(unpacker->inflater);
    wf_deflater_free(unpacker->deflater);
    wf_http_free(unpacker->http);
    wf_sys_free(unpacker);
}

/* ---- reading ---- */

weft_err
wf_unpacker_fill(struct wf_unpacker *unpacker, struct wf_sock *s,
                 struct weft_chain *in, size_t need, size_t *hint,
                 bool *drained)
{
    struct wf_read_buffer buffer = {
        .need = need, .hint = *hint, .limit = SIZE_MAX};
    struct weft_chain *to = wf_unpacker_input(unpacker, in);
    size_t before = to->len;
    weft_err err = wf_sock_read(s, to, &buffer, drained);
    *hint = WF_MIN(to->len - before, HINT_MAX);
    return err;
}

void
wf_unpacker_compact(struct wf_unpacker *unpacker, struct weft_chain *in)
{
    /* If there is no memory, the chain stays as it is. */
    (void)wf_chain_compact(in);
    if (unpacker)
        (void)wf_chain_compact(&unpacker->raw);
}

static weft_err
send_continue(struct wf_sock *s)
{
    struct weft_chain bytes = {0};
    struct weft_str text = weft_str_of(wf_http_continue);
    weft_err err = weft_chain_append(&bytes, text.ptr, text.len);
    return err ? err : wf_sock_write(s, &bytes, WF_WRITE_NOW);
}

static weft_err
unpack_http(struct wf_unpacker *unpacker, struct wf_sock *s,
            struct weft_chain *in, bool *progress)
{
    enum wf_http_event event;
    weft_err err = wf_http_read(unpacker->http, &unpacker->raw, in, &event);
    while (!err && event == WF_HTTP_CONTINUE) {
        err = send_continue(s);
        if (!err)
            err = wf_http_read(unpacker->http, &unpacker->raw, in, &event);
    }
    *progress = event == WF_HTTP_MESSAGE; /* its body may be empty */
    return err;
}

/* One step takes about a millisecond. So other fibers of the worker run before
 * the next step. */
static weft_err
unpack_zlib(struct wf_unpacker *unpacker, struct wf_sock *s,
            struct weft_chain *in, bool *progress)
{
    struct weft_chain *raw = &unpacker->raw;
    if (unpacker->has_more)
        weft_fiber_yield();
    if (wf_sock_error(s))
        weft_chain_clear(raw);
    size_t before = in->len, left = raw->len;
    weft_err err = wf_inflate(unpacker->inflater, raw, in, INFLATE_MAX);
    unpacker->step = left - raw->len;
    unpacker->packed += unpacker->step;
    unpacker->has_more = in->len - before == INFLATE_MAX;
    *progress = in->len > before;
    if (!err && in->len > wf_zlib_most(unpacker->packed, unpacker->ratio))
        err = WEFT_ETOOBIG;
    return err ? err : charge(unpacker, in->len);
}

weft_err
wf_unpacker_read(struct wf_unpacker *unpacker, struct wf_sock *s,
                 struct weft_chain *in, bool *progress)
{
    return unpacker->kind == WF_CUT_HTTP
               ? unpack_http(unpacker, s, in, progress)
               : unpack_zlib(unpacker, s, in, progress);
}

/* ---- the rest ---- */

bool
wf_unpacker_is_partial(const struct wf_unpacker *unpacker)
{
    return unpacker->http ? wf_http_is_partial(unpacker->http)
                          : wf_inflater_is_partial(unpacker->inflater);
}

/* The peer inflates all messages as one stream. So the connection fails if
 * deflated bytes cannot be queued. To avoid this, the limit of the queue is
 * checked before bytes are deflated. */
static weft_err
send_deflated(struct wf_unpacker *unpacker, struct wf_sock *s,
              struct weft_chain *bytes, unsigned flags)
{
    struct weft_chain packed = {0};
    /* relaxed: the value is only compared with a limit */
    if (!(flags & WF_WRITE_ANYWAY) &&
        wf_load(&s->queued, relaxed) >= s->max_queued)
        return WEFT_EOVERCROWDED;
    weft_err err = wf_deflate(unpacker->deflater, bytes, &packed);
    if (!err)
        err = wf_sock_write(s, &packed, flags | WF_WRITE_ANYWAY);
    if (err)
        wf_sock_fail(s, err);
    weft_chain_clear(&packed);
    return err;
}

weft_err
wf_unpacker_send(struct wf_unpacker *unpacker, struct wf_sock *s,
                 struct weft_chain *bytes, unsigned flags)
{
    if (WEFT_LIKELY(!unpacker) || !unpacker->deflater)
        return wf_sock_write(s, bytes, flags);
    /* No cancel ends this wait, because a cancelled fiber has to send its
     * reply, too. */
    wf_mutex_lock_surely(&unpacker->sending);
    weft_err err = send_deflated(unpacker, s, bytes, flags);
    weft_mutex_unlock(&unpacker->sending);
    weft_chain_clear(bytes);
    return err;
}
