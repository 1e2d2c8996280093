/* SPDX-License-Identifier: MIT */
/*
 * The calls of the socket interface for TCP. If several errors are possible, a
 * call returns the same error as Linux's net/ipv4/af_inet.c.
 */
#include "tcp.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>

#define LOOPBACK 0x7f000001u

int
ws_tcp_socket(int family)
{
    return ws_fd_new(&ws_tcp_new(ws_self(), family)->file);
}

/* ---- addresses ---- */

static int
tcp_bind(struct ws_file *file, const struct sockaddr *a, socklen_t n)
{
    struct ws_tcp *tcp = (void *)file;
    struct ws_place place;
    int err = ws_place_of(a, n, &place);
    if (err)
        return err;
    if (ws_place_host(&place, ws_self()) != ws_self())
        return -EADDRNOTAVAIL;
    if (tcp->state != WS_FRESH || tcp->local.port)
        return -EINVAL;
    if (!place.port)
        place.port = ws_free_port(ws_self());
    else if (!ws_place_is_free(tcp, &place))
        return -EADDRINUSE;
    tcp->local = place;
    tcp->keeps_address = true;
    return 0;
}

static int
tcp_name(struct ws_file *file, struct sockaddr *a, socklen_t *n, bool peer)
{
    struct ws_tcp *tcp = (void *)file;
    if (peer && tcp->state != WS_OPEN)
        return -ENOTCONN;
    *n = ws_place_write(peer ? &tcp->remote : &tcp->local, tcp->family, a, *n);
    return 0;
}

/* ---- connections ---- */

static int
tcp_listen(struct ws_file *file, int backlog)
{
    struct ws_tcp *tcp = (void *)file;
    if (tcp->progress != WS_UNCONNECTED ||
        (tcp->state != WS_FRESH && tcp->state != WS_LISTENING))
        return -EINVAL;
    const struct ws_tcp *other = ws_listener_at(ws_self(), &tcp->local);
    if (tcp->state == WS_FRESH && other && !(tcp->shares && other->shares))
        return -EADDRINUSE;
    if (!tcp->local.port)
        tcp->local.port = ws_free_port(ws_self());
    tcp->state = WS_LISTENING;
    tcp->max_backlog = backlog < 0 ? 4096 : WF_MIN((uint32_t)backlog, 4096u);
    return 0;
}

static int
tcp_accept(struct ws_file *file)
{
    struct ws_tcp *tcp = (void *)file;
    if (tcp->state != WS_LISTENING)
        return -EINVAL;
    struct wf_link *link = tcp->backlog.head.next;
    for (; link != &tcp->backlog.head; link = link->next) {
        struct ws_tcp *child = WF_CONTAINER(link, struct ws_tcp, of_backlog);
        if (child->state == WS_CONNECTING)
            continue;
        ws_tcp_leave_backlog(child);
        child->progress = WS_CONNECTED;
        return ws_fd_new(&child->file);
    }
    return -EAGAIN;
}

static bool
is_self(const struct ws_tcp *tcp, const struct ws_host *there)
{
    return there == tcp->file.host && tcp->local.port == tcp->remote.port &&
           tcp->local.address == tcp->remote.address;
}

/* A socket that connects to its own address is a connection with itself. */
static void
connect_to(struct ws_tcp *tcp, struct ws_host *there)
{
    tcp->state = WS_CONNECTING;
    tcp->progress = WS_CONNECTS;
    tcp->progress_ns = ws.now_ns;
    tcp->error = 0; /* of an earlier connection */
    if (is_self(tcp, there)) {
        tcp->peer = tcp;
        ws_send(tcp, tcp, WS_SYN_ACK, NULL, 0, 0);
        return;
    }
    struct ws_tcp *far = ws_tcp_new(there, tcp->family);
    far->local = tcp->remote;
    far->remote = tcp->local;
    far->state = WS_CONNECTING;
    far->peer = tcp;
    tcp->peer = far;
    ws_send(tcp, far, WS_SYN, NULL, 0, 0);
}

static int
begin(struct ws_tcp *tcp, struct ws_place to)
{
    struct ws_host *here = ws_self(), *there = ws_place_host(&to, here);
    if (tcp->state != WS_FRESH)
        return -EISCONN;
    if (!there)
        return -EHOSTUNREACH;
    if (!to.address)
        to.address = tcp->local.address ? tcp->local.address : LOOPBACK;
    if (!tcp->local.port)
        tcp->local.port = ws_free_port(here);
    if (!tcp->local.address)
        tcp->local.address = to.address >> 24 == 127 ? LOOPBACK : here->address;
    tcp->remote = to;
    connect_to(tcp, there);
    return -EINPROGRESS;
}

/* On a non-blocking socket a second call returns how the first call has
 * ended. */
static int
tcp_connect(struct ws_file *file, const struct sockaddr *a, socklen_t n)
{
    struct ws_tcp *tcp = (void *)file;
    struct ws_place to;
    int err = ws_place_of(a, n, &to);
    if (err)
        return err;
    if (tcp->progress == WS_CONNECTED)
        return -EISCONN;
    if (tcp->progress == WS_NEVER_AGAIN)
        return -EINVAL;
    if (tcp->progress == WS_UNCONNECTED)
        return begin(tcp, to);
    if (tcp->state == WS_CONNECTING)
        return -EALREADY;
    if (tcp->state == WS_OPEN) {
        tcp->progress = WS_CONNECTED;
        return 0;
    }
    err = tcp->error ? -tcp->error : -ECONNABORTED;
    tcp->error = 0;
    tcp->progress = WS_UNCONNECTED;
    ws_tcp_disconnect(tcp);
    return err;
}

static int
stop_early(struct ws_tcp *tcp)
{
    if (tcp->state == WS_LISTENING) {
        ws_tcp_end_listener(tcp);
        tcp->state = WS_FRESH;
    } else {
        ws_tcp_fail(tcp, ECONNRESET);
        ws_tcp_disconnect(tcp);
        tcp->progress = WS_UNCONNECTED;
    }
    ws_file_changed(&tcp->file, WS_ANY);
    return 0;
}

static int
tcp_shutdown(struct ws_file *file, int how)
{
    struct ws_tcp *tcp = (void *)file;
    if (how < SHUT_RD || how > SHUT_RDWR)
        return -EINVAL;
    if (tcp->state == WS_CONNECTING ||
        (tcp->state == WS_LISTENING && how != SHUT_WR))
        return stop_early(tcp);
    if (tcp->progress == WS_CONNECTS)
        tcp->progress = tcp->state == WS_OPEN ? WS_CONNECTED : WS_NEVER_AGAIN;
    if (tcp->state != WS_LISTENING && how != SHUT_WR)
        tcp->shut_read = true;
    if (tcp->state != WS_LISTENING && how != SHUT_RD) {
        ws_tcp_send_fin(tcp);
        tcp->shut_write = true;
    }
    ws_file_changed(&tcp->file, WS_ANY);
    return tcp->state == WS_FRESH || tcp->state == WS_CLOSED ? -ENOTCONN : 0;
}

static int
tcp_ioctl(struct ws_file *file, unsigned long request, int *value)
{
    struct ws_tcp *tcp = (void *)file;
    if (request != SIOCINQ && request != SIOCOUTQ)
        return -ENOTTY;
    if (tcp->state == WS_LISTENING)
        return -EINVAL;
    *value = (int)(request == SIOCINQ ? tcp->n_received : tcp->unacked);
    return 0;
}

const struct ws_socket_ops ws_tcp_socket_ops = {
    .bind = tcp_bind,
    .name = tcp_name,
    .listen = tcp_listen,
    .accept = tcp_accept,
    .connect = tcp_connect,
    .shutdown = tcp_shutdown,
    .set = ws_tcp_set,
    .get = ws_tcp_get,
    .ioctl = tcp_ioctl,
};
