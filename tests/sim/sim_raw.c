/* SPDX-License-Identifier: MIT */
/*
 * Connections without RPC. A client sends bytes that depend on their position,
 * in pieces of any length. A server returns them in pieces of any length, and
 * the same bytes must come back. The client ends its side, and without a
 * failure all bytes come back before the server's end. Hosts pause, so that
 * each one reads slowly at times.
 */
#include "fibers.h"

#include <weft/net.h>

#include <string.h>

#define CLIENTS 2
#define STREAMS 3 /* of each client, at once */
#define ROUNDS 4  /* of each stream, each on its own connection */
#define PIECE 20000

/* A write time-out would end the connection of a peer that reads slowly. */
static const struct weft_conn_options patient = {.write_timeout_ms = WEFT_NONE};

static uint32_t streams_left;

static uint8_t
byte_at(size_t place)
{
    return (uint8_t)(place * 31 + (place >> 8) * 7 + (place >> 16));
}

/* ---- the server ---- */

static void
send_back(struct weft_conn *conn, void *user)
{
    const uint8_t *bytes;
    (void)user;
    size_t n = 1 + weft_sim_random(weft_conn_len(conn));
    if (weft_conn_next(conn, n, &bytes) || weft_conn_write(conn, bytes, n) ||
        weft_conn_flush(conn))
        weft_conn_close(conn);
}

static void
end(struct weft_conn *conn, void *user)
{
    (void)user;
    weft_conn_close(conn);
}

static void
be_server(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_request = send_back,
                                                 .on_end = end};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, &patient, &listener));
    weft_sim_wait_for_others();
    weft_err err = weft_listener_stop_until(listener, weft_after_ms(5000));
    WEFT_SIM_CHECK(!err);
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the client ---- */

struct stream {
    struct weft_conn *conn;
    size_t size;
    weft_err sent; /* the error that ended the sending */
};

static void
send_all(void *arg)
{
    uint8_t piece[PIECE];
    struct stream *s = arg;
    for (size_t at = 0, n; at < s->size && !s->sent; at += n) {
        n = 1 + weft_sim_random(weft_sim_random(4) ? 100 : PIECE);
        n = n < s->size - at ? n : s->size - at;
        for (size_t i = 0; i < n; i++)
            piece[i] = byte_at(at + i);
        s->sent = weft_conn_write(s->conn, piece, n);
        if (!s->sent)
            s->sent = weft_conn_flush(s->conn);
    }
    if (!s->sent)
        s->sent = weft_conn_end(s->conn);
}

/* Returns how many bytes came before the end. *why: the error that ended
 * them. */
static size_t
receive_all(struct weft_conn *conn, weft_err *why)
{
    const uint8_t *bytes;
    size_t at = 0;
    while (!(*why = weft_conn_wait(conn, 1))) {
        size_t n = 1 + weft_sim_random(weft_conn_len(conn));
        if ((*why = weft_conn_next(conn, n, &bytes)))
            break;
        for (size_t i = 0; i < n; i++)
            if (bytes[i] != byte_at(at + i)) {
                weft_sim_fail("byte %zu is wrong", at + i);
                return at;
            }
        at += n;
    }
    return at;
}

/* Returns whether all bytes come back. */
static bool
run_round(void)
{
    struct stream s = {.size =
                           1 + weft_sim_random(weft_sim_random(300000) + 1)};
    weft_fiber sender;
    weft_err why;
    if (weft_dial_until("server:7", &patient, weft_after_ms(5000), &s.conn))
        return false;
    if (weft_fiber_start(send_all, &s, &sender)) {
        weft_conn_close(s.conn);
        return false;
    }
    size_t n = receive_all(s.conn, &why);
    WEFT_SIM_CHECK(!weft_fiber_join(sender));
    weft_sim_note("%zu of %zu: %s", n, s.size, weft_err_text(why));
    if (n > s.size || (why == WEFT_EEOF && !s.sent && n != s.size))
        weft_sim_fail("%zu of %zu bytes came back", n, s.size);
    WEFT_SIM_SOMETIMES("all bytes come back", n == s.size);
    WEFT_SIM_SOMETIMES("a stream breaks", n < s.size);
    weft_conn_close(s.conn);
    return n == s.size;
}

static void
run_stream(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++)
        (void)run_round();
    end_faults(&streams_left);
    wait_for_quiet(&streams_left);
    (void)weft_sleep_ms(3000); /* by then pauses and slow segments are over */
    WEFT_SIM_CHECK(run_round());
}

static void
be_client(void *arg)
{
    weft_fiber fibers[STREAMS];
    (void)arg;
    (void)weft_sleep_ms(10); /* by then the server listens */
    start_all(run_stream, NULL, fibers, STREAMS);
    join_all(fibers, STREAMS);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    streams_left = CLIENTS * STREAMS;
    weft_sim_host_new("server", be_server, NULL);
    weft_sim_host_new("c0", be_client, NULL);
    weft_sim_host_new("c1", be_client, NULL);
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_PAUSE | WEFT_SIM_CLOCK | WEFT_SIM_MAYBE);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "raw",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
