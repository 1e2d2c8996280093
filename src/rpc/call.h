/* SPDX-License-Identifier: MIT */
/*
 * A call, from its message to its reply. The call lies in one small block
 * together with the first part of its arena, and keeps the blocks of its
 * message. The call is freed when it has ended and no string in its memory
 * waits to be sent.
 */
#ifndef WEFT_RPC_CALL_H
#define WEFT_RPC_CALL_H

#include "rpc/headers.h"
#include "rpc/server.h"

/* Unusual numbers, so that a call that was freed does not look like a live
 * call. */
enum wf_call_state {
    WF_CALL_RUNNING = 0x63616c6c, /* its handler has not returned */
    WF_CALL_DETACHED,             /* weft_call_finish has not been called */
    WF_CALL_ENDED,                /* answered */
};

struct weft_call {
    struct weft_block *home; /* the block in which the call lies */
    /* references: one for the call's fiber, one for the caller of a local call,
     * one for a later finish, and one for each string that waits to be sent */
    _Atomic uint32_t refs;
    struct weft_chain message;
    struct weft_arena arena;
    struct weft_server *server;
    /* NULL for a local call. The fiber that runs the call holds a reference to
     * the connection's socket; a detached call itself holds another such
     * reference. */
    struct wf_server_conn *conn;
    struct wf_local *local; /* state of a local call, else NULL */
    const struct wf_route *route;
    struct wf_frame frame; /* how the message came */
    struct weft_message head;
    struct weft_str why; /* text of the error or the business status */
    struct wf_sent_headers reply_headers;
    const void *args; /* set before the handler runs */
    void *result;
    uint32_t stage; /* see intercept.c */
    size_t charged; /* bytes of the message that count in server->memory */
    size_t pinned;  /* bytes that count in the socket's queue, because the reply
                       keeps them in memory */
    uint64_t deadline_ns;
    int32_t business;       /* status of weft_call_business */
    uint32_t uncounted;     /* calls of its batch that the server counts as in
                           flight, but which do not run now */
    _Atomic uint32_t state; /* enum wf_call_state */
#ifdef WEFT_DEBUG
    const void *frame_address; /* see wf_result_dangles */
#endif
    uint8_t http_flags; /* flags of the response, if its framing is HTTP */
    bool in_http;       /* the frame is the body of a request */
    bool is_answered;   /* a oneway call in HTTP has its response */
    bool has_seqid;     /* head.seqid is known: a reply is possible */
};

/* Make a call from a message. In every case *message is empty afterwards.
 * `conn` is NULL for a local call. Returns NULL if there is no memory. */
struct weft_call *wf_call_new(struct weft_server *server,
                              struct wf_server_conn *conn,
                              struct weft_chain *message);

/* The caller of wf_call_ref holds a reference already. `call` points to a
 * struct weft_call. Its type is void *, because both functions are also the
 * hooks `ref` and `unref` of a struct wf_envelope. */
void wf_call_ref(void *call);
void wf_call_unref(void *call);

/*
 * Decode, handle and encode one call. Appends the reply to `reply`, if a reply
 * is to be sent now. Waits if the handler waits. The caller holds a reference
 * to the socket. The function takes over the caller's reference to the call.
 * false: the call was detached and ends later.
 */
bool wf_call_run(struct weft_call *call, struct weft_chain *reply);

/* Log that the handler of `method` has held its worker for `ns` and still runs.
 * A wf_held_fn. */
void wf_call_tell_holds(const char *method, uint64_t ns);

/* The call whose handler the calling fiber runs, or NULL. */
const struct weft_call *wf_call_handled(void);

/* Make the structs of the method's arguments and result, and read the
 * arguments. Errors as weft_struct_read, and WEFT_ETRAILING. */
weft_err wf_call_read_args(struct weft_call *call, struct weft_reader *r,
                           void **args) WEFT_CHECKED;

/* ---- intercept.c ---- */

/* Run the interceptors of the server and the handler. Returns what the
 * outermost one returns. */
weft_err wf_call_invoke(struct weft_call *call, const void *args) WEFT_CHECKED;

/* ---- charge.c ---- */

/* Count a large message in server->memory. WEFT_EOVERLOAD, WEFT_ETOOBIG. */
weft_err wf_call_charge(struct weft_call *call) WEFT_CHECKED;

/* ---- local.c: calls without a connection ---- */

/* End a local call whose handler returned `err`. The stack below `frame` is no
 * longer valid. Takes over the caller's reference. */
void wf_local_end(struct weft_call *call, weft_err err, const void *frame);

/* ---- call_reply.c ---- */

/* Write an exception as the reply to a message of which at least the head is
 * known. If there is no memory, the reply is empty. */
void wf_call_refuse(const struct wf_frame *frame,
                    const struct weft_message *head, weft_err err,
                    struct weft_str why, struct weft_chain *reply);

/* The error that the caller gets if the handler returned `err`: if `err` comes
 * from another call that the handler made, the caller gets WEFT_EHANDLER. */
weft_err wf_call_returned(struct weft_call *call, weft_err err);

/* Let the text of the error say why the result cannot be written. */
void wf_call_refused(struct weft_call *call, weft_err err,
                     const struct weft_refused *refused);

/* Append the reply, if the caller gets a reply: the result, or an exception if
 * `err` says that there is no result. */
void wf_call_answer(struct weft_call *call, weft_err err,
                    struct weft_chain *reply);

/* Send the response of a oneway call over HTTP, before the handler runs. The
 * response says that the server has received the call. Does nothing without
 * HTTP. */
void wf_call_answer_oneway(struct weft_call *call);

/* End the connection, because no reply to the call is possible. Over HTTP,
 * first send a status that says why. */
void wf_call_cannot_answer(struct weft_call *call, weft_err err,
                           struct weft_chain *reply);

/* ---- call_headers.c ---- */

/* Read the headers of the message: the service that is asked for, if any, and
 * how long the caller waits. 0 or WEFT_EBUDGET. */
weft_err wf_call_take_headers(struct weft_call *call, struct weft_str *service)
    WEFT_CHECKED;

/* Put a business status into the headers of the reply. WEFT_EHEADER. */
weft_err wf_call_put_business(struct weft_call *call) WEFT_CHECKED;

#endif
