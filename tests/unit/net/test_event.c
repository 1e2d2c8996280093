/* SPDX-License-Identifier: MIT */
/* What each event of the kernel does to a socket. No worker runs, so an event
 * that is for the reader is counted, and no more. */
#include "net/sock.h"

#include "fiber/task.h"
#include "unit/fiber/fibers.h"

#include <sys/epoll.h>
#include <sys/socket.h>

static void
nothing(struct wf_sock *s)
{
    (void)s;
}

static void
failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    (void)why;
}

static const struct wf_sock_ops ops = {
    .readable = nothing, .failed = failed, .closed = nothing};

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

/* An event of a socket that has failed meanwhile is dropped. */
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_event_has_its_effect, begin, end),
        cmocka_unit_test_setup_teardown(a_late_event_has_none, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
