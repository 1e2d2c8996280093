/* SPDX-License-Identifier: MIT */
/*
 * weft/rpc.h: Thrift calls, served and made.
 *
 * A server runs a handler for each call, as straight-line code that may wait. A
 * client is one connection, which any number of fibers and threads share. Both
 * read and write messages by descriptors that weftc generates.
 */
#ifndef WEFT_RPC_H
#define WEFT_RPC_H

#include <weft/base.h>
#include <weft/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_server;
struct weft_call;
struct weft_client;

/* ---- what weftc generates ---- */

/** A method: its name, and the descriptors of its arguments and result. */
struct weft_method {
    const char *name; /* as on the wire */
    uint32_t name_len;
    bool oneway;
    bool is_void;
    bool idempotent; /* a call may be executed more than once */
    const struct weft_struct *args;
    const struct weft_struct *result; /* NULL for oneway */
    /* Calls the method's handler in the table. WEFT_ENOMETHOD: no handler. */
    weft_err (*invoke)(const void *table, struct weft_call *call,
                       const void *args, void *result);
    const char *service; /* as in the IDL; for an inherited method the service
                            that inherits it; NULL: unknown */
};

/** A file of IDL. Its text is cut into parts, because C promises no more than
 * 4,095 bytes of a string literal. */
struct weft_idl_file {
    const char *name;         /* without its folder: "hello.thrift" */
    const char *const *parts; /* each ends in NUL; NULL after the last */
};

/** A service with all its methods, the inherited ones first. */
struct weft_service {
    const char *name; /* as in the IDL */
    const struct weft_method *const *methods;
    uint32_t n_methods;
    /* The file that defines the service, then all files that it includes; NULL:
     * unknown. */
    const struct weft_idl_file *idl;
    uint32_t n_idl;
};

/**
 * The beginning of every result struct of generated code. `which` is 0 for
 * success (or void), the id of the exception that was thrown, or
 * WEFT_RESULT_NONE: neither is there.
 */
struct weft_result {
    int32_t which;
};

#define WEFT_RESULT_NONE (-0x10000)

/**
 * Does weft have this dialect? Servers and clients refuse other dialects with
 * -EINVAL.
 *
 * Owner    dialect is borrowed for the call
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_dialect_exists(const struct weft_dialect *dialect);

/* ---- server ---- */

/** Zero in any field means the default. A time may be WEFT_NONE, a count
 * WEFT_UNLIMITED and a size WEFT_UNLIMITED_SIZE. */
struct weft_server_options {
    struct weft_limits limits; /* of each message */
    uint32_t max_connections;  /* default 10,000. Beyond this number, calls on
                                  max_connections / 8 + 16 connections get
                                  WEFT_ETOOMANYCONNS; all other connections are
                                  closed at once */
    uint32_t max_calls;        /* calls in flight in all; default 10,000 */
    uint32_t max_calls_per_connection; /* at this number weft stops reading;
                                          default 1,024; over HTTP always 1 */
    size_t max_queued;         /* bytes of queued replies of a connection, and
                                  of the memory that these replies keep; default
                                  64 MiB. While 256 KiB or more are queued, a
                                  reply that would keep more than twice its size
                                  is copied */
    size_t max_memory;         /* bytes of messages and arenas of all calls in
                                  flight, of calls that queued replies refer to,
                                  and of messages of zlib streams that are not
                                  whole; default 1 GiB. A larger message gets
                                  WEFT_ETOOBIG; a message that has no room now
                                  gets WEFT_EOVERLOAD */
    uint32_t idle_timeout_ms;  /* of a connection without calls and bytes;
                                  default 600,000 */
    uint32_t read_timeout_ms;  /* for the rest of a message; default 20,000 */
    uint32_t write_timeout_ms; /* for a peer that reads less than 32 KiB a
                                  second; default 20,000 */
    uint32_t stop_timeout_ms;  /* for calls in flight at the stop; default
                                  10,000 */
    uint32_t call_timeout_ms;  /* bounds the deadline of each handler; default:
                                  none, so a handler has only its caller's
                                  deadline */
    uint32_t backlog;          /* of listen(), which the kernel limits, too;
                                  default 4,096 */
    /* Cancel the handlers of a connection that is gone, or whose peer sends no
     * more. false: the handlers run to their end. In both cases, calls on a
     * connection that is gone are skipped if they have not begun. */
    bool cancel_when_gone;
    /* The only dialects that are served; n_dialects 0: all that weft knows. A
     * connection in another dialect is closed, and counts as unrecognised. */
    const struct weft_dialect *dialects;
    uint32_t n_dialects; /* at most WEFT_DIALECTS_MAX */
    /* The only paths that are served over HTTP; n_paths 0: any. A path begins
     * with "/". weft ignores what comes after "?" in a request. A letter may be
     * written as %XX, but %2F is not "/". A request for another path gets the
     * status 404, and its connection is closed. */
    const char *const *paths;
    uint32_t n_paths; /* at most WEFT_PATHS_MAX */
};

#define WEFT_DIALECTS_MAX 64u
#define WEFT_PATHS_MAX 64u

/**
 * Make a server; it does nothing yet.
 *
 * Shape    options may be NULL
 * Owner    options is borrowed for the call; *server is given, free it with
 *          weft_server_free
 * Blocks   never     Thread  any
 * Errors   -ENOMEM, -EINVAL: too many dialects or paths, a dialect that does
 *          not exist, or a malformed path; *server is NULL then
 */
WEFT_API weft_err weft_server_new(const struct weft_server_options *options,
                                  struct weft_server **server) WEFT_CHECKED;

/**
 * Serve a service. Generated code wraps this: demo_Hello_register(). If several
 * services have a method of the same name, a call that names no service reaches
 * the method of the service that was added first.
 *
 * Shape    name is the name of the service in multiplexed calls; table is the
 *          generated struct of handlers
 * Owner    service, table and user are kept until the server is freed; name is
 *          copied
 * Blocks   never     Thread  one at a time, before start
 * Errors   -EEXIST: a service has this name already, -EINVAL: the name is empty
 *          or has a ':', -ENOMEM, -EBUSY: the server has been started
 */
WEFT_API weft_err weft_server_add(struct weft_server *server, const char *name,
                                  const struct weft_service *service,
                                  const void *table, void *user) WEFT_CHECKED;

/**
 * Listen on an address, or on several by several calls. Addresses are those of
 * net.h: "127.0.0.1:9090", "[::1]:9090", ":9090" (every address),
 * "localhost:9090" or another host name, "unix:/path". Port 0 takes a free
 * port.
 *
 * Owner    address is borrowed for the call
 * Blocks   while a host name is looked up, 30 s at most; otherwise never
 * Thread   one at a time, before start
 * Errors   WEFT_EADDRESS: not an address, or the name does not exist;
 *          WEFT_ERESOLVE: the name cannot be looked up now; WEFT_ETIMEOUT: the
 *          look-up takes more than 30 s; WEFT_ECANCEL; WEFT_EFULL: the server
 *          has 16 addresses already; -EBUSY: the server has been started;
 *          -ENOMEM, errors of weft_runtime_start, an errno of socket, bind or
 *          listen
 */
WEFT_API weft_err weft_server_listen(struct weft_server *server,
                                     const char *address) WEFT_CHECKED;

/**
 * As weft_server_listen, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Owner    address is borrowed for the call
 * Blocks   while a host name is looked up, or until the deadline
 * Thread   as weft_server_listen
 * Errors   WEFT_ETIMEOUT, and as weft_server_listen
 */
WEFT_API weft_err weft_server_listen_until(struct weft_server *server,
                                           const char *address,
                                           uint64_t deadline_ns) WEFT_CHECKED;

/**
 * The port of the first TCP address; 0 if there is none.
 *
 * Blocks   never     Thread  any, after listen     Errors  none
 */
WEFT_API uint16_t weft_server_port(const struct weft_server *server);

/**
 * Begin to accept connections. If the workers (fiber.h) do not run, the call
 * starts them. Unless a service has a method weft.health, or is added under the
 * name "weft", the server also answers a method of this name, which has no
 * arguments: with the string "SERVING", or "STOPPING" while the server stops,
 * from its deregistration on.
 *
 * Blocks   never     Thread  one at a time
 * Errors   -EDESTADDRREQ: the server listens on no address; -EALREADY: it has
 *          been started; -EEXIST: the IDL is embedded, and a service was added
 *          under the name "weft"; WEFT_EADDRESS: the server cannot register
 *          itself in a registry (weft/upstream.h), because no client can
 *          connect to its address; -ENOMEM, WEFT_EFIBERS, errors of
 *          weft_runtime_start, an errno of epoll. After an error other than
 *          -EALREADY the server listens on no address; it may listen and
 *          start again
 */
WEFT_API weft_err weft_server_start(struct weft_server *server) WEFT_CHECKED;

/**
 * Stop: first deregister, if the server is in a registry (weft/upstream.h).
 * Then accept no connections and no calls any more (except those of
 * weft.health), wait until the calls in flight have ended, and send their
 * replies. A connection without a call in flight is closed as soon as its peer
 * has acknowledged the last reply. After stop_timeout_ms, or after the
 * deadline, weft closes the connections that have calls in flight, cancels the
 * handlers, and waits for their ends. Meanwhile the log says once a second how
 * many calls have not ended, and names one method that runs and one whose call
 * is detached. If several tasks stop a server at the same time, all of them
 * return when it has stopped, and the earliest of their deadlines counts for
 * all. The server gives up its addresses: before it can start again, it must
 * listen again.
 *
 * Shape    deadline_ns monotonic
 * Blocks   until all handlers have ended and all detached calls are finished,
 *          except for calls by weft_server_call; a cancel does not end this
 *          wait
 * Thread   any fiber or thread, also several at once
 * Errors   WEFT_ETIMEOUT: calls were in flight at the deadline; -EDEADLK: a
 *          handler of the server calls this, or a function that a handler has
 *          given to weft_blocking; the call would wait for itself
 */
WEFT_API weft_err weft_server_stop(struct weft_server *server);
WEFT_API weft_err weft_server_stop_until(struct weft_server *server,
                                         uint64_t deadline_ns);

/**
 * Listen, start, wait for SIGTERM or SIGINT, and stop, as most programs do in
 * main(). A second signal during the stop ends the process at once. A second
 * signal of the same number that comes before the kernel has delivered the
 * first is lost.
 *
 * Shape    address as for listen; NULL if listen has been called
 * Owner    address is borrowed for the call
 * Blocks   until stopped     Thread  a plain thread, one per process
 * Errors   -EBUSY: another weft_server_run, or weft_signals_new of os.h, has
 *          taken one of the signals; errors of weft_server_listen,
 *          weft_signals_new, weft_server_start, weft_server_stop
 */
WEFT_API weft_err weft_server_run(struct weft_server *server,
                                  const char *address) WEFT_CHECKED;

/**
 * Serve only one service: make a server, add the service under its name in the
 * IDL, run the server, and free it. Generated code wraps this:
 * demo_Hello_serve().
 *
 * Shape    as weft_server_add and weft_server_run
 * Owner    all are borrowed for the call
 * Blocks   until stopped     Thread  a plain thread, one per process
 * Errors   errors of weft_server_new, weft_server_add, weft_server_run
 */
WEFT_API weft_err weft_service_serve(const struct weft_service *service,
                                     const char *address, const void *table,
                                     void *user) WEFT_CHECKED;

/**
 * Stop a server, if it runs, and free it. NULL is legal.
 *
 * Owner    the server is taken
 * Blocks   as weft_server_stop
 * Thread   any fiber or thread, while no other uses it
 * Errors   none; a call by one of its own handlers aborts the process
 */
WEFT_API void weft_server_free(struct weft_server *server);

/** Counters of a server since the server was made, and what is open now. */
struct weft_server_stats {
    uint64_t accepted, refused; /* connections */
    uint64_t calls, replies, exceptions, oneways;
    uint64_t overloads;    /* calls answered with WEFT_EOVERLOAD */
    uint64_t bad_messages; /* messages that were invalid or too large */
    uint32_t connections, calls_in_flight; /* now */
    /* Connections that weft closed because it did not recognise their bytes,
     * counted by what the bytes look like. */
    struct {
        uint64_t unknown, tls, http2, ssh;
        uint64_t mesh;   /* Kitex' mesh header */
        uint64_t stream; /* streaming over TTHeader */
        uint64_t http;   /* this build lacks HTTP, or the options exclude it */
        uint64_t zlib;   /* as for http */
    } unrecognised;
    /* Connections that have ended, by reason. */
    struct {
        uint64_t peer;    /* ended by the peer, or because the peer asked */
        uint64_t stopped; /* ended by weft_server_stop after the last reply */
        uint64_t forced;  /* ended by weft_server_stop with calls or bytes in
                             flight */
        uint64_t idle, read_timeout, write_timeout;
        uint64_t broken;      /* an errno (reset, no route ...), or another
                                 failure of the connection */
        uint64_t bad_bytes;   /* the peer's bytes are invalid */
        uint64_t no_resource; /* no memory or no fiber */
    } closed;
};

/**
 * Read the counters. They are exact while no call is in flight, and no
 * connection begins or ends.
 *
 * Owner    stats is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_server_get_stats(const struct weft_server *server,
                                    struct weft_server_stats *stats);

/* ---- functions around the handlers ---- */

#define WEFT_INTERCEPTORS_MAX 16u /* of one server */

/**
 * Runs around the handler of each call: may do something before, lets the call
 * proceed by weft_proceed, may do something after, and returns what the call
 * returns. All that a handler may do with its call, an interceptor may do. One
 * that does not call weft_proceed refuses the call; it then returns an error,
 * as a handler does, or fills in weft_call_result itself.
 *
 *     static weft_err
 *     log_it(struct weft_call *call, void *user)
 *     {
 *         uint64_t begun = weft_now_ns();
 *         weft_err err = weft_proceed(call);
 *         print(user, weft_call_method(call), err, weft_now_ns() - begun);
 *         return err;
 *     }
 *
 * If the handler detaches its call (weft_call_detach), weft_proceed returns
 * before the call has ended; the interceptor may then only return.
 *
 * Owner    the call is borrowed until the function returns
 * Blocks   as the function likes     Thread  the fiber of the call
 * Errors   as a handler; the caller of the call gets it
 */
typedef weft_err (*weft_interceptor_fn)(struct weft_call *call, void *user);

/**
 * Let a function run around all handlers of the server, also those of
 * weft.health and of the embedded IDL, and in weft_server_call. The function
 * that was given first is the outermost one. A call whose method is unknown or
 * whose arguments are malformed ends before. A server without interceptors pays
 * nothing.
 *
 * Owner    user is kept until the server is freed
 * Blocks   never     Thread  one at a time, before start
 * Errors   -EINVAL: no function; -EBUSY: the server has been started;
 *          WEFT_EFULL: there are WEFT_INTERCEPTORS_MAX already
 */
WEFT_API weft_err weft_server_intercept(struct weft_server *server,
                                        weft_interceptor_fn fn, void *user)
    WEFT_CHECKED;

/**
 * Run the next interceptor, or the handler after the last one, and return what
 * it returns.
 *
 * Blocks   as they do     Thread  the interceptor, once
 * Errors   what the next interceptor or the handler returned; -EALREADY: this
 *          function has been called already, or the handler calls it
 */
WEFT_API weft_err weft_proceed(struct weft_call *call) WEFT_CHECKED;

/**
 * The arguments and the result: structs of the types `args` and `result` of
 * weft_call_descriptor. The result is that of the handler after weft_proceed.
 *
 * Owner    both are the call's; result is NULL for a oneway method
 * Blocks   never     Thread  the handler's     Errors  none
 */
WEFT_API const void *weft_call_args(const struct weft_call *call);
WEFT_API void *weft_call_result(struct weft_call *call);

/* ---- a call, as its handler sees it ---- */

/**
 * The call's arena, which lives until the reply has been sent. Its budget is
 * limits.memory of the server's options, for the arguments, the result and what
 * the handler takes; max_memory bounds the arenas of all calls together.
 *
 * Owner    the arena is the call's
 * Blocks   never     Thread  the handler's     Errors  none
 */
WEFT_API struct weft_arena *weft_call_arena(struct weft_call *call);

/**
 * The user pointer that was given when the service was added.
 *
 * Owner    the pointer is the user's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void *weft_call_user(const struct weft_call *call);

/**
 * The call's deadline. Calls that the handler makes inherit this deadline.
 *
 * Shape    monotonic nanoseconds; WEFT_NEVER if there is none
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint64_t weft_call_deadline(const struct weft_call *call);

/**
 * The name of the method and the sequence id, as the caller sent them.
 *
 * Owner    the view is the call's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API struct weft_str weft_call_method(const struct weft_call *call);
WEFT_API int32_t weft_call_seqid(const struct weft_call *call);

/**
 * The method: its name in the IDL, and the descriptors of its arguments and
 * result.
 *
 * Owner    the method is that of the service
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const struct weft_method *
weft_call_descriptor(const struct weft_call *call);

/**
 * The address of the caller as text, e.g. "127.0.0.1:51234".
 *
 * Owner    the view is in the call's arena
 * Blocks   never     Thread  the handler's
 * Errors   an absent view: no memory, the connection is gone, or the call has
 *          none (weft_server_call)
 */
WEFT_API struct weft_str weft_call_peer(struct weft_call *call);

/**
 * Say why the handler fails. The function returns err, so that a handler can
 * write `return weft_call_fail(call, err, "...")`. The caller gets the text;
 * without weft_call_fail the caller gets the name and the text of the error.
 *
 * A client of weft finds the error by its name at the beginning of the text, as
 * in "WEFT_EOVERLOAD: busy". This name is always that of err: if the text
 * begins with the name of another error, weft writes the name of err before it,
 * as in "WEFT_EHANDLER: WEFT_EOVERLOAD: busy". So a handler may forward the
 * text of another server's error. A text without a name at its beginning, and
 * an errno, give the client the usual error of the type (weft_err_thrift),
 * mostly WEFT_EHANDLER - WEFT_PEER. If weft_err_is_retryable accepts err, and
 * the text is absent or begins with its name, the client may repeat the call.
 * So return such an error in this way only if the handler has done nothing.
 *
 * A handler may also return the error of a call that it has made itself. If the
 * other server reported that error, the caller gets WEFT_EHANDLER with a text
 * that says so. The same holds for WEFT_ETHROWN, unless the handler has set
 * `which` of its own result to an exception.
 *
 * Shape    err is not WEFT_OK; fmt as for printf, for at most 1,023 bytes
 * Owner    arguments are borrowed for the call
 * Blocks   never     Thread  the handler's     Errors  returns err
 */
WEFT_API weft_err weft_call_fail(struct weft_call *call, weft_err err,
                                 const char *fmt, ...) WEFT_PRINTF(3, 4);

/**
 * Answer with a business status, as Kitex calls it: a number and a text beside
 * an empty result, in the headers biz-status and biz-message. In other dialects
 * than TTHeader the caller gets an error with the text, and also these headers
 * if the dialect has headers. A handler writes
 * `return weft_call_business(...)`.
 *
 * Shape    status is not 0; fmt as for printf, for at most 1,023 bytes
 * Owner    arguments are borrowed for the call
 * Blocks   never     Thread  the handler's
 * Errors   returns WEFT_EBUSINESS
 */
WEFT_API weft_err weft_call_business(struct weft_call *call, int32_t status,
                                     const char *fmt, ...) WEFT_PRINTF(3, 4);

/**
 * The dialect of the caller, in which the reply will be sent.
 *
 * Blocks   never     Thread  the handler's     Errors  none
 */
WEFT_API struct weft_dialect weft_call_dialect(const struct weft_call *call);

/**
 * The headers that came with the call; none if the dialect has no headers. A
 * header whose key begins with WEFT_PERSIST is also sent with every call that
 * the handler makes, if the dialect of that call has headers. If the caller
 * sent a header with a key that begins with WEFT_TRANSIT, its key here begins
 * with WEFT_UPSTREAM instead, and the header is not sent on. Integer keys of
 * TTHeader are ":" and a name, such as ":log_id". Keys of HTTP are in lower
 * case, except for these prefixes. Of the headers that HTTP owns
 * (weft_call_options), only Host is here.
 *
 * Owner    the headers are the call's     Blocks   never
 * Thread   the handler's
 * Errors   none
 */
WEFT_API const struct weft_headers *
weft_call_headers(const struct weft_call *call);

/**
 * The value of the last header with that key.
 *
 * Owner    key is borrowed, the view is the call's
 * Blocks   never     Thread  the handler's
 * Errors   an absent view (ptr NULL): there is none
 */
WEFT_API struct weft_str weft_call_header(const struct weft_call *call,
                                          struct weft_str key);

/**
 * Send a header with the reply.
 *
 * Shape    key is not empty; of HTTP: a token that HTTP does not own
 *          (weft_call_options), and the value without line ends
 * Owner    both are copied
 * Blocks   never     Thread  the handler's
 * Errors   WEFT_EHEADER: the dialect has no headers, cannot carry this header,
 *          or has no room for it: all headers of a reply together have at most
 *          WEFT_HEADER_SIZE bytes, minus what the dialect itself writes, and in
 *          HTTP there are at most 248; WEFT_EBUDGET. The headers that were set
 *          before stay
 */
WEFT_API weft_err weft_call_set_header(struct weft_call *call,
                                       struct weft_str key,
                                       struct weft_str value) WEFT_CHECKED;

#define WEFT_PERSIST "RPC_PERSIST_"
#define WEFT_TRANSIT "RPC_TRANSIT_"
#define WEFT_UPSTREAM "RPC_TRANSIT_UPSTREAM_"

/**
 * Answer later: weft ignores what the handler returns, and args and result stay
 * valid until weft_call_finish.
 *
 * Owner    the call is the user's until it is finished
 * Blocks   never     Thread  the handler's, before it returns
 * Errors   none; if the call is detached already, the process aborts
 */
WEFT_API void weft_call_detach(struct weft_call *call);

/**
 * Has weft_call_detach been called? Code that calls a handler, such as the
 * invoke of a method, needs this: the result of a detached call belongs to the
 * task that finishes the call.
 *
 * Blocks   never     Thread  the handler's     Errors  none
 */
WEFT_API bool weft_call_is_detached(const struct weft_call *call);

/**
 * Answer a detached call, exactly once: with its result, or with err.
 *
 * Shape    err as a handler returns it
 * Owner    the call is taken
 * Blocks   never     Thread  any fiber or thread
 * Errors   none; if the call is not detached, or has been finished, the process
 *          aborts
 */
WEFT_API void weft_call_finish(struct weft_call *call, weft_err err);

/* ---- client ---- */

/** Zero in any field means the default. A time may be WEFT_NONE, a count
 * WEFT_UNLIMITED and a size WEFT_UNLIMITED_SIZE. */
struct weft_client_options {
    struct weft_limits limits;   /* of each reply; `memory` has no effect: a
                                    reply takes at most the budget of the arena
                                    that the caller gives to the call */
    struct weft_dialect dialect; /* default: framed strict binary */
    const char *service;         /* for calls that name no service; see
                                    weft_call_options; default NULL */
    bool multiplexed;            /* the server has several services: a call
                                    that names no service goes to the service
                                    of its method in the IDL */
    const char *path;            /* over HTTP: the path of the requests, which
                                    begins with a slash; default "/" */
    uint32_t connect_timeout_ms; /* within the deadline of the call; default
                                    1,000 */
    uint32_t call_timeout_ms;    /* if a call has no deadline; default 10,000 */
    uint32_t max_calls;          /* calls in flight; default 4,096, at most
                                    65,536 */
    size_t max_queued;           /* bytes of queued requests; default 16 MiB */
    uint32_t write_timeout_ms;   /* for a server that reads less than 32 KiB a
                                    second, or does not acknowledge; default
                                    20,000 */
    uint32_t idle_timeout_ms;    /* a connection without calls for so long is
                                    not used again; make it shorter than the
                                    server's; default 300,000 */
    uint32_t silent_timeout_ms;  /* if calls on a connection time out, and no
                                    byte has come for so long, the connection is
                                    not used for new calls; default 1,000 */
    uint32_t flush_timeout_ms;   /* weft_client_free: for oneway calls that are
                                    queued, and over HTTP for their responses;
                                    default 5,000 */
    uint32_t retry_connect_ms;   /* pause after the first failed connect; during
                                    a pause calls fail at once (WEFT_ECONNECT);
                                    each later pause is twice as long, up to 32
                                    times this; up to half of a pause is left
                                    out by chance; default 20 */
    uint32_t connections;        /* to each server; each call goes over one of
                                    them; max_calls and max_queued are for each;
                                    default 1, at most 64 */
    uint32_t pool_max;           /* at most so many connections, with one call
                                    at a time on each, for a server that cannot
                                    answer several calls of a connection side by
                                    side; max_calls is then how many calls may
                                    wait for a free one; default: no pool; at
                                    most 256 */
    uint32_t pool_min;           /* connections of the pool that stay open when
                                    they are idle, if the server lets them;
                                    default 0 */
    uint32_t pool_idle_ms;       /* further ones are closed, by the next call,
                                    when no call has used them for so long;
                                    WEFT_NONE: never; default 30,000 */
    bool pool_once;              /* each call has a new connection, which is
                                    closed after the call */
    const struct weft_upstream_options *upstream; /* of a client of many
                                    servers, see weft/upstream.h; may be NULL */
};

/**
 * Make a client of one address, or of many servers (weft/upstream.h). The
 * client connects at the first call, and again at the first call after a
 * connection broke.
 *
 * Shape    target is an address as for weft_server_listen, with a host, or
 *          many servers ("list:", "file:", "dns:", "srv:", "etcd:", "zk:",
 *          "consul:"; see docs/upstream.md), or
 *          "http://HOST:PORT/PATH", which means the framing WEFT_HTTP, unless
 *          `around` is WEFT_IN_HTTP, and port 80 if there is no PORT;
 *          options may be NULL
 * Owner    both are borrowed for the call; the client is given, free it with
 *          weft_client_free
 * Blocks   never     Thread  any
 * Errors   WEFT_EADDRESS; -EINVAL: max_calls is above 65,536, the path is
 *          malformed, there is a path without HTTP, the dialect does not exist,
 *          `connections` or pool_max is too large, pool_min is above pool_max,
 *          another option of the pool is set without pool_max, or pool_max
 *          beside `connections`; -ENOTSUP: the target needs c-ares, which
 *          this build does not have; -ENOMEM; *client is then NULL
 */
WEFT_API weft_err weft_client_new(const char *target,
                                  const struct weft_client_options *options,
                                  struct weft_client **client) WEFT_CHECKED;

/**
 * Free the client. Calls in flight end with WEFT_ECLOSED. Oneway calls that are
 * queued are still sent, and over HTTP the client waits for their responses,
 * both within flush_timeout_ms; if that is too short, the log says so. Over
 * HTTP, if no byte comes for silent_timeout_ms, the client shuts down its
 * output; if the server then closes the connection, all oneway calls count as
 * answered. NULL is legal.
 *
 * Owner    the client is taken; no call may begin any more
 * Blocks   until the calls in flight have returned, and those that other tasks
 *          have begun are awaited: the log says so once a second; until oneway
 *          calls are sent, over HTTP until they are answered
 * Thread   any
 * Errors   none; a second free, a call after the free, or a free by a task that
 *          has begun a call of the client and not awaited it (also if
 *          weft_blocking runs the free for this task) aborts the process
 */
WEFT_API void weft_client_free(struct weft_client *client);

/**
 * Connect before the first call: make the connection, all `connections`, or
 * pool_min connections of a pool (at least one), one after another. Those that
 * are there already stay.
 *
 * Shape    deadline_ns monotonic; each connect lasts at most connect_timeout_ms
 * Owner    client stays the caller's
 * Blocks   until the connections are made, or until the deadline
 * Thread   any
 * Errors   of the first connection that cannot be made: WEFT_ECONNECT,
 *          WEFT_ETIMEOUT, WEFT_ECANCEL, -ENOMEM; WEFT_ECLOSED: the client is
 *          being freed; -EINVAL: a client of many servers (its checks connect,
 *          see check_ms in weft/upstream.h)
 */
WEFT_API weft_err weft_client_warm_until(struct weft_client *client,
                                         uint64_t deadline_ns) WEFT_CHECKED;

/** Counters of a client since it was made. */
struct weft_client_stats {
    uint64_t connects, failed_connects;
    uint64_t broken;   /* connections that broke with calls in flight */
    uint64_t replaced; /* connections given up after silent_timeout_ms */
    uint64_t strays;   /* replies for which no call waited, such as late ones */
    uint64_t ended;    /* connections that ended with no call in flight, and
                          were not closed by the client itself */
    /* of a client whose servers are looked up, see weft/upstream.h: */
    uint64_t lookups, failed_lookups;
    uint64_t lists;       /* lists of servers that were taken */
    uint64_t empty_lists; /* lists without a server, which were not taken */
    /* of a client of many servers, see `hedge_ms` there: */
    uint64_t hedges;     /* calls that were sent to a second server, too */
    uint64_t hedges_won; /* of these: the second server's answer counted */
    uint64_t untagged;   /* servers of the list as it is now whose tag names no
                            partition, see `by_tag` there */
};

/**
 * Read the counters. They are exact while no call is in flight.
 *
 * Owner    stats is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_client_get_stats(const struct weft_client *client,
                                    struct weft_client_stats *stats);

/** How far a call came. */
enum weft_call_reach {
    WEFT_CALL_NOT_SENT = 0,  /* no handler sees the call, now or later */
    WEFT_CALL_MAYBE_HANDLED, /* the call was queued; a handler may see it */
    WEFT_CALL_ANSWERED,      /* a reply came, valid or not */
};

/** One attempt of a call to one of many servers. */
struct weft_call_attempt {
    struct weft_str endpoint; /* its address */
    struct weft_str text;     /* as in weft_call_info; absent: none */
    uint64_t took_ns;         /* from the choice of the endpoint to the end */
    weft_err err;             /* how the attempt ended */
    enum weft_call_reach reach;
};

struct weft_call_attempts {
    struct weft_call_attempt *items;
    uint32_t len, cap;
};

/** What a call returns beside its error. Its texts and headers are in the arena
 * that the call was given. */
struct weft_call_info {
    struct weft_str text; /* if the call failed: the peer's text, or, if it
                             failed in this process, the address, what failed,
                             and the text of the error */
    int32_t app_type;     /* TApplicationException type, -1 if there is none */
    int32_t business;     /* the status of WEFT_EBUSINESS, else 0 */
    int32_t http_status;  /* status of the HTTP response; 0: 200, or no HTTP */
    enum weft_call_reach reach;
    struct weft_headers headers;        /* of the reply */
    struct weft_call_attempts attempts; /* of a client of many servers, in the
                                           order in which they were made */
};

/**
 * Zero in any field means the default.
 *
 * HTTP owns the headers Accept, Connection, Content-Length, Content-Type,
 * Expect, Host, HTTP2-Settings, Keep-Alive, Proxy-Connection, TE, Trailer,
 * Transfer-Encoding and Upgrade, in upper or lower case: a call over HTTP with
 * one of them ends with WEFT_EHEADER. But a handler may send on the headers
 * that weft_call_headers has returned: weft leaves out those that HTTP owns. A
 * frame of THeader or TTHeader can carry all names, also over HTTP.
 */
struct weft_call_options {
    uint64_t deadline_ns;        /* monotonic; 0: call_timeout_ms from now;
                                    WEFT_NEVER: none. The deadline of a handler
                                    that makes the call counts if it is
                                    earlier */
    struct weft_call_info *info; /* filled in at the end; may be NULL */
    const char *service; /* The service that this call is for, by its name at
                            the server. TTHeader sends the name as a header.
                            Other framings send "SERVICE:METHOD" as the name of
                            the method. NULL: if the client is multiplexed, the
                            method's service in the IDL; otherwise, or if that
                            is unknown, the service of the client's options. If
                            this is NULL, too, no service is sent, and the
                            server finds the method by its name alone */
    const struct weft_headers *headers; /* to send; may be NULL. WEFT_EHEADER:
                                           the dialect has no headers, or cannot
                                           carry the header that the text of
                                           info names */
    bool idempotent; /* the call may be executed more than once, as if the IDL
                        said so of the method (weft.idempotent): a client of
                        many servers then tries another server although a
                        handler may have seen the call */
    uint32_t sent_before; /* for a caller that sends a call again himself: how
                             often the call was sent before. As with weft's own
                             retries the server learns of it, if the dialect has
                             headers, and the call is sent again only if it was
                             not sent */
    struct weft_str hash_key; /* with WEFT_CONSISTENT_HASH (weft/upstream.h)
                                 calls of the same key go to the same server;
                                 ptr NULL: the call has no key */
    uint32_t partition;       /* private: weft_client_partition sets it */
};

/**
 * Make a call and wait for its reply. Generated code wraps this. Every call
 * ends exactly once: with a reply, a time-out, a cancel, or an error of its
 * connection. A oneway call ends when its bytes are queued. If a call was not
 * sent because its connection had ended, weft sends it over a new connection.
 * If the workers do not run, the call starts them.
 *
 * Shape    args and result are C structs of the method; result may be NULL for
 *          oneway, and options always; result->which is WEFT_RESULT_NONE unless
 *          a result or a declared exception came
 * Owner    args is borrowed for the call; what result points to is the arena's
 * Blocks   until the reply, the deadline, or weft_fiber_cancel
 * Thread   any fiber or plain thread, concurrently
 * Errors   WEFT_ETHROWN: a declared exception, which result->which names;
 *          WEFT_ETIMEOUT; WEFT_ECANCEL; WEFT_ECONNECT: no connection could be
 *          made, now or just before (retry_connect_ms); WEFT_ENOENDPOINT: the
 *          client's list of servers is empty; WEFT_EBROKEN: the connection
 *          broke, and the text of info says why; WEFT_ECLOSED: the client is
 *          being freed; WEFT_EOVERCROWDED; WEFT_ETOOMANYCALLS; WEFT_EHEADER;
 *          WEFT_EMISSING, WEFT_ENAME, WEFT_ESEQID, WEFT_EMSGTYPE and those of
 *          decoding: the reply is wrong; those of encoding; -ENOMEM; those of
 *          the user's functions, if the client has some (weft/combine.h); and
 *          err - WEFT_PEER if the peer reports err (see weft_call_fail). For
 *          HTTP statuses: 400 WEFT_EPROTOCOL, 404 WEFT_ENOSERVICE, 405
 *          WEFT_EMSGTYPE, 408 WEFT_EREADTIMEOUT, 413 WEFT_ETOOBIG, 414
 *          WEFT_ESIZE, 429 and 503 WEFT_EOVERLOAD, 431 WEFT_EHEADER, 500
 *          WEFT_EHANDLER, 501 WEFT_ETRANSFORM, 502 WEFT_EBROKEN, 504
 *          WEFT_ETIMEOUT, 505 WEFT_EVERSION, all others WEFT_EHTTP, each -
 *          WEFT_PEER
 */
WEFT_API weft_err weft_client_call(struct weft_client *client,
                                   const struct weft_method *method,
                                   struct weft_arena *arena, const void *args,
                                   void *result,
                                   const struct weft_call_options *options)
    WEFT_CHECKED;

/* ---- calls in flight ---- */

/** A call that a task has begun. The task ends the call by weft_await or
 * weft_pending_cancel before it frees or moves the struct, and before its
 * handler returns or the task itself ends; else the process aborts then. */
struct weft_pending {
    struct wf_client_call *call; /* private; NULL: the call has ended */
    weft_err err;                /* private */
};

/**
 * Begin a call, and return without waiting for its reply: so one fiber or plain
 * thread can have many calls in flight. If no connection is ready, a fiber
 * connects and sends the request; a call of a client in front of others
 * (weft/combine.h) has a fiber until its end. Generated code wraps this:
 * X_begin. If a call cannot begin, weft_await returns the error and ends the
 * call.
 *
 * Shape    as weft_client_call; *pending is filled in. Until the call has
 *          ended, it counts as in flight: weft_client_free waits for its end
 * Owner    args, options and what they point to are borrowed until the call
 *          has ended; result is the call's until then; arena is kept until
 *          then, and the caller may use it meanwhile, also for other calls;
 *          pending is the caller's
 * Blocks   never     Thread  any fiber or plain thread
 * Errors   none; weft_await returns those of weft_client_call and WEFT_EFIBERS
 */
WEFT_API void weft_client_begin(struct weft_client *client,
                                const struct weft_method *method,
                                struct weft_arena *arena, const void *args,
                                void *result,
                                const struct weft_call_options *options,
                                struct weft_pending *pending);

/**
 * Wait until a call has ended. The other calls in flight go on meanwhile, so
 * the order in which calls are awaited does not matter. A second weft_await of
 * the call returns the same error again.
 *
 * Owner    pending is borrowed; args, result and arena are the caller's again
 * Blocks   until the reply, the call's deadline, or weft_fiber_cancel, which
 *          ends the call
 * Thread   the fiber or plain thread that began the call; else the process
 *          aborts
 * Errors   as weft_client_call, and WEFT_EFIBERS: no fiber could be started
 *          that connects
 */
WEFT_API weft_err weft_await(struct weft_pending *pending) WEFT_CHECKED;

/**
 * Wait until one of n calls has ended, and return its index; weft_await of this
 * call then returns at once. Calls for which weft_await has returned are left
 * out. If several calls have ended, the choice between them is random. A call
 * that has ended is found without a wait, also if the deadline has passed or
 * the fiber is cancelled. A fiber that begins a call for each call that it has
 * taken so sends these requests together, at the latest when it waits next.
 *
 * Shape    n is 1..INT_MAX; deadline_ns monotonic; with deadline 0 the call
 *          never waits
 * Owner    pendings are borrowed
 * Blocks   until a call has ended, or the deadline
 * Thread   the fiber or plain thread that began the calls; else the process
 *          aborts
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: all calls are still in
 *          flight; -EINVAL: n is out of range, or no call is in flight; -ENOMEM
 *          on a plain thread
 */
WEFT_API int weft_await_any(struct weft_pending *pendings, uint32_t n)
    WEFT_CHECKED;
WEFT_API int weft_await_any_until(struct weft_pending *pendings, uint32_t n,
                                  uint64_t deadline_ns) WEFT_CHECKED;

/**
 * End a call now. weft does not wait for the reply, and drops a reply that
 * comes later. Returns how the call has ended: WEFT_ECANCEL, or what weft_await
 * returns if the call had ended before. A handler may see the call all the
 * same, as the info's `reach` says.
 *
 * Owner    pending is borrowed; args, result and arena are the caller's again
 * Blocks   for a moment, while another thread stops using the call
 * Thread   the fiber or plain thread that began the call; else the process
 *          aborts
 * Errors   as weft_await
 */
WEFT_API weft_err weft_pending_cancel(struct weft_pending *pending);

/* ---- calls without a network ---- */

/**
 * Call a method of a server without a connection, as tests of handlers do. The
 * server need not listen or be started. Its handler runs in a fiber of its own.
 * The call has an arena, a deadline and headers, but no peer; the handler may
 * fail, detach and finish it. Arguments and result are encoded and decoded as
 * over a network, in binary. A oneway call, too, ends only when its handler has
 * ended.
 *
 * Shape    as weft_client_call. The deadline is the earliest of three: that of
 *          the options, call_timeout_ms of the server's options, and that of
 *          the handler that makes the call. If options->service is NULL, the
 *          service is that of the method
 * Owner    args is borrowed for the call; what result points to is the arena's;
 *          the server must not be freed before the handler has ended
 * Blocks   until the call is answered, or the deadline; after an answer, until
 *          the handler has returned, even if that is after the deadline
 * Thread   any fiber or plain thread, concurrently
 * Errors   the error that the handler returned or finished with, whatever its
 *          text is, and without - WEFT_PEER: WEFT_ETHROWN, WEFT_EBUSINESS ...;
 *          WEFT_EHANDLER if it is an error of another server (see
 *          weft_call_fail); WEFT_ENOMETHOD and WEFT_ENOSERVICE: the server has
 *          no such method or service; WEFT_ETIMEOUT, WEFT_ECANCEL: `reach` of
 *          info says whether the handler has not begun, may still run, or
 *          returned this error itself; those of encoding and decoding;
 *          WEFT_EMISSING; WEFT_EFIBERS; WEFT_EBUDGET; -ENOMEM, errors of
 *          weft_runtime_start
 */
WEFT_API weft_err weft_server_call(struct weft_server *server,
                                   const struct weft_method *method,
                                   struct weft_arena *arena, const void *args,
                                   void *result,
                                   const struct weft_call_options *options)
    WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

/* The macros of generated code. */
#include <weft/inline/rpc.h>

#endif
