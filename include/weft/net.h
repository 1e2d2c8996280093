/* SPDX-License-Identifier: MIT */
/*
 * weft/net.h: connections with a zero-copy reader and writer, for protocols of
 * your own. For Thrift, rpc.h is enough.
 *
 * Addresses: "127.0.0.1:9090", "[::1]:9090", ":9090" (every address, both
 * families), "localhost:9090" or another host name, "unix:/path",
 * "unix:@abstract". A relative path is resolved against the current directory
 * at each use: a listener uses the path when it binds, and again when it stops
 * and removes the path. Before a listener binds, it also removes a socket at
 * the path if no process listens on that socket any more.
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

/** The id of a connection, which stays safe to use after the connection is
 * gone. The id 0 stands for no connection. */
typedef struct {
    uint64_t id;
} weft_connid;

/* ---- options ---- */

/** Zero in any field means the default. A time may be WEFT_NONE, a count
 * WEFT_UNLIMITED and a size WEFT_UNLIMITED_SIZE. */
struct weft_conn_options {
    uint32_t connect_timeout_ms; /* of weft_dial; default 10,000 */
    uint32_t read_timeout_ms;    /* of one wait for bytes; default: none */
    uint32_t write_timeout_ms;   /* see weft_conn_flush; default 20,000 */
    uint32_t idle_timeout_ms;    /* listeners: of a connection on which no byte
                                    comes or goes; default: none */
    size_t max_input;            /* bytes waiting to be read; default 16 MiB */
    size_t max_queued;           /* bytes waiting to be sent; default 64 MiB */
    uint32_t max_connections;    /* listeners: further connections are closed;
                                    default 10,000 */
    uint32_t backlog;            /* listeners: of listen(), which the kernel
                                    limits, too; default 4,096 */
    uint32_t stop_timeout_ms;    /* listeners: of weft_listener_stop; default
                                    10,000 */
    bool reuse_port; /* listeners: share a port, SO_REUSEPORT; default false */
};

/** Functions that a listener calls, on fibers. Only on_request is needed. */
struct weft_conn_hooks {
    /* A connection was accepted. Called before any on_request. */
    void (*on_connect)(struct weft_conn *conn, void *user);
    /* There are bytes to read. Called for a connection once at a time. If bytes
     * are left when the function returns, weft calls it again: at once, or, if
     * it took no byte, after more bytes have come. The function may wait for
     * more bytes. */
    void (*on_request)(struct weft_conn *conn, void *user);
    /* The connection has ended. No hook is called for the connection any
     * more. */
    void (*on_close)(struct weft_conn *conn, weft_err why, void *user);
    /* The peer sends no more, but may still read. Called once, after the last
     * on_request. The connection then lives until weft_conn_close or a failure,
     * so that other fibers can still send their replies. Without this hook the
     * connection is closed when the peer sends no more. */
    void (*on_end)(struct weft_conn *conn, void *user);
};

/* ---- names ---- */

/** Addresses as texts. */
struct weft_addresses {
    const char *const *items; /* len of them, each ends in NUL */
    uint32_t len;
};

/**
 * Look up every address of a name. An address that needs no look-up is returned
 * in weft's own spelling: "[::ffff:1.2.3.4]:5" as "1.2.3.4:5". weft_dial looks
 * names up itself, so only a program that treats the addresses of a name
 * differently needs this function.
 *
 * Shape    address as in the head of this file; *addresses has each address
 *          once, as weft_dial takes it, in the order of RFC 6724, the best
 *          first
 * Owner    address is borrowed for the call; the texts are the arena's
 * Blocks   until the resolver answers; up to 32 threads look names up, at most
 *          two of them for one host
 * Thread   any, one at a time with the arena
 * Errors   WEFT_EADDRESS: not an address, or the name does not exist;
 *          WEFT_ERESOLVE: the name cannot be looked up now; WEFT_ECANCEL;
 *          WEFT_EBUDGET: the arena has no memory; -ENOMEM, an errno of eventfd
 *          or of starting a thread; errors of weft_fd_wait
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
 * Connect. If a name has several addresses, weft tries the next one after 250
 * ms, or at once after a failure, IPv6 and IPv4 in turn, and uses the first
 * connection that is made (RFC 8305).
 *
 * Shape    address as in the head of this file; options may be NULL;
 *          deadline_ns monotonic, in place of connect_timeout_ms
 * Owner    address and options are borrowed for the call; *conn is given, end
 *          it with weft_conn_close
 * Blocks   until connected, or for connect_timeout_ms, or until the deadline
 * Thread   any fiber or thread
 * Errors   WEFT_EADDRESS: not an address, or the name does not exist;
 *          WEFT_ERESOLVE: the name cannot be looked up now; WEFT_ETIMEOUT,
 *          WEFT_ECANCEL, -ENOMEM, errors of weft_resolve and
 *          weft_runtime_start, an errno of socket, connect or epoll_ctl, such
 *          as -ECONNREFUSED; *conn is then NULL
 */
WEFT_API weft_err weft_dial(const char *address,
                            const struct weft_conn_options *options,
                            struct weft_conn **conn) WEFT_CHECKED;
WEFT_API weft_err weft_dial_until(const char *address,
                                  const struct weft_conn_options *options,
                                  uint64_t deadline_ns, struct weft_conn **conn)
    WEFT_CHECKED;

/**
 * Listen on an address, and call the hooks for the connections that come.
 *
 * Shape    address as in the head of this file; port 0 takes a free port;
 *          options may be NULL
 * Owner    address, hooks and options are borrowed for the call; user is kept;
 *          *listener is given, end it with weft_listener_free
 * Blocks   while a host name is looked up, 30 s at most     Thread  any
 * Errors   WEFT_EADDRESS, WEFT_ERESOLVE, WEFT_ETIMEOUT: the look-up took 30 s;
 *          WEFT_ECANCEL, WEFT_EFIBERS, -ENOMEM, errors of weft_runtime_start,
 *          an errno of socket, bind, listen or epoll_ctl (-EADDRINUSE: another
 *          socket listens there)
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
 * The port of the listener; 0 for a unix socket, and after the stop.
 *
 * Owner    listener is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint16_t weft_listener_port(const struct weft_listener *listener);

/**
 * Accept no more, close every connection as weft_conn_close does, and wait
 * until the hooks have ended, all flushed bytes are sent, and no reference of
 * weft_conn_ref is held. After stop_timeout_ms, or at the deadline, the
 * connections that are left fail with WEFT_ESTOPPING, and the call waits only
 * for their hooks. After the return no hook runs, and every done of
 * weft_conn_append_ref has been called. Legal twice: the second call waits for
 * references that are still held. If several tasks stop a listener at the same
 * time, all of them return when it has stopped, and the earliest of their
 * deadlines counts for all.
 *
 * Shape    deadline_ns monotonic
 * Owner    listener is the caller's
 * Blocks   until every on_close has returned; a cancel does not end this wait
 * Thread   any fiber or thread, also several at once
 * Errors   WEFT_ETIMEOUT: the listener is stopped, but some connections had to
 *          fail, or references are still held: the log says how many. The
 *          listener may be freed all the same; -EDEADLK: a hook of the listener
 *          calls this, or a function that a hook has given to weft_blocking;
 *          the call would wait for itself
 */
WEFT_API weft_err weft_listener_stop(struct weft_listener *listener);
WEFT_API weft_err weft_listener_stop_until(struct weft_listener *listener,
                                           uint64_t deadline_ns);

/**
 * Stop a listener, unless it is stopped, and free it. NULL is legal. If
 * references of weft_conn_ref are held after stop_timeout_ms, their connections
 * stay valid until weft_conn_unref.
 *
 * Owner    listener is taken
 * Blocks   as weft_listener_stop
 * Thread   any fiber or thread, while no other uses it
 * Errors   none; a call by one of its own hooks aborts the process
 */
WEFT_API void weft_listener_free(struct weft_listener *listener);

/**
 * End a connection. Flushed bytes are still sent. So that they arrive, weft
 * then reads and drops what the peer still sends, until no byte has come for
 * 2 s, for 10 s at most, and not after weft_runtime_stop. weft does so for up
 * to 1,024 connections at the same time. A dialled connection is freed. A
 * connection of a listener lives until its on_close: its waits for bytes end
 * with WEFT_ECLOSED, and no further on_request is called.
 *
 * Owner    a dialled conn is taken
 * Blocks   never
 * Thread   dialled: one at a time with reading and writing; of a listener: any,
 *          until on_close returns
 * Errors   none
 */
WEFT_API void weft_conn_close(struct weft_conn *conn);

/**
 * End a connection at once: queued bytes are dropped, and the peer sees a reset
 * as soon as nobody holds a reference (weft_conn_ref). A dialled connection is
 * freed; a connection of a listener lives until its on_close.
 *
 * Owner    a dialled conn is taken
 * Blocks   never     Thread  as weft_conn_close     Errors  none
 */
WEFT_API void weft_conn_abort(struct weft_conn *conn);

/**
 * End a connection from any task. Its waits for bytes, present and later ones,
 * end with WEFT_ECLOSED. A dialled connection must still be closed by the task
 * that uses it. A connection of a listener ends as by weft_conn_close.
 *
 * Owner    conn is the caller's, or a reference of weft_conn_ref
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_conn_shutdown(struct weft_conn *conn);

/**
 * Send what was added, as weft_conn_flush does, and then end the output: after
 * these bytes the peer reads the end. Reading goes on. Later flushes and sends
 * return WEFT_ECLOSED. Legal twice.
 *
 * Owner    conn is the caller's
 * Blocks   never; the queue may exceed max_queued     Thread  the writer's
 * Errors   -ENOMEM, WEFT_ECLOSED, or why the connection failed
 */
WEFT_API weft_err weft_conn_end(struct weft_conn *conn) WEFT_CHECKED;

/**
 * Make a connection from a stream socket that is connected already.
 *
 * Shape    options may be NULL
 * Owner    fd is taken, and closed on an error; it becomes non-blocking. *conn
 *          is given, end it with weft_conn_close
 * Blocks   never     Thread  any
 * Errors   -ENOMEM, -EPROTOTYPE: fd is no stream socket; -ENOTCONN: fd is not
 *          connected; an errno of getsockopt (-ENOTSOCK), fcntl or epoll_ctl;
 *          errors of weft_runtime_start; *conn is then NULL
 */
WEFT_API weft_err weft_conn_adopt(int fd,
                                  const struct weft_conn_options *options,
                                  struct weft_conn **conn) WEFT_CHECKED;

/**
 * The descriptor of a connection, for calls such as setsockopt. If you read,
 * write or close the descriptor, the connection breaks.
 *
 * Owner    the descriptor is the connection's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int weft_conn_fd(const struct weft_conn *conn);

/**
 * The id of a connection, with which other tasks can find it later.
 *
 * Owner    conn is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API weft_connid weft_conn_id(const struct weft_conn *conn);

/**
 * Find the connection of an id, and take a reference: the connection is not
 * freed before weft_conn_unref, so the caller may send on the connection and
 * stop it. NULL: the connection is gone.
 *
 * Owner    the reference is the caller's; weft_listener_stop waits until it is
 *          given up, or until the deadline of the stop
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API struct weft_conn *weft_conn_ref(weft_connid id) WEFT_CHECKED;

/**
 * Give up a reference of weft_conn_ref.
 *
 * Owner    the reference is taken
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_conn_unref(struct weft_conn *conn);

/**
 * Set and read a pointer of your own that belongs to a connection; it is NULL
 * until it is set.
 *
 * Owner    user is the caller's
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_conn_set_user(struct weft_conn *conn, void *user);
WEFT_API void *weft_conn_user(const struct weft_conn *conn);

/**
 * The address of this end, e.g. "127.0.0.1:9090".
 *
 * Shape    as weft_conn_peer
 * Owner    text is the caller's
 * Blocks   never     Thread  any, also in on_close
 * Errors   an errno of getsockname
 */
WEFT_API weft_err weft_conn_local(const struct weft_conn *conn, char *text,
                                  size_t size) WEFT_CHECKED;

/**
 * The address of the peer, e.g. "127.0.0.1:51234".
 *
 * Shape    writes at most size bytes to text, with the NUL, and cuts off what
 *          does not fit; 64 are enough except for unix paths
 * Owner    text is the caller's
 * Blocks   never     Thread  any, also in on_close
 * Errors   -ENOTCONN: the peer was gone before weft asked the kernel
 */
WEFT_API weft_err weft_conn_peer(const struct weft_conn *conn, char *text,
                                 size_t size) WEFT_CHECKED;

/* ---- reading; one fiber or thread at a time ---- */

/**
 * The number of bytes that weft has read from the socket and the caller has not
 * taken yet. This call does not read from the socket: without a wait the number
 * does not grow.
 *
 * Shape    returns bytes
 * Owner    conn is the caller's
 * Blocks   never     Thread  the reader's     Errors  none
 */
WEFT_API size_t weft_conn_len(const struct weft_conn *conn);

/**
 * Wait until n bytes can be taken. All functions for reading below wait in the
 * same way. read_timeout_ms bounds each wait.
 *
 * Shape    n in bytes, at most max_input; deadline_ns monotonic
 * Owner    conn is the caller's
 * Blocks   until n bytes are there, or the deadline     Thread  the reader's
 * Errors   WEFT_EEOF: the peer sends no more, and fewer bytes are there;
 *          WEFT_ETIMEOUT, WEFT_EREADTIMEOUT, WEFT_ECANCEL; WEFT_ECLOSED: the
 *          connection was closed or stopped, or the runtime was stopped;
 *          WEFT_EBUFFERFULL: n is larger than max_input; -ENOMEM; or why the
 *          connection failed
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
 * Take n bytes as one run. They are copied only if they lie in several runs.
 *
 * Shape    n > 0; *bytes gets n bytes
 * Owner    they are the connection's, valid until weft_conn_release
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
 * Owner    they are the connection's, valid until they are taken and released,
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
 * Take n bytes into a chain of your own, without copying them.
 *
 * Shape    n in bytes, appended to `to`
 * Owner    `to` is the caller's, and the bytes stay valid in it
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
 * Take all bytes up to and including the next one that equals delimiter, as one
 * run. weft searches each byte once, also over several calls.
 *
 * Shape    *bytes gets *n bytes, of which the last is delimiter
 * Owner    they are the connection's, valid until weft_conn_release
 * Blocks   until the delimiter is there     Thread  the reader's
 * Errors   as weft_conn_wait_until (WEFT_EBUFFERFULL: max_input bytes are there
 *          without the delimiter); nothing is taken then
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
 * Errors   as weft_conn_next_through, and WEFT_ETIMEOUT; nothing is taken then
 */
WEFT_API weft_err weft_conn_next_through_until(struct weft_conn *conn,
                                               uint8_t delimiter,
                                               uint64_t deadline_ns,
                                               const uint8_t **bytes, size_t *n)
    WEFT_CHECKED;

/**
 * Give back all bytes that were taken with next and next_through. A listener
 * does so itself when on_request returns.
 *
 * Owner    the bytes' blocks may be used again
 * Blocks   never     Thread  the reader's     Errors  none
 */
WEFT_API void weft_conn_release(struct weft_conn *conn);

/* ---- writing; one fiber or thread at a time until flush ---- */

/**
 * Get room for at least n bytes to be sent, in one run. The caller writes to
 * the room and then commits it.
 *
 * Shape    n in bytes, 1..WEFT_RESERVE_MAX
 * Owner    the room is the connection's; it must be committed before the caller
 *          waits for anything
 * Blocks   never     Thread  the writer's
 * Errors   NULL: no memory, or n is out of range
 */
WEFT_API uint8_t *weft_conn_reserve(struct weft_conn *conn, size_t n)
    WEFT_CHECKED;

/**
 * Let the next flush send the first n bytes of the room that reserve returned.
 *
 * Shape    0 <= n <= what was reserved
 * Owner    conn is the caller's
 * Blocks   never     Thread  the writer's     Errors  -ENOMEM
 */
WEFT_API weft_err weft_conn_commit(struct weft_conn *conn, size_t n)
    WEFT_CHECKED;

/**
 * Let the next flush also send a copy of bytes, bytes by reference, or a whole
 * chain. See weft_chain_append, weft_chain_append_ref and weft_chain_splice.
 *
 * Shape    n bytes at ptr
 * Owner    write borrows ptr. append_ref keeps ptr until done(arg); done may be
 *          NULL. append_chain takes the bytes and leaves the chain empty. weft
 *          calls done once, on a fiber or a plain thread, never in the
 *          scheduler and never after weft_listener_stop. done may wait, but
 *          later bytes of the connection are sent only after its return
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
 * Send what was added, in one system call if the kernel takes all bytes. Bytes
 * that the kernel does not take are queued, and a fiber of weft sends them, in
 * order. A task that is not the writer must use weft_conn_send. If bytes are
 * queued for a peer and the peer reads less than 32 KiB a second over
 * write_timeout_ms, the connection ends with WEFT_EWRITETIMEOUT. Kernels report
 * what a peer reads in steps of some 100 KiB: a peer that reads 64 KiB a second
 * is always in time if write_timeout_ms is at least 5000.
 *
 * Shape    deadline_ns monotonic
 * Blocks   while max_queued bytes are queued, or until the deadline
 * Thread   the writer's
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL: nothing was sent, and the flush may be
 *          tried again; -ENOMEM, WEFT_ECLOSED (also after weft_conn_end), or
 *          why the connection failed: the bytes are dropped
 */
WEFT_API weft_err weft_conn_flush_until(struct weft_conn *conn,
                                        uint64_t deadline_ns) WEFT_CHECKED;
WEFT_API weft_err weft_conn_flush(struct weft_conn *conn) WEFT_CHECKED;

/**
 * Send a chain of your own, from any fiber or thread, at any time while the
 * connection lives. The bytes of several chains are not mixed.
 *
 * Owner    chain is emptied, also on error
 * Blocks   never     Thread  any
 * Errors   WEFT_EOVERCROWDED: max_queued bytes are queued; -ENOMEM,
 *          WEFT_ECLOSED, or why the connection failed
 */
WEFT_API weft_err weft_conn_send(struct weft_conn *conn,
                                 struct weft_chain *chain) WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
