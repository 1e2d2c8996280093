/* SPDX-License-Identifier: MIT */
/*
 * Simulates the unix stream sockets of one host. A write puts its bytes into
 * the peer's queue at once. If several errors are possible, a call returns the
 * same error as Linux's net/unix/af_unix.c.
 */
#include "unix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 32768u /* most bytes of one struct piece */

/* Bytes of one write, which are freed together when all of them have been
 * read. */
struct piece {
    struct wf_link link;
    size_t len, taken;
    uint8_t bytes[];
};

static struct ws_unix *
unix_new(void)
{
    struct ws_unix *u = ws_alloc(sizeof *u);
    ws_file_init(&u->file, &ws_unix_ops);
    wf_list_init(&u->received);
    wf_list_init(&u->backlog);
    return u;
}

int
ws_unix_socket(void)
{
    return ws_fd_new(&unix_new()->file);
}

/* ---- the end ---- */

static void
drop_received(struct ws_unix *u)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&u->received)))
        free(WF_CONTAINER(link, struct piece, link));
}

/* Close the other end. As in Linux, the connection is reset if this end leaves
 * bytes unread. */
static void
leave_peer(struct ws_unix *u, bool resets)
{
    struct ws_unix *peer = u->peer;
    if (!peer)
        return;
    peer->peer = NULL;
    peer->shut_read = peer->shut_write = true;
    if (resets || !wf_list_is_empty(&u->received))
        peer->error = ECONNRESET;
    ws_file_changed(&peer->file, WS_ANY);
}

static void
unix_end(struct ws_file *file)
{
    struct ws_unix *u = (void *)file;
    struct wf_link *link;
    while ((link = wf_list_pop(&u->backlog))) {
        struct ws_unix *child = WF_CONTAINER(link, struct ws_unix, of_backlog);
        leave_peer(child, true);
        drop_received(child);
        free(child);
    }
    leave_peer(u, false);
    drop_received(u);
    if (u->node) {
        u->node->socket = NULL;
        if (wf_link_queued(&u->node->link) && u->node->path[0] == ABSTRACT)
            ws_node_unlink(u->node);
        ws_node_unref(u->node);
    }
    free(u);
}

/* ---- bytes ---- */

static bool
can_take_more(const struct ws_unix *u)
{
    return u->state != WS_LISTENING && u->unread <= ws.send_buffer / 4;
}

static void
free_piece(struct ws_unix *u, struct piece *p)
{
    wf_list_remove(&p->link);
    if (u->peer) {
        u->peer->unread -= p->len;
        if (can_take_more(u->peer))
            ws_file_changed(&u->peer->file, EPOLLOUT);
    }
    free(p);
}

static ssize_t
why_nothing(struct ws_unix *u)
{
    int error = u->error;
    u->error = 0;
    return error ? -error : u->shut_read ? 0 : -EAGAIN;
}

static ssize_t
unix_read(struct ws_file *file, const struct iovec *iov, int n, bool peek)
{
    struct ws_unix *u = (void *)file;
    struct wf_link *link = u->received.head.next, *next;
    size_t done = 0;
    if (u->state != WS_OPEN)
        return -EINVAL;
    if (link == &u->received.head)
        return why_nothing(u);
    for (; link != &u->received.head; link = next) {
        next = link->next;
        struct piece *p = WF_CONTAINER(link, struct piece, link);
        size_t got =
            ws_iov_fill(iov, n, done, p->bytes + p->taken, p->len - p->taken);
        done += got;
        if (!got)
            break;
        if (peek)
            continue;
        p->taken += got;
        u->n_received -= got;
        if (p->taken < p->len)
            continue;
        free_piece(u, p);
        /* As if descriptors were passed with the next bytes: a read ends
         * there, and no new edge tells of these bytes. */
        if (ws_fault(WEFT_SIM_SHORT))
            break;
    }
    return (ssize_t)done;
}

/* Queue `len` bytes of `iov` for the peer, after the first `skip` bytes. */
static void
give_piece(struct ws_unix *u, const struct iovec *iov, size_t skip, size_t len)
{
    struct piece *p = ws_alloc(sizeof *p + len);
    p->len = len;
    for (size_t done = 0; done < len; iov++) {
        size_t from = WF_MIN(skip, iov->iov_len);
        size_t part = WF_MIN(iov->iov_len - from, len - done);
        if (part)
            memcpy(p->bytes + done, (uint8_t *)iov->iov_base + from, part);
        done += part;
        skip -= from;
    }
    u->unread += len;
    u->peer->n_received += len;
    wf_list_push(&u->peer->received, &p->link);
    ws_file_changed(&u->peer->file, EPOLLIN);
}

static ssize_t
unix_write(struct ws_file *file, const struct iovec *iov, int n)
{
    struct ws_unix *u = (void *)file;
    size_t len = ws_iov_size(iov, n), done = 0;
    if (u->state != WS_OPEN)
        return -ENOTCONN;
    if (u->shut_write)
        return -EPIPE;
    while (done < len && u->unread < ws.send_buffer) {
        size_t part = WF_MIN(len - done, PIECE);
        give_piece(u, iov, done, part);
        done += part;
    }
    return len && !done ? -EAGAIN : (ssize_t)done;
}

static uint32_t
unix_poll(struct ws_file *file)
{
    struct ws_unix *u = (void *)file;
    uint32_t events = u->error ? (uint32_t)EPOLLERR : 0;
    if (u->shut_read)
        events |= EPOLLIN | EPOLLRDHUP;
    if ((u->shut_read && u->shut_write) || u->state == WS_FRESH)
        events |= EPOLLHUP;
    if (!wf_list_is_empty(&u->received) || !wf_list_is_empty(&u->backlog))
        events |= EPOLLIN;
    if (can_take_more(u))
        events |= EPOLLOUT;
    return events;
}

const struct ws_file_ops ws_unix_ops = {
    .what = "unix",
    .read = unix_read,
    .write = unix_write,
    .poll = unix_poll,
    .end = unix_end,
    .socket = &ws_unix_socket_ops,
};

/* ---- a connection ---- */

int
ws_unix_join(struct ws_unix *u, struct ws_unix *listener)
{
    struct ws_unix *child = unix_new();
    child->state = u->state = WS_OPEN;
    child->name = u->peer_name = listener->name;
    child->name_len = u->peer_len = listener->name_len;
    child->peer_name = u->name;
    child->peer_len = u->name_len;
    child->peer = u;
    u->peer = child;
    listener->n_backlog++;
    wf_list_push(&listener->backlog, &child->of_backlog);
    ws_file_changed(&listener->file, EPOLLIN);
    return 0;
}
