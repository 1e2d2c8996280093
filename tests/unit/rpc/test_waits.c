/* SPDX-License-Identifier: MIT */
/* The list of fibers names what fibers of connections, servers and clients wait
 * for. */
#include "rpc_test.h"

#include <sys/socket.h>
#include <unistd.h>

struct count {
    enum weft_wait wait;
    int n;
};

static void
count(void *user, const struct weft_fiber_info *info)
{
    struct count *c = user;
    c->n += info->state == WEFT_FIBER_WAITING && info->waits_for == c->wait;
    MUST(info->state != WEFT_FIBER_WAITING ||
         info->waits_for != WEFT_WAIT_NONE);
}

static int
n_waiting(enum weft_wait wait)
{
    struct count c = {wait, 0};
    weft_fiber_list(count, &c);
    return c.n;
}

static void
stop(void *server)
{
    MUST(!weft_server_stop_until(server, weft_after_ms(LONG_MS)));
}

static void
calls_and_servers(void **state)
{
    (void)state;
    struct house house;
    struct weft_server_options options = {.max_calls_per_connection = 2};
    struct caller callers[3];
    weft_fiber stopper;
    house_open(&house, NULL, &options, NULL);
    assert_int_equal(n_waiting(WEFT_WAIT_REPLY), 0);
    AWAIT(n_waiting(WEFT_WAIT_ACCEPT) > 0);
    for (int i = 0; i < 3; i++) {
        callers[i] = (struct caller){.client = house.client, .number = i};
        caller_start(&callers[i]);
    }
    AWAIT(n_waiting(WEFT_WAIT_REPLY) == 3);
    AWAIT(n_waiting(WEFT_WAIT_CALLS) == 1); /* the third call is not read */
    /* a call that has not begun would be refused by the stop */
    AWAIT(wf_load(&house.trial.inside, seq_cst) == 2);
    MUST(!weft_fiber_start(stop, house.server, &stopper));
    AWAIT(n_waiting(WEFT_WAIT_END) > 0);
    weft_sem_give(&house.trial.gate, 3);
    for (int i = 0; i < 3; i++)
        caller_join(&callers[i]);
    MUST(!weft_fiber_join(stopper));
    weft_client_free(house.client);
    weft_server_free(house.server);
}

static void
read_one(void *conn)
{
    const uint8_t *byte;
    MUST(!weft_conn_next(conn, 1, &byte));
}

static void
write_much(void *conn)
{
    MUST(weft_conn_reserve(conn, 4 << 20) != NULL);
    MUST(!weft_conn_commit(conn, 4 << 20));
    MUST(!weft_conn_flush(conn));
}

static void
connections(void **state)
{
    (void)state;
    int pair[2];
    struct weft_conn *conn;
    weft_fiber reader, writer;
    static char rest[65536];
    MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
    MUST(!weft_conn_adopt(pair[0], NULL, &conn));
    MUST(!weft_fiber_start(read_one, conn, &reader));
    AWAIT(n_waiting(WEFT_WAIT_READ) == 1);
    MUST(write(pair[1], "", 1) == 1);
    MUST(!weft_fiber_join(reader));
    assert_int_equal(n_waiting(WEFT_WAIT_READ), 0);
    MUST(!weft_fiber_start(write_much, conn, &writer));
    AWAIT(n_waiting(WEFT_WAIT_WRITE) > 0);
    while (weft_fiber_join_until(writer, weft_now_ns()) == WEFT_ETIMEOUT)
        (void)!read(pair[1], rest, sizeof rest);
    close(pair[1]);
    weft_conn_close(conn);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_and_servers),
        cmocka_unit_test(connections),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
