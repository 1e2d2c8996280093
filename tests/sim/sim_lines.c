/* SPDX-License-Identifier: MIT */
/*
 * Connections without RPC: a client sends a size and then more than the server
 * reads; the server answers with that number of bytes and closes, from a hook
 * or from its own fiber. The whole answer arrives, each connection ends once,
 * and a connection still works after many messages. In some runs the server has
 * no memory for a while or few fibers, or stops while clients use it.
 */
#include "fibers.h"

#include <weft/net.h>

#include <string.h>

#define DIALLERS 4
#define DIALS 12
#define ANSWER_MAX 100000
#define ECHOES 600
#define MUCH 4000000
#define LAST UINT32_MAX /* this size asks for an echo */

static bool scarce, hasty, few; /* scarce: calls may fail now */
static int connected, closed;
static uint64_t closing_ns; /* when a fiber began to wait for on_close of
                             * `closing` */
static weft_connid closing;

/* ---- the server ---- */

static void
on_connect(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
    connected++;
}

static void
on_close(struct weft_conn *conn, weft_err why, void *user)
{
    (void)why;
    (void)user;
    closed++;
    if (weft_conn_id(conn).id != closing.id)
        return;
    WEFT_SIM_CHECK(weft_now_ns() - closing_ns < SLACK_NS);
    closing.id = 0;
}

static void
close_it(void *arg)
{
    weft_connid id = {(uint64_t)(uintptr_t)arg};
    struct weft_conn *conn = weft_conn_ref(id);
    if (!conn)
        return;
    if (!closing.id) {
        closing = id;
        closing_ns = weft_now_ns();
    }
    weft_conn_close(conn);
    weft_conn_unref(conn);
}

static void
answer(struct weft_conn *conn, uint32_t size)
{
    char *bytes = malloc(size);
    memset(bytes, 'a', size);
    weft_err err = weft_conn_write(conn, bytes, size);
    if (!err)
        err = weft_conn_flush(conn);
    WEFT_SIM_CHECK(!err || scarce || size == MUCH);
    free(bytes);
}

static void
on_request(struct weft_conn *conn, void *user)
{
    uint32_t size;
    const uint8_t *bytes;
    weft_err err = weft_conn_next(conn, sizeof size, &bytes);
    (void)user;
    if (err)
        return;
    memcpy(&size, bytes, sizeof size);
    if (size == LAST) {
        answer(conn, 4);
        return;
    }
    answer(conn, size);
    weft_fiber fiber;
    weft_connid id = weft_conn_id(conn);
    if (below(2) ||
        weft_fiber_start(close_it, (void *)(uintptr_t)id.id, &fiber))
        weft_conn_close(conn);
}

static void
serve(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_connect = on_connect,
                                                 .on_request = on_request,
                                                 .on_close = on_close};
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)below(3),
        .max_fibers = few ? 3 + (uint32_t)below(2) : 0};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
    if (hasty)
        (void)weft_sleep_ms((int64_t)below(20));
    else
        weft_sim_wait_for_others();
    uint64_t begun = weft_now_ns();
    WEFT_SIM_CHECK(!weft_listener_stop(listener));
    WEFT_SIM_CHECK(weft_now_ns() - begun < 1000 * (uint64_t)MS);
    WEFT_SIM_CHECK(connected == closed);
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the client ---- */

static weft_err
dial(struct weft_conn **conn)
{
    weft_err err = weft_dial_until("server:7", NULL,
                                   weft_now_ns() + 2000 * (uint64_t)MS, conn);
    WEFT_SIM_CHECK(!err || scarce);
    return err;
}

static weft_err
ask(struct weft_conn *conn, uint32_t size)
{
    weft_err err = weft_conn_write(conn, &size, sizeof size);
    return err ? err : weft_conn_flush(conn);
}

/* Send bytes that the server does not read. They may arrive while its answer is
 * on its way. */
static weft_err
send_more(struct weft_conn *conn)
{
    char more[3000] = {0};
    if (below(2))
        (void)weft_sleep_ms((int64_t)below(2));
    weft_err err = weft_conn_write(conn, more, sizeof more);
    return err ? err : weft_conn_flush(conn);
}

static void
dial_on(void *arg)
{
    const uint8_t *bytes;
    struct weft_conn *conn;
    (void)arg;
    for (int i = 0; i < DIALS; i++) {
        uint32_t size = 1 + (uint32_t)below(1 + below(ANSWER_MAX));
        if (dial(&conn))
            continue;
        WEFT_SIM_CHECK(weft_fd_wait_until(weft_conn_fd(conn), WEFT_FD_WRITE,
                                          0) == WEFT_FD_WRITE ||
                       scarce);
        weft_err err = ask(conn, size);
        if (!err)
            (void)send_more(conn); /* the server may have closed the
                                    * connection */
        uint64_t deadline = weft_now_ns() + 3000 * (uint64_t)MS;
        if (!err)
            err = weft_conn_next_until(conn, size, deadline, &bytes);
        if (err && !scarce)
            weft_sim_fail("an answer of %u bytes: %s", (unsigned)size,
                          weft_err_text(err));
        weft_conn_close(conn);
        rest();
    }
}

static void
echo_on(void *arg)
{
    const uint8_t *bytes;
    struct weft_conn *conn;
    (void)arg;
    if (dial(&conn))
        return;
    for (int i = 0; i < ECHOES; i++) {
        uint64_t deadline = weft_now_ns() + 3000 * (uint64_t)MS;
        weft_err err = ask(conn, LAST);
        if (!err)
            err = weft_conn_next_until(conn, 4, deadline, &bytes);
        WEFT_SIM_CHECK(!err || scarce);
        if (err)
            break;
    }
    weft_conn_close(conn);
}

/* Ask for a large answer and read nothing: the server closes the connection,
 * and most of the answer never arrives. */
static void
be_lazy(void)
{
    struct weft_conn *conn;
    size_t got = 0;
    if (dial(&conn))
        return;
    WEFT_SIM_CHECK(!ask(conn, MUCH));
    (void)weft_sleep_ms(60000);
    WEFT_SIM_CHECK(connected == closed);
    while (!weft_conn_wait_until(conn, 1, weft_after_ms(3000))) {
        got += weft_conn_len(conn);
        WEFT_SIM_CHECK(!weft_conn_skip(conn, weft_conn_len(conn)));
    }
    WEFT_SIM_CHECK(got < MUCH);
    weft_conn_close(conn);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    weft_fiber fibers[DIALLERS], echo;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(1);
    echo = start(echo_on, NULL);
    start_all(dial_on, NULL, fibers, DIALLERS);
    if (scarce && !hasty)
        weft_sim_faults(WEFT_SIM_NO_MEMORY);
    join_all(fibers, DIALLERS);
    weft_sim_faults(0);
    WEFT_SIM_CHECK(!weft_fiber_join(echo));
    scarce = hasty || few;
    if (!hasty) {
        (void)weft_sleep_ms(3000);
        dial_on(NULL); /* from now on nothing is scarce */
        be_lazy();
    }
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    hasty = below(4) == 0;
    few = !hasty && below(4) == 0;
    scarce = hasty || few || below(3) == 0;
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "lines",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
