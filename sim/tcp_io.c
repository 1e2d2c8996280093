/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes TCP sockets, and finds their events for poll(2). If several
 * results are possible, a call returns the result that comes first in tcp_poll
 * or tcp_recvmsg of Linux's net/ipv4/tcp.c.
 */
#include "tcp.h"

#include <errno.h>

static ssize_t
why_nothing(struct ws_tcp *tcp)
{
    if (tcp->state == WS_LISTENING)
        return -ENOTCONN;
    if (tcp->fin_received)
        return 0; /* even if a reset arrived after the end */
    int error = tcp->error;
    tcp->error = 0;
    if (error)
        return -error;
    if (tcp->shut_read)
        return 0;
    return tcp->state == WS_FRESH ? -ENOTCONN : -EAGAIN;
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
        size_t got =
            ws_iov_fill(iov, n, done, s->bytes + s->taken, s->len - s->taken);
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
    if (!done && (!tcp->n_received || tcp->state == WS_LISTENING))
        return why_nothing(tcp);
    if (!peek)
        ws_tcp_unpark(tcp);
    return (ssize_t)done;
}

static void
send_bytes(struct ws_tcp *tcp, const struct iovec *iov, size_t len)
{
    size_t at = 0;
    for (int i = 0; at < len; i++) { /* only the first 16 segments are small */
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
    size_t len = ws_iov_size(iov, n);
    if (tcp->state == WS_OPEN && ws_fault(WEFT_SIM_RESET)) {
        ws_send_once(tcp, WS_RST);
        ws_tcp_fail(tcp, ECONNRESET);
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
    if (!room && len)
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
        if (WF_CONTAINER(link, struct ws_tcp, of_backlog)->state !=
            WS_CONNECTING)
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
    if (tcp->state == WS_CONNECTING)
        return events;
    bool ends = tcp->fin_received || tcp->shut_read;
    if (ends)
        events |= EPOLLIN | EPOLLRDHUP;
    if (tcp->n_received)
        events |= EPOLLIN;
    if (tcp->state == WS_CLOSED || tcp->state == WS_FRESH ||
        (ends && tcp->shut_write))
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
    .end = ws_tcp_end,
    .socket = &ws_tcp_socket_ops,
};
