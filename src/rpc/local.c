/* SPDX-License-Identifier: MIT */
/*
 * Calls without a connection (weft_server_call). The handler runs in a fiber of
 * its own; the caller waits for the handler, until the deadline at most.
 *
 * The caller and the fiber each hold a reference to the call, and a detached
 * call has one more reference. The task that ends the call writes err and reply
 * and then exchanges `stage`; a caller that stops waiting exchanges `stage`,
 * too. Both exchanges are acq_rel, so exactly one of them is the second. If the
 * caller's exchange is the second, the call has ended, so the caller waits for
 * the semaphore `done` after all. If the exchange at the end of the call is the
 * second, the caller no longer waits, so nobody gives `done`. A caller that
 * waits for the end holds the last reference. The other references are given up
 * before `done` is given, or before the end of the fiber, which the caller
 * joins. So nothing of the call is left when the caller frees the server.
 */
#include "rpc/call.h"
#include "rpc/headers.h"
#include "rpc/result_check.h"

#include <errno.h>
#include <string.h>

enum stage { WAITED, LEFT, ENDED };

struct wf_local {
    struct weft_sem done;
    _Atomic uint32_t stage; /* enum stage */
    const void *args;
    weft_err err;
    struct weft_chain reply; /* the result in binary */
};

static void
free_chain(void *chain)
{
    weft_chain_clear(chain);
}

/* Write a struct; its strings are copied. */
static weft_err
write_binary(const struct weft_struct *desc, const void *record,
             struct weft_chain *out, struct weft_refused *refused)
{
    struct weft_writer w;
    weft_writer_init(&w, out);
    weft_struct_write(desc, WEFT_BINARY, &w, record);
    weft_err err = weft_writer_fini(&w);
    *refused = weft_writer_refused(&w);
    return err;
}

/* ---- the handler's side ---- */

void
wf_local_end(struct weft_call *call, weft_err err, const void *frame)
{
    struct wf_local *local = call->local;
    const struct weft_struct *desc = call->route->method->result;
    if (desc)
        err = wf_call_returned(call, err);
    if (desc && (err == WEFT_OK || err == WEFT_ETHROWN)) {
#ifdef WEFT_DEBUG
        if (wf_result_dangles(desc, call->result, frame))
            WF_MISUSED("the result of a handler points into the handler's "
                       "stack");
#endif
        struct weft_refused refused;
        weft_err bad =
            write_binary(desc, call->result, &local->reply, &refused);
        if (bad && refused.in)
            wf_call_refused(call, bad, &refused);
        err = bad ? bad : err;
    }
    (void)frame;
    local->err = err;
    bool is_waited = wf_xchg(&local->stage, ENDED, acq_rel) == WAITED;
    wf_call_unref(call);
    if (is_waited)
        weft_sem_give(&local->done, 1);
}

/* The function of the handler's fiber, which holds a reference to the call. */
static void
run(void *arg)
{
    struct weft_call *call = arg;
    const struct wf_route *route = call->route;
    wf_task_work(call->deadline_ns, call->server, call, route->method->name);
    weft_err err = wf_call_invoke(call, call->local->args);
    wf_task_work(WEFT_NEVER, NULL, NULL, NULL);
    /* relaxed: only the handler, which ran on this fiber, can detach the
     * call */
    if (wf_load(&call->state, relaxed) == WF_CALL_RUNNING) {
        wf_store(&call->state, WF_CALL_ENDED, relaxed);
        wf_local_end(call, err, __builtin_frame_address(0));
    } else {
        wf_call_unref(call);
    }
}

/* ---- the caller's side ---- */

static weft_err
copy_headers(struct weft_arena *arena, const struct weft_headers *from,
             struct weft_headers *to)
{
    for (uint32_t i = 0; from && i < from->len; i++) {
        struct weft_header *h = weft_push(arena, to, sizeof *h);
        if (!h)
            return WEFT_EBUDGET;
        struct weft_str key = from->items[i].key, value = from->items[i].value;
        *h = (struct weft_header){weft_arena_str(arena, key.ptr, key.len),
                                  weft_arena_str(arena, value.ptr, value.len)};
        if (!h->key.ptr || !h->value.ptr)
            return WEFT_EBUDGET;
    }
    return WEFT_OK;
}

static uint64_t
deadline_of(const struct weft_server *server,
            const struct weft_call_options *options)
{
    uint64_t deadline = wf_task_deadline();
    if (options && options->deadline_ns)
        deadline = WF_MIN(deadline, options->deadline_ns);
    return WF_MIN(deadline,
                  wf_timeout_from_now(server->options.call_timeout_ms));
}

/* Fill in the call as if a peer had sent it by TTHeader, so that the call has
 * headers. */
static weft_err
fill_in(struct weft_call *call, const struct weft_method *method,
        const struct weft_call_options *options)
{
    const char *service = method->service;
    struct weft_str none = {NULL, 0}, name = {method->name, method->name_len};
    if (options && options->service)
        service = options->service;
    call->head = (struct weft_message){
        name, 0, method->oneway ? WEFT_ONEWAY : WEFT_CALL};
    call->frame.dialect.framing = WEFT_TTHEADER;
    call->deadline_ns = deadline_of(call->server, options);
    weft_err err = wf_routes_find(&call->server->routes,
                                  service ? weft_str_of(service) : none, name,
                                  &call->route);
    if (!err)
        err = copy_headers(&call->arena, options ? options->headers : NULL,
                           &call->frame.headers);
    return err;
}

/* *out receives a new call, which takes over the bytes of `message`. Even after
 * an error, `message` is empty. */
static weft_err
make(struct weft_server *server, const struct weft_method *method,
     struct weft_chain *message, const struct weft_call_options *options,
     struct weft_call **out)
{
    struct weft_reader r;
    void *args;
    struct weft_call *call = wf_call_new(server, NULL, message);
    if (!call)
        return -ENOMEM;
    weft_err err = fill_in(call, method, options);
    if (!err) {
        weft_reader_init(&r, &call->message, &call->arena,
                         server->options.limits.depth);
        err = wf_call_read_args(call, &r, &args);
    }
    if (!err) {
        call->local = weft_arena_zalloc(&call->arena, sizeof *call->local);
        err = call->local ? WEFT_OK : WEFT_EBUDGET;
    }
    /* If the caller stops waiting, the reply is freed with the call. */
    if (!err)
        err = weft_arena_defer(&call->arena, free_chain, &call->local->reply);
    if (err) {
        wf_call_unref(call);
        return err;
    }
    call->local->args = args;
    *out = call;
    return WEFT_OK;
}

/* Read the result; the arena keeps the bytes. */
static weft_err
read_reply(const struct weft_method *method, struct weft_arena *arena,
           struct weft_chain *reply, void *result)
{
    struct weft_reader r;
    struct weft_chain *kept = weft_arena_zalloc(arena, sizeof *kept);
    weft_err err = kept ? weft_arena_defer(arena, free_chain, kept) : WEFT_OK;
    if (!kept || err)
        return WEFT_EBUDGET;
    *kept = *reply;
    *reply = (struct weft_chain){0};
    method->result->init(result);
    weft_reader_init(&r, kept, arena, 0);
    err = weft_struct_read(method->result, WEFT_BINARY, &r, result);
    int32_t which = ((const struct weft_result *)result)->which;
    if (err)
        return err;
    if (which == WEFT_RESULT_NONE)
        return WEFT_EMISSING;
    return which == 0 ? WEFT_OK : WEFT_ETHROWN;
}

static weft_err
tell(struct weft_call *call, struct weft_arena *arena,
     struct weft_call_info *info)
{
    info->reach = WEFT_CALL_ANSWERED;
    if (call->local->err == WEFT_EBUSINESS)
        info->business = call->business;
    if (call->why.ptr) {
        info->text = weft_arena_str(arena, call->why.ptr, call->why.len);
        if (!info->text.ptr)
            return WEFT_EBUDGET;
    }
    return copy_headers(arena, &call->reply_headers.list, &info->headers);
}

static void
tell_refused(struct weft_arena *arena, const struct weft_refused *refused,
             struct weft_call_info *info)
{
    char text[256];
    wf_refused_text(text, sizeof text, refused);
    info->text = weft_arena_str(arena, text, strlen(text));
}

/* Run the call, and wait for its end. */
static weft_err
run_to_end(struct weft_call *call)
{
    weft_fiber fiber;
    struct wf_local *local = call->local;
    wf_call_ref(call);
    weft_err err = weft_fiber_start(run, call, &fiber);
    if (err) {
        wf_call_unref(call);
        return err;
    }
    err = weft_sem_take_until(&local->done, call->deadline_ns);
    if (err && wf_xchg(&local->stage, LEFT, acq_rel) == WAITED)
        return err;
    if (err)
        wf_sem_take_surely(&local->done);
    wf_join_surely(fiber);
    return WEFT_OK;
}

weft_err
weft_server_call(struct weft_server *server, const struct weft_method *method,
                 struct weft_arena *arena, const void *args, void *result,
                 const struct weft_call_options *options)
{
    struct weft_call_info unasked;
    struct weft_call_info *info =
        options && options->info ? options->info : &unasked;
    struct weft_chain message = {0};
    struct weft_call *call = NULL;
    struct weft_refused refused;
    *info = (struct weft_call_info){.app_type = -1};
    if (!method->oneway) /* set before the first error can occur */
        ((struct weft_result *)result)->which = WEFT_RESULT_NONE;
    weft_err err = write_binary(method->args, args, &message, &refused);
    if (err) {
        weft_chain_clear(&message);
        if (refused.in)
            tell_refused(arena, &refused, info);
        return err;
    }
    err = make(server, method, &message, options, &call);
    if (err)
        return err;
    if (call->deadline_ns <= wf_sys_now_ns()) {
        wf_call_unref(call);
        return WEFT_ETIMEOUT;
    }
    err = run_to_end(call);
    if (err == WEFT_ETIMEOUT || err == WEFT_ECANCEL)
        info->reach = WEFT_CALL_MAYBE_HANDLED;
    if (!err) {
        weft_err bad = tell(call, arena, info);
        err = call->local->err;
        if (!bad && !method->oneway && (!err || err == WEFT_ETHROWN))
            bad = read_reply(method, arena, &call->local->reply, result);
        err = bad ? bad : err;
    }
    wf_call_unref(call);
    return err;
}
