/* SPDX-License-Identifier: MIT */
/*
 * The client: calls over one connection, which is made when it is needed and
 * made again when it broke.
 */
#include "rpc/line.h"

#include <errno.h>
#include <string.h>

#define MAX_BACKOFF 32u /* times retry_connect_ms */

struct weft_client {
    char *address;
    struct weft_client_options options; /* every default filled in */
    _Atomic uint64_t sock_id;           /* of the connection; 0: none yet */
    _Atomic bool closing;               /* weft_client_free was called */
    _Atomic uint32_t users;             /* calls under way, and the owner */
    struct weft_sem unused;             /* given by the last user */
    struct weft_mutex connecting;       /* of all below */
    uint64_t retry_ns;                  /* no connect before this */
    uint32_t pause_ms;                  /* the last one; 0: it worked */
    weft_err connect_err;
};

/* ---- life ---- */

static weft_err
fill_in(struct weft_client_options *o)
{
    o->limits = wf_limits_of(&o->limits);
    if (!o->connect_timeout_ms)
        o->connect_timeout_ms = 1000;
    if (!o->call_timeout_ms)
        o->call_timeout_ms = 10000;
    if (!o->max_calls)
        o->max_calls = 4096;
    if (!o->max_queued)
        o->max_queued = (size_t)16 << 20;
    if (!o->write_timeout_ms)
        o->write_timeout_ms = 20000;
    if (!o->retry_connect_ms)
        o->retry_connect_ms = 20;
    return o->max_calls > 65536 ? -EINVAL : WEFT_OK;
}

weft_err
weft_client_new(const char *address, const struct weft_client_options *options,
                struct weft_client **out)
{
    *out = NULL;
    struct weft_client *client = wf_sys_zalloc(sizeof *client);
    if (!client)
        return -ENOMEM;
    if (options)
        client->options = *options;
    weft_err err = wf_address_check(address);
    if (!err)
        err = fill_in(&client->options);
    size_t size = strlen(address) + 1;
    client->address = err ? NULL : wf_sys_malloc(size);
    if (!client->address) {
        wf_sys_free(client);
        return err ? err : -ENOMEM;
    }
    memcpy(client->address, address, size);
    wf_store(&client->users, 1, relaxed);
    *out = client;
    return WEFT_OK;
}

static void
leave(struct weft_client *client)
{
    if (wf_sub(&client->users, 1, acq_rel) == 1)
        weft_sem_give(&client->unused, 1);
}

static void
close_line(struct weft_client *client)
{
    struct wf_line *line = wf_line_ref(wf_load(&client->sock_id, seq_cst));
    if (!line)
        return;
    wf_sock_fail(line->sock, WEFT_ECLOSED);
    wf_line_unref(line);
}

void
weft_client_free(struct weft_client *client)
{
    if (!client)
        return;
    wf_store(&client->closing, true, seq_cst); /* then look: see connect */
    close_line(client);
    leave(client);
    while (weft_sem_take(&client->unused))
        weft_fiber_yield(); /* we are cancelled; the others must still leave */
    wf_sys_free(client->address);
    wf_sys_free(client);
}

/* ---- connecting ---- */

/* Each pause is twice the last, with jitter, so that the clients of a server
 * that comes back do not come as one. */
static void
note_failure(struct weft_client *client, weft_err err)
{
    uint32_t first = client->options.retry_connect_ms;
    uint32_t last = client->pause_ms;
    client->pause_ms = last ? WF_MIN(last * 2, first * MAX_BACKOFF) : first;
    uint64_t pause = (uint64_t)client->pause_ms * 1000000u;
    client->retry_ns =
        wf_sys_now_ns() + pause / 2 + wf_sys_random() % (pause / 2 + 1);
    client->connect_err = err;
}

/* Make a line known; its first call sees if the client was freed meanwhile. */
static void
publish(struct weft_client *client, struct wf_line *line)
{
    client->pause_ms = 0;
    /* Both seq_cst: this look finds `closing`, or weft_client_free the line. */
    wf_store(&client->sock_id, wf_slot_id(&line->sock->slot), seq_cst);
    if (wf_load(&client->closing, seq_cst))
        wf_sock_fail(line->sock, WEFT_ECLOSED);
}

/* WEFT_ETIMEOUT is the call's, WEFT_ECONNECT that of connect_timeout_ms. */
static weft_err
connect_locked(struct weft_client *client, uint64_t deadline_ns,
               struct wf_line **out)
{
    *out = wf_line_ref(wf_load(&client->sock_id, acquire));
    if (*out)
        return WEFT_OK; /* somebody else was faster */
    if (wf_load(&client->closing, seq_cst))
        return WEFT_ECLOSED;
    if (client->pause_ms && wf_sys_now_ns() < client->retry_ns)
        return client->connect_err;
    uint64_t limit = weft_after_ms(client->options.connect_timeout_ms);
    int fd = wf_dial(client->address, WF_MIN(limit, deadline_ns));
    weft_err err = fd < 0 ? fd : wf_line_new(fd, &client->options, out);
    if (err == WEFT_ETIMEOUT && limit < deadline_ns)
        err = WEFT_ECONNECT;
    if (!err)
        publish(client, *out);
    else if (err != WEFT_ECANCEL && err != WEFT_ETIMEOUT)
        note_failure(client, err);
    return err;
}

/* The line, with a reference to its socket. */
static weft_err
get_line(struct weft_client *client, uint64_t deadline_ns, struct wf_line **out)
{
    *out = wf_line_ref(wf_load(&client->sock_id, acquire));
    if (WEFT_LIKELY(*out))
        return WEFT_OK;
    weft_err err = weft_mutex_lock_until(&client->connecting, deadline_ns);
    if (err)
        return err;
    err = connect_locked(client, deadline_ns, out);
    weft_mutex_unlock(&client->connecting);
    bool ours = !err || err == WEFT_ECANCEL || err == WEFT_ETIMEOUT ||
                err == WEFT_ECLOSED || err == -ENOMEM;
    return ours ? err : WEFT_ECONNECT;
}

/* ---- a call ---- */

static weft_err
send_request(struct wf_line *line, const struct weft_client_options *o,
             const struct weft_method *method, const void *args, uint32_t seq)
{
    struct weft_chain request = {0};
    struct weft_writer w;
    struct wf_frame frame;
    struct weft_str name = {method->name, method->name_len};
    weft_writer_init(&w, &request);
    if (o->framing == WEFT_FRAMED)
        wf_frame_begin(&w, &frame);
    weft_bin_write_message(&w, name, method->oneway ? WEFT_ONEWAY : WEFT_CALL,
                           (int32_t)seq);
    method->write_args(&w, args);
    if (o->framing == WEFT_FRAMED)
        wf_frame_end(&w, &frame);
    weft_err err = weft_writer_fini(&w);
    if (err) {
        weft_chain_clear(&request);
        return err;
    }
    return wf_sock_write(line->sock, &request, WF_WRITE_LATER);
}

/* Wait until the call is done. Unless somebody else ends it, we do. */
static weft_err
await(struct wf_line *line, struct wf_waiting *call, uint32_t seq,
      uint64_t deadline_ns)
{
    bool late = false, over = false; /* over: somebody else is ending it */
    while (!wf_load(&call->done, acquire)) {
        bool cancelled = wf_task_cancelled(call->task);
        if (!over && (cancelled || late)) {
            if (wf_line_leave(line, seq))
                return cancelled ? WEFT_ECANCEL : WEFT_ETIMEOUT;
            over = true;
        }
        late = !wf_park_until(over ? WEFT_NEVER : deadline_ns);
    }
    return call->err;
}

/* ---- the reply ---- */

static void
free_chain(void *chain)
{
    weft_chain_clear(chain);
}

/* Let the arena hold the blocks of a reply, which its strings borrow from. */
static weft_err
keep_reply(struct weft_arena *arena, struct weft_chain *reply,
           struct weft_chain **kept)
{
    *kept = weft_arena_alloc(arena, sizeof **kept);
    if (!*kept)
        return WEFT_EBUDGET;
    **kept = *reply;
    weft_err err = weft_arena_defer(arena, free_chain, *kept);
    if (!err)
        *reply = (struct weft_chain){0};
    return err;
}

/* A weft server says which error it was at the start of the text. */
static weft_err
error_in(struct weft_str text)
{
    static const struct {
        const char *name;
        weft_err err;
    } rows[] = {
#define WEFT_ERROR(name, number, retryable, thrift, text) \
    {"WEFT_" #name ":", number},
#include <weft/err.def>
#undef WEFT_ERROR
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = strlen(rows[i].name);
        if (text.len >= len && memcmp(text.ptr, rows[i].name, len) == 0)
            return rows[i].err;
    }
    return WEFT_OK;
}

static weft_err
error_of(int32_t type, struct weft_str text)
{
    static const weft_err by_type[] = {
        WEFT_EAPP, WEFT_ENOMETHOD,     WEFT_EMSGTYPE,     WEFT_ENAME,
        WEFT_EAPP, WEFT_EMISSING,      WEFT_EHANDLER,     WEFT_EPROTOCOL,
        WEFT_EAPP, WEFT_EUNKNOWNPROTO, WEFT_EUNKNOWNPROTO};
    weft_err err = error_in(text);
    if (!err)
        err = type >= 0 && type <= 10 ? by_type[type] : WEFT_EAPP;
    return err - WEFT_PEER;
}

static weft_err
read_exception(struct weft_reader *r, struct weft_call_info *info)
{
    struct weft_str text;
    int32_t type;
    weft_err err = wf_read_app_exception(r, &text, &type);
    if (err)
        return err;
    if (info)
        *info = (struct weft_call_info){text, type};
    return error_of(type, text);
}

static weft_err
read_result(const struct weft_method *method, struct weft_reader *r,
            void *result)
{
    method->result->init(result);
    weft_err err = method->read_result(r, result);
    if (!err && weft_reader_left(r) > 0)
        err = WEFT_ETRAILING;
    if (err)
        return err;
    int32_t which = ((const struct weft_result *)result)->which;
    if (which == WEFT_RESULT_NONE)
        return WEFT_EMISSING;
    return which == 0 ? WEFT_OK : WEFT_ETHROWN;
}

static weft_err
read_reply(const struct weft_method *method, struct weft_chain *reply,
           const struct weft_limits *limits, void *result,
           struct weft_arena *arena, struct weft_call_info *info)
{
    struct weft_chain *kept;
    struct weft_reader r;
    struct weft_message head;
    weft_err err = keep_reply(arena, reply, &kept);
    if (err)
        return err;
    weft_reader_init(&r, kept, arena, limits->depth);
    err = weft_bin_read_message(&r, limits->name_size, &head);
    if (err)
        return err;
    if (head.type == WEFT_EXCEPTION)
        return read_exception(&r, info);
    if (head.type != WEFT_REPLY)
        return WEFT_EMSGTYPE;
    if (!weft_str_eq(head.name,
                     (struct weft_str){method->name, method->name_len}))
        return WEFT_ENAME;
    return read_result(method, &r, result);
}

/* ---- the whole ---- */

static uint64_t
deadline_of(const struct weft_client *client,
            const struct weft_call_options *options)
{
    uint64_t deadline = options ? options->deadline_ns : 0;
    if (deadline == 0)
        deadline = weft_after_ms(client->options.call_timeout_ms);
    uint64_t inherited = wf_task_deadline();
    return WF_MIN(deadline, inherited);
}

static weft_err
call_on(struct wf_line *line, struct weft_client *client,
        const struct weft_method *method, const void *args,
        uint64_t deadline_ns, struct wf_waiting *call)
{
    uint32_t seq;
    bool oneway = method->oneway;
    weft_err err = wf_line_enter(line, oneway ? NULL : call, &seq);
    if (err)
        return err;
    err = send_request(line, &client->options, method, args, seq);
    if (oneway)
        return err;
    if (!err || !wf_line_leave(line, seq))
        return await(line, call, seq, deadline_ns);
    return err;
}

weft_err
weft_client_call(struct weft_client *client, const struct weft_method *method,
                 const void *args, void *result, struct weft_arena *arena,
                 const struct weft_call_options *options)
{
    struct weft_call_info *info = options ? options->info : NULL;
    uint64_t deadline_ns = deadline_of(client, options);
    struct wf_waiting call = {.task = wf_task_self()};
    struct wf_line *line;
    if (info)
        *info = (struct weft_call_info){{NULL, 0}, -1};
    if (!call.task)
        return -ENOMEM;
    wf_add(&client->users, 1, relaxed); /* the owner's use keeps it alive */
    weft_err err = get_line(client, deadline_ns, &line);
    if (!err) {
        err = call_on(line, client, method, args, deadline_ns, &call);
        if (!err && !method->oneway)
            err = read_reply(method, &call.reply, &client->options.limits,
                             result, arena, info);
        weft_chain_clear(&call.reply);
        wf_line_unref(line);
    }
    leave(client);
    return err;
}
