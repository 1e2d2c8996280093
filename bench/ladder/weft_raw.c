/* SPDX-License-Identifier: MIT */
/* The same echo on weft's connections (weft/net.h): fibers, a zero-copy reader
 * and the write queue, but no Thrift. */
#include "raw.h"

#include <weft/weft.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Answers the next call. Returns false if the call has not arrived in full. */
static bool
answer(struct weft_conn *conn, weft_err *err)
{
    const uint8_t *bytes;
    if (weft_conn_len(conn) < 4 || (*err = weft_conn_peek(conn, 4, &bytes)))
        return false;
    size_t len = 4 + ((size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 |
                      (size_t)bytes[2] << 8 | bytes[3]);
    if (len > RAW_SIZE)
        *err = WEFT_ETOOBIG;
    if (*err || weft_conn_len(conn) < len)
        return false;
    *err = weft_conn_next(conn, len, &bytes);
    uint8_t *room = *err ? NULL : weft_conn_reserve(conn, len);
    if (!room)
        return false;
    memcpy(room, bytes, len);
    raw_answer(room, len);
    *err = weft_conn_commit(conn, len);
    return !*err;
}

static void
on_request(struct weft_conn *conn, void *user)
{
    weft_err err = WEFT_OK;
    (void)user;
    while (answer(conn, &err))
        ;
    if (!err)
        err = weft_conn_flush(conn);
    if (err)
        weft_conn_close(conn);
}

int
main(int argc, char **argv)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    const struct weft_runtime_options one = {.workers = 1};
    struct weft_listener *listener;
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", raw_port(argc, argv));
    weft_err err = weft_runtime_start(&one);
    if (!err)
        err = weft_listen(address, &hooks, NULL, NULL, &listener);
    if (err) {
        fprintf(stderr, "weft_raw: %s\n", weft_err_text(err));
        return 1;
    }
    for (;;)
        pause();
}
