/* SPDX-License-Identifier: MIT */
/* weft counts and logs why a connection has ended, even if it ended after an
 * answer, or before it began. */
#include "peer.h"

#include <stdlib.h>

static struct house house;
static _Atomic size_t refused_size; /* of an allocation that fails, or 0 */
static _Atomic uint32_t n_lines;    /* with the text `listened_for` */
static const char *listened_for;

static void *
take(size_t size, void *user)
{
    (void)user;
    return size == wf_load(&refused_size, relaxed) ? NULL : malloc(size);
}

static void
give(void *ptr, void *user)
{
    (void)user;
    free(ptr);
}

static void
listen_in(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    if (strstr(line, listened_for))
        wf_add(&n_lines, 1, relaxed);
}

static void
listen_for(const char *text)
{
    listened_for = text;
    wf_store(&n_lines, 0, relaxed);
    weft_log_set_level(WEFT_LOG_DEBUG);
    weft_log_set_sink(listen_in, NULL);
}

static int
stop_listening(void **state)
{
    (void)state;
    weft_log_set_sink(NULL, NULL);
    weft_log_set_level(WEFT_LOG_WARN);
    return 0;
}

static struct weft_server_stats
stats(void)
{
    struct weft_server_stats s;
    weft_server_get_stats(house.server, &s);
    return s;
}

/* Send bytes that make the server close, and read to the end. */
static void
send_and_read(const void *ptr, size_t len)
{
    char sink[1024];
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, ptr, len));
    while (wire_some(fd, sink, sizeof sink) > 0)
        ;
    close(fd);
}

static void
bytes_that_make_no_sense(void **state)
{
    static const char tls[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    static const char large[] = "\x20\0\0\0\x80\1\0\1\0\0\0\3add\0\0\0\1";
    static const char request[] = "POST / HTTP/1.1\r\nHost: h\r\n"
                                  "Content-Length: 4\r\n\r\nabcd";
    static const char no_request[] = "POST / HTTP/1.1\r\n bad\r\n\r\n";
    uint64_t n = 2;
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    listen_for("a connection was closed: WEFT_");
    send_and_read(tls, sizeof tls - 1);
    send_and_read(large, sizeof large - 1); /* answered first */
#if WF_HTTP
    send_and_read(request, sizeof request - 1);
    send_and_read(no_request, sizeof no_request - 1);
    n += 2;
#else
    (void)request;
    (void)no_request;
#endif
    AWAIT(stats().closed.bad_bytes == n);
    assert_int_equal(stats().closed.peer, 0);
    AWAIT(wf_load(&n_lines, relaxed) == n);
    house_close(&house);
}

/* A peer that asks for the end, or ends, is not logged. */
static void
an_ordinary_end(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    listen_for("a connection was closed");
    int fd = wire_dial(house_port(&house));
    AWAIT(stats().connections == 1);
    close(fd);
    AWAIT(stats().closed.peer == 1);
    assert_int_equal(stats().closed.bad_bytes, 0);
    assert_int_equal(wf_load(&n_lines, relaxed), 0);
    house_close(&house);
}

/* A request that the server refuses for lack of room does not count as bad
 * bytes. */
static void
a_server_that_has_no_room(void **state)
{
    struct weft_server_options options = {.max_calls = 1};
    struct bytes call = {0};
    char request[512];
    (void)state;
#if !WF_HTTP
    skip();
#endif
    house_open(&house, NULL, &options, NULL);
    struct caller a = {.client = house.client};
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    put_number(&call, false, WEFT_ONEWAY, "note", 1, 5);
    int len = snprintf(request, sizeof request,
                       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %zu"
                       "\r\n\r\n",
                       call.len);
    MUST((size_t)len + call.len < sizeof request);
    memcpy(request + len, call.ptr, call.len);
    send_and_read(request, (size_t)len + call.len);
    AWAIT(stats().closed.peer == 1);
    assert_int_equal(stats().closed.bad_bytes, 0);
    assert_int_equal(stats().overloads, 1);
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    bytes_free(&call);
    house_close(&house);
}

static void
add_ending(struct wf_sock *s, void *ending)
{
    const struct wf_server_conn *conn = s->owner;
    *(uint32_t *)ending |= wf_load(&conn->ending, relaxed);
}

static bool
are_ending(uint32_t why)
{
    uint32_t ending = 0;
    wf_conns_each(&house.server->conns, add_ending, &ending);
    return ending == why;
}

static void
stop_house(void *unused)
{
    (void)unused;
    MUST(!weft_server_stop_until(house.server, WEFT_NEVER));
}

/* Each time-out ends connections, even if there is no other. */
static void
one_time_out_alone(void **state)
{
    struct weft_server_options options = {.idle_timeout_ms = 20,
                                          .read_timeout_ms = WEFT_NONE};
    (void)state;
    house_open(&house, NULL, &options, NULL);
    int fd = wire_dial(house_port(&house));
    AWAIT(stats().closed.idle == 1);
    close(fd);
    house_close(&house);
    options.idle_timeout_ms = WEFT_NONE;
    options.read_timeout_ms = 20;
    house_open(&house, NULL, &options, NULL);
    fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, "\0\0", 2));
    AWAIT(stats().closed.read_timeout == 1);
    close(fd);
    house_close(&house);
}

/* A peer has ended its side, and its last call runs while the server stops: the
 * connection ends as it would without the stop. */
static void
an_end_during_a_stop(void **state)
{
    struct bytes call = {0};
    struct reply reply;
    weft_fiber fiber;
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    int fd = wire_dial(house_port(&house));
    put_number(&call, true, WEFT_CALL, "gate", 7, 5);
    MUST(wire_send(fd, call.ptr, call.len));
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    MUST(!shutdown(fd, SHUT_WR));
    AWAIT(are_ending(WF_ENDING_INPUT));
    MUST(!weft_fiber_start(stop_house, NULL, &fiber));
    AWAIT(are_ending(WF_ENDING_INPUT | WF_ENDING_STOP));
    weft_sem_give(&house.trial.gate, 1);
    assert_true(wire_reply(fd, true, &reply) && reply.type == WEFT_REPLY);
    assert_true(wire_ends(fd));
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(stats().closed.peer, 1);
    assert_int_equal(stats().closed.stopped, 0);
    close(fd);
    bytes_free(&call);
    house_close(&house);
}

static void
too_many_connections(void **state)
{
    struct weft_server_options options = {.max_connections = 1};
    (void)state;
    house_open(&house, NULL, &options, NULL);
    listen_for("a connection was refused: the server has too many");
    int first = wire_dial(house_port(&house));
    AWAIT(stats().connections == 1);
    int second = wire_dial(house_port(&house));
    AWAIT(stats().refused == 1);
    AWAIT(wf_load(&n_lines, relaxed) == 1);
    close(first);
    close(second);
    house_close(&house);
}

static void
no_memory_for_a_connection(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    listen_for("a connection was closed: Cannot allocate memory");
    wf_store(&refused_size, sizeof(struct wf_server_conn), relaxed);
    int fd = wire_dial(house_port(&house));
    assert_true(wire_ends(fd));
    close(fd);
    wf_store(&refused_size, 0, relaxed);
    AWAIT(stats().closed.no_resource == 1);
    assert_int_equal(stats().accepted, 1);
    AWAIT(wf_load(&n_lines, relaxed) == 1);
    must_work(&house);
    house_close(&house);
}

static void
an_idle_connection_of_a_client(void **state)
{
    struct weft_client_stats s;
    struct peer p;
    (void)state;
    peer_open(&p, NULL);
    listen_for("the connection ended with no call in flight");
    good_call(&p, true);
    close(p.fd);
    AWAIT((weft_client_get_stats(p.client, &s), s.ended == 1));
    AWAIT(wf_load(&n_lines, relaxed) == 1);
    assert_int_equal(s.broken, 0);
    good_call(&p, true); /* over the next connection, which the client closes */
    peer_close(&p);
    assert_int_equal(wf_load(&n_lines, relaxed), 1);
}

int
main(void)
{
    static const struct weft_allocator picky = {take, give, NULL};
    MUST(!weft_set_allocator(&picky));
#define TEST(fn) cmocka_unit_test_teardown(fn, stop_listening)
    const struct CMUnitTest tests[] = {
        TEST(bytes_that_make_no_sense),   TEST(an_ordinary_end),
        TEST(a_server_that_has_no_room),  TEST(one_time_out_alone),
        TEST(an_end_during_a_stop),       TEST(too_many_connections),
        TEST(no_memory_for_a_connection), TEST(an_idle_connection_of_a_client),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
