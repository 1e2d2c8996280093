/* SPDX-License-Identifier: MIT */
/*
 * TCP sockets as the calls of the socket interface show them. Both ends of a
 * connection are structs of this process; connect(2) makes the far one, which
 * is known to nobody until its listener accepts it. What Linux returns in which
 * order follows tcp_poll, tcp_recvmsg and tcp_reset of its net/ipv4/tcp.c.
 */
#include "tcp.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#define SYN_RTO_NS 1000000000u
#define ACK_RTO_NS 200000000u

#define ANY ((uint32_t)~0u)

static void confirm(struct ws_event *event);

/* Keeps every socket reachable, so that LeakSanitizer does not report those
 * that are left at the end. */
static struct wf_list all = WF_LIST_EMPTY(all);

static struct ws_tcp *
tcp_new(struct ws_host *host, int family)
{
    struct ws_tcp *tcp = ws_alloc(sizeof *tcp);
    ws_file_init(&tcp->file, &ws_tcp_ops);
    tcp->file.host = host;
    tcp->family = family;
    wf_list_push(&all, &tcp->of_all);
    tcp->acks.happen = confirm;
    wf_list_init(&tcp->backlog);
    wf_list_init(&tcp->received);
    wf_list_init(&tcp->parked);
    wf_list_init(&tcp->stalled);
    return tcp;
}

static void
drop_segments(struct wf_list *list)
{
    while (!wf_list_is_empty(list)) {
        struct ws_segment *s =
            WF_CONTAINER(list->head.next, struct ws_segment, link);
        if (list == &s->from->stalled)
            s->to->flying--;
        ws_segment_free(s);
    }
}

static void
tcp_free(struct ws_tcp *tcp)
{
    drop_segments(&tcp->stalled);
    drop_segments(&tcp->received);
    drop_segments(&tcp->parked);
    ws_event_cancel(&tcp->acks);
    ws_event_cancel(&tcp->again);
    wf_list_remove(&tcp->of_all);
    free(tcp);
}

void
ws_tcp_free_if_over(struct ws_tcp *tcp)
{
    struct ws_tcp *peer = tcp->peer;
    if (!tcp->gone || tcp->flying || (peer && (!peer->gone || peer->flying)))
        return;
    if (peer)
        tcp_free(peer);
    tcp_free(tcp);
}

/* ---- the end of a connection ---- */

static void
close_state(struct ws_tcp *tcp, int error)
{
    tcp->state = WS_CLOSED;
    tcp->error = error;
    tcp->shut_read = tcp->shut_write = true;
    drop_segments(&tcp->stalled);
    drop_segments(&tcp->parked);
    ws_event_cancel(&tcp->again);
    ws_event_cancel(&tcp->acks);
    ws_file_changed(&tcp->file, ANY);
}

static void
leave_backlog(struct ws_tcp *child)
{
    if (!child->listener)
        return;
    wf_list_remove(&child->of_backlog);
    child->listener->n_backlog--;
    child->listener = NULL;
}

void
ws_tcp_fail(struct ws_tcp *tcp, int error)
{
    close_state(tcp, error);
    if (tcp->listener) {
        leave_backlog(tcp);
        tcp->gone = true;
    }
    ws_tcp_free_if_over(tcp);
}

static void
reset(struct ws_tcp *tcp)
{
    struct ws_tcp *peer = tcp->peer;
    if (tcp->state == WS_CLOSED)
        return;
    close_state(tcp, 0);
    if (peer->state != WS_CLOSED)
        ws_send(tcp, peer, WS_RST, NULL, 0, 0);
}

static void
end_listener(struct ws_tcp *tcp)
{
    while (!wf_list_is_empty(&tcp->backlog)) {
        struct ws_tcp *child =
            WF_CONTAINER(tcp->backlog.head.next, struct ws_tcp, of_backlog);
        leave_backlog(child);
        reset(child);
        child->gone = true;
        ws_tcp_free_if_over(child);
    }
}

static void
tcp_end(struct ws_file *file)
{
    struct ws_tcp *tcp = (void *)file;
    tcp->gone = true;
    if (tcp->state == WS_LISTENING)
        end_listener(tcp);
    if (tcp->state == WS_CONNECTING)
        close_state(tcp, 0);
    if (tcp->state == WS_OPEN) {
        if (tcp->abort || tcp->n_received || !wf_list_is_empty(&tcp->parked))
            reset(tcp);
        else if (!tcp->shut_write)
            ws_send(tcp, tcp->peer, WS_FIN, NULL, 0, 0);
        tcp->shut_read = tcp->shut_write = true;
    }
    ws_tcp_free_if_over(tcp);
}

/* ---- what arrives ---- */

static void
arrive_syn(struct ws_tcp *child, struct ws_tcp *client)
{
    struct ws_host *host = child->file.host;
    struct ws_tcp *listener =
        host->power == WS_ON ? ws_listener_at(host, child->local.port) : NULL;
    if (!listener) {
        child->gone = true;
        child->state = WS_CLOSED;
        ws_send(child, client, WS_RST, NULL, 0, 0);
        return;
    }
    child->listener = listener;
    child->family = listener->family;
    listener->n_backlog++;
    wf_list_push(&listener->backlog, &child->of_backlog);
    ws_send(child, client, WS_SYN_ACK, NULL, 0, 0);
}

static void
arrive_syn_ack(struct ws_tcp *client)
{
    if (client->state != WS_CONNECTING) {
        ws_send(client, client->peer, WS_RST, NULL, 0, 0);
        return;
    }
    client->state = WS_OPEN;
    ws_send(client, client->peer, WS_ACK, NULL, 0, 0);
    ws_file_changed(&client->file, ANY);
}

static void
arrive_ack(struct ws_tcp *child)
{
    if (!child->listener) /* it was closed meanwhile */
        return;
    child->state = WS_OPEN;
    ws_file_changed(&child->listener->file, EPOLLIN);
}

static void
arrive_reset(struct ws_tcp *tcp)
{
    int error = tcp->state == WS_CONNECTING ? ECONNREFUSED
                : tcp->fin_received         ? EPIPE
                                            : ECONNRESET;
    bool queued = tcp->listener != NULL;
    if (queued) {
        leave_backlog(tcp);
        tcp->gone = true;
    }
    if (tcp->state != WS_CLOSED)
        close_state(tcp, error);
}

/* The peer hears that bytes were taken, after the way back. */
static void
acknowledge(struct ws_tcp *tcp, size_t n)
{
    struct ws_tcp *peer = tcp->peer;
    peer->acked += n;
    if (peer->acks.place || peer->state == WS_CLOSED)
        return;
    uint64_t at = ws_link_arrival(tcp->file.host, peer->file.host, 0);
    ws_event_at(&peer->acks, at == WEFT_NEVER ? ws.now_ns + ACK_RTO_NS : at);
}

static void
confirm(struct ws_event *event)
{
    struct ws_tcp *tcp = WF_CONTAINER(event, struct ws_tcp, acks);
    const struct ws_host *here = tcp->file.host, *there = tcp->peer->file.host;
    if (*ws_cut(there->index, here->index)) {
        uint64_t quiet = ws.now_ns - tcp->progress_ns;
        if (tcp->user_timeout_ms &&
            quiet > (uint64_t)tcp->user_timeout_ms * 1000000u)
            ws_tcp_fail(tcp, ETIMEDOUT);
        else
            ws_event_at(event, ws.now_ns + ACK_RTO_NS);
        return;
    }
    tcp->unacked -= tcp->acked;
    tcp->acked = 0;
    tcp->progress_ns = ws.now_ns;
    if (tcp->no_space && tcp->unacked <= ws.send_buffer * 2 / 3) {
        tcp->no_space = false;
        ws_file_changed(&tcp->file, EPOLLOUT);
    }
}

/* A segment that the window takes: bytes, or the end. It is kept or freed. */
static void
take(struct ws_tcp *tcp, struct ws_segment *s)
{
    if (s->kind == WS_FIN) {
        ws_segment_free(s);
        tcp->fin_received = true;
        ws_file_changed(&tcp->file, ANY);
        return;
    }
    tcp->n_received += s->len;
    wf_list_push(&tcp->received, &s->link);
    acknowledge(tcp, s->len);
    ws_file_changed(&tcp->file, EPOLLIN);
}

static bool
fits(const struct ws_tcp *tcp, const struct ws_segment *s)
{
    return s->kind == WS_FIN || !tcp->n_received ||
           tcp->n_received + s->len <= ws.receive_buffer;
}

static void
arrive_data(struct ws_tcp *tcp, struct ws_segment *s)
{
    if (tcp->state == WS_CLOSED) {
        ws_send(tcp, s->from, WS_RST, NULL, 0, 0);
        ws_segment_free(s);
    } else if (tcp->gone && s->kind == WS_DATA) {
        reset(tcp);
        ws_segment_free(s);
    } else if (wf_list_is_empty(&tcp->parked) && fits(tcp, s)) {
        take(tcp, s);
    } else {
        wf_list_push(&tcp->parked, &s->link);
    }
}

void
ws_tcp_arrive(struct ws_segment *s)
{
    struct ws_tcp *to = s->to, *from = s->from;
    enum ws_segment_kind kind = s->kind;
    bool full = false;
    static const char *const names[] = {"syn",  "syn+ack", "ack",
                                        "data", "fin",     "rst"};
    to->flying--;
    from->progress_ns = ws.now_ns;
    ws_did(names[kind], to->file.host->address & 255, s->len);
    if (kind == WS_SYN) {
        const struct ws_tcp *l = ws_listener_at(to->file.host, to->local.port);
        full = l && l->n_backlog >= l->max_backlog;
    }
    if (full) { /* the SYN is not answered, and comes again */
        to->flying++;
        ws_event_at(&s->arrival, ws.now_ns + SYN_RTO_NS);
        return;
    }
    if (kind == WS_DATA || kind == WS_FIN)
        arrive_data(to, s);
    else
        ws_segment_free(s);
    if (kind == WS_SYN)
        arrive_syn(to, from);
    else if (kind == WS_SYN_ACK)
        arrive_syn_ack(to);
    else if (kind == WS_ACK)
        arrive_ack(to);
    else if (kind == WS_RST)
        arrive_reset(to);
    ws_tcp_free_if_over(to);
}

/* ---- read and write ---- */

static size_t
copy_out(struct ws_segment *s, size_t skip, const struct iovec *iov, int n,
         size_t done)
{
    size_t taken = 0;
    for (int i = 0; i < n && s->taken + skip + taken < s->len; i++) {
        if (done >= iov[i].iov_len) {
            done -= iov[i].iov_len;
            continue;
        }
        size_t len =
            WF_MIN(iov[i].iov_len - done, s->len - s->taken - skip - taken);
        memcpy((uint8_t *)iov[i].iov_base + done,
               s->bytes + s->taken + skip + taken, len);
        taken += len;
        done = 0;
    }
    return taken;
}

static void
unpark(struct ws_tcp *tcp)
{
    while (!wf_list_is_empty(&tcp->parked)) {
        struct ws_segment *s =
            WF_CONTAINER(tcp->parked.head.next, struct ws_segment, link);
        if (!fits(tcp, s))
            return;
        wf_list_remove(&s->link);
        take(tcp, s);
    }
}

static ssize_t
why_nothing(struct ws_tcp *tcp)
{
    if (tcp->fin_received)
        return 0; /* also if a reset came after it */
    int error = tcp->error;
    tcp->error = 0;
    if (error)
        return -error;
    if (tcp->state == WS_FRESH || tcp->state == WS_LISTENING)
        return -ENOTCONN;
    return tcp->shut_read ? 0 : -EAGAIN;
}

static ssize_t
tcp_read(struct ws_file *file, const struct iovec *iov, int n, bool peek)
{
    struct ws_tcp *tcp = (void *)file;
    size_t done = 0;
    struct wf_link *link = tcp->received.head.next, *next;
    for (; link != &tcp->received.head; link = next) {
        next = link->next;
        struct ws_segment *s = WF_CONTAINER(link, struct ws_segment, link);
        size_t got = copy_out(s, 0, iov, n, done);
        if (!got)
            break;
        done += got;
        if (peek)
            continue;
        s->taken += (uint32_t)got;
        tcp->n_received -= got;
        if (s->taken == s->len)
            ws_segment_free(s);
    }
    if (!done)
        return why_nothing(tcp);
    if (!peek)
        unpark(tcp);
    return (ssize_t)done;
}

static void
send_bytes(struct ws_tcp *tcp, const struct iovec *iov, size_t len)
{
    size_t at = 0;
    for (int i = 0; at < len; i++) { /* at most 16 pieces are small */
        size_t n = i < 16 ? 1 + ws_below(ws.segment) : 32768;
        n = WF_MIN(n, len - at);
        ws_send(tcp, tcp->peer, WS_DATA, iov, at, n);
        at += n;
    }
}

static ssize_t
tcp_write(struct ws_file *file, const struct iovec *iov, int n)
{
    struct ws_tcp *tcp = (void *)file;
    size_t len = 0;
    for (int i = 0; i < n; i++)
        len += iov[i].iov_len;
    if (tcp->state == WS_OPEN && ws_fault(WEFT_SIM_RESET)) {
        ws_send(tcp, tcp->peer, WS_RST, NULL, 0, 0);
        close_state(tcp, ECONNRESET);
    }
    if (tcp->error) {
        int error = tcp->error;
        tcp->error = 0;
        return -error;
    }
    if (tcp->state == WS_CONNECTING)
        return -EAGAIN;
    if (tcp->state != WS_OPEN || tcp->shut_write)
        return -EPIPE;
    size_t room = ws.send_buffer - WF_MIN(ws.send_buffer, tcp->unacked);
    if (len > room)
        tcp->no_space = true;
    if (!room)
        return -EAGAIN;
    len = WF_MIN(len, room);
    if (!tcp->unacked)
        tcp->progress_ns = ws.now_ns;
    tcp->unacked += len;
    send_bytes(tcp, iov, len);
    return (ssize_t)len;
}

static uint32_t
poll_listener(const struct ws_tcp *tcp)
{
    const struct wf_link *link = tcp->backlog.head.next;
    for (; link != &tcp->backlog.head; link = link->next)
        if (WF_CONTAINER(link, struct ws_tcp, of_backlog)->state == WS_OPEN)
            return EPOLLIN;
    return 0;
}

static uint32_t
tcp_poll(struct ws_file *file)
{
    struct ws_tcp *tcp = (void *)file;
    uint32_t events = tcp->error ? (uint32_t)EPOLLERR : 0;
    if (tcp->state == WS_LISTENING)
        return poll_listener(tcp);
    if (tcp->state == WS_FRESH)
        return EPOLLOUT | EPOLLHUP;
    if (tcp->state == WS_CONNECTING)
        return events;
    bool ends = tcp->fin_received || tcp->shut_read;
    if (ends)
        events |= EPOLLIN | EPOLLRDHUP;
    if (tcp->n_received)
        events |= EPOLLIN;
    if (tcp->state == WS_CLOSED || (ends && tcp->shut_write))
        events |= EPOLLHUP;
    if (tcp->shut_write || tcp->unacked <= ws.send_buffer * 2 / 3)
        events |= EPOLLOUT;
    else
        tcp->no_space = true;
    return events;
}

const struct ws_file_ops ws_tcp_ops = {
    .what = "tcp",
    .read = tcp_read,
    .write = tcp_write,
    .poll = tcp_poll,
    .end = tcp_end,
};

/* ---- calls ---- */

static struct ws_tcp *
tcp_of(int fd, int *err)
{
    struct ws_tcp *tcp = (void *)ws_fd(fd, &ws_tcp_ops);
    *err = tcp ? 0 : ws_fd(fd, NULL) ? -ENOTSOCK : -EBADF;
    return tcp;
}

int
ws_tcp_socket(int family, int type)
{
    if ((family != AF_INET && family != AF_INET6) || (type & 15) != SOCK_STREAM)
        return -EAFNOSUPPORT;
    return ws_fd_new(&tcp_new(ws_self(), family)->file);
}

int
ws_tcp_bind(int fd, const struct sockaddr *a, socklen_t n)
{
    int err;
    struct ws_place place;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (!err)
        err = ws_place_of(a, n, &place);
    if (err)
        return err;
    if (ws_place_host(&place, ws_self()) != ws_self())
        return -EADDRNOTAVAIL;
    if (!place.port)
        place.port = ws_free_port(ws_self());
    else if (ws_listener_at(ws_self(), place.port))
        return -EADDRINUSE;
    tcp->local = place;
    return 0;
}

int
ws_tcp_listen(int fd, int backlog)
{
    int err;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (err)
        return err;
    if (tcp->state != WS_FRESH)
        return tcp->state == WS_LISTENING ? 0 : -EINVAL;
    if (ws_listener_at(ws_self(), tcp->local.port))
        return -EADDRINUSE;
    if (!tcp->local.port)
        tcp->local.port = ws_free_port(ws_self());
    tcp->state = WS_LISTENING;
    tcp->max_backlog = (uint32_t)WF_MIN(WF_MAX(backlog, 1), 4096);
    return 0;
}

int
ws_tcp_accept(int fd)
{
    int err;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (err)
        return err;
    if (tcp->state != WS_LISTENING)
        return -EINVAL;
    struct wf_link *link = tcp->backlog.head.next;
    for (; link != &tcp->backlog.head; link = link->next) {
        struct ws_tcp *child = WF_CONTAINER(link, struct ws_tcp, of_backlog);
        if (child->state != WS_OPEN)
            continue;
        leave_backlog(child);
        return ws_fd_new(&child->file);
    }
    return -EAGAIN;
}

int
ws_tcp_connect(int fd, const struct sockaddr *a, socklen_t n)
{
    int err;
    struct ws_place to;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (!err)
        err = ws_place_of(a, n, &to);
    if (err)
        return err;
    if (tcp->state != WS_FRESH)
        return tcp->state == WS_OPEN ? -EISCONN : -EALREADY;
    struct ws_host *here = ws_self(), *there = ws_place_host(&to, here);
    if (!there)
        return -EHOSTUNREACH;
    struct ws_tcp *far = tcp_new(there, tcp->family);
    bool loops = there == here;
    if (!tcp->local.port)
        tcp->local.port = ws_free_port(here);
    tcp->local.address = loops ? 0x7f000001u : here->address;
    tcp->remote = to;
    far->local = to;
    far->remote = tcp->local;
    far->state = tcp->state = WS_CONNECTING;
    tcp->peer = far;
    far->peer = tcp;
    ws_send(tcp, far, WS_SYN, NULL, 0, 0);
    return -EINPROGRESS;
}

int
ws_tcp_shutdown(int fd, int how)
{
    int err;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (err)
        return err;
    if (tcp->state == WS_LISTENING && how != SHUT_WR) {
        end_listener(tcp);
        tcp->state = WS_FRESH;
        ws_file_changed(&tcp->file, ANY);
        return 0;
    }
    if (tcp->state != WS_OPEN)
        return -ENOTCONN;
    if (how != SHUT_WR)
        tcp->shut_read = true;
    if (how != SHUT_RD && !tcp->shut_write) {
        tcp->shut_write = true;
        ws_send(tcp, tcp->peer, WS_FIN, NULL, 0, 0);
    }
    ws_file_changed(&tcp->file, ANY);
    return 0;
}

int
ws_tcp_name(int fd, struct sockaddr *a, socklen_t *n, bool peer)
{
    int err;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (err)
        return err;
    if (peer && tcp->state != WS_OPEN)
        return -ENOTCONN;
    *n = ws_place_write(peer ? &tcp->remote : &tcp->local, tcp->family, a, *n);
    return 0;
}

int
ws_tcp_set(int fd, int level, int name, const void *v, socklen_t n)
{
    int err;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    struct linger linger;
    if (err)
        return err;
    if (level == SOL_SOCKET && name == SO_LINGER && n >= sizeof linger) {
        memcpy(&linger, v, sizeof linger);
        tcp->abort = linger.l_onoff && !linger.l_linger;
    }
    if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT &&
        n >= sizeof tcp->user_timeout_ms)
        memcpy(&tcp->user_timeout_ms, v, sizeof tcp->user_timeout_ms);
    return 0;
}

int
ws_tcp_get(int fd, int level, int name, void *v, socklen_t *n)
{
    int err, value;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (err)
        return err;
    if (level != SOL_SOCKET || *n < sizeof value)
        return -ENOPROTOOPT;
    if (name == SO_ERROR) {
        value = tcp->error;
        tcp->error = 0;
    } else if (name == SO_DOMAIN) {
        value = tcp->family;
    } else if (name == SO_TYPE) {
        value = SOCK_STREAM;
    } else {
        return -ENOPROTOOPT;
    }
    memcpy(v, &value, sizeof value);
    *n = sizeof value;
    return 0;
}

int
ws_tcp_ioctl(int fd, unsigned long request, int *value)
{
    int err;
    struct ws_tcp *tcp = tcp_of(fd, &err);
    if (err)
        return err;
    if (request == SIOCINQ)
        *value = (int)tcp->n_received;
    else if (request == SIOCOUTQ)
        *value = (int)tcp->unacked;
    else
        return -ENOTTY;
    return 0;
}
