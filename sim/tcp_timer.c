/* SPDX-License-Identifier: MIT */
/*
 * Ends connections whose peer is silent: after probes of keepalive that the
 * peer does not answer, and after a window has stayed closed for longer than
 * TCP_USER_TIMEOUT. The times and the number of probes follow
 * tcp_keepalive_timer of Linux's net/ipv4/tcp_timer.c. segment.c handles bytes
 * that are not acknowledged.
 */
#include "tcp.h"

#include <errno.h>

#define SECOND_NS 1000000000u
#define RTO_NS 200000000u /* time until the first probe of a closed window */

/* ---- keepalive ---- */

static void
look_in(struct ws_tcp *tcp, uint64_t ns)
{
    ws_event_at(&tcp->probe, ws.now_ns + ns);
}

static bool
is_dead(const struct ws_tcp *tcp, uint64_t quiet_ns)
{
    if (tcp->user_timeout_ms)
        return tcp->n_probes &&
               quiet_ns >= (uint64_t)tcp->user_timeout_ms * 1000000u;
    return tcp->n_probes >= tcp->max_probes;
}

static void
look(struct ws_event *event)
{
    struct ws_tcp *tcp = WF_CONTAINER(event, struct ws_tcp, probe);
    uint64_t idle_ns = (uint64_t)tcp->idle_s * SECOND_NS;
    uint64_t quiet_ns = ws.now_ns - tcp->heard_ns;
    if (tcp->unacked) { /* retransmissions already check the peer */
        look_in(tcp, idle_ns);
    } else if (quiet_ns < idle_ns) {
        look_in(tcp, idle_ns - quiet_ns);
    } else if (is_dead(tcp, quiet_ns)) {
        ws_send_once(tcp, WS_RST);
        ws_tcp_fail(tcp, ETIMEDOUT);
    } else {
        ws_send_once(tcp, WS_PROBE);
        tcp->n_probes++;
        look_in(tcp, (uint64_t)tcp->interval_s * SECOND_NS);
    }
}

void
ws_keepalive_start(struct ws_tcp *tcp)
{
    if (tcp->keeps_alive && tcp->state == WS_OPEN)
        look_in(tcp, (uint64_t)tcp->idle_s * SECOND_NS);
}

void
ws_keepalive_set_idle(struct ws_tcp *tcp)
{
    uint64_t idle_ns = (uint64_t)tcp->idle_s * SECOND_NS;
    uint64_t quiet_ns = ws.now_ns - tcp->heard_ns;
    if (tcp->keeps_alive && tcp->state == WS_OPEN)
        look_in(tcp, idle_ns - WF_MIN(idle_ns, quiet_ns));
}

bool
ws_tcp_all_answer(void)
{
    const struct wf_link *link = ws_tcp_all.head.next;
    for (; link != &ws_tcp_all.head; link = link->next) {
        const struct ws_tcp *tcp =
            WF_CONTAINER(link, const struct ws_tcp, of_all);
        if (!tcp->probe.place)
            continue;
        const struct ws_host *here = tcp->file.host;
        const struct ws_host *there = tcp->peer->file.host;
        if (tcp->peer->state == WS_CLOSED || !ws_link_passes(here, there) ||
            !ws_link_passes(there, here))
            return false;
    }
    return true;
}

/* ---- a window that stays closed ---- */

static void
give_up(struct ws_event *event)
{
    ws_tcp_fail(WF_CONTAINER(event, struct ws_tcp, persist), ETIMEDOUT);
}

/* Linux counts TCP_USER_TIMEOUT from the first probe of the window, and
 * continues to count even if the peer answers the probes. */
void
ws_persist_start(struct ws_tcp *tcp)
{
    if (tcp->user_timeout_ms && !tcp->persist.place && tcp->state == WS_OPEN)
        ws_event_at(&tcp->persist,
                    ws.now_ns + RTO_NS +
                        (uint64_t)tcp->user_timeout_ms * 1000000u);
}

void
ws_persist_end(struct ws_tcp *tcp)
{
    ws_event_cancel(&tcp->persist);
}

void
ws_persist_set(struct ws_tcp *tcp)
{
    ws_persist_end(tcp);
    if (tcp->peer && !wf_list_is_empty(&tcp->peer->parked))
        ws_persist_start(tcp);
}

/* ---- both timers ---- */

void
ws_timers_init(struct ws_tcp *tcp)
{
    tcp->probe.happen = look;
    tcp->probe.background = true;
    tcp->persist.happen = give_up;
    tcp->idle_s = 7200; /* ip-sysctl: tcp_keepalive_time, _intvl, _probes */
    tcp->interval_s = 75;
    tcp->max_probes = 9;
}

void
ws_timers_cancel(struct ws_tcp *tcp)
{
    ws_event_cancel(&tcp->probe);
    ws_event_cancel(&tcp->persist);
}
