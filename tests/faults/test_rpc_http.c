/* SPDX-License-Identifier: MIT */
/* The n-th allocation or system call of each kind fails while a client of
 * weft/http.h works. Each request succeeds or returns an error, no connection
 * stays open, and the next request succeeds. */
#include "shim.h"

#include "trial_server.h"
#include "wire.h"

#include <weft/http.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define BODY_LEN 3000u

static char address[32];
static _Atomic int serving; /* connections that the server has */

/* ---- a server of plain sockets ---- */

/* Read a request without a body. false: the connection has ended. */
static bool
take(int fd)
{
    char head[1000];
    size_t len = 0;
    do {
        MUST(len + 1 < sizeof head);
        if (!wire_recv(fd, head + len, 1))
            return false;
        head[++len] = '\0';
    } while (!strstr(head, "\r\n\r\n"));
    return true;
}

static bool
answer(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nX-Name: value\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n"
                               "1\r\nx\r\nbb7\r\n";
    char body[BODY_LEN - 1];
    memset(body, 'y', sizeof body);
    return wire_send(fd, head, strlen(head)) &&
           wire_send(fd, body, sizeof body) &&
           wire_send(fd, "\r\n0\r\n\r\n", 7);
}

static void *
serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    while (take(fd) && answer(fd))
        ;
    close(fd);
    wf_sub(&serving, 1, release);
    return NULL;
}

static void *
accept_all(void *arg)
{
    int listener = (int)(intptr_t)arg;
    int fd;
    pthread_t thread;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        wf_add(&serving, 1, relaxed);
        MUST(!pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd));
        MUST(!pthread_detach(thread));
    }
    return NULL;
}

/* ---- the client ---- */

static bool
is_right(const struct weft_http_response *r)
{
    return r->status == 200 && r->headers.len == 2 && r->body.len == BODY_LEN &&
           r->body.ptr[0] == 'x' && r->body.ptr[BODY_LEN - 1] == 'y';
}

static weft_err
call(struct weft_http *http)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_http_response r;
    weft_err err = weft_http_call_until(http, &(struct weft_http_request){0},
                                        weft_after_ms(LONG_MS), &arena, &r);
    MUST(err || is_right(&r));
    weft_arena_fini(&arena);
    return err;
}

/* Read a body piece by piece. A read for which there was no memory is tried
 * again. */
static weft_err
follow(struct weft_http *http)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_http_response r;
    struct weft_http_exchange *x;
    struct weft_chain body = {0};
    size_t before = 1, retries = 0;
    weft_err err = weft_http_open_until(http, &(struct weft_http_request){0},
                                        weft_after_ms(LONG_MS), &arena, &r, &x);
    MUST(!err == (x != NULL));
    while (x && ((err == -ENOMEM && retries++ < 9) ||
                 (!err && body.len != before))) {
        before = body.len;
        err = weft_http_read_until(x, weft_after_ms(LONG_MS), &body);
        before = err ? SIZE_MAX : before;
    }
    MUST(err || body.len == BODY_LEN);
    weft_http_close(x);
    weft_chain_clear(&body);
    weft_arena_fini(&arena);
    return err;
}

static void
work(void *arg)
{
    struct weft_http *http;
    (void)arg;
    if (weft_http_new(address, NULL, &http))
        return;
    for (int i = 0; i < 2; i++) {
        (void)!call(http);
        (void)!follow(http);
    }
    shim_heal();
    MUST(!call(http));
    MUST(!follow(http));
    weft_http_free(http);
}

static void
work_once(void)
{
    weft_fiber fiber;
    MUST(!weft_fiber_start(work, NULL, &fiber));
    MUST(!weft_fiber_join(fiber));
}

static void
nth_fails(enum shim_call kind, int err, enum shim_how how)
{
    uint32_t n = 0, failures;
    do {
        shim_fail_as(kind, ++n, err, how);
        work_once();
        failures = shim_failures();
        shim_heal();
        shim_fail(kind, 0, 0);
        AWAIT(wf_load(&serving, acquire) == 0);
    } while (failures > 0 && n < 300);
    MUST(n > 1);
}

static void
no_memory(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    nth_fails(SHIM_malloc, ENOMEM, SHIM_ONCE);
    nth_fails(SHIM_malloc, ENOMEM, SHIM_UNTIL_HEALED);
    weft_log_set_level(WEFT_LOG_WARN);
}

static void
calls_of_the_system(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    nth_fails(SHIM_socket, EMFILE, SHIM_ONCE);
    nth_fails(SHIM_connect, ENETUNREACH, SHIM_ONCE);
    nth_fails(SHIM_epoll_ctl, ENOSPC, SHIM_ONCE);
    nth_fails(SHIM_send, EPIPE, SHIM_ONCE);
    nth_fails(SHIM_recv, ECONNRESET, SHIM_ONCE);
    nth_fails(SHIM_recv, ECONNRESET, SHIM_UNTIL_HEALED);
    weft_log_set_level(WEFT_LOG_WARN);
}

/* Reads and writes transfer only a part. */
static void
short_reads_and_writes(void **state)
{
    (void)state;
    shim_reduce(true);
    for (int i = 0; i < 20; i++)
        work_once();
    shim_reduce(false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_memory),
        cmocka_unit_test(calls_of_the_system),
        cmocka_unit_test(short_reads_and_writes),
    };
    const struct weft_runtime_options options = {.workers = 1};
    uint16_t port = 0;
    pthread_t thread;
    int listener = wire_listen(&port, 64);
    alarm(300);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(
        !pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)listener));
    shim_install();
    MUST(!weft_runtime_start(&options));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MUST(!weft_runtime_stop());
    MUST(!shutdown(listener, SHUT_RDWR));
    MUST(!pthread_join(thread, NULL));
    close(listener);
    return failed;
}
