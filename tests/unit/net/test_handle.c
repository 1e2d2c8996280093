/* SPDX-License-Identifier: MIT */
/* All of a connection but its bytes: ids, user pointers, addresses, ends. */
#include "conn_test.h"

#include "net/conn.h"
#include "waiting.h"

#include <sys/socket.h>

static _Atomic weft_connid came;

static void
remember(struct weft_conn *conn, void *user)
{
    MUST(weft_conn_user(conn) == NULL);
    weft_conn_set_user(conn, &place);
    atomic_store(&came, weft_conn_id(conn));
    on_connect(conn, user);
}

static void
check_user(struct weft_conn *conn, weft_err why, void *user)
{
    char text[64];
    MUST(weft_conn_user(conn) == &place);
    MUST(!weft_conn_local(conn, text, sizeof text));
    on_close(conn, why, user);
}

static const struct weft_conn_hooks remembering = {
    .on_connect = remember, .on_request = on_request, .on_close = check_user};

static void
listen_here(const struct weft_conn_options *options)
{
    memset(&place, 0, sizeof place);
    place.request = take_everything;
    MUST(!weft_listen("127.0.0.1:0", &remembering, &place, options,
                      &place.listener));
}

/* By its id a connection is found, written to and closed. After that it is not
 * found. */
static void
a_connection_by_its_id(void **state)
{
    (void)state;
    char got[5];
    struct weft_chain chain = {0};
    listen_here(NULL);
    int fd = dial_plain();
    AWAIT(wf_load(&place.connects, acquire) == 1);
    weft_connid id = atomic_load(&came);
    struct weft_conn *conn = weft_conn_ref(id);
    assert_non_null(conn);
    MUST(!weft_chain_append(&chain, "hello", 5));
    MUST(!weft_conn_send(conn, &chain));
    assert_true(wire_recv(fd, got, 5));
    weft_conn_close(conn);
    AWAIT(wf_load(&place.closes, acquire) == 1);
    /* not freed: the test has a reference */
    assert_ptr_equal(weft_conn_user(conn), &place);
    MUST(!weft_chain_append(&chain, "hello", 5));
    assert_int_equal(weft_conn_send(conn, &chain), WEFT_ECLOSED);
    weft_conn_unref(conn);
    assert_null(weft_conn_ref(id));
    assert_null(weft_conn_ref((weft_connid){0}));
    close(fd);
    stop_after(1);
}

static void
addresses_of_both_ends(void **state)
{
    (void)state;
    char local[64], peer[64];
    listen_here(NULL);
    struct weft_conn *conn = dial_with(NULL);
    AWAIT(wf_load(&place.connects, acquire) == 1);
    struct weft_conn *other = weft_conn_ref(atomic_load(&came));
    MUST(!weft_conn_local(conn, local, sizeof local));
    MUST(!weft_conn_peer(other, peer, sizeof peer));
    assert_string_equal(local, peer);
    MUST(!weft_conn_local(other, local, sizeof local));
    MUST(!weft_conn_peer(conn, peer, sizeof peer));
    assert_string_equal(local, peer);
    weft_conn_unref(other);
    weft_conn_close(conn);
    stop_after(1);
}

/* An abort drops queued bytes, and the peer sees a reset. */
static void
aborts(void **state)
{
    (void)state;
    static char large[8 << 20], sink[65536];
    struct weft_chain chain = {0};
    listen_here(NULL);
    int fd = dial_plain();
    AWAIT(wf_load(&place.connects, acquire) == 1);
    struct weft_conn *conn = weft_conn_ref(atomic_load(&came));
    MUST(!weft_chain_append_ref(&chain, large, sizeof large, NULL, NULL));
    MUST(!weft_conn_send(conn, &chain));
    weft_conn_abort(conn);
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_ECLOSED);
    weft_conn_unref(conn);
    while (recv(fd, sink, sizeof sink, 0) > 0)
        ;
    assert_int_equal(errno, ECONNRESET);
    close(fd);
    conn = dial_with(NULL);
    AWAIT(wf_load(&place.connects, acquire) == 2);
    weft_conn_abort(conn);
    AWAIT(wf_load(&place.closes, acquire) == 2);
    assert_int_equal(wf_load(&place.why, relaxed), -ECONNRESET);
    stop_after(2);
}

static _Atomic weft_err stopped_with;

static void
wait_for_bytes(void *conn)
{
    weft_err err = weft_conn_wait(conn, 1);
    wf_store(&stopped_with, err, release);
}

static void *
stop_it(void *id)
{
    struct weft_conn *conn = weft_conn_ref(*(weft_connid *)id);
    MUST(conn);
    weft_conn_shutdown(conn);
    weft_conn_unref(conn);
    return NULL;
}

/* A thread stops a connection on which a fiber waits. The connection lives
 * until its owner closes it. */
static void
a_dialled_one_is_stopped_from_elsewhere(void **state)
{
    (void)state;
    weft_fiber fiber;
    pthread_t thread;
    listen_here(NULL);
    struct weft_conn *conn = dial_with(NULL);
    weft_connid id = weft_conn_id(conn);
    wf_store(&stopped_with, WEFT_OK, relaxed);
    MUST(!weft_fiber_start(wait_for_bytes, conn, &fiber));
    AWAIT(wf_load(&conn->sock->reader, acquire));
    MUST(!pthread_create(&thread, NULL, stop_it, &id));
    MUST(!pthread_join(thread, NULL));
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(wf_load(&stopped_with, acquire), WEFT_ECLOSED);
    assert_int_equal(weft_conn_wait(conn, 1), WEFT_ECLOSED);
    MUST(!weft_conn_write(conn, "last", 4));
    assert_int_equal(weft_conn_flush(conn), WEFT_OK);
    weft_conn_close(conn);
    assert_null(weft_conn_ref(id));
    stop_after(1);
}

/* A connection from the caller's own socket sends, ends its output, and still
 * reads the answer. */
static void
adopted_and_ended(void **state)
{
    (void)state;
    int fds[2], pipes[2];
    char got[3];
    struct weft_conn *conn;
    const uint8_t *bytes;
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    MUST(!weft_conn_adopt(fds[0], NULL, &conn));
    assert_int_equal(weft_conn_fd(conn), fds[0]);
    MUST(!weft_conn_write(conn, "a", 1));
    MUST(!weft_conn_flush(conn));
    MUST(!weft_conn_write(conn, "sk", 2)); /* the end flushes it */
    MUST(!weft_conn_end(conn));
    MUST(!weft_conn_end(conn));
    struct weft_chain chain = {0};
    MUST(!weft_chain_append(&chain, "late", 4));
    assert_int_equal(weft_conn_send(conn, &chain), WEFT_ECLOSED);
    assert_int_equal(chain.len, 0);
    assert_int_equal(weft_conn_flush(conn), WEFT_ECLOSED);
    MUST(!weft_conn_write(conn, "late", 4));
    assert_int_equal(weft_conn_end(conn), WEFT_ECLOSED);
    MUST(!weft_conn_end(conn));
    MUST(!weft_conn_write(conn, "late", 4));
    assert_int_equal(weft_conn_flush(conn), WEFT_ECLOSED);
    assert_true(wire_recv(fds[1], got, 3));
    assert_memory_equal(got, "ask", 3);
    assert_true(wire_ends(fds[1]));
    MUST(wire_send(fds[1], "answer", 6));
    assert_int_equal(weft_conn_next(conn, 6, &bytes), WEFT_OK);
    assert_memory_equal(bytes, "answer", 6);
    weft_conn_close(conn);
    close(fds[1]);
    MUST(!pipe(pipes));
    assert_int_equal(weft_conn_adopt(pipes[0], NULL, &conn), -ENOTSOCK);
    assert_null(conn);
    assert_int_equal(fcntl(pipes[0], F_GETFD), -1); /* closed all the same */
    close(pipes[1]);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(weft_conn_adopt(udp, NULL, &conn), -EPROTOTYPE);
}

/* A socket that is not connected would give neither bytes nor an end, or an
 * error that does not name the cause. */
static void
what_is_not_connected_is_not_adopted(void **state)
{
    (void)state;
    static const struct {
        int family, type;
        bool listens;
        weft_err err;
    } rows[] = {
        {AF_INET, SOCK_STREAM, false, -ENOTCONN},
        {AF_INET, SOCK_STREAM, true, -ENOTCONN},
        {AF_INET6, SOCK_STREAM, false, -ENOTCONN},
        {AF_UNIX, SOCK_STREAM, false, -ENOTCONN},
        {AF_UNIX, SOCK_STREAM, true, -ENOTCONN},
        {AF_INET, SOCK_DGRAM, false, -EPROTOTYPE},
        {AF_UNIX, SOCK_SEQPACKET, false, -EPROTOTYPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = socket(rows[i].family, rows[i].type, 0);
        struct sockaddr any = {.sa_family = AF_UNIX};
        struct weft_conn *conn = (void *)&fd;
        if (fd < 0)
            continue; /* a host without IPv6 */
        if (rows[i].listens && rows[i].family == AF_UNIX)
            /* the kernel chooses a name */
            MUST(!bind(fd, &any, sizeof any.sa_family));
        if (rows[i].listens)
            MUST(!listen(fd, 1));
        assert_int_equal(weft_conn_adopt(fd, NULL, &conn), rows[i].err);
        assert_null(conn);
        assert_int_equal(fcntl(fd, F_GETFD), -1); /* closed all the same */
    }
    struct weft_conn *conn;
    assert_int_equal(weft_conn_adopt(-1, NULL, &conn), -EBADF);
    assert_null(conn);
}

static void
two_listeners_of_one_port(void **state)
{
    (void)state;
    struct weft_conn_options share = {.reuse_port = true};
    struct weft_listener *l;
    char address[32];
    listen_here(&share);
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(place.listener));
    assert_int_equal(weft_listen(address, &hooks, NULL, NULL, &l), -EADDRINUSE);
    assert_int_equal(weft_listen(address, &hooks, NULL, &share, &l), WEFT_OK);
    weft_listener_free(l);
    stop_after(0);
}

/* Each call that waits for bytes has a twin that ends at a deadline. */
static void
twins_with_a_deadline(void **state)
{
    (void)state;
    listen_here(NULL);
    struct weft_conn *conn = dial_with(NULL);
    struct weft_chain chain = {0};
    const uint8_t *bytes;
    size_t n;
    assert_int_equal(weft_conn_next_until(conn, 1, 1, &bytes), WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_peek_until(conn, 1, 1, &bytes), WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_skip_until(conn, 1, 1), WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_slice_until(conn, 1, 1, &chain), WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_next_through_until(conn, '.', 1, &bytes, &n),
                     WEFT_ETIMEOUT);
    AWAIT(wf_load(&place.connects, acquire) == 1);
    struct weft_conn *other = weft_conn_ref(atomic_load(&came));
    MUST(!weft_chain_append(&chain, "abcd.", 5));
    MUST(!weft_conn_send(other, &chain));
    weft_conn_unref(other);
    MUST(!weft_conn_wait_until(conn, 5, weft_after_ms(LONG_MS)));
    assert_int_equal(weft_conn_peek_until(conn, 1, 1, &bytes), WEFT_OK);
    assert_int_equal(weft_conn_next_until(conn, 1, 1, &bytes), WEFT_OK);
    assert_int_equal(weft_conn_skip_until(conn, 1, 1), WEFT_OK);
    assert_int_equal(weft_conn_slice_until(conn, 1, 1, &chain), WEFT_OK);
    assert_int_equal(weft_conn_next_through_until(conn, '.', 1, &bytes, &n),
                     WEFT_OK);
    assert_int_equal(n, 2);
    weft_chain_clear(&chain);
    weft_conn_close(conn);
    stop_after(1);
}

/* ---- references that are held too long ---- */

static struct weft_conn *held;

/* Make a connection that ends only when the test gives its reference up. */
static int
hold(weft_connid *id)
{
    static const struct weft_conn_options at_once = {.stop_timeout_ms = 1};
    listen_here(&at_once);
    int fd = dial_plain();
    AWAIT(wf_load(&place.connects, acquire) == 1);
    *id = atomic_load(&came);
    held = weft_conn_ref(*id);
    assert_non_null(held);
    return fd;
}

/* A stop keeps its deadline although a reference is held (row 94 of
 * docs/threats.md). Its hooks have ended then; the reference stays valid, also
 * after the free of the listener. */
static void
a_held_reference_outlives_its_listener(void **state)
{
    (void)state;
    weft_connid id;
    char byte, text[64];
    struct weft_chain chain = {0};
    int fd = hold(&id);
    assert_int_equal(weft_listener_stop_until(place.listener, weft_now_ns()),
                     WEFT_ETIMEOUT);
    assert_int_equal(wf_load(&place.closes, acquire), 1);
    assert_int_equal(weft_listener_stop_until(place.listener, 0),
                     WEFT_ETIMEOUT);
    weft_listener_free(place.listener);
    assert_null(weft_conn_ref(id));
    assert_ptr_equal(weft_conn_user(held), &place);
    MUST(!weft_conn_peer(held, text, sizeof text));
    weft_conn_shutdown(held);
    weft_conn_close(held);
    MUST(!weft_chain_append(&chain, "hello", 5));
    weft_err err = weft_conn_send(held, &chain);
    /* the stop closes the connection first, and then lets it fail */
    assert_true(err == WEFT_ECLOSED || err == WEFT_ESTOPPING);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    weft_conn_unref(held);
    assert_int_equal(wf_load(&place.closes, acquire), 1);
    close(fd);
}

static void *
give_back(void *unused)
{
    (void)unused;
    weft_conn_unref(held);
    return NULL;
}

/* A second stop waits for the reference. */
static void
a_held_reference_comes_back(void **state)
{
    (void)state;
    weft_connid id;
    pthread_t thread;
    int fd = hold(&id);
    assert_int_equal(weft_listener_stop(place.listener), WEFT_ETIMEOUT);
    MUST(!pthread_create(&thread, NULL, give_back, NULL));
    assert_int_equal(weft_listener_stop_until(place.listener, WEFT_NEVER),
                     WEFT_OK);
    MUST(!pthread_join(thread, NULL));
    stop_after(1);
    close(fd);
}

static void
stop_without_deadline(void *err)
{
    *(weft_err *)err = weft_listener_stop_until(place.listener, WEFT_NEVER);
}

/* The earliest deadline of several stops counts for all, also for a stop that
 * waits for a reference. */
static void
a_later_stop_ends_the_wait_for_a_reference(void **state)
{
    (void)state;
    weft_connid id;
    weft_fiber fiber;
    weft_err err = WEFT_OK;
    int fd = hold(&id);
    MUST(!weft_fiber_start(stop_without_deadline, &err, &fiber));
    AWAIT(wf_load(&place.closes, acquire) == 1);
    AWAIT(waits_for(fiber) == WEFT_WAIT_END);
    assert_int_equal(weft_listener_stop_until(place.listener, 1),
                     WEFT_ETIMEOUT);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(err, WEFT_ETIMEOUT);
    weft_listener_free(place.listener);
    weft_conn_unref(held);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_by_its_id),
        cmocka_unit_test(addresses_of_both_ends),
        cmocka_unit_test(aborts),
        cmocka_unit_test(a_dialled_one_is_stopped_from_elsewhere),
        cmocka_unit_test(adopted_and_ended),
        cmocka_unit_test(what_is_not_connected_is_not_adopted),
        cmocka_unit_test(two_listeners_of_one_port),
        cmocka_unit_test(twins_with_a_deadline),
        cmocka_unit_test(a_held_reference_outlives_its_listener),
        cmocka_unit_test(a_held_reference_comes_back),
        cmocka_unit_test(a_later_stop_ends_the_wait_for_a_reference),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
