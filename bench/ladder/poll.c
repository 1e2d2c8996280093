/* SPDX-License-Identifier: MIT */
/* poll: like select, but without select's limit on descriptors. */
#include "raw.h"

#include <poll.h>
#include <sys/socket.h>

#define MAX_CONNS 4096

static struct pollfd watched[MAX_CONNS];
static struct raw_conn *conns[MAX_CONNS];
static nfds_t n_watched;

static void
watch(int fd, struct raw_conn *conn)
{
    watched[n_watched] = (struct pollfd){.fd = fd, .events = POLLIN};
    conns[n_watched++] = conn;
}

static void
welcome(int listener)
{
    struct raw_conn *conn = raw_accept(listener, SOCK_NONBLOCK);
    if (conn && n_watched < MAX_CONNS)
        watch(conn->fd, conn);
    else if (conn)
        raw_close(conn);
}

int
main(int argc, char **argv)
{
    bool is_drained;
    watch(raw_listen(raw_port(argc, argv)), NULL);
    for (;;) {
        poll(watched, n_watched, -1);
        /* Go from the end, because the last descriptor takes the place of a
         * closed one. The listener is the first. */
        for (nfds_t i = n_watched; i-- > 1;) {
            if (!watched[i].revents || raw_turn(conns[i], &is_drained))
                continue;
            raw_close(conns[i]);
            watched[i] = watched[--n_watched];
            conns[i] = conns[n_watched];
        }
        if (watched[0].revents)
            welcome(watched[0].fd);
    }
}
