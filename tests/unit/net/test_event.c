/* SPDX-License-Identifier: MIT */
/* A new socket, and what each event of the kernel does to it. No worker runs,
 * so an event for the reader is only counted. */
#include "net/sock.h"

#include <weft/net.h>

#include "fiber/task.h"
#include "unit/fiber/fibers.h"

#include <sys/epoll.h>
#include <sys/socket.h>

static void
nothing(struct wf_sock *s)
{
    (void)s;
}

static int failures, closings;
static weft_err reason;

static void
failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    failures++;
    reason = why;
}

static void
closed(struct wf_sock *s)
{
    (void)s;
    closings++;
}

static const struct wf_sock_ops ops = {
    .readable = nothing, .failed = failed, .closed = closed};

static struct wf_sock *s;

static int
begin(void **state)
{
    (void)state;
    s = wf_sock_new(socket(AF_INET, SOCK_STREAM, 0), &ops, NULL);
    wf_store(&s->events, 1, relaxed); /* there is a reader */
    return 0;
}

static int
end(void **state)
{
    (void)state;
    wf_store(&s->writer, NULL, relaxed);
    wf_sock_fail(s, WEFT_ECLOSED);
    wf_sock_unref(s);
    return 0;
}

static const struct {
    uint32_t event;
    bool reader, writer, hung_up, reads_on;
} rows[] = {
    {EPOLLIN, true, false, false, false},
    {EPOLLPRI, true, false, false, true},
    {EPOLLOUT, false, true, false, false},
    {EPOLLRDHUP, true, false, true, false},
    {EPOLLHUP, true, true, true, false},
    {EPOLLERR, true, true, true, false},
};

static void
each_event_has_its_effect(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_task *self = wf_task_self();
        wf_store(&self->state, WF_TASK_RUNNING, relaxed);
        wf_store(&s->writer, self, relaxed);
        uint64_t word = wf_load(&s->slot.word, relaxed);
        wf_sock_event(wf_slot_id(&s->slot), rows[i].event);
        assert_int_equal(wf_load(&s->slot.word, relaxed), word);
        assert_int_equal(wf_load(&s->events, relaxed), 1 + rows[i].reader);
        assert_int_equal(wf_load(&self->state, relaxed) == WF_TASK_NOTIFIED,
                         rows[i].writer);
        assert_int_equal(wf_load(&s->hung_up, relaxed), rows[i].hung_up);
        assert_int_equal(wf_load(&s->reads_on, relaxed), rows[i].reads_on);
        wf_store(&self->state, WF_TASK_RUNNING, relaxed);
        assert_int_equal(end(state), 0);
        assert_int_equal(begin(state), 0);
    }
}

/* An event of a socket that has failed is dropped. */
static void
a_late_event_has_none(void **state)
{
    uint64_t old = wf_slot_id(&s->slot);
    assert_int_equal(end(state), 0);
    wf_sock_event(old, EPOLLIN);
    assert_int_equal(begin(state), 0);
    wf_sock_event(old, EPOLLIN);
    assert_int_equal(wf_load(&s->events, relaxed), 1);
}

/* ---- a new socket ---- */

static void
it_has_no_limits(void **state)
{
    (void)state;
    assert_true(s->max_queued == SIZE_MAX);
    assert_int_equal(s->write_timeout_ms, WEFT_NONE);
    uint64_t last = wf_load(&s->last_ns, relaxed);
    assert_true(last > 0 && last <= weft_now_ns());
    assert_int_equal(wf_sock_error(s), WEFT_OK);
}

/* A short read empties a TCP socket; it need not empty a unix socket. */
static void
its_family_decides_how_it_is_read(void **state)
{
    static const struct {
        int family;
        bool reads_on;
    } families[] = {{AF_INET, false}, {AF_INET6, false}, {AF_UNIX, true}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int fd = socket(families[i].family, SOCK_STREAM, 0);
        if (fd < 0 && errno == EAFNOSUPPORT)
            continue; /* a host without IPv6 */
        struct wf_sock *one = wf_sock_new(fd, &ops, NULL);
        assert_int_equal(wf_load(&one->reads_on, relaxed),
                         families[i].reads_on);
        wf_sock_fail(one, WEFT_ECLOSED);
        wf_sock_unref(one);
    }
}

/* Only a socket that may hold bytes lent by users is a connection of
 * weft/net.h. */
static void
a_socket_of_a_server_is_no_connection(void **state)
{
    (void)state;
    weft_connid id = {wf_slot_id(&s->slot)};
    uint64_t word = wf_load(&s->slot.word, relaxed);
    assert_null(weft_conn_ref(id));
    assert_int_equal(wf_load(&s->slot.word, relaxed), word);
    s->lends = true;
    s->owner = &word;
    assert_ptr_equal(weft_conn_ref(id), &word);
    wf_sock_unref(s);
    assert_int_equal(wf_load(&s->slot.word, relaxed), word);
}

/* ---- the end ---- */

/* Sockets to which only their owner refers fail, too. */
static void
all_fail(void **state)
{
    (void)state;
    struct wf_sock *other =
        wf_sock_new(socket(AF_INET, SOCK_STREAM, 0), &ops, NULL);
    wf_sock_unref(other);
    failures = closings = 0;
    wf_sock_fail_all(WEFT_EIDLE);
    assert_int_equal(failures, 2);
    assert_int_equal(reason, WEFT_EIDLE);
    assert_int_equal(closings, 1);
    assert_int_equal(wf_sock_error(s), WEFT_EIDLE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_event_has_its_effect, begin, end),
        cmocka_unit_test_setup_teardown(a_late_event_has_none, begin, end),
        cmocka_unit_test_setup_teardown(it_has_no_limits, begin, end),
        cmocka_unit_test_setup_teardown(all_fail, begin, end),
        cmocka_unit_test_setup_teardown(its_family_decides_how_it_is_read,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_socket_of_a_server_is_no_connection,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
