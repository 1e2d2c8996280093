/* SPDX-License-Identifier: MIT */
/* What a resolver may answer: which addresses are kept, in which order, and
 * what each of its errors means. */
#include "net/resolve.h"
#include "waiting.h"

#include <weft/fiber.h>
#include <weft/net.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <cmocka.h>

static struct {
    const char *answer; /* addresses with blanks between them */
    int error;
    _Atomic bool holds, begun;
    _Atomic uint32_t held; /* look-ups of dead.test */
    _Atomic int answers;   /* look-ups that were answered */
    _Atomic bool no_thread;
    _Atomic int done; /* the newest eventfd: that of the look-up */
    _Atomic bool is_watched, answered; /* see shim_write */
} resolver;

static int
shim_eventfd(unsigned init, int flags)
{
    if (flags != (EFD_NONBLOCK | EFD_CLOEXEC))
        abort();
    int fd = eventfd(init, flags);
    wf_store(&resolver.done, fd, release);
    return fd < 0 ? -errno : fd;
}

/* If a look-up is watched, its thread goes on only when the caller has the
 * answer: the whole answer must be there before the event. */
static ssize_t
shim_write(int fd, const void *bytes, size_t n)
{
    ssize_t written = write(fd, bytes, n);
    while (fd == wf_load(&resolver.done, acquire) &&
           wf_load(&resolver.is_watched, acquire) &&
           !wf_load(&resolver.answered, acquire))
        sched_yield();
    return written < 0 ? -errno : written;
}

static int
shim_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    if (wf_load(&resolver.no_thread, acquire))
        return -EAGAIN;
    return -pthread_create(thread, NULL, run, arg);
}

/* Make an entry of the list that libc can free. */
static struct addrinfo *
entry(const char *text, const char *port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM},
                    *found = NULL;
    if (getaddrinfo(text, port, &hints, &found))
        abort();
    return found;
}

static void
make_answer(const char *port, struct addrinfo **end)
{
    char text[256], *rest = text;
    snprintf(text, sizeof text, "%s", resolver.answer);
    for (char *one; (one = strsep(&rest, " ")) != NULL;) {
        bool is_odd = *one == '!'; /* longer than any address */
        *end = entry(one + is_odd, port);
        if (is_odd)
            (*end)->ai_addrlen = sizeof(struct sockaddr_storage) + 1;
        end = &(*end)->ai_next;
    }
}

static int
shim_getaddrinfo(const char *host, const char *port,
                 const struct addrinfo *hints, struct addrinfo **found)
{
    if (!(hints->ai_flags & AI_NUMERICSERV) ||
        hints->ai_socktype != SOCK_STREAM)
        abort();
    if (hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    wf_store(&resolver.begun, true, release);
    bool is_dead = !strcmp(host, "dead.test");
    wf_add(&resolver.held, is_dead, acq_rel);
    while (wf_load(&resolver.holds, acquire) && strcmp(host, "live.test"))
        sched_yield();
    wf_sub(&resolver.held, is_dead, acq_rel);
    *found = NULL;
    int err = resolver.error;
    if (!err)
        make_answer(port, found);
    wf_add(&resolver.answers, 1, release);
    return err;
}

static void
assert_kept(const char *answer, const char *want)
{
    struct wf_addr out[WF_ADDRS_MAX];
    char text[512] = "";
    resolver.answer = answer;
    int n = wf_addr_resolve("some.test:7", out, WEFT_NEVER);
    for (int i = 0; i < n; i++) {
        size_t len = strlen(text);
        if (len > 0)
            text[len++] = ' ';
        wf_addr_print(&out[i], text + len, sizeof text - len);
    }
    assert_string_equal(text, want);
    if (n < 0)
        assert_int_equal(n, WEFT_EADDRESS);
}

/* Each address is kept once. The families take turns: if one of them does not
 * work on a host, a dial there soon tries the other one. */
static void
which_addresses_are_kept(void **state)
{
    (void)state;
    assert_kept("1.1.1.1", "1.1.1.1:7");
    assert_kept("1.1.1.1 2.2.2.2", "1.1.1.1:7 2.2.2.2:7");
    assert_kept("1.1.1.1 1.1.1.1 2.2.2.2 1.1.1.1", "1.1.1.1:7 2.2.2.2:7");
    assert_kept("::1 ::2 1.1.1.1 ::3 2.2.2.2",
                "[::1]:7 1.1.1.1:7 [::2]:7 2.2.2.2:7 [::3]:7");
    assert_kept("1.1.1.1 2.2.2.2 3.3.3.3 ::1",
                "1.1.1.1:7 [::1]:7 2.2.2.2:7 3.3.3.3:7");
    assert_kept("!1.1.1.1 2.2.2.2", "2.2.2.2:7");
    assert_kept("!1.1.1.1", "");
    assert_kept("1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5 1.0.0.6 1.0.0.7 "
                "1.0.0.8 1.0.0.9",
                "1.0.0.1:7 1.0.0.2:7 1.0.0.3:7 1.0.0.4:7 1.0.0.5:7 1.0.0.6:7 "
                "1.0.0.7:7 1.0.0.8:7");
}

/* weft_resolve returns all addresses, in the order of the resolver. */
static void
which_addresses_are_told(void **state)
{
    static const struct {
        const char *answer;
        uint32_t n;
        const char *first, *last;
    } rows[] = {
        {"1.1.1.1", 1, "1.1.1.1:7", "1.1.1.1:7"},
        {"1.1.1.1 1.1.1.1 ::1 1.1.1.1", 2, "1.1.1.1:7", "[::1]:7"},
        {"::1 !2.2.2.2 1.1.1.1", 2, "[::1]:7", "1.1.1.1:7"},
        {"1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5 1.0.0.6 1.0.0.7 1.0.0.8 "
         "1.0.0.9",
         9, "1.0.0.1:7", "1.0.0.9:7"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_arena arena;
        struct weft_addresses texts;
        weft_arena_init(&arena, 0);
        resolver.answer = rows[i].answer;
        assert_int_equal(weft_resolve("some.test:7", &arena, &texts), WEFT_OK);
        assert_int_equal(texts.len, rows[i].n);
        assert_string_equal(texts.items[0], rows[i].first);
        assert_string_equal(texts.items[texts.len - 1], rows[i].last);
        resolver.answer = "!1.1.1.1";
        assert_int_equal(weft_resolve("some.test:7", &arena, &texts),
                         WEFT_EADDRESS);
        assert_int_equal(texts.len, 0);
        weft_arena_fini(&arena);
        weft_arena_init(&arena, 8); /* has no room for a text */
        assert_int_equal(weft_resolve("1.1.1.1:7", &arena, &texts),
                         WEFT_EBUDGET);
        assert_null(texts.items);
        weft_arena_fini(&arena);
    }
}

static void
what_an_error_means(void **state)
{
    static const struct {
        int eai;
        weft_err err;
    } rows[] = {{EAI_NONAME, WEFT_EADDRESS}, {EAI_NODATA, WEFT_EADDRESS},
                {EAI_FAMILY, WEFT_EADDRESS}, {EAI_SERVICE, WEFT_EADDRESS},
                {EAI_MEMORY, -ENOMEM},       {EAI_AGAIN, WEFT_ERESOLVE},
                {EAI_FAIL, WEFT_ERESOLVE},   {EAI_SYSTEM, WEFT_ERESOLVE}};
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_addr out[WF_ADDRS_MAX];
        resolver.error = rows[i].eai;
        assert_int_equal(wf_addr_resolve("some.test:7", out, WEFT_NEVER),
                         rows[i].err);
        struct weft_addresses texts = {NULL, 7};
        assert_int_equal(weft_resolve("some.test:7", &arena, &texts),
                         rows[i].err);
        assert_int_equal(texts.len, 0);
    }
    weft_arena_fini(&arena);
    resolver.error = 0;
}

static void
look_up(void *err)
{
    struct wf_addr out[WF_ADDRS_MAX];
    *(weft_err *)err = wf_addr_resolve("some.test:7", out, WEFT_NEVER);
}

static void
look_up_and_tell(void *err)
{
    look_up(err);
    wf_store(&resolver.answered, true, release);
}

/* When the event of an answer comes, the whole answer is there. */
static void
an_event_comes_after_its_answer(void **state)
{
    (void)state;
    weft_err n = 0;
    weft_fiber fiber;
    resolver.answer = "1.1.1.1";
    wf_store(&resolver.answered, false, release);
    wf_store(&resolver.is_watched, true, release);
    assert_int_equal(weft_fiber_start(look_up_and_tell, &n, &fiber), 0);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(n, 1);
    wf_store(&resolver.is_watched, false, release);
}

/* The caller has given up when the thread ends the look-up. Then the thread
 * frees the look-up, and the sanitizers report any use of it after that. */
static void
a_caller_that_has_left(void **state)
{
    (void)state;
    weft_err err = 0;
    weft_fiber fiber;
    wf_store(&resolver.begun, false, release);
    wf_store(&resolver.holds, true, release);
    assert_int_equal(weft_fiber_start(look_up, &err, &fiber), 0);
    while (!wf_load(&resolver.begun, acquire))
        sched_yield();
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(err, WEFT_ECANCEL);
    int done = wf_load(&resolver.done, acquire);
    int answers = wf_load(&resolver.answers, acquire);
    assert_true(fcntl(done, F_GETFD) >= 0);
    wf_store(&resolver.holds, false, release);
    while (wf_load(&resolver.answers, acquire) == answers)
        sched_yield();
    while (fcntl(done, F_GETFD) >= 0) /* until the look-up is freed */
        sched_yield();
}

/* If no thread can be made a look-up fails, unless a busy thread can do the
 * look-up later. */
static void
no_thread_can_be_made(void **state)
{
    (void)state;
    weft_err first = 0, second = 0, third = 0;
    weft_fiber fibers[2];
    resolver.answer = "1.1.1.1";
    wf_store(&resolver.no_thread, true, release);
    do { /* until the threads of the other tests have ended */
        look_up(&third);
    } while (third == 1);
    assert_int_equal(third, -EAGAIN);
    wf_store(&resolver.no_thread, false, release);
    wf_store(&resolver.begun, false, release);
    wf_store(&resolver.holds, true, release);
    assert_int_equal(weft_fiber_start(look_up, &first, &fibers[0]), 0);
    while (!wf_load(&resolver.begun, acquire))
        sched_yield();
    wf_store(&resolver.no_thread, true, release);
    assert_int_equal(weft_fiber_start(look_up, &second, &fibers[1]), 0);
    while (waits_for(fibers[1]) == WEFT_WAIT_NONE)
        sched_yield();
    wf_store(&resolver.holds, false, release);
    for (int i = 0; i < 2; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    wf_store(&resolver.no_thread, false, release);
    assert_int_equal(first, 1);
    assert_int_equal(second, 1);
}

static void
look_up_dead(void *err)
{
    struct wf_addr out[WF_ADDRS_MAX];
    *(weft_err *)err = wf_addr_resolve("dead.test:7", out, WEFT_NEVER);
}

/* A name whose server is silent does not delay the others, and its own look-ups
 * go on when the server answers. */
static void
one_host_leaves_threads_for_others(void **state)
{
    enum { MANY = 50 };
    (void)state;
    weft_err errs[MANY];
    weft_fiber fibers[MANY];
    struct wf_addr out[WF_ADDRS_MAX];
    resolver.answer = "1.1.1.1";
    wf_store(&resolver.holds, true, release);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(weft_fiber_start(look_up_dead, &errs[i], &fibers[i]),
                         WEFT_OK);
    for (int i = 0; i < MANY; i++)
        while (waits_for(fibers[i]) == WEFT_WAIT_NONE)
            sched_yield();
    while (wf_load(&resolver.held, acquire) < 2)
        sched_yield();
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            wf_addr_resolve("live.test:7", out, weft_after_ms(20000)), 1);
    assert_int_equal(wf_load(&resolver.held, acquire), 2);
    weft_fiber_cancel(fibers[MANY - 1]);
    assert_int_equal(weft_fiber_join(fibers[MANY - 1]), WEFT_OK);
    assert_int_equal(errs[MANY - 1], WEFT_ECANCEL);
    wf_store(&resolver.holds, false, release);
    for (int i = 0; i < MANY - 1; i++) {
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
        assert_int_equal(errs[i], 1);
    }
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 1};
    alarm(120);
    wf_shim.getaddrinfo = shim_getaddrinfo;
    wf_shim.thread = shim_thread;
    wf_shim.eventfd = shim_eventfd;
    wf_shim.write = shim_write;
    return weft_runtime_start(&options);
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_addresses_are_kept),
        cmocka_unit_test(which_addresses_are_told),
        cmocka_unit_test(what_an_error_means),
        cmocka_unit_test(an_event_comes_after_its_answer),
        cmocka_unit_test(a_caller_that_has_left),
        cmocka_unit_test(no_thread_can_be_made),
        cmocka_unit_test(one_host_leaves_threads_for_others),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
