/* SPDX-License-Identifier: MIT */
#include "upstream/jute.h"

#include <string.h>

#define NAME_MOST 512u /* bytes of the name of a node */
#define PERMS_ALL 31u
#define FLAG_EPHEMERAL 1u

/* ---- writing ---- */

static void
put(struct wf_jute_out *out, const void *bytes, size_t n)
{
    if (n > sizeof out->bytes - out->len) {
        out->is_full = true;
        return;
    }
    if (n > 0)
        memcpy(out->bytes + out->len, bytes, n);
    out->len += (uint32_t)n;
}

static void
put_number(struct wf_jute_out *out, uint64_t value, size_t n)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
    put(out, bytes, n);
}

static void
put_text(struct wf_jute_out *out, struct weft_str text)
{
    put_number(out, text.len, 4);
    put(out, text.ptr, text.len);
}

static void
begin(struct wf_jute_out *out)
{
    out->len = 4; /* of the length, which `end` writes */
    out->is_full = false;
}

static void
begin_request(struct wf_jute_out *out, int32_t xid, enum wf_zk_op op)
{
    begin(out);
    put_number(out, (uint32_t)xid, 4);
    put_number(out, (uint32_t)op, 4);
}

static void
end(struct wf_jute_out *out)
{
    uint32_t len = out->len;
    out->len = 0;
    put_number(out, len - 4, 4);
    out->len = len;
}

void
wf_zk_put_hello(struct wf_jute_out *out, const struct wf_zk_session *session,
                uint64_t zxid)
{
    begin(out);
    put_number(out, 0, 4); /* version of the protocol */
    put_number(out, zxid, 8);
    put_number(out, session->timeout_ms, 4);
    put_number(out, session->id, 8);
    put_number(out, WF_ZK_PASSWORD, 4);
    put(out, session->password, WF_ZK_PASSWORD);
    put_number(out, 0, 1); /* a server that can only read will not do */
    end(out);
}

void
wf_zk_put_bare(struct wf_jute_out *out, int32_t xid, enum wf_zk_op op)
{
    begin_request(out, xid, op);
    end(out);
}

void
wf_zk_put_path(struct wf_jute_out *out, int32_t xid, enum wf_zk_op op,
               struct weft_str path, bool watch)
{
    begin_request(out, xid, op);
    put_text(out, path);
    put_number(out, watch, 1);
    end(out);
}

/* Everybody may do everything with the node, as with those that ZooKeeper's own
 * command makes. */
void
wf_zk_put_create(struct wf_jute_out *out, int32_t xid, struct weft_str path,
                 struct weft_str data, bool is_ephemeral)
{
    begin_request(out, xid, WF_ZK_CREATE);
    put_text(out, path);
    put_text(out, data);
    put_number(out, 1, 4); /* entry of the access list */
    put_number(out, PERMS_ALL, 4);
    put_text(out, WEFT_STR("world"));
    put_text(out, WEFT_STR("anyone"));
    put_number(out, is_ephemeral ? FLAG_EPHEMERAL : 0, 4);
    end(out);
}

/* ---- reading ---- */

struct in {
    const uint8_t *at, *end;
    bool is_bad; /* the bytes have ended too early */
};

static struct in
in_of(struct weft_str text)
{
    const uint8_t *at = (const uint8_t *)text.ptr;
    return (struct in){at, at + text.len, false};
}

static const uint8_t *
take(struct in *in, size_t n)
{
    const uint8_t *at = in->at;
    if (in->is_bad || n > (size_t)(in->end - in->at)) {
        in->is_bad = true;
        return NULL;
    }
    in->at += n;
    return at;
}

static uint64_t
take_number(struct in *in, size_t n)
{
    const uint8_t *bytes = take(in, n);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* ZooKeeper writes the length -1 for a value that is absent. */
static struct weft_str
take_text(struct in *in)
{
    uint32_t n = (uint32_t)take_number(in, 4);
    if (n == UINT32_MAX)
        n = 0;
    const uint8_t *bytes = take(in, n);
    return (struct weft_str){(const char *)bytes, bytes ? n : 0};
}

weft_err
wf_zk_read_hello(struct weft_str frame, struct wf_zk_session *session)
{
    struct in in = in_of(frame);
    uint32_t version = (uint32_t)take_number(&in, 4);
    uint32_t timeout_ms = (uint32_t)take_number(&in, 4);
    uint64_t id = take_number(&in, 8);
    struct weft_str password = take_text(&in);
    if (in.is_bad || version != 0 || password.len != WF_ZK_PASSWORD)
        return WEFT_EPROTOCOL;
    bool is_over = timeout_ms == 0 || timeout_ms > INT32_MAX || id == 0;
    session->id = is_over ? 0 : id;
    session->timeout_ms = is_over ? 0 : timeout_ms;
    memcpy(session->password, password.ptr, WF_ZK_PASSWORD);
    return WEFT_OK;
}

weft_err
wf_zk_read_header(struct weft_str frame, struct wf_zk_header *header)
{
    struct in in = in_of(frame);
    header->xid = (int32_t)(uint32_t)take_number(&in, 4);
    header->zxid = take_number(&in, 8);
    header->err = (int32_t)(uint32_t)take_number(&in, 4);
    header->rest =
        (struct weft_str){(const char *)in.at, (uint32_t)(in.end - in.at)};
    return in.is_bad ? WEFT_EPROTOCOL : WEFT_OK;
}

weft_err
wf_zk_read_data(struct weft_str rest, struct weft_str *data)
{
    struct in in = in_of(rest);
    *data = take_text(&in);
    return in.is_bad ? WEFT_EPROTOCOL : WEFT_OK;
}

weft_err
wf_zk_read_names(struct weft_str rest, struct weft_arena *arena,
                 struct wf_zk_names *names)
{
    struct in in = in_of(rest);
    uint32_t n = (uint32_t)take_number(&in, 4);
    if (n == UINT32_MAX)
        n = 0;
    for (uint32_t i = 0; i < n && !in.is_bad; i++) {
        struct weft_str name = take_text(&in), *item;
        if (in.is_bad || name.len == 0 || name.len > NAME_MOST ||
            memchr(name.ptr, '/', name.len) || memchr(name.ptr, 0, name.len))
            continue;
        item = weft_push(arena, names, sizeof *item);
        if (!item)
            return WEFT_EBUDGET;
        *item = weft_arena_str(arena, name.ptr, name.len);
        if (!item->ptr)
            return WEFT_EBUDGET;
    }
    return in.is_bad ? WEFT_EPROTOCOL : WEFT_OK;
}
