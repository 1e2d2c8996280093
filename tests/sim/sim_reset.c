/* SPDX-License-Identifier: MIT */
/*
 * Row 89 of docs/threats.md. A server resets each connection after some bytes,
 * while the client's fibers send and receive on different workers. The kernel
 * reports the reset to one of the two fibers, and to the other one only the end
 * of the input. The fiber that receives must always get an error.
 */
#include "fibers.h"

#include <weft/net.h>

#include <errno.h>

#define STREAMS 4
#define ROUNDS 8

/* The queue is so small that a sender soon waits for the kernel. */
static const struct weft_conn_options little = {.max_queued = 4000};

static void
reset(struct weft_conn *conn, void *user)
{
    (void)user;
    if (weft_conn_skip(conn, weft_conn_len(conn)))
        return;
    if (weft_sim_random(4) == 0)
        weft_conn_abort(conn);
}

static void
be_server(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_request = reset};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_listener_stop(listener));
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
send_for_ever(void *arg)
{
    static const uint8_t bytes[1000];
    struct weft_conn *conn = arg;
    weft_err err = WEFT_OK;
    while (!err) {
        err = weft_conn_write(conn, bytes, sizeof bytes);
        if (!err)
            err = weft_conn_flush(conn);
        weft_fiber_yield();
    }
}

static void
run_stream(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct weft_conn *conn;
        weft_fiber sender;
        weft_err err =
            weft_dial_until("server:7", &little, weft_after_ms(5000), &conn);
        if (err)
            continue;
        WEFT_SIM_CHECK(!weft_fiber_start(send_for_ever, conn, &sender));
        err = weft_conn_wait(conn, 1);
        if (err != -ECONNRESET && err != -EPIPE)
            weft_sim_fail("a reset is told as: %s", weft_err_text(err));
        WEFT_SIM_CHECK(!weft_fiber_join(sender));
        weft_conn_close(conn);
    }
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
    weft_sim_host_new("server", be_server, NULL);
    weft_sim_host_new("client", be_client, NULL);
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_MAYBE);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "reset",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
