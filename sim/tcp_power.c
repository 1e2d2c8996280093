/* SPDX-License-Identifier: MIT */
/*
 * What a loss of power does to the connections of a host. The kernel of the
 * host sends nothing any more, so the other ends receive nothing. The other
 * ends send their segments again, until they give up, or until the host is
 * back. Then the host answers each segment of a connection that it does not
 * know with a reset.
 */
#include "tcp.h"

/* True for the far end of a connection whose SYN is still under way: the SYN
 * may find a listener when the host is back. */
static bool
is_only_asked_for(const struct ws_tcp *tcp)
{
    return tcp->state == WS_CONNECTING && tcp->progress == WS_UNCONNECTED &&
           !tcp->listener;
}

/* If a listener has received a SYN and the answer to it has not left, let the
 * client send the SYN again. true: the client sends the SYN again. */
static bool
is_asked_for_again(struct ws_tcp *child)
{
    struct ws_tcp *client = child->peer;
    if (!child->listener || child->state != WS_CONNECTING ||
        wf_list_is_empty(&child->stalled))
        return false;
    ws_tcp_leave_backlog(child);
    ws_tcp_close(child, 0);
    child->state = WS_CONNECTING;
    child->shut_read = child->shut_write = false;
    ws_send(client, child, WS_SYN, NULL, 0, 0);
    return true;
}

static void
vanish(struct ws_tcp *tcp)
{
    if (tcp->state == WS_LISTENING || tcp->state == WS_FRESH)
        return;
    ws_flight_return(tcp);
    if (is_asked_for_again(tcp) || is_only_asked_for(tcp))
        return;
    if (tcp->listener) /* no call can accept the connection */
        tcp->gone = true;
    ws_tcp_leave_backlog(tcp);
    if (tcp->state != WS_CLOSED)
        ws_tcp_close(tcp, 0);
    tcp->vanished = true;
}

void
ws_tcp_vanish(const struct ws_host *host)
{
    struct wf_link *link = ws_tcp_all.head.next;
    for (; link != &ws_tcp_all.head; link = link->next) {
        struct ws_tcp *tcp = WF_CONTAINER(link, struct ws_tcp, of_all);
        if (tcp->file.host == host)
            vanish(tcp);
    }
}
