/* SPDX-License-Identifier: MIT */
/* expect: weft_conn_close: it has been closed already|heap-use-after-free */
/* An accepted connection is freed after on_close. */
#include <weft/fiber.h>
#include <weft/net.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static struct weft_conn *last;

static void
on_connect(struct weft_conn *conn, void *user)
{
    (void)user;
    last = conn;
}

int
main(void)
{
    static const struct weft_conn_hooks hooks = {.on_connect = on_connect};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct weft_listener *listener;
    char byte;
    if (weft_runtime_start(NULL) ||
        weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &listener))
        return 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_port = htons(weft_listener_port(listener));
    if (connect(fd, (void *)&to, sizeof to) || shutdown(fd, SHUT_WR) ||
        read(fd, &byte, 1) || weft_listener_stop(listener) || !last)
        return 0;
    weft_conn_close(last);
    return 0;
}
