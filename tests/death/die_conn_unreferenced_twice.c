/* SPDX-License-Identifier: MIT */
/* expect: weft_conn_unref: no reference of weft_conn_ref is held */
/* A reference that is given up twice would free the connection of another
 * holder. */
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
    struct weft_conn *held = weft_conn_ref(weft_conn_id(conn));
    if (!held)
        return 0;
    weft_conn_unref(held);
    weft_conn_unref(held);
    return 0;
}
