/* SPDX-License-Identifier: MIT */
/* The deadline of a call, which also holds for calls of its handler, and
 * time-outs of connecting. */
#include "rpc/client.h"
#include "rpc_test.h"

#include <poll.h>

#define MS 1000000u
#define HOUR_MS 3600000u

static struct house near, far; /* near's relay calls far */

static weft_err
call_relay(struct weft_client *client, int64_t number,
           const struct weft_call_options *options)
{
    struct weft_arena arena;
    struct trial_relay_args args = {.number = number};
    struct trial_relay_result result;
    weft_arena_init(&arena, 0);
    weft_err err = trial_Trial_relay(client, &arena, &args, &result, options);
    if (!err && result.success != number)
        err = WEFT_EAPP;
    weft_arena_fini(&arena);
    return err;
}

static void
open_two(const struct weft_server_options *options)
{
    house_open(&near, NULL, options, NULL);
    /* The time-out is so long that only the end of the outer call ends an inner
     * one. */
    const struct weft_client_options inner = {.call_timeout_ms = HOUR_MS};
    house_open(&far, NULL, NULL, &inner);
    near.trial.next = far.client;
}

static void
close_two(void)
{
    house_close(&near);
    house_close(&far);
}

static void
a_call_from_a_handler(void **state)
{
    (void)state;
    open_two(NULL);
    weft_sem_give(&far.trial.gate, 1);
    assert_int_equal(call_relay(near.client, 33, NULL), WEFT_OK);
    close_two();
}

static void
the_handler_sees_its_deadline(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    struct trial_left_args args = {0};
    struct trial_left_result result;
    open_two(NULL);
    MUST(!trial_Trial_left(near.client, &arena, &args, &result, NULL));
    assert_int_equal(result.success, -1);
    close_two();
    struct weft_server_options options = {.call_timeout_ms = HOUR_MS};
    open_two(&options);
    MUST(!trial_Trial_left(near.client, &arena, &args, &result, NULL));
    assert_in_range(result.success, HOUR_MS / 2, HOUR_MS);
    close_two();
    weft_arena_fini(&arena);
}

/* The inner call ends at the outer deadline, before its own time-out. */
static void
the_deadline_is_inherited(void **state)
{
    (void)state;
    struct weft_server_options options = {.call_timeout_ms = 60};
    open_two(&options);
    uint64_t begun = weft_now_ns();
    assert_int_equal(call_relay(near.client, 1, NULL),
                     WEFT_ETIMEOUT - WEFT_PEER);
    assert_true(weft_now_ns() - begun >= 50 * MS);
    weft_sem_give(&far.trial.gate, 1);
    must_work(&near); /* the next call has a deadline of its own */
    weft_sem_give(&far.trial.gate, 1);
    AWAIT(wf_load(&far.trial.inside, acquire) == 0);
    close_two();
}

/* A stop with a deadline cancels a handler that waits in a call of its own. */
static void
a_stop_cancels_what_handlers_call(void **state)
{
    (void)state;
    open_two(NULL);
    struct bytes b = {0};
    put_number(&b, true, WEFT_CALL, "relay", 1, 1);
    int fd = wire_dial(house_port(&near));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&far.trial.inside, acquire) == 1);
    assert_int_equal(weft_server_stop_until(near.server, weft_after_ms(30)),
                     WEFT_ETIMEOUT);
    close(fd);
    bytes_free(&b);
    weft_sem_give(&far.trial.gate, 1);
    close_two();
}

/* ---- connecting ---- */

static void
nobody_listens(void **state)
{
    (void)state;
    uint16_t port = 0;
    char address[32];
    int fd = wire_listen(&port, 1);
    close(fd);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    struct weft_client *client;
    struct weft_client_options options = {.retry_connect_ms = HOUR_MS};
    struct weft_client_stats stats;
    MUST(!weft_client_new(address, &options, &client));
    int64_t sum;
    for (int i = 0; i < 100; i++)
        assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ECONNECT);
    weft_client_get_stats(client, &stats); /* no call has connected again */
    assert_int_equal(stats.failed_connects, 1);
    assert_true(weft_err_is_retryable(WEFT_ECONNECT));
    weft_client_free(client);
    assert_int_equal(weft_client_new("nonsense", NULL, &client), WEFT_EADDRESS);
    assert_null(client);
}

/* A listener that does not answer, because its backlog is full. */
struct deaf {
    int listener, fillers[64];
    char address[32];
};

static void
deaf_open(struct deaf *d)
{
    uint16_t port = 0;
    d->listener = wire_listen(&port, 0);
    snprintf(d->address, sizeof d->address, "127.0.0.1:%u", (unsigned)port);
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    MUST(!getsockname(d->listener, (struct sockaddr *)&a, &len));
    for (int i = 0; i < 64; i++) {
        d->fillers[i] =
            socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(d->fillers[i], (struct sockaddr *)&a, len);
    }
    struct pollfd first = {.fd = d->fillers[0], .events = POLLOUT};
    MUST(poll(&first, 1, LONG_MS) == 1); /* now the backlog is full */
}

static void
deaf_close(struct deaf *d)
{
    for (int i = 0; i < 64; i++)
        close(d->fillers[i]);
    if (d->listener >= 0)
        close(d->listener);
}

static void
connecting_takes_too_long(void **state)
{
    (void)state;
    struct deaf deaf;
    struct weft_client *client;
    struct weft_client_options options = {.connect_timeout_ms = 60};
    deaf_open(&deaf);
    MUST(!weft_client_new(deaf.address, &options, &client));
    int64_t sum, result;
    uint64_t begun = weft_now_ns();
    /* The connect took too long, although the call still had time. */
    assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ECONNECT);
    assert_true(weft_now_ns() - begun >= 50 * MS);
    weft_client_free(client);
    options.connect_timeout_ms = 10000;
    MUST(!weft_client_new(deaf.address, &options, &client));
    struct weft_call_options call = {.deadline_ns = weft_after_ms(30)};
    assert_int_equal(call_gate(client, 1, &call, &result), WEFT_ETIMEOUT);
    weft_client_free(client);
    deaf_close(&deaf);
}

static bool
is_connecting(struct weft_client *client)
{
    if (!weft_mutex_try_lock(&client->connecting))
        return true;
    weft_mutex_unlock(&client->connecting);
    return false;
}

static bool
others_wait(struct weft_client *client)
{
    struct weft_waitq *q = &client->connecting.waiters;
    wf_waitq_lock(q);
    bool wait = q->head != NULL;
    wf_waitq_unlock(q);
    return wait;
}

static void
cancelled_while_it_connects(void **state)
{
    (void)state;
    struct deaf deaf;
    struct weft_client_options options = {.connect_timeout_ms = 10000};
    struct caller a = {0}, b;
    deaf_open(&deaf);
    MUST(!weft_client_new(deaf.address, &options, &a.client));
    b = a;
    caller_start(&a);
    AWAIT(is_connecting(a.client));
    caller_start(&b); /* waits while the first call connects */
    AWAIT(others_wait(a.client));
    weft_fiber_cancel(b.fiber);
    caller_join(&b);
    assert_int_equal(b.err, WEFT_ECANCEL);
    weft_fiber_cancel(a.fiber);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_ECANCEL);
    weft_client_free(a.client);
    deaf_close(&deaf);
}

static void
free_client(void *client)
{
    weft_client_free(client);
}

/* A client is freed while it connects: the call ends, and no connection stays
 * open. */
static void
freed_while_it_connects(void **state)
{
    (void)state;
    struct deaf deaf;
    weft_fiber fiber;
    struct weft_client_options options = {.connect_timeout_ms = HOUR_MS,
                                          .call_timeout_ms = HOUR_MS};
    struct caller a = {0};
    deaf_open(&deaf);
    MUST(!weft_client_new(deaf.address, &options, &a.client));
    caller_start(&a);
    AWAIT(is_connecting(a.client));
    MUST(!weft_fiber_start(free_client, a.client, &fiber));
    AWAIT(wf_load(&a.client->closing, seq_cst)); /* the call uses the client */
    /* From now on the connect succeeds. */
    for (int i = 0; i < 64; i++)
        close(deaf.fillers[i]);
    struct timeval t = {.tv_sec = 1};
    MUST(!setsockopt(deaf.listener, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    int fd, last = -1;
    while ((fd = accept(deaf.listener, NULL, NULL)) >= 0) {
        if (last >= 0)
            close(last);
        last = fd;
    }
    caller_join(&a);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(a.err, WEFT_ECLOSED);
    if (last >= 0)
        assert_true(wire_ends(last));
    close(last);
    close(deaf.listener);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_from_a_handler),
        cmocka_unit_test(the_handler_sees_its_deadline),
        cmocka_unit_test(the_deadline_is_inherited),
        cmocka_unit_test(a_stop_cancels_what_handlers_call),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(connecting_takes_too_long),
        cmocka_unit_test(cancelled_while_it_connects),
        cmocka_unit_test(freed_while_it_connects),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
