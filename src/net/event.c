/* SPDX-License-Identifier: MIT */
/* Handles an event of a socket for the poller. */
#include "net/sock.h"

void
wf_sock_event(uint64_t id, uint32_t events)
{
    struct wf_sock *s = wf_sock_ref(id);
    if (!s)
        return;
    const uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    /* acquire: wf_wake reads what the writer stored in its task */
    struct wf_task *writer = wf_load(&s->writer, acquire);
    if (writer && events & (EPOLLOUT | EPOLLHUP | EPOLLERR) &&
        !WF_MUTANT(writable_edge_dropped))
        wf_wake(writer);
    /* relaxed: wf_sock_start_reader, called below, publishes the flag */
    if (events & ends)
        wf_store(&s->hung_up, true, relaxed);
    if (events & EPOLLPRI) /* relaxed for the same reason as hung_up */
        wf_store(&s->reads_on, true, relaxed);
    if (events & (EPOLLIN | EPOLLPRI | ends))
        wf_sock_start_reader(s);
    else
        wf_sock_unref(s);
}
