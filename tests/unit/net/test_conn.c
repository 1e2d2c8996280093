/* SPDX-License-Identifier: MIT */
/* Reading from a connection, and how a wait for bytes ends. */
#include "conn_test.h"

#include "fiber/task.h"
#include "net/conn.h"

static bool
reader_waits(int requests)
{
    if (wf_load(&place.requests, acquire) <= requests)
        return false;
    weft_connid id = {wf_load(&place.asked, acquire)};
    struct weft_conn *conn = weft_conn_ref(id);
    if (!conn)
        return false;
    struct wf_task *reader = wf_load(&conn->sock->reader, acquire);
    bool waits = reader && wf_load(&reader->state, acquire) == WF_TASK_PARKED;
    weft_conn_unref(conn);
    return waits;
}

/* Wait for two bytes, then take all that is there. */
static void
take_two_or_more(struct weft_conn *conn)
{
    if (weft_conn_wait(conn, 2) && weft_conn_len(conn) == 0)
        return;
    take_everything(conn);
}

static void
lines_there_and_back(void **state)
{
    (void)state;
    listen_with(echo_lines, NULL);
    struct weft_conn *conn = dial_with(NULL);
    char line[5000];
    for (size_t len = 1; len < sizeof line; len += len / 3 + 1) {
        memset(line, 'a' + (int)(len % 26), len - 1);
        line[len - 1] = '\n';
        MUST(!weft_conn_write(conn, line, len));
        MUST(!weft_conn_flush(conn));
        const uint8_t *back;
        size_t n;
        assert_int_equal(weft_conn_next_through(conn, '\n', &back, &n),
                         WEFT_OK);
        assert_int_equal(n, len);
        assert_memory_equal(back, line, n);
        weft_conn_release(conn);
    }
    weft_conn_close(conn);
    stop_after(1);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_EEOF);
}

static void
every_way_to_read(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    listen_with(echo_everything, NULL);
    struct weft_conn *conn = dial_with(NULL);
    uint8_t *room = weft_conn_reserve(conn, SIZE);
    assert_non_null(room);
    for (size_t i = 0; i < SIZE; i++)
        room[i] = (uint8_t)(i * 31 >> 3);
    uint8_t *copy = malloc(SIZE);
    memcpy(copy, room, SIZE);
    MUST(!weft_conn_commit(conn, SIZE));
    MUST(!weft_conn_flush(conn));
    const uint8_t *bytes;
    size_t at = 0;
    assert_int_equal(weft_conn_peek(conn, 100000, &bytes), WEFT_OK);
    assert_memory_equal(bytes, copy, 100000);
    for (size_t n = 1; n < 5000; n += 37, at += n - 37) {
        assert_int_equal(weft_conn_next(conn, n, &bytes), WEFT_OK);
        assert_memory_equal(bytes, copy + at, n);
    }
    weft_conn_release(conn);
    assert_int_equal(weft_conn_skip(conn, 1000), WEFT_OK);
    at += 1000;
    struct weft_chain chain = {0};
    assert_int_equal(weft_conn_slice(conn, 300000, &chain), WEFT_OK);
    const uint8_t *run = weft_chain_pull(&chain, 300000);
    assert_memory_equal(run, copy + at, 300000);
    at += 300000;
    weft_chain_clear(&chain);
    assert_int_equal(weft_conn_next(conn, SIZE - at, &bytes), WEFT_OK);
    assert_memory_equal(bytes, copy + at, SIZE - at);
    assert_int_equal(weft_conn_len(conn), 0);
    weft_conn_close(conn);
    free(copy);
    stop_after(1);
}

static void
the_end_of_input(void **state)
{
    (void)state;
    uint16_t port = 0;
    int listener = wire_listen(&port, 4);
    char address[32], peer[64];
    struct weft_conn *conn;
    const uint8_t *bytes;
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_dial(address, NULL, &conn));
    assert_int_equal(weft_conn_peer(conn, peer, sizeof peer), WEFT_OK);
    assert_string_equal(peer, address);
    int fd = wire_accept(listener);
    MUST(wire_send(fd, "12345", 5));
    close(fd);
    assert_int_equal(weft_conn_wait(conn, 6), WEFT_EEOF);
    assert_int_equal(weft_conn_next(conn, 6, &bytes), WEFT_EEOF);
    assert_int_equal(weft_conn_next(conn, 5, &bytes),
                     WEFT_OK); /* the bytes are still there */
    assert_memory_equal(bytes, "12345", 5);
    assert_int_equal(weft_conn_wait(conn, 1), WEFT_EEOF);
    weft_conn_close(conn);
    MUST(!weft_dial(address, NULL, &conn));
    fd = wire_accept(listener);
    wire_reset(fd);
    assert_int_equal(weft_conn_wait(conn, 1), -ECONNRESET);
    weft_conn_close(conn);
    close(listener);
    assert_int_equal(weft_dial(address, NULL, &conn), -ECONNREFUSED);
    assert_null(conn);
    assert_int_equal(weft_dial("no port", NULL, &conn), WEFT_EADDRESS);
}

struct waiter {
    struct weft_conn *conn;
    _Atomic bool ready;
    weft_err err;
};

static void
wait_for_bytes(void *arg)
{
    struct waiter *w = arg;
    wf_store(&w->ready, true, release);
    w->err = weft_conn_wait(w->conn, 10);
}

static void
waits_that_end_without_bytes(void **state)
{
    (void)state;
    listen_with(take_nothing, NULL);
    struct weft_conn_options options = {.read_timeout_ms = 30};
    struct weft_conn *conn = dial_with(&options);
    const uint8_t *bytes;
    assert_int_equal(weft_conn_wait(conn, 1), WEFT_EREADTIMEOUT);
    assert_int_equal(weft_conn_wait_until(conn, 1, weft_after_ms(5)),
                     WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_next(conn, 1, &bytes), WEFT_EREADTIMEOUT);
    weft_conn_close(conn);
    struct waiter w = {.conn = dial_with(NULL)};
    weft_fiber fiber;
    MUST(!weft_fiber_start(wait_for_bytes, &w, &fiber));
    AWAIT(wf_load(&w.ready, acquire));
    weft_fiber_cancel(fiber);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(w.err, WEFT_ECANCEL);
    options = (struct weft_conn_options){.max_input = 1000};
    weft_conn_close(w.conn);
    w.conn = dial_with(&options);
    assert_int_equal(weft_conn_wait(w.conn, 1001), WEFT_EBUFFERFULL);
    weft_conn_close(w.conn);
    stop_after(3);
}

static void
a_delimiter_that_does_not_come(void **state)
{
    (void)state;
    listen_with(echo_everything, NULL);
    struct weft_conn_options options = {.max_input = 3000};
    struct weft_conn *conn = dial_with(&options);
    char text[4000];
    const uint8_t *bytes;
    size_t n;
    memset(text, 'x', sizeof text);
    MUST(!weft_conn_write(conn, text, sizeof text));
    MUST(!weft_conn_flush(conn));
    assert_int_equal(weft_conn_next_through(conn, '\n', &bytes, &n),
                     WEFT_EBUFFERFULL);
    assert_int_equal(weft_conn_len(conn), 3000);
    assert_int_equal(weft_conn_skip(conn, 2500), WEFT_OK);
    MUST(!weft_conn_write(conn, "\n", 1));
    MUST(!weft_conn_flush(conn));
    assert_int_equal(weft_conn_next_through(conn, '\n', &bytes, &n), WEFT_OK);
    assert_int_equal(n, 1501);
    weft_conn_close(conn);
    stop_after(1);
}

static _Atomic uint32_t hogs;
static _Atomic bool hogs_end;

static void
hog(void *arg)
{
    (void)arg;
    wf_add(&hogs, 1, release);
    while (!wf_load(&hogs_end, acquire))
        ;
}

/* Keep every worker busy while send_it sends, so that all its bytes cause only
 * one event. */
static void
as_one_event(void (*send_it)(int fd), int fd)
{
    weft_fiber fibers[2];
    wf_store(&hogs, 0, relaxed);
    wf_store(&hogs_end, false, relaxed);
    for (int i = 0; i < 2; i++)
        MUST(!weft_fiber_start(hog, NULL, &fibers[i]));
    AWAIT(wf_load(&hogs, acquire) == 2);
    send_it(fd);
    wf_store(&hogs_end, true, release);
    for (int i = 0; i < 2; i++)
        MUST(!weft_fiber_join(fibers[i]));
}

/* on_request waits for two bytes, and more arrive than one read takes. weft
 * must read the rest after on_request returns, although no further event
 * comes. */
enum { SIZE = 100000 };

static void
put_all_but_one(int fd)
{
    static const uint8_t bytes[SIZE - 1];
    MUST(wire_send(fd, bytes, sizeof bytes));
}

static void
nothing_is_left_unread(void **state)
{
    (void)state;
    listen_with(take_two_or_more, NULL);
    for (int i = 0; i < 3; i++) {
        wf_store(&place.bytes, 0, relaxed);
        int fd = dial_plain(), before = wf_load(&place.requests, relaxed);
        MUST(wire_send(fd, "x", 1));
        AWAIT(reader_waits(before));
        as_one_event(put_all_but_one, fd);
        AWAIT(wf_load(&place.bytes, acquire) == SIZE);
        close(fd);
    }
    stop_after(3);
}

/* Send a text with a descriptor. The kernel ends a read after such a text. */
static void
put_with_descriptor(int fd, const char *text)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = {(void *)(uintptr_t)text, strlen(text)};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    memset(&control, 0, sizeof control);
    control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
                                    .cmsg_level = SOL_SOCKET,
                                    .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    MUST(sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)iov.iov_len);
}

static void
put_descriptors(int fd)
{
    for (int i = 0; i < 3; i++)
        put_with_descriptor(fd, "abc");
}

/* A read of TCP stops at the mark of urgent data. */
static void
put_urgent(int fd)
{
    MUST(wire_send(fd, "abcd", 4));
    MUST(send(fd, "!", 1, MSG_OOB | MSG_NOSIGNAL) == 1);
    MUST(wire_send(fd, "efghi", 5));
}

/* Reads that return fewer bytes than the socket has, without an event for the
 * rest. */
static void
short_reads_that_are_not_all(void **state)
{
    (void)state;
    char dir[] = "/tmp/weft-conn-XXXXXX", path[64];
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/s", dir);
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        memset(&place, 0, sizeof place);
        place.request = take_everything;
        MUST(!weft_listen(is_unix ? path : "127.0.0.1:0", &hooks, &place, NULL,
                          &place.listener));
        int fd = is_unix ? wire_dial_unix(path + 5) : dial_plain();
        AWAIT(wf_load(&place.connects, acquire) == 1);
        as_one_event(is_unix ? put_descriptors : put_urgent, fd);
        AWAIT(wf_load(&place.bytes, acquire) == 9);
        close(fd);
        stop_after(1);
    }
    assert_int_equal(rmdir(dir), 0);
}

/* on_request itself reaches the end of input. */
static void
an_end_inside_a_line(void **state)
{
    (void)state;
    for (int reset = 0; reset < 2; reset++) {
        listen_with(echo_lines, NULL);
        int fd = dial_plain();
        MUST(wire_send(fd, "no line feed", 12));
        AWAIT(reader_waits(0));
        if (reset)
            wire_reset(fd);
        else
            close(fd);
        AWAIT(wf_load(&place.closes, acquire) == 1);
        assert_int_equal(wf_load(&place.why, relaxed),
                         reset ? -ECONNRESET : WEFT_EEOF);
        stop_after(1);
    }
}

static void *
wait_on_a_thread(void *arg)
{
    wait_for_bytes(arg);
    return NULL;
}

/* A connection that outlives the runtime gets no more events: a wait fails,
 * both one that has begun and a later one. */
static void
over_a_stop_of_the_runtime(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    uint16_t port = 0;
    int listener = wire_listen(&port, 4);
    char address[32];
    struct weft_chain chain = {0};
    struct waiter w = {.conn = NULL};
    pthread_t thread;
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_dial(address, NULL, &w.conn));
    int fd = wire_accept(listener);
    MUST(!pthread_create(&thread, NULL, wait_on_a_thread, &w));
    AWAIT(wf_load(&w.ready, acquire));
    MUST(!weft_runtime_stop() && !weft_runtime_start(&options));
    pthread_join(thread, NULL);
    assert_int_equal(w.err, WEFT_ECLOSED);
    assert_true(wire_ends(fd));
    MUST(!weft_chain_append(&chain, "x", 1));
    assert_int_equal(weft_conn_send(w.conn, &chain), WEFT_ECLOSED);
    assert_int_equal(weft_conn_wait(w.conn, 1), WEFT_ECLOSED);
    weft_conn_close(w.conn);
    close(fd);
    close(listener);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_there_and_back),
        cmocka_unit_test(every_way_to_read),
        cmocka_unit_test(the_end_of_input),
        cmocka_unit_test(waits_that_end_without_bytes),
        cmocka_unit_test(a_delimiter_that_does_not_come),
        cmocka_unit_test(nothing_is_left_unread),
        cmocka_unit_test(short_reads_that_are_not_all),
        cmocka_unit_test(an_end_inside_a_line),
        cmocka_unit_test(over_a_stop_of_the_runtime),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
