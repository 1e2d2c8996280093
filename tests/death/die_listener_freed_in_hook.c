/* SPDX-License-Identifier: MIT */
/* expect: weft_listener_free: a hook of the listener calls it */
/* A hook that frees its own listener would wait for its own end. */
#include <weft/fiber.h>
#include <weft/net.h>

#include <stdio.h>

static struct weft_listener *listener;

static void
free_it(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
    weft_listener_free(listener);
}

int
main(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = free_it};
    struct weft_conn *conn;
    char address[32];
    if (weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &listener))
        return 0;
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(listener));
    if (weft_dial(address, NULL, &conn) || weft_conn_write(conn, "x", 1) ||
        weft_conn_flush(conn))
        return 0;
    return weft_conn_wait(conn, 1); /* waits until the process ends */
}
