/* SPDX-License-Identifier: MIT */
/* The raw echo on libuv's streams. Run as libuv_echo PORT. */
#include "raw.h"

#include <uv.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conn {
    uv_tcp_t tcp; /* first, so that a stream can be cast to its connection */
    size_t len;
    char buf[RAW_SIZE];
};

/* The bytes that uv_try_write did not write. */
struct rest {
    uv_write_t req;
    char bytes[];
};

static void
on_close(uv_handle_t *handle)
{
    free(handle);
}

static void
give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct conn *conn = (struct conn *)handle;
    (void)suggested;
    *buf = uv_buf_init(conn->buf + conn->len,
                       (unsigned)(sizeof conn->buf - conn->len));
}

static void
on_written(uv_write_t *req, int status)
{
    (void)status;
    free(req);
}

/* Write at once as much as the socket takes, and the rest later. */
static int
write_all(uv_stream_t *stream, char *bytes, size_t len)
{
    uv_buf_t buf = uv_buf_init(bytes, (unsigned)len);
    int sent = uv_try_write(stream, &buf, 1);
    if (sent < 0 && sent != UV_EAGAIN)
        return sent;
    size_t left = len - (size_t)(sent > 0 ? sent : 0);
    if (left == 0)
        return 0;
    struct rest *rest = malloc(sizeof *rest + left);
    if (!rest)
        return UV_ENOMEM;
    memcpy(rest->bytes, bytes + len - left, left);
    buf = uv_buf_init(rest->bytes, (unsigned)left);
    return uv_write(&rest->req, stream, &buf, 1, on_written);
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *conn = (struct conn *)stream;
    size_t done = 0;
    (void)buf;
    if (n > 0) {
        conn->len += (size_t)n;
        done = raw_answer((uint8_t *)conn->buf, conn->len);
    }
    if (n < 0 || conn->len - done == sizeof conn->buf ||
        (done && write_all(stream, conn->buf, done))) {
        uv_close((uv_handle_t *)stream, on_close);
        return;
    }
    memmove(conn->buf, conn->buf + done, conn->len - done);
    conn->len -= done;
}

static void
on_accept(uv_stream_t *listener, int status)
{
    struct conn *conn = status ? NULL : malloc(sizeof *conn);
    if (!conn)
        return;
    conn->len = 0;
    uv_tcp_init(listener->loop, &conn->tcp);
    uv_tcp_nodelay(&conn->tcp, 1);
    if (uv_accept(listener, (uv_stream_t *)&conn->tcp) ||
        uv_read_start((uv_stream_t *)&conn->tcp, give_room, on_read))
        uv_close((uv_handle_t *)&conn->tcp, on_close);
}

int
main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in at;
    uv_tcp_t listener;
    signal(SIGPIPE, SIG_IGN);
    uv_ip4_addr("127.0.0.1", raw_port(argc, argv), &at);
    uv_tcp_init(loop, &listener);
    int err = uv_tcp_bind(&listener, (const struct sockaddr *)&at, 0);
    if (!err)
        err = uv_listen((uv_stream_t *)&listener, 1024, on_accept);
    if (err) {
        fprintf(stderr, "libuv_echo: %s\n", uv_strerror(err));
        return 1;
    }
    return uv_run(loop, UV_RUN_DEFAULT);
}
