/* SPDX-License-Identifier: MIT */
/* epoll, edge-triggered: epoll reports new bytes once, so this program reads
 * until a read comes back short, which means that no bytes are left. rawecho
 * uses level-triggered epoll. */
#include "raw.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define N_EVENTS 512

static void
welcome(int epoll, int listener)
{
    struct raw_conn *conn = raw_accept(listener, SOCK_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = conn};
    if (conn && epoll_ctl(epoll, EPOLL_CTL_ADD, conn->fd, &event))
        raw_close(conn);
}

static void
drain(struct raw_conn *conn)
{
    bool is_drained;
    do {
        if (!raw_turn(conn, &is_drained)) {
            raw_close(conn);
            return;
        }
    } while (!is_drained);
}

int
main(int argc, char **argv)
{
    struct epoll_event events[N_EVENTS], accepts = {.events = EPOLLIN};
    int listener = raw_listen(raw_port(argc, argv)), epoll = epoll_create1(0);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &accepts)) {
        perror("epoll");
        return 1;
    }
    for (;;) {
        int n = epoll_wait(epoll, events, N_EVENTS, -1);
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr)
                drain(events[i].data.ptr);
            else
                welcome(epoll, listener);
    }
}
