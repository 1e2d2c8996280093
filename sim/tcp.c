/* SPDX-License-Identifier: MIT */
/*
 * Begins and ends connections of TCP, and handles the segments that arrive.
 * Both ends of a connection are structs of this process. connect(2) makes the
 * struct of the far end. The host of the far end does not know this struct
 * until a listener of that host has received the SYN.
 *
 * One file, because the functions that open and close a connection depend on
 * each other. Other files change the state only to listen or connect
 * (tcp_calls.c), and after a loss of power (tcp_power.c).
 */
#include "tcp.h"

#include <errno.h>
#include <stdlib.h>

#define ACK_RTO_NS 200000000u

static void confirm(struct ws_event *event);

/* The list also keeps every socket reachable, so that LeakSanitizer does not
 * report sockets that are left at the end. */
struct wf_list ws_tcp_all = WF_LIST_EMPTY(ws_tcp_all);

struct ws_tcp *
ws_tcp_new(struct ws_host *host, int family)
{
    struct ws_tcp *tcp = ws_alloc(sizeof *tcp);
    ws_file_init(&tcp->file, &ws_tcp_ops);
    tcp->file.host = host;
    tcp->family = family;
    wf_list_push(&ws_tcp_all, &tcp->of_all);
    tcp->acks.happen = confirm;
    ws_timers_init(tcp);
    wf_list_init(&tcp->backlog);
    wf_list_init(&tcp->received);
    wf_list_init(&tcp->parked);
    wf_list_init(&tcp->stalled);
    wf_list_init(&tcp->flight);
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
    ws_timers_cancel(tcp);
    wf_list_remove(&tcp->of_all);
    free(tcp);
}

void
ws_tcp_free_if_over(struct ws_tcp *tcp)
{
    struct ws_tcp *peer = tcp->peer;
    if (!tcp->gone || tcp->flying || (peer && (!peer->gone || peer->flying)))
        return;
    if (peer && peer != tcp)
        tcp_free(peer);
    tcp_free(tcp);
}

/* ---- the end of a connection ---- */

/* Drop the bytes beyond the peer's window, because these bytes were never
 * sent. */
static void
drop_unsent(const struct ws_tcp *tcp)
{
    struct ws_tcp *peer = tcp->peer;
    if (!peer || wf_list_is_empty(&peer->parked))
        return;
    drop_segments(&peer->parked);
    peer->starved = peer->cut_short = true;
}

void
ws_tcp_close(struct ws_tcp *tcp, int error)
{
    tcp->state = WS_CLOSED;
    tcp->error = error;
    tcp->shut_read = tcp->shut_write = true;
    drop_segments(&tcp->stalled);
    drop_segments(&tcp->parked);
    drop_unsent(tcp);
    ws_event_cancel(&tcp->again);
    ws_event_cancel(&tcp->acks);
    ws_timers_cancel(tcp);
    ws_file_changed(&tcp->file, WS_ANY);
}

/* Close the connection if both ends have sent their FIN, and everything that
 * this end has sent is acknowledged. */
static void
close_if_done(struct ws_tcp *tcp)
{
    if (tcp->state == WS_OPEN && tcp->fin_sent && !tcp->unacked &&
        tcp->fin_received)
        ws_tcp_close(tcp, tcp->error);
}

void
ws_tcp_leave_backlog(struct ws_tcp *child)
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
    bool half_open = tcp->listener && tcp->state == WS_CONNECTING;
    ws_tcp_close(tcp, error);
    if (half_open) {
        ws_tcp_leave_backlog(tcp);
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
    ws_tcp_close(tcp, 0);
    if (peer->state != WS_CLOSED)
        ws_send_once(tcp, WS_RST);
}

void
ws_tcp_end_listener(struct ws_tcp *tcp)
{
    while (!wf_list_is_empty(&tcp->backlog)) {
        struct ws_tcp *child =
            WF_CONTAINER(tcp->backlog.head.next, struct ws_tcp, of_backlog);
        ws_tcp_leave_backlog(child);
        reset(child);
        child->gone = true;
        ws_tcp_free_if_over(child);
    }
}

/* A FIN has a sequence number, as a byte has, so the FIN counts in
 * `unacked`. */
void
ws_tcp_send_fin(struct ws_tcp *tcp)
{
    if (tcp->fin_sent || tcp->state != WS_OPEN)
        return;
    if (!tcp->unacked)
        tcp->progress_ns = ws.now_ns;
    tcp->fin_sent = tcp->shut_write = true;
    tcp->unacked++;
    ws_send(tcp, tcp->peer, WS_FIN, NULL, 0, 0);
}

/* If the SYN is no longer under way and has reached no listener, no host will
 * ever see the far end: set `gone` in the far end. */
static void
forget_far(struct ws_tcp *tcp)
{
    struct ws_tcp *far = tcp->peer;
    if (far && far != tcp && far->state == WS_CONNECTING && !far->listener &&
        !far->flying)
        far->gone = true;
}

static void
hand_over(struct wf_list *segments, const struct ws_tcp *tcp,
          struct ws_tcp *rest)
{
    struct wf_link *link = segments->head.next;
    for (; link != &segments->head; link = link->next) {
        struct ws_segment *s = WF_CONTAINER(link, struct ws_segment, link);
        s->from = s->from == tcp ? rest : s->from;
        s->to = s->to == tcp ? rest : s->to;
    }
}

/* Make the socket like a new socket, except for its address. A struct without a
 * descriptor replaces the socket for the segments that are still under way. */
void
ws_tcp_disconnect(struct ws_tcp *tcp)
{
    struct ws_tcp *rest = ws_tcp_new(tcp->file.host, tcp->family);
    struct ws_tcp *far = tcp->peer;
    drop_segments(&tcp->received);
    hand_over(&tcp->flight, tcp, rest);
    hand_over(&far->flight, tcp, rest);
    hand_over(&far->stalled, tcp, rest);
    wf_list_splice(&tcp->flight, &rest->flight);
    rest->flying = tcp->flying;
    rest->peer = far == tcp ? rest : far;
    rest->peer->peer = rest;
    rest->state = WS_CLOSED;
    rest->gone = true;
    rest->local = tcp->local;
    rest->remote = tcp->remote;
    tcp->flying = 0;
    tcp->peer = NULL;
    tcp->state = WS_FRESH;
    tcp->unacked = tcp->acked = tcp->n_received = 0;
    tcp->tries = 0;
    tcp->fin_received = tcp->fin_sent = tcp->no_space = false;
    tcp->starved = tcp->cut_short = false;
    tcp->shut_read = tcp->shut_write = false;
    if (!tcp->keeps_address)
        tcp->local = (struct ws_place){0, 0};
    forget_far(rest);
    ws_tcp_free_if_over(rest);
    ws_file_changed(&tcp->file, EPOLLERR);
}

void
ws_tcp_end(struct ws_file *file)
{
    struct ws_tcp *tcp = (void *)file;
    tcp->gone = true;
    if (tcp->state == WS_LISTENING)
        ws_tcp_end_listener(tcp);
    if (tcp->state == WS_CONNECTING) {
        ws_tcp_close(tcp, 0);
        forget_far(tcp);
    }
    if (tcp->state == WS_OPEN) {
        if (tcp->abort || tcp->n_received || !wf_list_is_empty(&tcp->parked))
            reset(tcp);
        else
            ws_tcp_send_fin(tcp);
        tcp->shut_read = tcp->shut_write = true;
    }
    ws_tcp_free_if_over(tcp);
}

/* ---- what arrives ---- */

/* If two sockets connect to each other, they become the ends of one connection.
 * The far ends that connect(2) has made for these sockets are not needed
 * then. */
static bool
open_at_once(struct ws_tcp *child, struct ws_tcp *client)
{
    struct ws_tcp *other = ws_tcp_dialling(child);
    if (!other || other == client)
        return false;
    struct ws_tcp *unused = other->peer;
    client->peer = other;
    other->peer = client;
    child->peer = unused;
    unused->peer = child;
    child->gone = unused->gone = true;
    child->state = unused->state = WS_CLOSED;
    ws_send(other, client, WS_SYN_ACK, NULL, 0, 0);
    return true;
}

static void
arrive_syn(struct ws_tcp *child, struct ws_tcp *client)
{
    struct ws_host *host = child->file.host;
    struct ws_tcp *listener =
        host->power == WS_ON ? ws_listener_at(host, &child->local) : NULL;
    if (child->state == WS_CLOSED) /* see open_at_once */
        return;
    if (!listener) {
        if (host->power == WS_ON && open_at_once(child, client))
            return;
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
    client->tries = 0;
    ws_keepalive_start(client);
    ws_send(client, client->peer, WS_ACK, NULL, 0, 0);
    ws_file_changed(&client->file, WS_ANY);
}

static void
inherit(struct ws_tcp *child, const struct ws_tcp *listener)
{
    child->abort = listener->abort;
    child->reuses = listener->reuses;
    child->shares = listener->shares;
    child->no_delay = listener->no_delay;
    child->keeps_alive = listener->keeps_alive;
    child->user_timeout_ms = listener->user_timeout_ms;
    child->idle_s = listener->idle_s;
    child->interval_s = listener->interval_s;
    child->max_probes = listener->max_probes;
}

static void
arrive_ack(struct ws_tcp *tcp)
{
    if (tcp->vanished)
        ws_send_once(tcp, WS_RST);
    if (tcp->state != WS_CONNECTING) /* the connection was closed meanwhile */
        return;
    tcp->state = WS_OPEN;
    if (tcp->listener)
        inherit(tcp, tcp->listener);
    ws_keepalive_start(tcp);
    if (tcp->listener)
        ws_file_changed(&tcp->listener->file, EPOLLIN);
    else /* see open_at_once */
        ws_file_changed(&tcp->file, WS_ANY);
}

static void
arrive_probe(struct ws_tcp *tcp)
{
    ws_send_once(tcp, tcp->state == WS_CLOSED ? WS_RST : WS_ACK);
}

/* A reset closes the connection. An established connection stays in the
 * backlog: the caller that accepts the connection gets the error. */
static void
arrive_reset(struct ws_tcp *tcp)
{
    bool half_open = tcp->listener && tcp->state == WS_CONNECTING;
    int error = tcp->state == WS_CONNECTING           ? ECONNREFUSED
                : tcp->fin_received && !tcp->fin_sent ? EPIPE
                                                      : ECONNRESET;
    if (half_open) {
        ws_tcp_leave_backlog(tcp);
        tcp->gone = true;
    }
    if (tcp->state != WS_CLOSED)
        ws_tcp_close(tcp, error);
}

/* Acknowledge `n` bytes: the peer counts these bytes as confirmed when the
 * acknowledgement arrives. */
static void
acknowledge(struct ws_tcp *tcp, size_t n)
{
    struct ws_tcp *peer = tcp->peer;
    peer->acked += n;
    if (peer->acks.place || peer->state == WS_CLOSED)
        return;
    uint64_t at = ws_link_arrival(tcp->file.host, peer->file.host, 0);
    peer->ack_lost = at == WEFT_NEVER;
    ws_event_at(&peer->acks, peer->ack_lost ? ws.now_ns + ACK_RTO_NS : at);
}

/* True if the acknowledgement arrives. A lost acknowledgement is repeated when
 * the bytes are sent again; but a host that has lost power in the meantime
 * answers with a reset. */
static bool
is_confirmed(struct ws_tcp *tcp)
{
    const struct ws_host *here = tcp->file.host, *there = tcp->peer->file.host;
    bool lost = tcp->ack_lost || *ws_cut(there->index, here->index);
    if (!lost)
        return true;
    if (!ws_link_passes(here, there) || !ws_link_passes(there, here))
        return false;
    if (tcp->peer->vanished)
        ws_send_once(tcp, WS_PROBE);
    return !tcp->peer->vanished;
}

static void
confirm(struct ws_event *event)
{
    struct ws_tcp *tcp = WF_CONTAINER(event, struct ws_tcp, acks);
    if (!is_confirmed(tcp)) {
        tcp->ack_lost = true;
        if (ws_tcp_gives_up(tcp))
            ws_tcp_fail(tcp, ETIMEDOUT);
        else
            ws_event_at(event, ws.now_ns + ACK_RTO_NS);
        return;
    }
    tcp->ack_lost = false;
    tcp->unacked -= tcp->acked;
    tcp->acked = tcp->tries = 0;
    tcp->progress_ns = tcp->heard_ns = ws.now_ns;
    tcp->n_probes = 0;
    if (tcp->fin_sent && !tcp->unacked) {
        ws_file_changed(&tcp->file, WS_ANY);
        close_if_done(tcp);
    }
    if (tcp->no_space && tcp->unacked <= ws.send_buffer * 2 / 3) {
        tcp->no_space = false;
        ws_file_changed(&tcp->file, EPOLLOUT);
    }
}

/* Receive a segment that fits into the window: bytes, or the end. The function
 * keeps or frees the segment. */
static void
take(struct ws_tcp *tcp, struct ws_segment *s)
{
    if (s->kind == WS_FIN) {
        ws_segment_free(s);
        tcp->fin_received = true;
        acknowledge(tcp, 1);
        ws_file_changed(&tcp->file, WS_ANY);
        close_if_done(tcp);
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

/* True if no call can read the bytes that still arrive. */
static bool
is_for_nobody(const struct ws_tcp *tcp)
{
    return tcp->state != WS_CLOSED && tcp->shut_read && tcp->fin_sent;
}

static void
arrive_data(struct ws_tcp *tcp, struct ws_segment *s)
{
    if (tcp->state == WS_CLOSED) {
        ws_send(tcp, s->from, WS_RST, NULL, 0, 0);
        ws_segment_free(s);
    } else if (tcp->cut_short) {
        ws_segment_free(s);
    } else if (is_for_nobody(tcp) && s->kind == WS_DATA) {
        reset(tcp);
        tcp->error = ECONNRESET;
        ws_segment_free(s);
    } else if (wf_list_is_empty(&tcp->parked) && fits(tcp, s)) {
        take(tcp, s);
    } else {
        wf_list_push(&tcp->parked, &s->link);
        ws_persist_start(s->from);
    }
}

void
ws_tcp_unpark(struct ws_tcp *tcp)
{
    if (tcp->starved) { /* announce the wider window to the peer */
        tcp->starved = false;
        ws_send_once(tcp, WS_PROBE);
    }
    while (!wf_list_is_empty(&tcp->parked)) {
        struct ws_segment *s =
            WF_CONTAINER(tcp->parked.head.next, struct ws_segment, link);
        if (!fits(tcp, s)) {
            ws_persist_start(tcp->peer);
            return;
        }
        wf_list_remove(&s->link);
        ws_persist_end(tcp->peer);
        take(tcp, s);
    }
}

/* True if the segment is a SYN for a listener whose backlog is full. As in
 * Linux, the backlog takes one connection more than the argument of
 * listen(2). */
static bool
finds_no_place(const struct ws_segment *s)
{
    const struct ws_tcp *l = NULL;
    if (s->kind == WS_SYN && s->to->state == WS_CONNECTING)
        l = ws_listener_at(s->to->file.host, &s->to->local);
    return l && l->n_backlog > l->max_backlog;
}

/* True if the answer to the segment is a reset that cannot arrive. */
static bool
gets_no_reset(const struct ws_segment *s)
{
    return (s->kind == WS_DATA || s->kind == WS_FIN) &&
           s->from->state != WS_CLOSED &&
           (s->to->state == WS_CLOSED ||
            (is_for_nobody(s->to) && s->kind == WS_DATA)) &&
           !ws_link_passes(s->to->file.host, s->from->file.host);
}

static void
arrive(struct ws_segment *s)
{
    struct ws_tcp *to = s->to, *from = s->from;
    enum ws_segment_kind kind = s->kind;
    if (kind == WS_DATA || kind == WS_FIN) {
        arrive_data(to, s);
        return;
    }
    ws_segment_free(s);
    if (kind == WS_SYN)
        arrive_syn(to, from);
    else if (kind == WS_PROBE)
        arrive_probe(to);
    else if (kind == WS_SYN_ACK)
        arrive_syn_ack(to);
    else if (kind == WS_ACK)
        arrive_ack(to);
    else
        arrive_reset(to);
}

void
ws_tcp_arrive(struct ws_segment *s)
{
    static const char *const names[] = {"syn", "syn+ack", "ack",  "data",
                                        "fin", "rst",     "probe"};
    struct ws_tcp *to = s->to;
    ws_did(names[s->kind], to->file.host->address & 255, s->len);
    /* such a segment is sent again later */
    if (finds_no_place(s) || gets_no_reset(s)) {
        ws_send_later(s);
        return;
    }
    s->from->progress_ns = to->heard_ns = ws.now_ns;
    to->n_probes = 0;
    to->flying--;
    arrive(s);
    ws_tcp_free_if_over(to);
}
