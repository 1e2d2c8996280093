/* SPDX-License-Identifier: MIT */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL_MIN 15 /* bytes of the shortest body of a call */

uint16_t
raw_port(int argc, char **argv)
{
    return argc > 1 ? (uint16_t)atoi(argv[1]) : 8888;
}

int
raw_listen(uint16_t port)
{
    const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 1024)) {
        perror("listen");
        exit(1);
    }
    return fd;
}

struct raw_conn *
raw_accept(int listener, int flags)
{
    const int on = 1;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | flags);
    struct raw_conn *conn = fd < 0 ? NULL : malloc(sizeof *conn);
    if (conn) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        conn->fd = fd;
        conn->len = 0;
    } else if (fd >= 0) {
        close(fd);
    }
    return conn;
}

static uint32_t
get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return ntohl(v);
}

size_t
raw_answer(uint8_t *bytes, size_t len)
{
    size_t off = 0;
    while (len - off >= 4 && len - off - 4 >= get32(bytes + off)) {
        uint8_t *message = bytes + off + 4;
        uint32_t size = get32(bytes + off);
        if (size >= CALL_MIN && get32(message + 4) <= size - CALL_MIN) {
            message[3] = 2;                              /* type REPLY */
            message[8 + get32(message + 4) + 4 + 2] = 0; /* field id 0 */
        }
        off += 4 + size;
    }
    return off;
}

static bool
send_all(int fd, const uint8_t *bytes, size_t len)
{
    for (size_t sent = 0; sent < len;) {
        ssize_t n = send(fd, bytes + sent, len - sent, MSG_NOSIGNAL);
        if (n >= 0)
            sent += (size_t)n;
        else if (errno != EAGAIN && errno != EINTR)
            return false;
    }
    return true;
}

bool
raw_turn(struct raw_conn *conn, bool *is_drained)
{
    size_t room = sizeof conn->buf - conn->len;
    ssize_t n = recv(conn->fd, conn->buf + conn->len, room, 0);
    *is_drained = n < (ssize_t)room;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0)
        return false;
    conn->len += (size_t)n;
    size_t done = raw_answer(conn->buf, conn->len);
    if (!send_all(conn->fd, conn->buf, done))
        return false;
    memmove(conn->buf, conn->buf + done, conn->len - done);
    conn->len -= done;
    return conn->len < sizeof conn->buf;
}

void
raw_close(struct raw_conn *conn)
{
    close(conn->fd);
    free(conn);
}
