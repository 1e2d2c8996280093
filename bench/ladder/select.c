/* SPDX-License-Identifier: MIT */
/* select: at each wait all descriptors go to the kernel and back. */
#include "raw.h"

#include <sys/select.h>
#include <sys/socket.h>

int
main(int argc, char **argv)
{
    static struct raw_conn *conns[FD_SETSIZE];
    int listener = raw_listen(raw_port(argc, argv)), top = listener;
    fd_set watched;
    FD_ZERO(&watched);
    FD_SET(listener, &watched);
    for (;;) {
        fd_set ready = watched;
        int n = select(top + 1, &ready, NULL, NULL, NULL);
        for (int fd = 0; fd <= top && n > 0; fd++) {
            bool is_drained;
            if (!FD_ISSET(fd, &ready))
                continue;
            n--;
            if (fd == listener) {
                struct raw_conn *conn = raw_accept(listener, SOCK_NONBLOCK);
                if (conn && conn->fd >= FD_SETSIZE) {
                    raw_close(conn);
                } else if (conn) {
                    conns[conn->fd] = conn;
                    FD_SET(conn->fd, &watched);
                    top = conn->fd > top ? conn->fd : top;
                }
            } else if (!raw_turn(conns[fd], &is_drained)) {
                FD_CLR(fd, &watched);
                raw_close(conns[fd]);
            }
        }
    }
}
