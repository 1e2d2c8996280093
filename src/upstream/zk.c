/* SPDX-License-Identifier: MIT */
/*
 * A session with ZooKeeper. The client sends something at least each third of
 * the session's time-out. If it has heard nothing for two thirds, it takes the
 * next server, which leaves that server a third of the time to take the
 * session. A client that has heard nothing for four thirds of the time begins
 * a new session, since no server can have the old one any more. Source:
 * ZooKeeper Programmer's Guide, ZooKeeper Sessions.
 */
#include "upstream/zk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FRAME_MOST ((uint32_t)4 << 20) /* of an answer */
#define MS 1000000u

/* ---- life ---- */

/* Clients begin with different servers, so that these share the load. */
weft_err
wf_zk_new(const char *name, uint32_t asked_ms, struct wf_zk **out)
{
    struct wf_zk *zk = wf_sys_zalloc(sizeof *zk);
    *out = NULL;
    if (!zk)
        return -ENOMEM;
    weft_arena_init(&zk->arena, 0);
    zk->asked_ms = asked_ms;
    weft_err err = wf_zk_take_name(zk, name);
    if (err) {
        wf_zk_free(zk);
        return err;
    }
    zk->at = (uint32_t)(wf_sys_random() % zk->n);
    *out = zk;
    return WEFT_OK;
}

void
wf_zk_free(struct wf_zk *zk)
{
    if (!zk)
        return;
    wf_zk_drop(zk);
    weft_arena_fini(&zk->arena);
    wf_sys_free(zk);
}

/* ---- failures ---- */

void
wf_zk_drop(struct wf_zk *zk)
{
    if (zk->conn)
        weft_conn_abort(zk->conn);
    zk->conn = NULL;
}

weft_err
wf_zk_fail(struct wf_zk *zk, weft_err err, struct weft_str text)
{
    char who[330];
    (void)snprintf(who, sizeof who, "zookeeper: %s", zk->addresses[zk->at]);
    wf_zk_drop(zk);
    if (!WF_MUTANT(zk_stays_at_one_server))
        zk->at = (zk->at + 1) % zk->n;
    return wf_registry_explain(zk->why, who, err, text);
}

static weft_err
fail(struct wf_zk *zk, weft_err err)
{
    return wf_zk_fail(zk, err, (struct weft_str){0});
}

weft_err
wf_zk_refused(struct wf_zk *zk, int32_t code)
{
    static const struct {
        int32_t code;
        const char *text;
    } rows[] = {{-101, "there is no such node"},
                {-102, "no authority: the access list of the node forbids it"},
                {-108, "an ephemeral node can have no children"},
                {-110, "the node exists"},
                {-112, "the session has expired"},
                {-118, "the session is at another server"}};
    char text[120];
    const char *words = "refused";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            words = rows[i].text;
    int n = snprintf(text, sizeof text, "`%.40s`: %s (%d)", zk->path.ptr, words,
                     (int)code);
    return wf_zk_fail(zk, -EPERM, (struct weft_str){text, (uint32_t)n});
}

/* ---- frames ---- */

static uint64_t
part_of_timeout_ns(const struct wf_zk *zk, uint32_t thirds)
{
    return (uint64_t)zk->session.timeout_ms * MS * thirds / 3;
}

static weft_err
send_frame(struct wf_zk *zk, const struct wf_jute_out *out)
{
    if (out->is_full)
        return wf_zk_fail(zk, WEFT_ETOOBIG,
                          WEFT_STR("a request would be too long"));
    weft_err err = weft_conn_write(zk->conn, out->bytes, out->len);
    zk->sent_ns = wf_sys_now_ns();
    return err ? fail(zk, err) : WEFT_OK;
}

/* The length is checked before anything is done about the bytes. */
static weft_err
check_length(struct wf_zk *zk, uint32_t n)
{
    char text[100];
    if (n <= FRAME_MOST)
        return WEFT_OK;
    int len = snprintf(text, sizeof text,
                       "this is not ZooKeeper, or its list is too long: an "
                       "answer of %u bytes",
                       (unsigned)n);
    return wf_zk_fail(zk, WEFT_EPROTOCOL,
                      (struct weft_str){text, (uint32_t)len});
}

/* Receive a frame. WEFT_ETIMEOUT leaves the connection and its bytes alone. */
static weft_err
receive(struct wf_zk *zk, uint64_t deadline_ns, struct weft_str *frame)
{
    const uint8_t *bytes;
    uint32_t n;
    weft_conn_release(zk->conn);
    weft_err err = weft_conn_peek_until(zk->conn, 4, deadline_ns, &bytes);
    if (!err) {
        n = weft_load_be32(bytes);
        err = check_length(zk, n);
        if (err)
            return err;
        err =
            weft_conn_next_until(zk->conn, 4 + (size_t)n, deadline_ns, &bytes);
    }
    if (err)
        return err == WEFT_ETIMEOUT ? err : fail(zk, err);
    zk->heard_ns = wf_sys_now_ns();
    *frame = (struct weft_str){(const char *)bytes + 4, n};
    return WEFT_OK;
}

/* ---- connecting ---- */

static weft_err
shake_hands(struct wf_zk *zk, uint64_t deadline_ns)
{
    struct wf_jute_out out;
    struct weft_str frame;
    struct wf_zk_session ask = zk->session;
    if (ask.id == 0) {
        ask.timeout_ms = zk->asked_ms;
        zk->zxid = 0;
    }
    wf_zk_put_hello(&out, &ask, zk->zxid);
    weft_err err = send_frame(zk, &out);
    if (!err && (err = weft_conn_flush_until(zk->conn, deadline_ns)) != 0)
        err = fail(zk, err);
    if (!err && (err = receive(zk, deadline_ns, &frame)) == WEFT_ETIMEOUT)
        err = fail(zk, err);
    if (err)
        return err;
    err = wf_zk_read_hello(frame, &zk->session);
    return err ? wf_zk_fail(zk, err, WEFT_STR("this is not ZooKeeper"))
               : WEFT_OK;
}

static weft_err
dial(struct wf_zk *zk, uint64_t deadline_ns)
{
    static const struct weft_conn_options options = {.max_input =
                                                         FRAME_MOST + 4};
    zk->sent_xid = 0;
    zk->next_xid = 1;
    zk->changed = false;
    weft_err err = weft_dial_until(zk->addresses[zk->at], &options, deadline_ns,
                                   &zk->conn);
    return err ? fail(zk, err) : shake_hands(zk, deadline_ns);
}

/* A session that is over gets an answer without an id. Then ask for a new
 * one. */
static weft_err
connect_one(struct wf_zk *zk, uint64_t deadline_ns)
{
    weft_err err = dial(zk, deadline_ns);
    if (err || zk->session.id != 0 || WF_MUTANT(zk_lost_session_kept))
        return err;
    wf_zk_drop(zk);
    err = dial(zk, deadline_ns);
    return err || zk->session.id != 0
               ? err
               : wf_zk_fail(zk, WEFT_EPROTOCOL,
                            WEFT_STR("it gives no session"));
}

weft_err
wf_zk_connect(struct wf_zk *zk, uint64_t deadline_ns)
{
    weft_err err = WEFT_OK;
    uint64_t now = wf_sys_now_ns();
    if (now - zk->heard_ns > part_of_timeout_ns(zk, 4))
        zk->session = (struct wf_zk_session){0};
    for (uint32_t i = 0; i < zk->n && !zk->conn; i++) {
        now = wf_sys_now_ns();
        uint64_t left = deadline_ns - WF_MIN(now, deadline_ns);
        err = connect_one(zk, now + left / (zk->n - i));
        if (err == WEFT_ECANCEL)
            break;
    }
    return err;
}

/* ---- requests ---- */

static int32_t
next_xid(int32_t xid)
{
    return xid == INT32_MAX ? 1 : xid + 1;
}

weft_err
wf_zk_ask_path(struct wf_zk *zk, enum wf_zk_op op, struct weft_str path,
               bool watch)
{
    struct wf_jute_out out;
    zk->sent_xid = next_xid(zk->sent_xid);
    wf_zk_put_path(&out, zk->sent_xid, op, path, watch);
    return send_frame(zk, &out);
}

weft_err
wf_zk_ask_create(struct wf_zk *zk, struct weft_str path, struct weft_str data,
                 bool is_ephemeral)
{
    struct wf_jute_out out;
    zk->sent_xid = next_xid(zk->sent_xid);
    wf_zk_put_create(&out, zk->sent_xid, path, data, is_ephemeral);
    return send_frame(zk, &out);
}

/* Take a frame. *is_answer: somebody has asked for it. */
static weft_err
take(struct wf_zk *zk, struct weft_str frame, struct wf_zk_header *header,
     bool *is_answer)
{
    weft_err err = wf_zk_read_header(frame, header);
    *is_answer = false;
    if (!err && header->xid == WF_ZK_XID_EVENT) {
        zk->changed = true;
    } else if (!err && header->xid != WF_ZK_XID_PING) {
        *is_answer = true;
        if (header->xid != zk->next_xid || zk->sent_xid < zk->next_xid)
            err = WEFT_EPROTOCOL;
        zk->next_xid = next_xid(zk->next_xid);
    }
    if (err)
        return wf_zk_fail(zk, err, WEFT_STR("an answer makes no sense"));
    if (header->zxid <= INT64_MAX)
        zk->zxid = WF_MAX(zk->zxid, header->zxid);
    return WEFT_OK;
}

weft_err
wf_zk_answer(struct wf_zk *zk, uint64_t deadline_ns,
             struct wf_zk_header *header)
{
    bool is_answer = false;
    struct weft_str frame;
    uint64_t until =
        WF_MIN(deadline_ns, wf_sys_now_ns() + part_of_timeout_ns(zk, 2));
    weft_err err = weft_conn_flush_until(zk->conn, until);
    if (err)
        return fail(zk, err);
    while (!err && !is_answer) {
        err = receive(zk, until, &frame);
        if (err == WEFT_ETIMEOUT)
            return fail(zk, err);
        if (!err)
            err = take(zk, frame, header, &is_answer);
    }
    return err;
}

weft_err
wf_zk_end(struct wf_zk *zk, uint64_t deadline_ns)
{
    struct wf_jute_out out;
    struct wf_zk_header header;
    zk->sent_xid = next_xid(zk->sent_xid);
    wf_zk_put_bare(&out, zk->sent_xid, WF_ZK_CLOSE);
    weft_err err = send_frame(zk, &out);
    if (!err)
        err = wf_zk_answer(zk, deadline_ns, &header);
    if (err)
        return err;
    wf_zk_drop(zk);
    zk->session = (struct wf_zk_session){0};
    return WEFT_OK;
}

/* ---- waiting ---- */

static weft_err
ping(struct wf_zk *zk)
{
    struct wf_jute_out out;
    if (WF_MUTANT(zk_never_pings))
        return WEFT_OK;
    wf_zk_put_bare(&out, WF_ZK_XID_PING, WF_ZK_PING);
    weft_err err = send_frame(zk, &out);
    if (!err && (err = weft_conn_flush_until(
                     zk->conn, zk->heard_ns + part_of_timeout_ns(zk, 2))) != 0)
        err = fail(zk, err);
    return err;
}

/* Receive one frame, or wait until a ping is due. */
static weft_err
wait_once(struct wf_zk *zk)
{
    uint64_t ping_ns = zk->sent_ns + part_of_timeout_ns(zk, 1);
    uint64_t end_ns = zk->heard_ns + part_of_timeout_ns(zk, 2);
    struct wf_zk_header header;
    struct weft_str frame;
    bool is_answer;
    weft_err err = receive(zk, WF_MIN(ping_ns, end_ns), &frame);
    if (!err) {
        err = take(zk, frame, &header, &is_answer);
        return err;
    }
    if (err != WEFT_ETIMEOUT)
        return err;
    if (wf_sys_now_ns() >= end_ns)
        return wf_zk_fail(zk, WEFT_ETIMEOUT, WEFT_STR("it does not answer"));
    return ping(zk);
}

weft_err
wf_zk_await_change(struct wf_zk *zk)
{
    weft_err err = WEFT_OK;
    while (!err && !zk->changed)
        err = wait_once(zk);
    return err;
}
