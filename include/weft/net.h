/* SPDX-License-Identifier: MIT */
/*
 * weft/net.h: connections with a zero-copy reader and writer, for protocols of
 * your own. Thrift needs none of it: see rpc.h.
 *
 * Addresses: "127.0.0.1:9090", "[::1]:9090", ":9090" (every address, both
 * families), "localhost:9090" or another host name, "unix:/path",
 * "unix:@abstract". A relative path is resolved against the current directory
 * at each use: a listener uses it to bind, and again to remove it at its stop.
 */
#ifndef WEFT_NET_H
#define WEFT_NET_H

#include <weft/base.h>
#include <weft/buf.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_conn;
struct weft_listener;

/** Names a connection, also when it is gone. All zero names none. */
typedef struct {
    uint64_t id;
} weft_connid;

/* ---- options ---- */

/** Zero in any field means the default. A time may be WEFT_NONE, a count
 * WEFT_UNLIMITED and a size WEFT_UNLIMITED_SIZE. */
struct weft_conn_options {
    uint32_t connect_timeout_ms; /* of weft_dial; 10,000 */
    uint32_t read_timeout_ms;    /* of one wait for bytes; none */
    uint32_t write_timeout_ms;   /* a peer that reads too little; 20,000 */
    uint32_t idle_timeout_ms;    /* listeners: no byte either way; none */
    size_t max_input;            /* bytes that wait to be read; 16 MiB */
    size_t max_queued;           /* bytes that wait to be sent; 64 MiB */
    uint32_t max_connections;    /* listeners: more are closed; 10,000 */
    uint32_t backlog;            /* listeners: of listen(), which the kernel
                                    limits, too; 4,096 */
    uint32_t stop_timeout_ms;    /* listeners: of weft_listener_stop; 10,000 */
    bool reuse_port; /* listeners: share the port (SO_REUSEPORT); no */
};

/** What a listener calls, each on a fiber. Only on_request is needed. */
struct weft_conn_hooks {
    /* A connection came. Before any on_request. */
    void (*on_connect)(struct weft_conn *conn, void *user);
    /* There are bytes to be read. One call at a time for each connection. If
     * the function returns and bytes are left, it is called again at once, or
     * if it took none, when more have come. It may wait for more. */
    void (*on_request)(struct weft_conn *conn, void *user);
    /* The connection has ended; the last call for this connection. */
    void (*on_close)(struct weft_conn *conn, weft_err why, void *user);
    /* The peer has ended its input and may still read; called once, after the
     * last on_request. The connection then lives until weft_conn_close or a
     * failure, so that replies which are made elsewhere can still be sent.
     * Without this hook the peer's end closes the connection. */
    void (*on_end)(struct weft_conn *conn, void *user);
};

/* ---- names ---- */

/** Addresses as texts. */
struct weft_addresses {
    const char *const *items; /* len of them, each ends in NUL */
    uint32_t len;
};

/**
 * Look up every address of a name. An address that needs no look-up is
 * returned in weft's own spelling: "[::ffff:1.2.3.4]:5" as "1.2.3.4:5". Only
 * for programs that treat the addresses of a name differently: weft_dial looks
 * names up itself.
 *
 * Shape    address see above; *addresses has each address once, as weft_dial
 *          takes it, in the order of RFC 6724, the best first
 * Owner    address is borrowed for the call; the texts are the arena's
 * Blocks   until the resolver answers; names are looked up by up to 32 threads,
 *          at most two of them for one host
 * Thread   any, one at a time with the arena
 * Errors   WEFT_EADDRESS: not an address, or the name does not exist;
 *          WEFT_ERESOLVE: the name cannot be looked up now; WEFT_ECANCEL,
 *          WEFT_EBUDGET: of the arena; -ENOMEM, an errno of making a thread;
 *          errors of weft_fd_wait
 */
WEFT_API weft_err weft_resolve(const char *address, struct weft_arena *arena,
                               struct weft_addresses *addresses) WEFT_CHECKED;

/**
 * As weft_resolve, at most until the deadline.
 *
 * Shape    as weft_resolve; deadline_ns monotonic
 * Owner    as weft_resolve
 * Blocks   until the resolver answers, or the deadline
 * Thread   as weft_resolve     Errors  WEFT_ETIMEOUT, and as weft_resolve
 */
WEFT_API weft_err weft_resolve_until(const char *address, uint64_t deadline_ns,
                                     struct weft_arena *arena,
                                     struct weft_addresses *addresses)
    WEFT_CHECKED;

/* ---- making connections ---- */

/**
 * Connect. If a name has several addresses, they are tried 250 ms apart, or at
 * once after a failure, IPv6 and IPv4 in turn; the first that connects is taken
 * (RFC 8305).
 *
 * Shape    address see above; options may be NULL; deadline_ns monotonic, in
 *          place of connect_timeout_ms
 * Owner    address and options are borrowed for the call; *conn is given, end
 *          it with weft_conn_close
 * Blocks   until connected, or for connect_timeout_ms, or until the deadline
 * Thread   any fiber or thread
 * Errors   WEFT_EADDRESS: not an address, or the name does not exist;
 *          WEFT_ERESOLVE: the name cannot be looked up now; WEFT_ETIMEOUT,
 *          WEFT_ECANCEL, -ENOMEM, errors of weft_runtime_start, an errno of
 *          socket or connect such as -ECONNREFUSED; *conn is then NULL
 */
WEFT_API weft_err weft_dial(const char *address,
                            const struct weft_conn_options *options,
                            struct weft_conn **conn) WEFT_CHECKED;
WEFT_API weft_err weft_dial_until(const char *address,
                                  const struct weft_conn_options *options,
                                  uint64_t deadline_ns, struct weft_conn **conn)
    WEFT_CHECKED;

/**
 * Listen on an address and serve what comes with the hooks.
 *
 * Shape    address see above, port 0 takes a free one; options may be NULL
 * Owner    address, hooks and options are borrowed for the call; user is kept;
 *          *listener is given, end it with weft_listener_free
 * Blocks   while a host name is looked up, 30 s at most     Thread  any
 * Errors   WEFT_EADDRESS, WEFT_ERESOLVE, WEFT_ETIMEOUT: the look-up took 30 s;
 *          WEFT_ECANCEL, WEFT_EFIBERS, -ENOMEM, errors of weft_runtime_start,
 *          an errno of socket, bind, listen or epoll_ctl (-EADDRINUSE: another
 *          listens there)
 */
WEFT_API weft_err weft_listen(const char *address,
                              const struct weft_conn_hooks *hooks, void *user,
                              const struct weft_conn_options *options,
                              struct weft_listener **listener) WEFT_CHECKED;

/**
 * As weft_listen, at most until the deadline.
 *
 * Shape    as weft_listen; deadline_ns monotonic
 * Owner    as weft_listen
 * Blocks   while a host name is looked up, or until the deadline
 * Thread   any     Errors  WEFT_ETIMEOUT, and as weft_listen
 */
WEFT_API weft_err weft_listen_until(
    const char *address, const struct weft_conn_hooks *hooks, void *user,
    const struct weft_conn_options *options, uint64_t deadline_ns,
    struct weft_listener **listener) WEFT_CHECKED;

/**
 * The port that it listens on; 0 for a unix socket, and after the stop.
 *
 * Owner    listener is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint16_t weft_listener_port(const struct weft_listener *listener);

/**
 * Accept no more, close every connection as weft_conn_close does, and wait
 * until their hooks have ended and what was flushed is sent. After
 * stop_timeout_ms, or at the deadline, the connections that are left fail with
 * WEFT_ESTOPPING, and only their hooks are waited for. After it no hook runs,
 * and every done of weft_conn_append has been called. Legal twice; if several
 * stop it at once, each returns when it has stopped, and the earliest of their
 * deadlines counts for all.
 *
 * Shape    deadline_ns monotonic
 * Owner    listener is the caller's
 * Blocks   until every on_close has returned; a cancel does not end it
 * Thread   any fiber or thread, also several at once
 * Errors   WEFT_ETIMEOUT: it is stopped, but some connections had to fail;
 *          -EDEADLK: the caller is one of its own hooks, which it would wait
 *          for, or a function that one has given to weft_blocking
 */
WEFT_API weft_err weft_listener_stop(struct weft_listener *listener);
WEFT_API weft_err weft_listener_stop_until(struct weft_listener *listener,
                                           uint64_t deadline_ns);

/**
 * Free a listener, and stop it before if that has not been done. NULL is legal.
 *
 * Owner    listener is taken
 * Blocks   as weft_listener_stop
 * Thread   any fiber or thread, while no other uses it
 * Errors   none; one of its own hooks aborts the process
 */
WEFT_API void weft_listener_free(struct weft_listener *listener);

/**
 * End a connection. Bytes that were flushed are still sent, and arrive: what
 * the peer sends meanwhile is read and dropped, for 2 s without a byte and 10 s
 * in all at the most, and until weft_runtime_stop. A connection that was
 * dialled is freed. A connection of a listener lives until its on_close: its
 * waits for bytes end with WEFT_ECLOSED, and no on_request is called after the
 * one that runs.
 *
 * Owner    a dialled conn is taken
 * Blocks   never
 * Thread   dialled: one at a time with reading and writing; of a listener: any,
 *          until on_close returns
 * Errors   none
 */
WEFT_API void weft_conn_close(struct weft_conn *conn);

/**
 * End a connection at once: what is queued is dropped, and the peer sees a
 * reset. A connection that was dialled is freed; one of a listener lives until
 * its on_close.
 *
 * Owner    a dialled conn is taken
 * Blocks   never     Thread  as weft_conn_close     Errors  none
 */
WEFT_API void weft_conn_abort(struct weft_conn *conn);

/**
 * End a connection from anywhere, also one that somebody else has dialled: its
 * waits for bytes end with WEFT_ECLOSED, those that begin later, too. Whoever
 * has dialled it still closes it. A connection of a listener ends, as by
 * weft_conn_close.
 *
 * Owner    conn is the caller's, or a reference of weft_conn_ref
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_conn_stop(struct weft_conn *conn);

/**
 * Send what was added, as weft_conn_flush, and no more: after it the peer sees
 * the end of its input. Reading goes on. What is sent afterwards is refused
 * with WEFT_ECLOSED. Legal twice.
 *
 * Owner    conn is the caller's
 * Blocks   never; it may exceed max_queued     Thread  the writer's
 * Errors   -ENOMEM, WEFT_ECLOSED, or why the connection failed
 */
WEFT_API weft_err weft_conn_end(struct weft_conn *conn) WEFT_CHECKED;

/**
 * Make a connection of a stream socket that is connected already.
 *
 * Shape    options may be NULL
 * Owner    fd is taken, and closed on an error; it becomes non-blocking. *conn
 *          is given, end it with weft_conn_close
 * Blocks   never     Thread  any
 * Errors   -ENOMEM, -EPROTOTYPE: not a stream; -ENOTCONN: not connected, or
 *          not yet, or no longer, or it listens; an errno of getsockopt
 *          (-ENOTSOCK), fcntl or epoll_ctl; errors of weft_runtime_start; *conn
 *          is then NULL
 */
WEFT_API weft_err weft_conn_adopt(int fd,
                                  const struct weft_conn_options *options,
                                  struct weft_conn **conn) WEFT_CHECKED;

/**
 * Descriptor of a connection, for setsockopt and the like. Reading, writing or
 * closing it breaks the connection.
 *
 * Owner    the descriptor is the connection's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int weft_conn_fd(const struct weft_conn *conn);

/**
 * The id of a connection: for others that want to reach it later.
 *
 * Owner    conn is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API weft_connid weft_conn_id(const struct weft_conn *conn);

/**
 * The connection of an id, with a reference: it is not freed before
 * weft_conn_unref, so it may be sent to and stopped. NULL: it is gone.
 *
 * Owner    the reference is the caller's; weft_listener_stop waits for it
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API struct weft_conn *weft_conn_ref(weft_connid id) WEFT_CHECKED;

/**
 * Give a reference of weft_conn_ref up.
 *
 * Owner    the reference is taken
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_conn_unref(struct weft_conn *conn);

/**
 * Keep a pointer of your own with a connection; NULL until it is set.
 *
 * Owner    user is the caller's
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_conn_set_user(struct weft_conn *conn, void *user);
WEFT_API void *weft_conn_user(const struct weft_conn *conn);

/**
 * Address of this end, e.g. "127.0.0.1:9090".
 *
 * Shape    as weft_conn_peer
 * Owner    text is the caller's
 * Blocks   never     Thread  any, also in on_close
 * Errors   an errno of getsockname
 */
WEFT_API weft_err weft_conn_local(const struct weft_conn *conn, char *text,
                                  size_t size) WEFT_CHECKED;

/**
 * Address of the other end, e.g. "127.0.0.1:51234".
 *
 * Shape    writes at most size bytes with a NUL to text; 64 are enough, but
 *          for unix paths
 * Owner    text is the caller's
 * Blocks   never     Thread  any, also in on_close
 * Errors   -ENOTCONN: it was gone before weft could ask
 */
WEFT_API weft_err weft_conn_peer(const struct weft_conn *conn, char *text,
                                 size_t size) WEFT_CHECKED;

/* ---- reading; one fiber or thread at a time ---- */

/**
 * Bytes that have come and were not taken.
 *
 * Shape    in bytes
 * Owner    conn is the caller's
 * Blocks   never     Thread  the reader's     Errors  none
 */
WEFT_API size_t weft_conn_len(const struct weft_conn *conn);

/**
 * Wait until n bytes are there to be taken. All functions below wait in the
 * same way, within read_timeout_ms.
 *
 * Shape    n in bytes, at most max_input; deadline_ns monotonic
 * Owner    conn is the caller's
 * Blocks   until n bytes are there, or the deadline     Thread  the reader's
 * Errors   WEFT_EEOF: the peer ended, fewer bytes are there; WEFT_ETIMEOUT,
 *          WEFT_EREADTIMEOUT, WEFT_ECANCEL, WEFT_ECLOSED: weft_conn_close was
 *          called, or the runtime was stopped; WEFT_EBUFFERFULL,
 *          -ENOMEM, or why the connection failed
 */
WEFT_API weft_err weft_conn_wait_until(struct weft_conn *conn, size_t n,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/**
 * As weft_conn_wait_until, without a deadline.
 *
 * Shape    n in bytes, at most max_input
 * Owner    conn is the caller's
 * Blocks   until n bytes are there     Thread  the reader's
 * Errors   as weft_conn_wait_until
 */
WEFT_API weft_err weft_conn_wait(struct weft_conn *conn, size_t n) WEFT_CHECKED;

/**
 * Take n bytes, as one run: without a copy if they lie in one block.
 *
 * Shape    n > 0; *bytes gets n bytes
 * Owner    they are the connection's, good until weft_conn_release
 * Blocks   until n bytes are there     Thread  the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_next(struct weft_conn *conn, size_t n,
                                 const uint8_t **bytes) WEFT_CHECKED;

/**
 * As weft_conn_next, at most until the deadline.
 *
 * Shape    n > 0; deadline_ns monotonic; *bytes gets n bytes
 * Owner    as weft_conn_next
 * Blocks   until n bytes are there, or the deadline     Thread  the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_next_until(struct weft_conn *conn, size_t n,
                                       uint64_t deadline_ns,
                                       const uint8_t **bytes) WEFT_CHECKED;

/**
 * As weft_conn_next, but the bytes are not taken.
 *
 * Shape    n > 0; *bytes gets n bytes
 * Owner    they are the connection's, good until they are taken and released,
 *          or until a longer peek
 * Blocks   until n bytes are there     Thread  the reader's
 * Errors   as weft_conn_wait_until
 */
WEFT_API weft_err weft_conn_peek(struct weft_conn *conn, size_t n,
                                 const uint8_t **bytes) WEFT_CHECKED;

/**
 * As weft_conn_peek, at most until the deadline.
 *
 * Shape    n > 0; deadline_ns monotonic; *bytes gets n bytes
 * Owner    as weft_conn_peek
 * Blocks   until n bytes are there, or the deadline     Thread  the reader's
 * Errors   as weft_conn_wait_until
 */
WEFT_API weft_err weft_conn_peek_until(struct weft_conn *conn, size_t n,
                                       uint64_t deadline_ns,
                                       const uint8_t **bytes) WEFT_CHECKED;

/**
 * Take n bytes and drop them.
 *
 * Shape    n in bytes
 * Owner    conn is the caller's
 * Blocks   until n bytes are there     Thread  the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_skip(struct weft_conn *conn, size_t n) WEFT_CHECKED;

/**
 * As weft_conn_skip, at most until the deadline.
 *
 * Shape    n in bytes; deadline_ns monotonic
 * Owner    conn is the caller's
 * Blocks   until n bytes are there, or the deadline     Thread  the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_skip_until(struct weft_conn *conn, size_t n,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Take n bytes into a chain of your own, never copying.
 *
 * Shape    n in bytes, appended to `to`
 * Owner    `to` is the caller's and keeps the bytes as long as it wants
 * Blocks   until n bytes are there     Thread  the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_slice(struct weft_conn *conn, size_t n,
                                  struct weft_chain *to) WEFT_CHECKED;

/**
 * As weft_conn_slice, at most until the deadline.
 *
 * Shape    n in bytes, appended to `to`; deadline_ns monotonic
 * Owner    as weft_conn_slice
 * Blocks   until n bytes are there, or the deadline     Thread  the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_slice_until(struct weft_conn *conn, size_t n,
                                        uint64_t deadline_ns,
                                        struct weft_chain *to) WEFT_CHECKED;

/**
 * Take everything up to and including the next byte that equals delimiter, as
 * one run. Bytes that were searched are not searched again.
 *
 * Shape    *bytes gets *n bytes, of which the last is delimiter
 * Owner    they are the connection's, good until weft_conn_release
 * Blocks   until the delimiter is there     Thread  the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_next_through(struct weft_conn *conn,
                                         uint8_t delimiter,
                                         const uint8_t **bytes, size_t *n)
    WEFT_CHECKED;

/**
 * As weft_conn_next_through, at most until the deadline.
 *
 * Shape    deadline_ns monotonic; *bytes gets *n bytes, of which the last is
 *          delimiter
 * Owner    as weft_conn_next_through
 * Blocks   until the delimiter is there, or the deadline
 * Thread   the reader's
 * Errors   as weft_conn_wait_until; nothing is taken then
 */
WEFT_API weft_err weft_conn_next_through_until(struct weft_conn *conn,
                                               uint8_t delimiter,
                                               uint64_t deadline_ns,
                                               const uint8_t **bytes, size_t *n)
    WEFT_CHECKED;

/**
 * Give back everything that was taken with next and next_through. A listener
 * calls it when on_request returns.
 *
 * Owner    the bytes' blocks may be used again
 * Blocks   never     Thread  the reader's     Errors  none
 */
WEFT_API void weft_conn_release(struct weft_conn *conn);

/* ---- writing; one fiber or thread at a time until flush ---- */

/**
 * Get free space for n bytes to be sent, in one run; commit says how many were
 * filled.
 *
 * Shape    n > 0, at most WEFT_RESERVE_MAX; at least n bytes
 * Owner    the space is the connection's; it must be committed before the
 *          caller waits for anything
 * Blocks   never     Thread  the writer's     Errors  NULL: no memory
 */
WEFT_API uint8_t *weft_conn_reserve(struct weft_conn *conn, size_t n)
    WEFT_CHECKED;

/**
 * Keep the first n bytes of the space that reserve returned.
 *
 * Shape    0 <= n <= what was reserved
 * Owner    conn is the caller's
 * Blocks   never     Thread  the writer's     Errors  -ENOMEM
 */
WEFT_API weft_err weft_conn_commit(struct weft_conn *conn, size_t n)
    WEFT_CHECKED;

/**
 * Add a copy of bytes / bytes by reference / a whole chain to what will be
 * flushed. See the functions of the same shape in buf.h.
 *
 * Shape    n bytes at ptr
 * Owner    write borrows ptr; append_ref keeps it until done(arg), which may be
 *          NULL; append_chain takes the bytes, and the chain is empty then.
 *          done runs once, on a fiber or a plain thread, never in the scheduler
 *          and never after weft_listener_stop. It may wait, but the bytes of
 *          the connection that come next wait for it
 * Blocks   never     Thread  the writer's
 * Errors   -ENOMEM: nothing was added, and done will not be called
 */
WEFT_API weft_err weft_conn_write(struct weft_conn *conn, const void *ptr,
                                  size_t n) WEFT_CHECKED;
WEFT_API weft_err weft_conn_append_ref(struct weft_conn *conn, const void *ptr,
                                       size_t n, void (*done)(void *arg),
                                       void *arg) WEFT_CHECKED;
WEFT_API void weft_conn_append_chain(struct weft_conn *conn,
                                     struct weft_chain *chain);

/**
 * Send what was added, in one system call if the kernel takes it all. What it
 * does not take is queued, and a fiber of weft sends it, in order. Other fibers
 * send bytes of their own with weft_conn_send. If bytes are queued for a peer
 * and it reads less than 64 KiB a second over write_timeout_ms, the connection
 * ends with WEFT_EWRITETIMEOUT.
 *
 * Shape    deadline_ns monotonic
 * Blocks   while more than max_queued bytes wait, until the deadline
 * Thread   the writer's
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL: nothing was sent, it may be tried
 *          again; WEFT_ECLOSED, also after weft_conn_end; or why the
 *          connection failed
 */
WEFT_API weft_err weft_conn_flush_until(struct weft_conn *conn,
                                        uint64_t deadline_ns) WEFT_CHECKED;
WEFT_API weft_err weft_conn_flush(struct weft_conn *conn) WEFT_CHECKED;

/**
 * Send a chain of your own; from any fiber or thread, at any time while the
 * connection lives. Chains of several senders leave one after the other.
 *
 * Owner    chain is emptied, also on error
 * Blocks   never     Thread  any
 * Errors   WEFT_EOVERCROWDED: max_queued bytes wait; WEFT_ECLOSED, or why the
 *          connection failed
 */
WEFT_API weft_err weft_conn_send(struct weft_conn *conn,
                                 struct weft_chain *chain) WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
