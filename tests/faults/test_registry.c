/* SPDX-License-Identifier: MIT */
/* Resolvers of registries, and servers that register themselves, while the n-th
 * allocation or system call fails: each ends with an error, or does its work,
 * and nothing is left behind. Row 117 of docs/threats.md. */
#include "shim.h"

#include "fake_etcd.h"
#include "fake_zk.h"

#include "upstream/consul.h"
#include "upstream/etcd.h"
#include "upstream/register.h"
#include "upstream/zk.h"

#include <weft/net.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define MUST(x) assert_true(x)
#define FOUND WEFT_EEOF /* what on_list returns, to end the resolver */

#define PATIENT_MS 60000 /* for a slow machine */

static const char consul_list[] =
    "[{\"Node\":{\"Address\":\"10.0.0.1\"},\"Service\":{\"Address\":\"\","
    "\"Tags\":[\"a\",\"0/2\",\"1/"
    "3\"],\"Port\":90}},{\"Service\":{\"Address\":\"10.0.0.2\",\"Port\":91}}]";
static const char etcd_list[] =
    "{\"header\":{\"revision\":\"5\"},\"kvs\":[{\"key\":\"L3MvYg==\",\"value\":"
    "\"MTAuMC4wLjE6OTA=\"},{\"key\":\"L3MvYQ==\",\"value\":"
    "\"MTAuMC4wLjI6OTE=\"}]}";

/* ---- reading ---- */

static weft_err
read_consul(struct weft_arena *arena, struct wf_registry_list *list)
{
    return wf_consul_read(
        (struct weft_str){consul_list, sizeof consul_list - 1}, arena, list);
}

static weft_err
read_etcd(struct weft_arena *arena, struct wf_registry_list *list)
{
    uint64_t revision;
    return wf_etcd_read((struct weft_str){etcd_list, sizeof etcd_list - 1},
                        arena, list, &revision);
}

static void
a_list_without_memory(void **state)
{
    (void)state;
    weft_err (*const read[])(struct weft_arena *, struct wf_registry_list *) = {
        read_consul, read_etcd};
    for (int k = 0; k < 2; k++) {
        bool failed = true;
        for (uint32_t nth = 1; failed; nth++) {
            struct weft_arena arena = WEFT_ARENA_INIT;
            struct wf_registry_list list = {0};
            shim_fail(SHIM_malloc, nth, ENOMEM);
            weft_err err = read[k](&arena, &list);
            failed = shim_failures() > 0;
            shim_heal();
            assert_int_equal(err, failed ? WEFT_EBUDGET : WEFT_OK);
            assert_true(failed || list.len == 2);
            assert_true(nth > 1 || failed);
            weft_arena_fini(&arena);
        }
    }
}

/* ---- following ---- */

static const char *body;

static void
on_request(struct weft_conn *conn, void *user)
{
    const uint8_t *line;
    char text[600];
    size_t n;
    (void)user;
    do
        if (weft_conn_next_through(conn, '\n', &line, &n)) {
            weft_conn_abort(conn); /* else the client waits for ever */
            return;
        }
    while (n > 2);
    int len = snprintf(text, sizeof text,
                       "HTTP/1.1 200 OK\r\nX-Consul-Index: 7\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       strlen(body), body);
    if (weft_conn_write(conn, text, (size_t)len) || weft_conn_flush(conn))
        weft_conn_abort(conn);
}

/* Its request has a body, which on_request does not read. */
static void
close_after(struct weft_conn *conn, void *user)
{
    on_request(conn, user);
    weft_conn_close(conn);
}

static weft_err
on_list(const struct weft_endpoint *endpoints, uint32_t n, void *user)
{
    (void)user;
    MUST(n == 2 && endpoints[0].weight == 1);
    return FOUND;
}

static weft_err
follow_consul(struct weft_http *http)
{
    struct wf_consul consul = {
        .http = http, .service = "inbox", .on_list = on_list};
    return wf_consul_follow(&consul);
}

static weft_err
follow_etcd(struct weft_http *http)
{
    struct wf_etcd etcd = {
        .http = http, .prefix = WEFT_STR_INIT("/s/"), .on_list = on_list};
    return wf_etcd_follow(&etcd);
}

static void
nth_call_fails(enum shim_call call, int errnum, const char *address,
               weft_err (*follow)(struct weft_http *http))
{
    bool failed = true;
    for (uint32_t nth = 1; failed; nth++) {
        struct weft_http *http;
        shim_fail(call, nth, errnum);
        weft_err err = weft_http_new(address, NULL, &http);
        if (!err) {
            err = follow(http);
            weft_http_free(http);
        }
        failed = shim_failures() > 0;
        shim_heal();
        assert_true(failed || err == FOUND);
        assert_true(err != WEFT_OK && nth < 1000);
        assert_true(failed || nth > 1);
    }
}

static void
follow_while_calls_fail(const struct weft_conn_hooks *hooks, const char *list,
                        weft_err (*follow)(struct weft_http *http))
{
    struct weft_listener *listener;
    char address[32];
    body = list;
    MUST(!weft_listen("127.0.0.1:0", hooks, NULL, NULL, &listener));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(listener));
    weft_log_set_level(WEFT_LOG_NONE);
    nth_call_fails(SHIM_malloc, ENOMEM, address, follow);
    nth_call_fails(SHIM_socket, EMFILE, address, follow);
    nth_call_fails(SHIM_connect, ECONNREFUSED, address, follow);
    nth_call_fails(SHIM_setsockopt, ENOMEM, address, follow);
    nth_call_fails(SHIM_recv, ECONNRESET, address, follow);
    nth_call_fails(SHIM_send, EPIPE, address, follow);
    weft_log_set_level(WEFT_LOG_WARN);
    weft_listener_free(listener);
}

static void
a_registry_that_cannot_be_asked(void **state)
{
    (void)state;
    static const struct weft_conn_hooks consul = {.on_request = on_request},
                                        etcd = {.on_request = close_after};
    follow_while_calls_fail(&consul, consul_list, follow_consul);
    follow_while_calls_fail(&etcd, etcd_list, follow_etcd);
}

/* ---- registering ---- */

static struct fake_etcd etcd;

static void
on_agent_request(struct weft_conn *conn, void *user)
{
    char path[100], text[2000];
    (void)user;
    if (fake_read(conn, path, text))
        fake_answer(conn, "200 OK", "");
}

/* Make the entry, renew it, and delete it, within most_ms. */
static weft_err
hold_and_leave(const struct wf_registry_kind *kind, const char *address,
               int64_t most_ms)
{
    static const char *const tags[] = {"a", "b"};
    struct wf_entry entry = {.path = "/inbox",
                             .address = "10.0.0.1:9090",
                             .weight = 1,
                             .ttl_ms = 10000,
                             .tags = tags,
                             .n_tags = 2};
    uint64_t until = weft_after_ms(most_ms);
    weft_err err = weft_http_new(address, NULL, &entry.http);
    if (!err)
        err = kind->hold(&entry, until);
    MUST(err || (entry.is_held && entry.may_exist && entry.n_made == 1));
    if (!err)
        err = kind->hold(&entry, until);
    if (!err)
        err = kind->leave(&entry, until);
    weft_http_free(entry.http);
    return err;
}

static void
nth_call_of_an_entry_fails(enum shim_call call, int errnum,
                           const struct wf_registry_kind *kind,
                           const char *address)
{
    bool failed = true;
    for (uint32_t nth = 1; failed; nth++) {
        fake_lock(&etcd); /* a late request may still be handled */
        memset(etcd.leases, 0, sizeof etcd.leases);
        weft_mutex_unlock(&etcd.lock);
        shim_fail(call, nth, errnum);
        weft_err err = hold_and_leave(kind, address, 1000);
        failed = shim_failures() > 0;
        shim_heal();
        if (!failed && err) /* the machine is slow */
            err = hold_and_leave(kind, address, PATIENT_MS);
        assert_true(failed || err == WEFT_OK);
        assert_true(nth < 1000 && (failed || nth > 1));
    }
}

static void
hold_while_calls_fail(struct weft_listener *listener,
                      const struct wf_registry_kind *kind)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(listener));
    weft_log_set_level(WEFT_LOG_NONE);
    nth_call_of_an_entry_fails(SHIM_malloc, ENOMEM, kind, address);
    nth_call_of_an_entry_fails(SHIM_socket, EMFILE, kind, address);
    nth_call_of_an_entry_fails(SHIM_connect, ECONNREFUSED, kind, address);
    nth_call_of_an_entry_fails(SHIM_setsockopt, ENOMEM, kind, address);
    nth_call_of_an_entry_fails(SHIM_recv, ECONNRESET, kind, address);
    nth_call_of_an_entry_fails(SHIM_send, EPIPE, kind, address);
    weft_log_set_level(WEFT_LOG_WARN);
    weft_listener_free(listener);
}

static void
an_entry_while_calls_fail(void **state)
{
    (void)state;
    static const struct weft_conn_hooks agent = {.on_request =
                                                     on_agent_request};
    struct weft_listener *listener;
    fake_begin(&etcd);
    MUST(!fake_listen(&etcd, "127.0.0.1:0", &listener));
    hold_while_calls_fail(listener, &wf_registry_etcd);
    MUST(!weft_listen("127.0.0.1:0", &agent, NULL, NULL, &listener));
    hold_while_calls_fail(listener, &wf_registry_consul);
}

/* ---- ZooKeeper ---- */

static struct fake_zk zk;
static uint32_t zk_ms; /* time-out of the sessions */

/* Read the list once. */
static weft_err
follow_zk(const char *name)
{
    struct wf_zk_follower f = {.on_list = on_list};
    weft_err err = wf_zk_new(name, zk_ms, &f.zk);
    if (err)
        return err;
    err = wf_zk_follow(&f);
    MUST(*f.zk->why);
    wf_zk_free(f.zk);
    return err;
}

static weft_err
hold_zk(const char *name)
{
    const struct wf_registry_kind *kind = &wf_registry_zk;
    struct wf_entry entry = {
        .address = "10.0.0.1:9090", .weight = 1, .ttl_ms = zk_ms};
    uint64_t until = weft_after_ms(2 * (int64_t)zk_ms);
    weft_err err = kind->open(&entry, name);
    if (err)
        return err;
    err = kind->hold(&entry, until);
    MUST(err || (entry.is_held && entry.may_exist && entry.n_made == 1));
    if (!err)
        err = kind->hold(&entry, until);
    if (!err)
        err = kind->leave(&entry, until);
    MUST(!err || *entry.why);
    kind->close(&entry);
    return err ? err : FOUND;
}

static void
nth_call_of_zk_fails(enum shim_call call, int errnum, const char *name,
                     weft_err (*work)(const char *name))
{
    bool failed = true;
    for (uint32_t nth = 1; failed; nth++) {
        fake_zk_lock(&zk);
        fake_zk_begin(&zk);
        fake_zk_make(&zk, "/s", "", 0);
        if (work == follow_zk) {
            fake_zk_make(&zk, "/s/a", "10.0.0.1:90", 0);
            fake_zk_make(&zk, "/s/b", "10.0.0.2:91", 0);
        }
        weft_mutex_unlock(&zk.lock);
        shim_fail(call, nth, errnum);
        zk_ms = 500;
        weft_err err = work(name);
        failed = shim_failures() > 0;
        shim_heal();
        zk_ms = PATIENT_MS;
        if (!failed && err != FOUND) /* the machine is slow */
            err = work(name);
        MUST(failed || err == FOUND);
        MUST(err != WEFT_OK && nth < 1000 && (failed || nth > 1));
    }
}

static void
zookeeper_while_calls_fail(void **state)
{
    (void)state;
    weft_err (*const work[])(const char *) = {follow_zk, hold_zk};
    struct weft_listener *listener;
    char name[40];
    MUST(!fake_zk_listen(&zk, "127.0.0.1:0", &listener));
    snprintf(name, sizeof name, "127.0.0.1:%u/s",
             (unsigned)weft_listener_port(listener));
    weft_log_set_level(WEFT_LOG_NONE);
    for (int i = 0; i < 2; i++) {
        nth_call_of_zk_fails(SHIM_malloc, ENOMEM, name, work[i]);
        nth_call_of_zk_fails(SHIM_socket, EMFILE, name, work[i]);
        nth_call_of_zk_fails(SHIM_connect, ECONNREFUSED, name, work[i]);
        nth_call_of_zk_fails(SHIM_setsockopt, ENOMEM, name, work[i]);
        nth_call_of_zk_fails(SHIM_recv, ECONNRESET, name, work[i]);
        nth_call_of_zk_fails(SHIM_send, EPIPE, name, work[i]);
    }
    weft_log_set_level(WEFT_LOG_WARN);
    weft_listener_free(listener);
}

static void
a_registry_is_added_without_memory(void **state)
{
    (void)state;
    static const char *const tags[] = {"a", "b"};
    const struct weft_registry_options options = {
        .address = "10.0.0.1:9090", .tags = tags, .n_tags = 2};
    bool failed = true;
    for (uint32_t nth = 1; failed; nth++) {
        struct weft_server *server;
        MUST(!weft_server_new(NULL, &server));
        shim_fail(SHIM_malloc, nth, ENOMEM);
        weft_err err =
            weft_server_add_registry(server, "consul:h:1/inbox", &options);
        failed = shim_failures() > 0;
        shim_heal();
        assert_true(failed ? err == -ENOMEM || err == WEFT_EBUDGET : !err);
        assert_true(failed || nth > 1);
        weft_server_free(server);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_without_memory),
        cmocka_unit_test(a_registry_that_cannot_be_asked),
        cmocka_unit_test(an_entry_while_calls_fail),
        cmocka_unit_test(zookeeper_while_calls_fail),
        cmocka_unit_test(a_registry_is_added_without_memory),
    };
    shim_install();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (weft_runtime_stop() != WEFT_OK)
        failed++;
    return failed;
}
