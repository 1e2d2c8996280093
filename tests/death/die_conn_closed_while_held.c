/* SPDX-License-Identifier: MIT */
/* expect: weft_conn_abort: it has been closed already|heap-use-after-free */
/* A connection that is referenced lives on, but it is closed only once. */
#include <weft/net.h>

#include <sys/socket.h>

int
main(void)
{
    int fds[2];
    struct weft_conn *conn;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) ||
        weft_conn_adopt(fds[0], NULL, &conn))
        return 0;
    if (!weft_conn_ref(weft_conn_id(conn)))
        return 0;
    weft_conn_close(conn);
    weft_conn_abort(conn);
    return 0;
}
