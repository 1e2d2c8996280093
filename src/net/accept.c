/* SPDX-License-Identifier: MIT */
/*
 * Accepts connections. When the process has no descriptor left, the acceptor
 * closes its spare descriptor, accepts a connection with the descriptor that is
 * now free, and closes that connection: the peer sees an end instead of
 * silence. Then the acceptor pauses, so that it does not spin.
 */
#include "net/accept.h"

#include "net/resolve.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#define PAUSE_MS 50   /* how long to pause when no descriptor is left */
#define TURN 64       /* calls of accept4 before other fibers run */
#define PORT_TRIES 16 /* how often to seek a port free on all addresses */

/* One of the addresses that an acceptor listens on. */
struct spot {
    struct wf_acceptor *acceptor;
    struct wf_sock *sock;
    int reserve; /* a spare descriptor, -1: none */
    struct wf_addr addr;
    dev_t device; /* the device of the socket's file */
    ino_t inode;  /* the inode of that file; 0: there is no file */
};

struct wf_acceptor {
    wf_accepted_fn accepted;
    void *owner;
    uint16_t port;
    _Atomic bool stopping;
    uint32_t n;
    struct spot spots[WF_ADDRS_MAX];
    struct weft_sem ended; /* given when a socket is closed */
};

static int
spare_descriptor(void)
{
    return wf_sys_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
}

/* Refuse a connection, because the system has no descriptor (or memory)
 * left. */
static void
turn_one_away(struct spot *spot)
{
    wf_log_limited(WEFT_LOG_ERROR, "no descriptor for a connection: it is "
                                   "refused; raise the limit (ulimit -n)");
    if (spot->reserve >= 0) {
        (void)wf_sys_close(spot->reserve);
        int fd = wf_sys_accept4(spot->sock->fd, SOCK_CLOEXEC);
        if (fd >= 0)
            (void)wf_sys_close(fd);
    }
    spot->reserve = spare_descriptor();
}

static bool
is_shortage(int err)
{
    return err == -EMFILE || err == -ENFILE || err == -ENOBUFS ||
           err == -ENOMEM;
}

/* Accept until no connection waits. */
static void
accept_all(struct spot *spot)
{
    struct wf_acceptor *a = spot->acceptor;
    /* relaxed: a hint; must_end also checks the error of the socket */
    for (int i = 1; !wf_load(&a->stopping, relaxed); i++) {
        int fd = wf_sys_accept4(spot->sock->fd, SOCK_NONBLOCK | SOCK_CLOEXEC);
        /* EINVAL: the socket is shut down */
        if (fd == -EAGAIN || fd == -EINVAL)
            return;
        if (is_shortage(fd)) {
            turn_one_away(spot);
            (void)weft_sleep_ms(PAUSE_MS);
        } else if (fd >= 0) {
            a->accepted(a->owner, fd);
        } /* else the peer has closed already: ECONNABORTED, EPROTO, ... */
        if (i % TURN == 0)
            weft_fiber_yield();
    }
}

/* Called after the reader has stored itself in s->reader. The thread that stops
 * the acceptor makes the socket fail, and then loads s->reader. So either that
 * thread finds the reader, or must_end sees the error. */
static bool
must_end(const struct spot *spot)
{
    return wf_load(&spot->acceptor->stopping, relaxed) || /* a hint */
           wf_sock_error(spot->sock);
}

/* The reader of a listening socket. The reader lives as long as the acceptor,
 * so no new fiber is needed to accept a connection. */
static void
accept_main(void *arg)
{
    struct spot *spot = arg;
    struct wf_sock *s = spot->sock;
    uint64_t seen = wf_sock_read_begin(s);
    /* This store comes before the loads of s->events and of the socket's
     * error. */
    wf_store(&s->reader, wf_task_self(), seq_cst);
    while (!must_end(spot)) {
        accept_all(spot);
        uint64_t now = wf_load(&s->events, seq_cst);
        if (now == seen && !must_end(spot))
            wf_park(WEFT_WAIT_ACCEPT);
        seen = now;
    }
    /* An event may wake this task even after this store. wf_park allows such
     * spurious wakes. */
    wf_store(&s->reader, NULL, relaxed);
    wf_sock_unref(s);
}

static void
failed(struct wf_sock *s, weft_err why)
{
    struct wf_task *reader = wf_load(&s->reader, seq_cst);
    (void)why;
    if (reader && !WF_MUTANT(accept_stop_unwoken))
        wf_wake(reader); /* the reader then finds that must_end is true */
}

static void
closed(struct wf_sock *s)
{
    struct spot *spot = s->owner;
    weft_sem_give(&spot->acceptor->ended, 1);
}

/* ---- set-up ---- */

static bool
has_path(const struct wf_addr *addr)
{
    return addr->any.sa.sa_family == AF_UNIX && addr->any.un.sun_path[0];
}

/* *st receives the status of the socket at the path. false: there is no socket
 * at the path. */
static bool
find_socket(const struct wf_addr *addr, struct stat *st)
{
    return has_path(addr) && !wf_sys_stat(addr->any.un.sun_path, st) &&
           S_ISSOCK(st->st_mode);
}

/* Remove the path if it still names the socket with this device and inode:
 * another process may have bound the path meanwhile. */
static void
unlink_socket(const struct wf_addr *addr, dev_t device, ino_t inode)
{
    struct stat st;
    if (find_socket(addr, &st) &&
        ((st.st_dev == device && st.st_ino == inode) ||
         WF_MUTANT(path_of_successor_unlinked)))
        (void)wf_sys_unlink(addr->any.un.sun_path);
}

/* Remove the path of a socket whose process has ended without unlinking the
 * path. */
static void
remove_stale(const struct wf_addr *addr)
{
    struct stat st;
    if (!find_socket(addr, &st))
        return;
    int fd = wf_sys_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (wf_sys_connect(fd, &addr->any.sa, addr->len) == -ECONNREFUSED)
        unlink_socket(addr, st.st_dev, st.st_ino);
    (void)wf_sys_close(fd);
}

static weft_err
set_options(int fd, int family, bool reuse_port)
{
    const int on = 1, off = 0;
    if (family == AF_UNIX)
        return WEFT_OK;
    if (family == AF_INET6)
        (void)wf_sys_setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
                                sizeof off);
    weft_err err =
        wf_sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!err && reuse_port)
        err = wf_sys_setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    return err;
}

static int
bind_and_listen(const struct wf_addr *addr, const struct wf_listen *how)
{
    int family = addr->any.sa.sa_family;
    int fd = wf_sys_socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return fd;
    int err = set_options(fd, family, how->reuse_port);
    if (!err)
        err = wf_sys_bind(fd, &addr->any.sa, addr->len);
    if (!err)
        err = wf_sys_listen(fd, (int)WF_MIN(how->backlog, (uint32_t)INT_MAX));
    if (err)
        (void)wf_sys_close(fd);
    return err ? err : fd;
}

static weft_err
find_port(int fd, uint16_t *port)
{
    struct wf_addr addr = {.len = sizeof addr.any};
    weft_err err = wf_sys_getsockname(fd, &addr.any.sa, &addr.len);
    *port = err ? 0 : wf_addr_port(&addr);
    return err;
}

/* Listen on an address. ":port" falls back to IPv4 if the system has no
 * IPv6. */
static int
listen_on(struct wf_addr *addr, const struct wf_listen *how)
{
    remove_stale(addr);
    int fd = bind_and_listen(addr, how);
    if (fd == -EAFNOSUPPORT && addr->any.sa.sa_family == AF_INET6 &&
        wf_addr_is_any(addr)) {
        in_port_t port = addr->any.in6.sin6_port;
        addr->any.in =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
        addr->len = sizeof addr->any.in;
        fd = bind_and_listen(addr, how);
    }
    return fd;
}

/* Listen on one more address. -EADDRNOTAVAIL: the host does not have the
 * address. */
static weft_err
add_spot(struct wf_acceptor *a, struct wf_addr *addr,
         const struct wf_listen *how)
{
    static const struct wf_sock_ops ops = {
        .readable = wf_sock_never_readable, .failed = failed, .closed = closed};
    struct spot *spot = &a->spots[a->n];
    struct stat st;
    if (a->port)
        wf_addr_set_port(addr, a->port);
    int fd = listen_on(addr, how);
    if (fd < 0)
        return fd;
    weft_err err = find_port(fd, &a->port);
    spot->sock = err ? NULL : wf_sock_new(fd, &ops, spot);
    if (!spot->sock) {
        (void)wf_sys_close(fd);
        return err ? err : -ENOMEM;
    }
    if (find_socket(addr, &st)) {
        spot->device = st.st_dev;
        spot->inode = st.st_ino;
    }
    spot->acceptor = a;
    spot->addr = *addr;
    spot->reserve = spare_descriptor();
    a->n++;
    return WEFT_OK;
}

static void
close_spots(struct wf_acceptor *a)
{
    for (uint32_t i = 0; i < a->n; i++) {
        struct spot *spot = &a->spots[i];
        /* Unlink the path before the socket is closed, because another process
         * may bind the path after the close. */
        unlink_socket(&spot->addr, spot->device, spot->inode);
        wf_sock_fail(spot->sock, WEFT_ECLOSED);
        wf_sock_unref(spot->sock);
    }
    for (uint32_t i = 0; i < a->n; i++)
        wf_sem_take_surely(&a->ended);
    for (uint32_t i = 0; i < a->n; i++)
        if (a->spots[i].reserve >= 0)
            (void)wf_sys_close(a->spots[i].reserve);
    a->n = 0;
}

/* Listen on every address that this host has. If the port is 0, the kernel
 * chooses a port that is free on the first address. -EADDRINUSE: the chosen
 * port is in use on another address. */
static weft_err
add_spots(struct wf_acceptor *a, struct wf_addr *addrs, int n,
          const struct wf_listen *how)
{
    weft_err first = WEFT_OK;
    for (int i = 0; i < n; i++) {
        weft_err err = add_spot(a, &addrs[i], how);
        if (!first)
            first = err;
        if (err && err != -EADDRNOTAVAIL && err != -EAFNOSUPPORT)
            return err;
    }
    return a->n > 0 ? WEFT_OK : first;
}

weft_err
wf_acceptor_new(const char *address, const struct wf_listen *how,
                wf_accepted_fn accepted, void *owner, struct wf_acceptor **out)
{
    struct wf_addr addrs[WF_ADDRS_MAX];
    int n = wf_addr_resolve(address, addrs, how->deadline_ns);
    if (n < 0)
        return n;
    uint16_t port = wf_addr_port(&addrs[0]);
    struct wf_acceptor *a = wf_sys_zalloc(sizeof *a);
    if (!a)
        return -ENOMEM;
    a->accepted = accepted;
    a->owner = owner;
    weft_err err = -EADDRINUSE;
    for (int i = 0; err == -EADDRINUSE && i < (port ? 1 : PORT_TRIES); i++) {
        a->port = port;
        err = add_spots(a, addrs, n, how);
        if (err)
            close_spots(a);
    }
    if (err)
        wf_sys_free(a);
    else
        *out = a;
    return err;
}

weft_err
wf_acceptor_start(struct wf_acceptor *a)
{
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < a->n && !err; i++) {
        struct wf_sock *s = wf_sock_more(a->spots[i].sock);
        /* relaxed: the start of the fiber publishes this store */
        wf_store(&s->events, 1, relaxed);
        err = weft_fiber_start(accept_main, &a->spots[i], NULL);
        if (err)
            wf_sock_unref(s);
        else
            err = wf_sock_watch(s);
    }
    return err;
}

uint16_t
wf_acceptor_port(const struct wf_acceptor *a)
{
    return a->port;
}

bool
wf_acceptor_address(const struct wf_acceptor *a, char *text, size_t size)
{
    struct wf_addr addr = a->spots[0].addr;
    wf_addr_set_port(&addr, a->port);
    wf_addr_print(&addr, text, size);
    return !wf_addr_is_any(&addr);
}

void
wf_acceptor_free(struct wf_acceptor *a)
{
    if (!a)
        return;
    /* relaxed: the flag is a hint; the failure of the sockets ends the
     * readers */
    wf_store(&a->stopping, true, relaxed);
    close_spots(a);
    wf_sys_free(a);
}
