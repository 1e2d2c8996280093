/* SPDX-License-Identifier: MIT */
/*
 * weft/rpc.h: Thrift calls, served and made.
 *
 * A server runs one handler for each call, as straight-line code that may wait;
 * a client is one connection that any number of fibers and threads share. Both
 * read and write by the tables that weftc generates.
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

/** A method: how its arguments are read and its result written, and back. */
struct weft_method {
    const char *name; /* as on the wire */
    uint32_t name_len;
    bool oneway;
    bool is_void;
    const struct weft_struct *args;
    const struct weft_struct *result; /* NULL for oneway */
    /* Calls the entry of the service's table; WEFT_ENOMETHOD if it is NULL. */
    weft_err (*invoke)(const void *table, struct weft_call *call,
                       const void *args, void *result);
    const char *service; /* its service, as in the IDL; of an inherited method
                            the heir; NULL: not known */
};

/** A file of IDL. Its text is cut into parts, since a string literal may have
 * 4,095 bytes only. */
struct weft_idl_file {
    const char *name;         /* without directory: "hello.thrift" */
    const char *const *parts; /* each ends in NUL; NULL after the last */
};

/** A service with its inherited methods, which come first. */
struct weft_service {
    const char *name; /* as in the IDL */
    const struct weft_method *const *methods;
    uint32_t n_methods;
    /* The file that defines it, then all that it includes; NULL: unknown. */
    const struct weft_idl_file *idl;
    uint32_t n_idl;
};

/**
 * Every result struct of generated code begins like this: which is 0 for
 * success (or void), the id of the exception that was thrown, or
 * WEFT_RESULT_NONE while nothing is known.
 */
struct weft_result {
    int32_t which;
};

#define WEFT_RESULT_NONE (-0x10000)

/**
 * Is there such a dialect? Servers and clients refuse others with -EINVAL.
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
    uint32_t max_connections;  /* 10,000; more are answered and closed */
    uint32_t max_calls;        /* in flight, all connections; 10,000 */
    uint32_t max_calls_per_connection; /* then its input waits; 1,024 */
    size_t max_queued;         /* bytes of replies per connection, and of what
                                  they keep in memory; 64 MiB. Once 256 KiB
                                  wait, a reply that would keep more than twice
                                  its size is copied */
    size_t max_memory;         /* bytes that all calls in flight and replies
                                  that refer to them may take, arenas and
                                  messages; 1 GiB. A message above it gets
                                  WEFT_ETOOBIG, and while there is no room for
                                  one, WEFT_EOVERLOAD */
    uint32_t idle_timeout_ms;  /* no call and no byte; 600,000 */
    uint32_t read_timeout_ms;  /* a message that has begun; 20,000 */
    uint32_t write_timeout_ms; /* a peer that does not read; 20,000 */
    uint32_t stop_timeout_ms;  /* calls in flight at the stop; 10,000 */
    uint32_t call_timeout_ms;  /* deadline that a handler gets; 0 is
                                  WEFT_NONE: that of its caller alone */
    uint32_t backlog;          /* of listen(), which the kernel limits, too;
                                  4,096 */
    /* Cancel the handlers of a connection that is gone, or whose peer has ended
     * its side. false: they run to their end. Calls that have not begun are
     * skipped in both cases. */
    bool cancel_when_gone;
    /* The only dialects that are served; n_dialects 0: all that weft knows. A
     * connection in any other one is closed, and counted as unrecognised. */
    const struct weft_dialect *dialects;
    uint32_t n_dialects; /* at most WEFT_DIALECTS_MAX */
    /* The only paths that are served over HTTP; n_paths 0: any. A path begins
     * with "/". What a request has after "?" does not matter, nor whether a
     * letter is written as %XX; but %2F is not "/". Requests for others are
     * answered with the status 404, and their connection is closed. */
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
 * Serve a service. Generated code wraps this: demo_Hello_register(). Method
 * names may repeat: a bare name finds the method of the service that was added
 * first, the others need the name of their service.
 *
 * Shape    name is the service's name on multiplexed wires; table is the
 *          generated struct of handlers
 * Owner    service, table and user are kept until the server is freed; name is
 *          copied
 * Blocks   never     Thread  one at a time, before start
 * Errors   -EEXIST: a service was added under that name, -EINVAL: the name is
 *          empty or has a ':', -ENOMEM, -EBUSY: started
 */
WEFT_API weft_err weft_server_add(struct weft_server *server, const char *name,
                                  const struct weft_service *service,
                                  const void *table, void *user) WEFT_CHECKED;

/**
 * Listen on an address; may be called several times. See net.h for addresses:
 * "127.0.0.1:9090", "[::1]:9090", ":9090" (all), "localhost:9090" or another
 * host name, "unix:/path"; port 0 takes a free one.
 *
 * Owner    address is borrowed for the call
 * Blocks   while a host name is looked up, 30 s at most; otherwise never
 * Thread   one at a time, before start
 * Errors   WEFT_EADDRESS: not an address, or the name does not exist;
 *          WEFT_ERESOLVE: the name cannot be looked up now; WEFT_ETIMEOUT: the
 *          look-up takes more than 30 s; WEFT_ECANCEL; WEFT_EFULL: 16 addresses
 *          are taken already; -EBUSY: started; -ENOMEM, errors of
 *          weft_runtime_start, an errno of socket, bind or listen
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
 * Port of the first TCP address, 0 if there is none.
 *
 * Blocks   never     Thread  any, after listen     Errors  none
 */
WEFT_API uint16_t weft_server_port(const struct weft_server *server);

/**
 * Begin to accept. The runtime (fiber.h) is started if it is not.
 *
 * Blocks   never     Thread  one at a time
 * Errors   -EDESTADDRREQ: the server listens on no address; -EALREADY: started,
 *          -ENOMEM, WEFT_EFIBERS, errors of weft_runtime_start, an errno of
 *          epoll. After an error other than -EALREADY it listens on no address
 */
WEFT_API weft_err weft_server_start(struct weft_server *server) WEFT_CHECKED;

/**
 * Stop: accept no more, answer no new call, let calls in flight end and their
 * replies leave. A connection without a call in flight is closed as soon as its
 * peer has acknowledged the last reply. After stop_timeout_ms, or after the
 * deadline, connections are closed with calls in flight, whose handlers are
 * cancelled and waited for; the log says once a second how many calls have not
 * ended, and names a method of those that run and of those that are detached.
 * If several stop it at once, each returns when it has stopped, and the
 * earliest of their deadlines counts for all. The addresses are given up: a
 * server that starts again listens again before.
 *
 * Shape    deadline_ns monotonic
 * Blocks   until all handlers have ended, and all detached calls are finished,
 *          but for those of weft_server_call; a cancel does not end it
 * Thread   any fiber or thread, also several at once
 * Errors   WEFT_ETIMEOUT: calls were in flight at the deadline; -EDEADLK: the
 *          caller is one of the server's own handlers, which it would wait for,
 *          or a function that one has given to weft_blocking
 */
WEFT_API weft_err weft_server_stop(struct weft_server *server);
WEFT_API weft_err weft_server_stop_until(struct weft_server *server,
                                         uint64_t deadline_ns);

/**
 * Listen, start, wait for SIGTERM or SIGINT, stop. The usual main(). A second
 * signal during the stop ends the process at once. If the kernel has not
 * delivered the first one yet, a second one of the same number is lost.
 *
 * Shape    address as for listen; NULL if listen has been called
 * Owner    address is borrowed for the call
 * Blocks   until stopped     Thread  a plain thread, one per process
 * Errors   -EBUSY: another weft_server_run, or weft_signals_new of os.h, has
 *          taken one of the two; errors of weft_server_listen,
 *          weft_signals_new, weft_server_start, weft_server_stop
 */
WEFT_API weft_err weft_server_run(struct weft_server *server,
                                  const char *address) WEFT_CHECKED;

/**
 * Serve one service alone: make a server, add the service under its name in the
 * IDL, run it, free it. Generated code wraps this: demo_Hello_serve(). The
 * shortest main().
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
 * Free a server, and stop it before if it runs. NULL is legal.
 *
 * Owner    the server is taken
 * Blocks   as weft_server_stop
 * Thread   any fiber or thread, while no other uses it
 * Errors   none; one of its own handlers aborts the process
 */
WEFT_API void weft_server_free(struct weft_server *server);

/** Counters of a server since its start, and how much there is now. */
struct weft_server_stats {
    uint64_t accepted, refused; /* connections */
    uint64_t calls, replies, exceptions, oneways;
    uint64_t overloads;    /* calls answered with WEFT_EOVERLOAD */
    uint64_t bad_messages; /* answered or closed because they are invalid */
    uint32_t connections, calls_in_flight; /* now */
    /* Connections closed because their bytes could not be recognised, by what
     * they look like. */
    struct {
        uint64_t unknown, tls, http2, ssh;
        uint64_t mesh;   /* Kitex' mesh header */
        uint64_t stream; /* streaming over TTHeader */
        uint64_t http;   /* not in this build, or not among options.dialects */
        uint64_t zlib;   /* as http */
    } unrecognised;
    /* Connections that have ended, by reason. */
    struct {
        uint64_t peer;    /* the peer ended it, or asked for its end */
        uint64_t stopped; /* weft_server_stop, after the last reply */
        uint64_t forced;  /* weft_server_stop, with something in flight */
        uint64_t idle, read_timeout, write_timeout;
        uint64_t broken;      /* an errno (reset, no route ...), or another
                                 failure of the connection */
        uint64_t bad_bytes;   /* what it sent cannot be understood */
        uint64_t no_resource; /* no memory or no fiber */
    } closed;
};

/**
 * Read the counters; they are exact when the server is quiet.
 *
 * Owner    stats is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_server_get_stats(const struct weft_server *server,
                                    struct weft_server_stats *stats);

/* ---- a call, as its handler sees it ---- */

/**
 * The call's arena: lives until the reply has been sent.
 *
 * Owner    the call's
 * Blocks   never     Thread  the handler's     Errors  none
 */
WEFT_API struct weft_arena *weft_call_arena(struct weft_call *call);

/**
 * The pointer that was given when the service was registered.
 *
 * Owner    the user's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void *weft_call_user(const struct weft_call *call);

/**
 * The call's deadline; calls that the handler makes inherit it.
 *
 * Shape    monotonic nanoseconds; WEFT_NEVER if there is none
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint64_t weft_call_deadline(const struct weft_call *call);

/**
 * Name of the method and sequence id, as the caller wrote them.
 *
 * Owner    the view is the call's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API struct weft_str weft_call_method(const struct weft_call *call);
WEFT_API int32_t weft_call_seqid(const struct weft_call *call);

/**
 * What is known of the method: its name in the IDL, and the descriptors of
 * arguments and result.
 *
 * Owner    the method is that of the service
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const struct weft_method *
weft_call_descriptor(const struct weft_call *call);

/**
 * Address of the caller as text, e.g. "127.0.0.1:51234".
 *
 * Owner    the view is in the call's arena
 * Blocks   never     Thread  the handler's
 * Errors   an absent view: no memory, the connection is gone, or there is none
 *          (weft_server_call)
 */
WEFT_API struct weft_str weft_call_peer(struct weft_call *call);

/**
 * Say why the handler fails: the text goes to the caller with the error that
 * is returned here, so that `return weft_call_fail(call, err, "...")` reads
 * well. Without it the caller sees the text of the error.
 *
 * The error of a call that the handler made itself may be returned as it is. If
 * the other server reported it, or threw a declared exception (WEFT_ETHROWN
 * counts only if `which` of this call's own result names one), the caller gets
 * WEFT_EHANDLER with a text that says so.
 *
 * Shape    err is not WEFT_OK; fmt as for printf
 * Owner    arguments are borrowed for the call
 * Blocks   never     Thread  the handler's     Errors  returns err
 */
WEFT_API weft_err weft_call_fail(struct weft_call *call, weft_err err,
                                 const char *fmt, ...) WEFT_PRINTF(3, 4);

/**
 * Answer with a business status, as Kitex calls it: a number and a text beside
 * an empty result. They travel in the headers biz-status and biz-message. In
 * other dialects than TTHeader the caller gets an error with the text, and the
 * headers if there can be any. `return weft_call_business(...)`.
 *
 * Shape    status is not 0; fmt as for printf
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
 * The headers that came with the call; none if its dialect has none. A key that
 * begins with WEFT_PERSIST goes on with every call that the handler makes, if
 * their dialect has headers; one with WEFT_TRANSIT reaches the next hop only,
 * where it is found with WEFT_UPSTREAM in front. Integer keys of TTHeader are
 * ":" and a name, as ":log_id"; keys of HTTP are in lower case, but for these
 * prefixes. Of the headers that HTTP owns (weft_call_options) only the host is
 * among them.
 *
 * Owner    the call's     Blocks   never     Thread  the handler's
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
 * Errors   WEFT_EHEADER: the dialect has no headers, or cannot carry this one,
 *          or not with those that were set before: together they have at most
 *          WEFT_HEADER_SIZE bytes, less what the dialect itself writes, and in
 *          HTTP at most 248 headers. Those stay; WEFT_EBUDGET
 */
WEFT_API weft_err weft_call_set_header(struct weft_call *call,
                                       struct weft_str key,
                                       struct weft_str value) WEFT_CHECKED;

#define WEFT_PERSIST "RPC_PERSIST_"
#define WEFT_TRANSIT "RPC_TRANSIT_"
#define WEFT_UPSTREAM "RPC_TRANSIT_UPSTREAM_"

/**
 * Answer later: what the handler returns is ignored, args and result stay
 * until weft_call_finish. The process ends if the call is detached already.
 *
 * Owner    the call is the user's until it is finished
 * Blocks   never     Thread  the handler's, before it returns     Errors  none
 */
WEFT_API void weft_call_detach(struct weft_call *call);

/**
 * Has weft_call_detach been called? For code around a handler, such as the
 * invoke of a service: the result of a detached call belongs to whoever
 * finishes the call.
 *
 * Blocks   never     Thread  the handler's     Errors  none
 */
WEFT_API bool weft_call_is_detached(const struct weft_call *call);

/**
 * Answer a detached call, exactly once: with its result, or with err. The
 * process ends if the call is not detached, or has been finished.
 *
 * Shape    err as a handler would return it
 * Owner    the call is taken
 * Blocks   never     Thread  any fiber or thread     Errors  none
 */
WEFT_API void weft_call_finish(struct weft_call *call, weft_err err);

/* ---- client ---- */

/** Zero in any field means the default. A time may be WEFT_NONE, a count
 * WEFT_UNLIMITED and a size WEFT_UNLIMITED_SIZE. */
struct weft_client_options {
    struct weft_limits limits;   /* of each reply */
    struct weft_dialect dialect; /* framed strict binary */
    const char *service;         /* of calls that name none; see
                                    weft_call_options; NULL */
    bool multiplexed;            /* the server has several services: a call
                                    that names none goes to the service of the
                                    IDL that its function belongs to */
    const char *path;            /* of HTTP: "/" and what follows; "/" */
    uint32_t connect_timeout_ms; /* within the deadline of the call; 1,000 */
    uint32_t call_timeout_ms;    /* for calls without a deadline; 10,000 */
    uint32_t max_calls;          /* in flight; 4,096, at most 65,536 */
    size_t max_queued;           /* bytes of requests; 16 MiB */
    uint32_t write_timeout_ms;   /* a peer that does not read, or acknowledges
                                    nothing; 20,000 */
    uint32_t idle_timeout_ms;    /* a connection without a call for this long
                                    is not used again; should be shorter than
                                    the server's; 300,000 */
    uint32_t silent_timeout_ms;  /* a connection on which calls time out, and
                                    no byte came for this long, is not used for
                                    new calls; 1,000 */
    uint32_t flush_timeout_ms;   /* weft_client_free: for oneway calls that are
                                    queued, and over HTTP for their responses;
                                    5,000 */
    uint32_t retry_connect_ms;   /* first pause after a failed connect, then
                                     doubled up to 32 x, with jitter; 20 */
};

/**
 * Make a client of one address. It connects at the first call and again after
 * a connection broke.
 *
 * Shape    address as for weft_server_listen, or "http://HOST:PORT/PATH", which
 *          means the framing WEFT_HTTP, unless the dialect is WEFT_IN_HTTP, and
 *          port 80 if none is given; options may be NULL
 * Owner    both are borrowed for the call; the client is given, free it with
 *          weft_client_free
 * Blocks   never     Thread  any
 * Errors   WEFT_EADDRESS; -EINVAL: max_calls above 65,536, a path that is
 *          malformed or without HTTP, or a dialect that does not exist;
 *          -ENOMEM; *client is then NULL
 */
WEFT_API weft_err weft_client_new(const char *address,
                                  const struct weft_client_options *options,
                                  struct weft_client **client) WEFT_CHECKED;

/**
 * Free the client. Calls in flight end with WEFT_ECLOSED; requests of oneway
 * calls that are queued are sent within flush_timeout_ms, and over HTTP their
 * responses come within it; if not, a line of the log says so. If no byte of a
 * response comes for silent_timeout_ms, the client shuts down its output; if
 * the server then closes the connection, all requests count as answered. Then
 * the connection is closed. NULL is legal.
 *
 * Owner    the client is taken; no call may begin any more
 * Blocks   until the calls in flight have returned, and oneway calls were sent,
 *          over HTTP until they were answered
 * Thread   any     Errors  none; a second time aborts the process, as does a
 *          call after it
 */
WEFT_API void weft_client_free(struct weft_client *client);

/** Counters of a client since it was made. */
struct weft_client_stats {
    uint64_t connects, failed_connects;
    uint64_t broken;   /* connections that broke with calls in flight */
    uint64_t replaced; /* connections that were silent: silent_timeout_ms */
    uint64_t strays;   /* replies that no call waited for, late ones, too */
    uint64_t ended;    /* connections that ended with no call in flight, but for
                          those that the client closed itself */
};

/**
 * Read the counters; they are exact when no call is in flight.
 *
 * Owner    stats is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_client_get_stats(const struct weft_client *client,
                                    struct weft_client_stats *stats);

/** How far a call came. */
enum weft_call_reach {
    WEFT_CALL_NOT_SENT = 0,  /* no handler has seen it, or will */
    WEFT_CALL_MAYBE_HANDLED, /* it was queued; a handler may have run */
    WEFT_CALL_ANSWERED,      /* a reply came, good or bad */
};

/** What a call can tell beyond its error; all of it is in the call's arena. */
struct weft_call_info {
    struct weft_str text; /* of a failed call: the peer's text; of a failure on
                             this side the address, the step that failed, and
                             the text of the error */
    int32_t app_type;     /* TApplicationException type, -1 if there is none */
    int32_t business;     /* the status of WEFT_EBUSINESS, else 0 */
    int32_t http_status;  /* of HTTP, if it is not 200; else 0 */
    enum weft_call_reach reach;
    struct weft_headers headers; /* of the reply */
};

/**
 * Zero in any field means the default.
 *
 * HTTP owns the headers Accept, Connection, Content-Length, Content-Type,
 * Expect, Host, HTTP2-Settings, Keep-Alive, Proxy-Connection, TE, Trailer,
 * Transfer-Encoding and Upgrade, in upper or lower case: a call over HTTP with
 * one of them ends with WEFT_EHEADER. A handler may nevertheless send the
 * headers of its caller on, as weft_call_headers has them; these are left out
 * then. Frames with headers in HTTP carry every name.
 */
struct weft_call_options {
    uint64_t deadline_ns;        /* monotonic; the earliest of this, of the
                                    handler that makes the call, and of
                                    call_timeout_ms if this is 0; WEFT_NEVER:
                                    that of the handler alone */
    struct weft_call_info *info; /* filled when the call ends; may be NULL */
    const char *service; /* The service that this call is for, by the name that
                            the server has it under. TTHeader sends it as a
                            header. Other framings send "SERVICE:METHOD" as the
                            name of the method. NULL: if the client is
                            multiplexed, the method's service in the IDL;
                            otherwise, or if there is none, the service of the
                            client's options. If that is NULL too, no service
                            is sent, and the server takes its default service */
    const struct weft_headers *headers; /* to send; WEFT_EHEADER if the dialect
                                           has none, or cannot carry one of
                                           them, which the text of info names;
                                           may be NULL */
};

/**
 * Make a call and wait for its reply; generated code wraps this. Every call
 * ends exactly once: with a reply, a time-out, a cancel, or an error of its
 * connection. A oneway call ends when its bytes are queued. A call that was not
 * sent because its connection had ended is sent over a new one. The runtime is
 * started if it is not.
 *
 * Shape    args and result are C structs of the method; options may be NULL
 *          result->which is WEFT_RESULT_NONE unless a result or a declared
 *          exception came
 * Owner    args is borrowed for the call; what result points to is the arena's
 * Blocks   until the reply, the deadline, or weft_fiber_cancel
 * Thread   any fiber or plain thread, concurrently
 * Errors   WEFT_ETHROWN: a declared exception, result->which names it;
 *          WEFT_ETIMEOUT; WEFT_ECANCEL; WEFT_ECONNECT: no connection could be
 *          made; WEFT_EBROKEN: it broke after the call was sent, and the text
 *          of info says why; WEFT_ECLOSED: the client is being freed;
 *          WEFT_EOVERCROWDED; WEFT_ETOOMANYCALLS; WEFT_EHEADER; WEFT_EMISSING,
 *          WEFT_ENAME, WEFT_ESEQID, WEFT_EMSGTYPE and those of decoding: the
 *          reply is wrong; those of encoding; -ENOMEM; and err - WEFT_PEER for
 *          what the peer reports. Of HTTP statuses: 400 WEFT_EPROTOCOL, 404
 *          WEFT_ENOSERVICE, 405 WEFT_EMSGTYPE, 408 WEFT_EREADTIMEOUT, 413
 *          WEFT_ETOOBIG, 414 WEFT_ESIZE, 429 and 503 WEFT_EOVERLOAD, 431
 *          WEFT_EHEADER, 500 WEFT_EHANDLER, 501 WEFT_ETRANSFORM, 502
 *          WEFT_EBROKEN, 504 WEFT_ETIMEOUT, 505 WEFT_EVERSION, all others
 *          WEFT_EHTTP, each - WEFT_PEER
 */
WEFT_API weft_err weft_client_call(struct weft_client *client,
                                   const struct weft_method *method,
                                   const void *args, void *result,
                                   struct weft_arena *arena,
                                   const struct weft_call_options *options)
    WEFT_CHECKED;

/* ---- calls without a network ---- */

/**
 * Call a method of a server without a connection, as tests of handlers do. The
 * server need not listen or be started. Its handler runs in a fiber of its own,
 * with a call that has an arena, a deadline, headers and no peer, and may fail,
 * detach and finish it. Arguments and result are encoded and read as over a
 * network, in binary. A oneway call, too, ends with its handler.
 *
 * Shape    as weft_client_call; the deadline is the earliest of the options',
 *          of call_timeout_ms of the server's options, and of the handler that
 *          makes the call. If options->service is NULL, the method's own
 * Owner    args is borrowed for the call; what result points to is the arena's;
 *          the server must not be freed before the handler has ended
 * Blocks   until the call is answered, or the deadline; once it is answered,
 *          until the handler has returned, whatever the deadline
 * Thread   any fiber or plain thread, concurrently
 * Errors   what the handler returned or finished with: an errno unchanged, any
 *          other error as a client would get it, but without - WEFT_PEER:
 *          WEFT_ETHROWN, WEFT_EBUSINESS ...;
 *          WEFT_ENOMETHOD and WEFT_ENOSERVICE: the server has none;
 *          WEFT_ETIMEOUT, WEFT_ECANCEL: the handler still runs; those of
 *          encoding and decoding; WEFT_EMISSING; WEFT_EFIBERS; WEFT_EBUDGET;
 *          -ENOMEM, errors of weft_runtime_start
 */
WEFT_API weft_err weft_server_call(struct weft_server *server,
                                   const struct weft_method *method,
                                   const void *args, void *result,
                                   struct weft_arena *arena,
                                   const struct weft_call_options *options)
    WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

/* The macros of generated code. */
#include <weft/inline/rpc.h>

#endif
