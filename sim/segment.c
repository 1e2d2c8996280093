/* SPDX-License-Identifier: MIT */
/*
 * Simulates segments that are under way. The segments of one end arrive in
 * order: a lost segment delays later segments, as in TCP. While a link takes
 * nothing, segments wait at their sender. The sender tries again after 200 ms,
 * and then after twice the time before, as Linux does (tcp_retries2).
 */
#include "tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RTO_NS 200000000u
#define RTO_MAX_NS 120000000000u
#define GIVE_UP_NS 924600000000u /* ip-sysctl: tcp_retries2 of 15 */
#define ORPHAN_NS 102200000000u  /* ip-sysctl: tcp_orphan_retries of 8 */
#define SYN_RTO_NS 1000000000u
#define SYN_TRIES 6

void
ws_segment_free(struct ws_segment *segment)
{
    ws_event_cancel(&segment->arrival);
    if (wf_link_queued(&segment->link))
        wf_list_remove(&segment->link);
    free(segment);
}

static void
arrive(struct ws_event *event)
{
    struct ws_segment *s = WF_CONTAINER(event, struct ws_segment, arrival);
    wf_list_remove(&s->link);
    ws_tcp_arrive(s);
}

/* Send a segment over its link. false: the link takes nothing. */
static bool
launch(struct ws_segment *s)
{
    uint64_t at = ws_link_arrival(s->from->file.host, s->to->file.host, s->len);
    if (at == WEFT_NEVER)
        return false;
    if (wf_link_queued(&s->link))
        wf_list_remove(&s->link);
    wf_list_push(&s->to->flight, &s->link);
    s->from->last_arrival_ns = WF_MAX(at, s->from->last_arrival_ns);
    ws_event_at(&s->arrival, s->from->last_arrival_ns);
    return true;
}

/* ---- retransmission ---- */

/* The time at which the sender gives up if the peer confirms nothing. Linux
 * counts from the SYN, or from the first retransmission of bytes. */
static uint64_t
gives_up_ns(const struct ws_tcp *tcp)
{
    uint64_t limit = tcp->gone ? ORPHAN_NS : GIVE_UP_NS;
    if (tcp->user_timeout_ms)
        limit = (uint64_t)tcp->user_timeout_ms * 1000000u;
    return tcp->progress_ns + limit +
           (tcp->state == WS_CONNECTING ? 0 : RTO_NS);
}

bool
ws_tcp_gives_up(const struct ws_tcp *tcp)
{
    if (tcp->state == WS_CONNECTING && !tcp->user_timeout_ms)
        return tcp->tries > SYN_TRIES;
    return ws.now_ns >= gives_up_ns(tcp);
}

static void
try_later(struct ws_tcp *tcp)
{
    uint64_t first = tcp->state == WS_CONNECTING ? SYN_RTO_NS : RTO_NS;
    uint64_t rest = WF_MIN(first << WF_MIN(tcp->tries, 20u), RTO_MAX_NS);
    uint64_t at = ws.now_ns + rest;
    if (tcp->user_timeout_ms && tcp->tries)
        at = WF_MIN(at, gives_up_ns(tcp));
    tcp->tries++;
    ws_event_at(&tcp->again, at);
}

static void
try_again(struct ws_event *event)
{
    struct ws_tcp *tcp = WF_CONTAINER(event, struct ws_tcp, again);
    struct wf_link *first;
    if (ws_tcp_gives_up(tcp)) {
        ws_tcp_fail(tcp, ETIMEDOUT);
        return;
    }
    while ((first = tcp->stalled.head.next) != &tcp->stalled.head) {
        struct ws_segment *s = WF_CONTAINER(first, struct ws_segment, link);
        if (!launch(s)) {
            try_later(tcp);
            return;
        }
    }
}

/* ---- sending ---- */

static void
copy(uint8_t *to, const struct iovec *iov, size_t skip, size_t len)
{
    for (; len > 0; iov++) {
        if (skip >= iov->iov_len) {
            skip -= iov->iov_len;
            continue;
        }
        size_t n = WF_MIN(iov->iov_len - skip, len);
        memcpy(to, (uint8_t *)iov->iov_base + skip, n);
        to += n;
        len -= n;
        skip = 0;
    }
}

static struct ws_segment *
segment_new(struct ws_tcp *from, struct ws_tcp *to, enum ws_segment_kind kind,
            size_t len)
{
    struct ws_segment *s = ws_alloc(sizeof *s + len);
    s->from = from;
    s->to = to;
    s->kind = kind;
    s->len = (uint32_t)len;
    s->arrival.happen = arrive;
    from->again.happen = try_again;
    to->flying++;
    return s;
}

void
ws_send(struct ws_tcp *from, struct ws_tcp *to, enum ws_segment_kind kind,
        const struct iovec *iov, size_t skip, size_t len)
{
    struct ws_segment *s = segment_new(from, to, kind, len);
    if (iov)
        copy(s->bytes, iov, skip, len);
    if (kind == WS_DATA && ws_fault(WEFT_SIM_CORRUPT))
        s->bytes[ws_below(len)] ^= (uint8_t)(1 << ws_below(8));
    bool waits = !wf_list_is_empty(&from->stalled);
    if (!waits && launch(s))
        return;
    wf_list_push(&from->stalled, &s->link);
    if (!from->again.place)
        try_later(from);
}

void
ws_send_later(struct ws_segment *s)
{
    wf_list_push(&s->from->stalled, &s->link);
    if (!s->from->again.place)
        try_later(s->from);
}

void
ws_send_once(struct ws_tcp *from, enum ws_segment_kind kind)
{
    struct ws_segment *s = segment_new(from, from->peer, kind, 0);
    if (launch(s))
        return;
    from->peer->flying--;
    ws_segment_free(s);
}

void
ws_flight_return(struct ws_tcp *to)
{
    struct ws_tcp *from = to->peer;
    struct wf_list back;
    struct wf_link *link;
    bool is_local = from && from->file.host == to->file.host;
    wf_list_init(&back);
    while ((link = wf_list_pop(&to->flight))) {
        struct ws_segment *s = WF_CONTAINER(link, struct ws_segment, link);
        ws_event_cancel(&s->arrival);
        if (s->from == from && !is_local && s->kind != WS_RST &&
            s->kind != WS_PROBE && from->state != WS_CLOSED) {
            wf_list_push(&back, link);
            continue;
        }
        to->flying--;
        ws_segment_free(s);
    }
    if (wf_list_is_empty(&back))
        return;
    /* The segments in `stalled` were sent later, so they follow those of
     * `back`. */
    wf_list_splice(&from->stalled, &back);
    wf_list_splice(&back, &from->stalled);
    if (!from->again.place)
        try_later(from);
}
