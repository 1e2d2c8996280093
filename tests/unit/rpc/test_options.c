/* SPDX-License-Identifier: MIT */
/* Options that are WEFT_UNLIMITED or WEFT_UNLIMITED_SIZE: weft accepts more
 * than with the default. Time-outs: tests/faults/test_rpc_options.c. */
#include "rpc/server.h"
#include "trial_server.h"

#include "codec/codec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define MIB ((size_t)1 << 20)

static const struct weft_server_options all = {
    .limits = {.message_size = WEFT_UNLIMITED_SIZE,
               .memory = WEFT_UNLIMITED_SIZE},
    .max_connections = WEFT_UNLIMITED,
    .max_calls = WEFT_UNLIMITED,
    .max_calls_per_connection = WEFT_UNLIMITED,
    .max_queued = WEFT_UNLIMITED_SIZE,
    .max_memory = WEFT_UNLIMITED_SIZE,
    .backlog = WEFT_UNLIMITED};

/* ---- limits of a message ---- */

static void
limits_without_limit(void **state)
{
    (void)state;
    const struct weft_limits asked = {.message_size = WEFT_UNLIMITED_SIZE,
                                      .memory = WEFT_UNLIMITED_SIZE,
                                      .depth = WEFT_UNLIMITED,
                                      .name_size = WEFT_UNLIMITED,
                                      .header_size = WEFT_UNLIMITED,
                                      .inflate_ratio = WEFT_UNLIMITED};
    struct weft_limits l = wf_limits_of(&asked);
    assert_int_equal(l.message_size, INT32_MAX);
    assert_true(l.memory == SIZE_MAX);
    assert_int_equal(l.depth, 64);
    assert_int_equal(l.name_size, UINT32_MAX);
    assert_int_equal(l.header_size, 65532);
    assert_int_equal(l.inflate_ratio, 1032);
}

static weft_err
echo(struct weft_client *client, size_t size)
{
    struct weft_arena arena;
    struct trial_echo_args args;
    struct trial_echo_result result;
    char *text = calloc(1, size);
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    trial_echo_args_init(&args);
    args.item.text = (struct weft_str){text, (uint32_t)size};
    weft_err err = trial_Trial_echo(client, &arena, &args, &result, NULL);
    weft_arena_fini(&arena);
    free(text);
    return err;
}

/* A message larger than the default, and an answer larger than the memory. */
static void
a_message_without_limit(void **state)
{
    (void)state;
    struct house h;
    struct weft_client_options client = {.limits = all.limits,
                                         .max_queued = WEFT_UNLIMITED_SIZE};
    for (int unlimited = 0; unlimited < 2; unlimited++) {
        house_open(&h, NULL, unlimited ? &all : NULL, &client);
        weft_err err = echo(h.client, 16 * MIB);
        assert_int_equal(err == WEFT_OK, unlimited);
        house_close(&h);
    }
}

/* ---- calls ---- */

static void
calls_without_limit(void **state)
{
    (void)state;
    enum { N = 4200 }; /* more than the defaults of 1,024 and 4,096 */
    struct house h;
    struct weft_client_options client = {.max_calls = WEFT_UNLIMITED,
                                         .call_timeout_ms = WEFT_NONE};
    struct weft_client_options wrong = {.max_calls = 65537};
    struct weft_client *none;
    static struct caller callers[N];
    house_open(&h, NULL, &all, &client);
    for (int i = 0; i < N; i++) {
        callers[i] = (struct caller){.client = h.client, .number = i};
        caller_start(&callers[i]);
    }
    AWAIT(wf_load(&h.trial.inside, acquire) == N);
    assert_int_equal(h.server->options.max_calls, WEFT_UNLIMITED);
    assert_true(h.server->options.max_memory == WEFT_UNLIMITED_SIZE);
    assert_int_equal(h.server->options.max_connections, WEFT_UNLIMITED);
    weft_sem_give(&h.trial.gate, N);
    for (int i = 0; i < N; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_OK);
    }
    assert_int_equal(weft_client_new(h.address, &wrong, &none), -EINVAL);
    house_close(&h);
}

/* ---- connections of net.h ---- */

static struct weft_conn *
conn_with(size_t max, int *peer)
{
    struct weft_conn_options options = {.max_input = max, .max_queued = max};
    struct weft_conn *conn;
    int fds[2];
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    MUST(!weft_conn_adopt(fds[0], &options, &conn));
    *peer = fds[1];
    return conn;
}

/* One byte more than the default, and 65 MiB for a peer that does not read. */
static void
a_connection_without_limit(void **state)
{
    (void)state;
    static const uint8_t bytes[1 << 20];
    for (int unlimited = 0; unlimited < 2; unlimited++) {
        int peer;
        struct weft_conn *conn =
            conn_with(unlimited ? WEFT_UNLIMITED_SIZE : 0, &peer);
        weft_err err = WEFT_OK;
        assert_int_equal(weft_conn_wait_until(conn, 16 * MIB, 0),
                         WEFT_ETIMEOUT);
        assert_int_equal(weft_conn_wait_until(conn, 16 * MIB + 1, 0),
                         unlimited ? WEFT_ETIMEOUT : WEFT_EBUFFERFULL);
        for (int i = 0; i < 66 && !err; i++) {
            struct weft_chain chain = {0};
            MUST(!weft_chain_append_ref(&chain, bytes, sizeof bytes, NULL,
                                        NULL));
            err = weft_conn_send(conn, &chain);
        }
        assert_int_equal(err, unlimited ? WEFT_OK : WEFT_EOVERCROWDED);
        weft_conn_abort(conn);
        close(peer);
    }
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2,
                                           .max_fibers = WEFT_UNLIMITED};
    return weft_runtime_start(&options);
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

/* ---- the runtime ---- */

static struct {
    struct weft_sem arrived;
    _Atomic bool let_go;
} blocked;

static void
block(void *unused)
{
    (void)unused;
    weft_sem_give(&blocked.arrived, 1);
    while (!wf_load(&blocked.let_go, acquire))
        usleep(1000);
}

static void
block_in_fiber(void *unused)
{
    MUST(!weft_blocking(block, unused));
}

/* More threads at once than the default of 64. */
static void
threads_without_limit(void **state)
{
    (void)state;
    enum { N = 300 };
    struct weft_runtime_options options = {.max_blocking = WEFT_UNLIMITED,
                                           .max_fibers = WEFT_UNLIMITED};
    struct weft_runtime_options wrong = {.max_fibers = WEFT_UNLIMITED - 1};
    weft_fiber fibers[N];
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    assert_int_equal(weft_runtime_start(&wrong), -EINVAL);
    assert_int_equal(weft_runtime_start(&options), WEFT_OK);
    for (int i = 0; i < N; i++)
        MUST(!weft_fiber_start(block_in_fiber, NULL, &fibers[i]));
    for (int i = 0; i < N; i++)
        assert_int_equal(
            weft_sem_take_until(&blocked.arrived, weft_after_ms(LONG_MS)),
            WEFT_OK);
    wf_store(&blocked.let_go, true, release);
    for (int i = 0; i < N; i++)
        MUST(!weft_fiber_join(fibers[i]));
}

/* ---- why connections end ---- */

/* Each error is counted once, and only invalid bytes count as bad bytes. */
static void
ends_are_counted_by_whose_fault_they_are(void **state)
{
    (void)state;
    static const struct {
        weft_err why;
        enum wf_closed closed;
    } rows[] = {
        {WEFT_EEOF, WF_CLOSED_PEER},
        {WEFT_ECLOSED, WF_CLOSED_PEER},
        {WEFT_EIDLE, WF_CLOSED_IDLE},
        {WEFT_EFIBERS, WF_CLOSED_NO_RESOURCE},
        {-ENOMEM, WF_CLOSED_NO_RESOURCE},
        {-ECONNRESET, WF_CLOSED_BROKEN},
        {WEFT_ETRUNC, WF_CLOSED_BAD_BYTES},
        {WEFT_EHEADER, WF_CLOSED_BAD_BYTES},
        {WEFT_EOVERCROWDED, WF_CLOSED_BROKEN},
        {WEFT_EBUFFERFULL, WF_CLOSED_BROKEN},
        {WEFT_ECANCEL, WF_CLOSED_BROKEN},
        {WEFT_EHANDLER, WF_CLOSED_BROKEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_server *server;
        MUST(!weft_server_new(NULL, &server));
        struct wf_server_conn conn = {.server = server};
        wf_server_conn_count_end(&conn, rows[i].why);
        for (uint32_t k = 0; k < WF_CLOSED; k++)
            assert_int_equal(
                wf_load(&wf_counters_mine(server->counters)->closed[k],
                        relaxed),
                k == rows[i].closed);
        weft_server_free(server);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_without_limit),
        cmocka_unit_test(a_message_without_limit),
        cmocka_unit_test(calls_without_limit),
        cmocka_unit_test(a_connection_without_limit),
        cmocka_unit_test(threads_without_limit),
        cmocka_unit_test(ends_are_counted_by_whose_fault_they_are),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
