/* SPDX-License-Identifier: MIT */
/* Clients whose servers are the addresses of a name: what the resolver may
 * answer, and when. */
#include "shim.h"

#include "trial_server.h"

#include <weft/upstream.h>

#include <errno.h>
#include <netdb.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define MANY 1000

/* The name server. `lock` guards what look-ups read. */
static struct {
    pthread_mutex_t lock;
    const char *addresses[4]; /* ends in NULL */
    int many;                 /* addresses from 127.1.0.0 on, before those */
    int error;
    _Atomic bool holds;
    _Atomic int asked;
} dns = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct house house;
static char target[64];

static struct addrinfo **
append(struct addrinfo **end, const char *address, const char *port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    MUST(!getaddrinfo(address, port, &hints, end));
    return &(*end)->ai_next;
}

static int
resolve(const char *name, const char *port, const struct addrinfo *hints,
        struct addrinfo **found)
{
    char text[32];
    struct addrinfo **end = found;
    if (hints->ai_flags & AI_NUMERICHOST)
        return getaddrinfo(name, port, hints, found);
    MUST(!strcmp(name, "servers.test"));
    wf_add(&dns.asked, 1, acq_rel);
    while (wf_load(&dns.holds, acquire))
        sched_yield();
    pthread_mutex_lock(&dns.lock);
    int error = dns.error;
    *found = NULL;
    for (int i = 0; i < dns.many && !error; i++) {
        snprintf(text, sizeof text, "127.1.%d.%d", i / 250, 1 + i % 250);
        end = append(end, text, port);
    }
    for (int i = 0; dns.addresses[i] && !error; i++)
        end = append(end, dns.addresses[i], port);
    pthread_mutex_unlock(&dns.lock);
    return error;
}

static void
answer(int error, int many, const char *a, const char *b)
{
    pthread_mutex_lock(&dns.lock);
    dns.error = error;
    dns.many = many;
    dns.addresses[0] = a;
    dns.addresses[1] = a ? b : NULL;
    pthread_mutex_unlock(&dns.lock);
}

static struct weft_client *
new_client(uint32_t refresh_ms)
{
    struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                             .refresh_ms = refresh_ms};
    struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    MUST(!weft_client_new(target, &options, &client));
    return client;
}

static struct weft_client_stats
stats_of(struct weft_client *client)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    return stats;
}

/* Returns how many servers the client has. */
static uint32_t
n_servers(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    weft_arena_fini(&arena);
    return views.len;
}

static weft_err
add(struct weft_client *client)
{
    int64_t sum;
    return call_add(client, 1, 2, &sum);
}

/* Each address is a server; a call passes over those that do not answer. An
 * address that is there twice is one server. */
static void
each_address_is_a_server(void **state)
{
    (void)state;
    answer(0, 0, "127.0.0.1", "127.9.9.9");
    struct weft_client *client = new_client(0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(add(client), WEFT_OK);
    assert_int_equal(n_servers(client), 2);
    weft_client_free(client);
    answer(0, 0, "127.0.0.1", "127.0.0.1");
    client = new_client(0);
    assert_int_equal(add(client), WEFT_OK);
    assert_int_equal(n_servers(client), 1);
    weft_client_free(client);
}

static void
a_thousand_addresses(void **state)
{
    (void)state;
    answer(0, MANY, "127.0.0.1", NULL);
    struct weft_client *client = new_client(0);
    (void)!add(client);
    assert_int_equal(n_servers(client), MANY + 1);
    weft_client_free(client);
}

/* The answer changes, ends, fails, and is empty: a client that had servers
 * keeps them. */
static void
a_changed_answer_is_taken(void **state)
{
    (void)state;
    answer(0, 0, "127.0.0.1", "127.9.9.9");
    struct weft_client *client = new_client(1);
    assert_int_equal(add(client), WEFT_OK);
    answer(0, 3, "127.0.0.1", NULL);
    AWAIT(n_servers(client) == 4);
    static const int errors[] = {EAI_NONAME, EAI_AGAIN, EAI_FAIL};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        uint64_t before = stats_of(client).failed_lookups;
        answer(errors[i], 0, NULL, NULL);
        AWAIT(stats_of(client).failed_lookups > before + 1);
        assert_int_equal(n_servers(client), 4);
    }
    answer(0, 0, "127.0.0.1", NULL);
    AWAIT(n_servers(client) == 1);
    assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
}

static void
why_there_is_no_server(void **state)
{
    (void)state;
    answer(EAI_NONAME, 0, NULL, NULL);
    struct weft_client *client = new_client(0);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, "the host is unknown");
    weft_client_free(client);
    answer(EAI_AGAIN, 0, NULL, NULL);
    client = new_client(0);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, weft_err_text(WEFT_ERESOLVE));
    weft_client_free(client);
}

/* No call waits beyond its deadline for a name server that is silent; one that
 * has servers does not wait at all. */
static void
a_silent_name_server(void **state)
{
    (void)state;
    answer(0, 0, "127.0.0.1", NULL);
    wf_store(&dns.holds, true, release);
    struct weft_client *client = new_client(1);
    must_fail_unsent(client, WEFT_ETIMEOUT, weft_after_ms(20),
                     "no list of servers came in time");
    wf_store(&dns.holds, false, release);
    assert_int_equal(add(client), WEFT_OK);
    int asked = wf_load(&dns.asked, acquire);
    wf_store(&dns.holds, true, release);
    AWAIT(wf_load(&dns.asked, acquire) > asked);
    for (int i = 0; i < 10; i++)
        assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client); /* ends the look-up */
    wf_store(&dns.holds, false, release);
}

static void
names_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"dns:", "dns:servers.test",
                                      "dns::", "dns:servers.test:70000"};
    struct weft_client *client;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(weft_client_new(bad[i], NULL, &client), WEFT_EADDRESS);
        assert_null(client);
    }
}

static int
start(void **state)
{
    struct weft_runtime_options options = {.workers = 2};
    (void)state;
    alarm(300);
    shim_install();
    wf_shim.getaddrinfo = resolve;
    MUST(!weft_runtime_start(&options));
    house_open(&house, NULL, NULL, NULL);
    snprintf(target, sizeof target, "dns:servers.test:%u",
             (unsigned)house_port(&house));
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    house_close(&house);
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_is_a_server),
        cmocka_unit_test(a_thousand_addresses),
        cmocka_unit_test(a_changed_answer_is_taken),
        cmocka_unit_test(why_there_is_no_server),
        cmocka_unit_test(a_silent_name_server),
        cmocka_unit_test(names_that_are_none),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
