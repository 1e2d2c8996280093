/* SPDX-License-Identifier: MIT */
/* Look-ups of services and hosts while the n-th allocation or system call
 * fails: each ends with an error, or has all answers, and nothing is left
 * behind. Row 68 of docs/threats.md. */
#include "shim.h"

#include "dns_stub.h"

#include "upstream/dns.h"

#include <weft/fiber.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#if WF_CARES

#define MUST(x) assert_true(x)
#define PATIENT_MS 60000 /* for a slow machine */

static struct dns_stub stub;
static char server[32];

static const struct dns_zone zone = {
    .ttl_s = 7,
    .service = "_inbox._tcp.test",
    .records = {{1, 2, 90, "a.test"}, {1, 2, 91, "b.test"}, {9, 9, 9, "c"}},
    .hosts = {{.name = "a.test", .addresses = {"127.0.0.1", "::1"}},
              {.name = "b.test", .addresses = {"127.0.0.2"}}}};

/* Returns the first error of any kind. */
static weft_err
ask(struct wf_dns *dns, struct wf_dns_question *questions, uint32_t n)
{
    weft_err err = wf_dns_ask(dns, questions, n, weft_after_ms(PATIENT_MS));
    for (uint32_t i = 0; i < n && !err; i++) {
        MUST(questions[i].is_answered);
        err = questions[i].err;
        MUST(err == 0 || *questions[i].why);
    }
    return err;
}

static weft_err
ask_all(struct wf_dns *dns)
{
    struct wf_dns_question service = {.name = "_inbox._tcp.test",
                                      .is_service = true};
    struct wf_dns_question hosts[2] = {{.name = "a.test"}, {.name = "b.test"}};
    weft_err err = ask(dns, &service, 1);
    MUST(err || (service.records.len == 2 && service.ttl_s == 7));
    if (!err)
        err = ask(dns, hosts, 2);
    MUST(err || hosts[1].found.len == 1);
    return err;
}

static weft_err
look_up(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_dns *dns;
    weft_err err = wf_dns_open(server, &arena, &dns);
    if (!err) {
        err = ask_all(dns);
        wf_dns_close(dns);
    }
    weft_arena_fini(&arena);
    return err;
}

/* The look-up of a client. Its error is kept in the resolver. */
static weft_err
look_up_for(struct weft_client *client)
{
    struct wf_upstream *up = wf_upstream_of(client);
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    bool found;
    weft_err err = wf_resolver_await(up->resolver, weft_after_ms(PATIENT_MS),
                                     true, &found);
    if (!err)
        err = weft_client_get_endpoints(client, &arena, &views);
    if (!err && views.len == 0)
        err = WEFT_ENOENDPOINT;
    MUST(err || views.len == 3);
    weft_arena_fini(&arena);
    return err;
}

static weft_err
look_up_by_client(void)
{
    char target[80];
    struct weft_client *client;
    snprintf(target, sizeof target, "srv://%s/_inbox._tcp.test", server);
    weft_err err = weft_client_new(target, NULL, &client);
    if (!err)
        err = look_up_for(client);
    weft_client_free(client);
    return err;
}

static void
nth_call_fails_of(enum shim_call call, int errnum, weft_err (*run)(void))
{
    bool failed = true;
    for (uint32_t nth = 1; failed; nth++) {
        shim_fail(call, nth, errnum);
        weft_err err = run();
        failed = shim_failures() > 0;
        shim_heal();
        assert_true(failed || err == WEFT_OK);
        assert_true(nth < 1000 && (failed || nth > 1));
    }
}

static void
nth_call_fails(enum shim_call call, int errnum)
{
    nth_call_fails_of(call, errnum, look_up);
}

static void
calls_that_fail(void)
{
    nth_call_fails(SHIM_malloc, ENOMEM);
    nth_call_fails(SHIM_socket, EMFILE);
    nth_call_fails(SHIM_connect, ENETUNREACH);
    nth_call_fails(SHIM_sendmsg, ENOBUFS);
    nth_call_fails(SHIM_sendmsg, ECONNREFUSED);
    nth_call_fails(SHIM_sendmsg, EINTR);
    nth_call_fails(SHIM_recv, ECONNREFUSED);
    nth_call_fails(SHIM_recv, EINTR);
    nth_call_fails(SHIM_poll, ENOMEM);
    nth_call_fails(SHIM_close, EIO);
}

static void
over_udp(void **state)
{
    (void)state;
    dns_stub_set(&stub, &zone);
    calls_that_fail();
    nth_call_fails(SHIM_getpeername, ENOTCONN);
}

static void
over_tcp(void **state)
{
    (void)state;
    struct dns_zone cut = zone;
    cut.cut = true;
    dns_stub_set(&stub, &cut);
    calls_that_fail();
}

static void
of_a_client(void **state)
{
    (void)state;
    dns_stub_set(&stub, &zone);
    nth_call_fails_of(SHIM_malloc, ENOMEM, look_up_by_client);
    nth_call_fails_of(SHIM_socket, EMFILE, look_up_by_client);
    nth_call_fails_of(SHIM_sendmsg, ENOBUFS, look_up_by_client);
}

/* ---- the program ---- */

static int
start(void **state)
{
    (void)state;
    alarm(300);
    shim_install();
    dns_stub_open(&stub);
    snprintf(server, sizeof server, "127.0.0.1:%u", (unsigned)stub.port);
    weft_log_set_level(WEFT_LOG_NONE);
    return weft_runtime_start(NULL);
}

static int
stop(void **state)
{
    (void)state;
    dns_stub_close(&stub);
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_udp),
        cmocka_unit_test(over_tcp),
        cmocka_unit_test(of_a_client),
    };
    return cmocka_run_group_tests(tests, start, stop);
}

#else

int
main(void)
{
    return 0;
}

#endif
