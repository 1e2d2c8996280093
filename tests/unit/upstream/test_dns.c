/* SPDX-License-Identifier: MIT */
/* Clients whose servers a name server tells: one that is slow, lies, cuts its
 * answers off, has a thousand addresses, or does not answer. Row 68 of
 * docs/threats.md. */
#include "upstream/dns.h"

#include "dns_stub.h"
#include "unit/rpc/rpc_test.h"

#include <weft/upstream.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define HOUR_S 3600u
#define NEVER_S 1000000000u /* longer than any refresh_ms */

static const char *const no_names[] = {"dns:",
                                       "dns:inbox.test",
                                       "dns://inbox.test:1",
                                       "dns://1.2.3.4/inbox.test",
                                       "dns://1.2.3.4:0/inbox.test:1",
                                       "dns://1.2.3.4:70000/inbox.test:1",
                                       "dns://ns.test/inbox.test:1",
                                       "dns://1.2.3.4,/:1",
                                       "dns://1.2.3/a.test:1",
                                       "dns://[::1/a.test:1",
                                       "dns://::1/a.test:1",
                                       "srv:",
                                       "srv:a b",
                                       "srv:a:1",
                                       "srv://ns.test/a",
                                       "srv:///",
                                       "srv://1.2.3.4",
                                       "srv://1.2.3.4,x/_a._tcp.test"};

static void
names_that_are_none(void **state)
{
    struct weft_client *client;
    char text[300] = "srv:";
    (void)state;
    for (size_t i = 0; i < sizeof no_names / sizeof no_names[0]; i++)
        if (weft_client_new(no_names[i], NULL, &client) != WEFT_EADDRESS)
            fail_msg("%s is taken", no_names[i]);
    memset(text + 4, 'a', 254);
    assert_int_equal(weft_client_new(text, NULL, &client), WEFT_EADDRESS);
}

#if !WF_CARES

static char logged[300];

static void
on_log(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    snprintf(logged, sizeof logged, "%s", line);
}

/* The log says what to install. */
static void
no_c_ares(void **state)
{
    static const char *const targets[] = {"srv:_inbox._tcp.test",
                                          "dns://127.0.0.1/inbox.test:1"};
    struct weft_client *client;
    (void)state;
    weft_log_set_sink(on_log, NULL);
    for (int i = 0; i < 2; i++) {
        logged[0] = '\0';
        assert_int_equal(weft_client_new(targets[i], NULL, &client), -ENOTSUP);
        assert_null(client);
        assert_non_null(strstr(logged, "libc-ares-dev"));
    }
    weft_log_set_sink(NULL, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(no_c_ares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static struct dns_stub stub;
static char at_stub[32];
static struct house house;

/* ---- clients ---- */

static struct dns_zone
zone_of(const char *a, const char *b)
{
    return (struct dns_zone){
        .hosts = {{.name = "inbox.test", .addresses = {a, a ? b : NULL}}},
        .ttl_s = HOUR_S};
}

static void
set(const struct dns_zone *zone)
{
    dns_stub_set(&stub, zone);
}

/* A client of a name, which `servers` know. A service has no port. */
static struct weft_client *
new_client_of(const char *servers, const char *name, uint32_t refresh_ms)
{
    const struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                                   .refresh_ms = refresh_ms};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    char target[200];
    if (*name == '_')
        snprintf(target, sizeof target, "srv://%s/%s", servers, name);
    else
        snprintf(target, sizeof target, "dns://%s/%s:%u", servers, name,
                 (unsigned)house_port(&house));
    MUST(!weft_client_new(target, &options, &client));
    return client;
}

static struct weft_client *
new_client(uint32_t refresh_ms)
{
    return new_client_of(at_stub, "inbox.test", refresh_ms);
}

static struct weft_client *
new_service(uint32_t refresh_ms)
{
    return new_client_of(at_stub, "_inbox._tcp.test", refresh_ms);
}

static struct weft_client_stats
stats_of(struct weft_client *client)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    return stats;
}

/* Returns the list as "ADDRESS=WEIGHT ...", in the order of the addresses. */
static const char *
list_of(struct weft_client *client)
{
    static char text[400];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    size_t at = 0;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    text[0] = '\0';
    for (uint32_t i = 0; i < views.len && at < sizeof text; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s=%u",
                               i ? " " : "", views.items[i].address.ptr,
                               (unsigned)views.items[i].weight);
    weft_arena_fini(&arena);
    return text;
}

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

static int
asked(void)
{
    return wf_load(&stub.n_udp, seq_cst);
}

/* ---- addresses ---- */

static void
each_address_is_a_server(void **state)
{
    char expected[100];
    unsigned port = house_port(&house);
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", "::1");
    zone.hosts[0].addresses[2] = "127.0.0.1"; /* once more */
    set(&zone);
    struct weft_client *client = new_client(0);
    assert_int_equal(add(client), WEFT_OK);
    snprintf(expected, sizeof expected, "127.0.0.1:%u=1 [::1]:%u=1", port,
             port);
    assert_string_equal(list_of(client), expected);
    weft_client_free(client);
}

/* The answer is too long for UDP. */
static void
a_thousand_addresses(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", NULL);
    zone.hosts[0].many = 1000;
    set(&zone);
    int before = wf_load(&stub.n_tcp, seq_cst);
    struct weft_client *client = new_client(0);
    (void)!add(client);
    assert_int_equal(n_servers(client), 1001);
    assert_true(wf_load(&stub.n_tcp, seq_cst) > before);
    weft_client_free(client);
}

static void
an_answer_that_is_cut_off(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", "127.9.9.9");
    zone.cut = true;
    set(&zone);
    int before = wf_load(&stub.n_tcp, seq_cst);
    struct weft_client *client = new_client(0);
    assert_int_equal(add(client), WEFT_OK);
    assert_int_equal(n_servers(client), 2);
    assert_int_equal(wf_load(&stub.n_tcp, seq_cst), before + 2);
    weft_client_free(client);
}

/* Numeric addresses are not looked up, whoever the name server is. */
static void
a_numeric_address(void **state)
{
    (void)state;
    int before = asked();
    struct weft_client *client = new_client_of(at_stub, "127.0.0.1", 0);
    assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
    assert_int_equal(asked(), before);
}

/* The name servers of the host, and its file of hosts. */
static void
a_name_of_this_host(void **state)
{
    (void)state;
    struct weft_client *client = new_client_of("", "localhost", 0);
    assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
}

/* ---- how long an answer is valid ---- */

/* refresh_ms is an hour, but the answer is valid for a second only, whichever
 * of its records says so. */
static void
an_answer_expires(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct dns_zone zone = zone_of("127.0.0.1", NULL);
        zone.ttl_s = i ? HOUR_S : 1;
        zone.alias = "alias.test";
        zone.alias_ttl_s = i ? 1 : HOUR_S;
        set(&zone);
        struct weft_client *client = new_client_of(
            at_stub, i ? "alias.test" : "inbox.test", HOUR_S * 1000);
        assert_int_equal(add(client), WEFT_OK);
        zone.hosts[0].addresses[1] = "127.9.9.9";
        set(&zone);
        AWAIT(n_servers(client) == 2);
        weft_client_free(client);
    }
}

/* An answer that is valid for no time is used for a second. */
static void
an_answer_that_is_valid_for_no_time(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", NULL);
    zone.ttl_s = 0;
    set(&zone);
    uint64_t begun = weft_now_ns();
    struct weft_client *client = new_client(0);
    assert_int_equal(add(client), WEFT_OK);
    AWAIT(stats_of(client).lookups >= 3);
    assert_true(weft_now_ns() - begun >= 2 * 1000000000ull);
    weft_client_free(client);
}

/* An answer that is valid for long is replaced after refresh_ms. */
static void
refresh_ms_is_the_longest_time(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", NULL);
    zone.ttl_s = NEVER_S;
    set(&zone);
    struct weft_client *client = new_client(1);
    assert_int_equal(add(client), WEFT_OK);
    zone.hosts[0].addresses[1] = "127.9.9.9";
    set(&zone);
    AWAIT(n_servers(client) == 2);
    weft_client_free(client);
}

/* A server that cannot be reached lets the client look again. */
static void
a_failure_lets_look_again(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.9.9.9", NULL);
    zone.ttl_s = NEVER_S;
    set(&zone);
    struct weft_client *client = new_client(WEFT_NONE);
    assert_int_equal(add(client), WEFT_ECONNECT);
    zone.hosts[0].addresses[0] = "127.0.0.1";
    set(&zone);
    AWAIT(stats_of(client).lookups >= 2);
    assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
}

/* ---- name servers that fail ---- */

/* Of a client that had servers none is lost, and the statistics tell. */
static void
the_last_list_is_kept(void **state)
{
    (void)state;
    struct dns_zone good = zone_of("127.0.0.1", "127.9.9.9");
    struct dns_zone bad[4];
    for (int i = 0; i < 4; i++)
        bad[i] = good;
    bad[0].rcode = DNS_NXDOMAIN;
    bad[1].rcode = DNS_SERVFAIL;
    bad[2].garbage = true;
    bad[3].hosts[0].addresses[0] = NULL; /* no address */
    set(&good);
    struct weft_client *client = new_client(1);
    assert_int_equal(add(client), WEFT_OK);
    for (int i = 0; i < 4; i++) {
        uint64_t before = stats_of(client).failed_lookups;
        set(&bad[i]);
        AWAIT(stats_of(client).failed_lookups > before + 1);
        assert_int_equal(n_servers(client), 2);
        assert_int_equal(add(client), WEFT_OK);
    }
    good.hosts[0].addresses[1] = NULL;
    set(&good);
    AWAIT(n_servers(client) == 1);
    weft_client_free(client);
}

static void
why_there_is_no_server(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", NULL);
    zone.rcode = DNS_NXDOMAIN;
    set(&zone);
    struct weft_client *client = new_client(0);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, "the host is unknown");
    weft_client_free(client);
    zone.rcode = DNS_SERVFAIL;
    set(&zone);
    client = new_client(0);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, "`inbox.test`: ");
    weft_client_free(client);
}

/* Answers to other questions count for nothing. The question is asked again. */
static void
answers_to_other_questions(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct dns_zone zone = zone_of("127.9.9.9", NULL);
        zone.wrong_id = i == 0;
        zone.wrong_question = i == 1;
        set(&zone);
        int before = asked();
        struct weft_client *client = new_client(0);
        must_fail_unsent(client, WEFT_ETIMEOUT, weft_after_ms(20),
                         "no list of servers came in time");
        AWAIT(asked() >= before + 2);
        zone = zone_of("127.0.0.1", NULL);
        set(&zone);
        assert_int_equal(add(client), WEFT_OK);
        weft_client_free(client);
    }
}

/* No call waits beyond its deadline; one that has servers does not wait. A
 * client is freed during a look-up. */
static void
a_silent_name_server(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", NULL);
    zone.silent = true;
    set(&zone);
    struct weft_client *client = new_client(1);
    must_fail_unsent(client, WEFT_ETIMEOUT, weft_after_ms(20),
                     "no list of servers came in time");
    zone.silent = false;
    set(&zone);
    assert_int_equal(add(client), WEFT_OK);
    zone.silent = true;
    set(&zone);
    int before = asked();
    AWAIT(asked() > before + 2);
    for (int i = 0; i < 10; i++)
        assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
}

/* The addresses of one family are used if the other one is not answered. */
static void
a_family_without_an_answer(void **state)
{
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", "::1");
    zone.silent_for = DNS_AAAA;
    set(&zone);
    struct weft_client *client = new_client(0);
    assert_int_equal(add(client), WEFT_OK);
    assert_int_equal(n_servers(client), 1);
    weft_client_free(client);
}

/* The second name server is asked if the first one is silent. */
static void
the_next_name_server(void **state)
{
    struct dns_stub mute;
    char servers[100];
    (void)state;
    struct dns_zone zone = zone_of("127.0.0.1", NULL);
    set(&zone);
    zone.silent = true;
    dns_stub_open(&mute);
    dns_stub_set(&mute, &zone);
    snprintf(servers, sizeof servers, "127.0.0.1:%u,%s", (unsigned)mute.port,
             at_stub);
    struct weft_client *client = new_client_of(servers, "inbox.test", 0);
    assert_int_equal(add(client), WEFT_OK);
    assert_true(wf_load(&mute.n_udp, seq_cst) > 0);
    weft_client_free(client);
    dns_stub_close(&mute);
}

/* Nobody listens: the look-up fails at once. */
static void
no_name_server(void **state)
{
    struct dns_stub other;
    char servers[100];
    (void)state;
    dns_stub_open(&other);
    dns_stub_close(&other);
    snprintf(servers, sizeof servers, "127.0.0.1:%u", (unsigned)other.port);
    struct weft_client *client = new_client_of(servers, "inbox.test", 0);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, "`inbox.test`: ");
    weft_client_free(client);
}

/* ---- services ---- */

static struct dns_zone
service(void)
{
    uint16_t port = house_port(&house);
    return (struct dns_zone){
        .ttl_s = HOUR_S,
        .service = "_inbox._tcp.test",
        .records = {{10, 3, port, "a.test"},
                    {10, 0, 7001, "b.test"},
                    {20, 1, 7002, "c.test"},
                    {10, 5, 7003, "A.test"},
                    {10, 1, 7004, "nowhere.test"},
                    {10, 9, 0, "b.test"}},
        .hosts = {{.name = "a.test", .addresses = {"127.0.0.1"}},
                  {.name = "A.test", .addresses = {"127.0.0.1"}},
                  {.name = "b.test", .addresses = {"127.9.9.8", "::2"}},
                  {.name = "c.test", .addresses = {"127.9.9.7"}}}};
}

/* Only the lowest priority counts; each server has the port and the weight of
 * its record; a host that is named twice is asked for once, and one that is
 * unknown, or has no port, is left out. */
static void
records_of_a_service(void **state)
{
    char expected[200];
    (void)state;
    struct dns_zone zone = service();
    set(&zone);
    int before = wf_load(&stub.n_types[DNS_A], seq_cst);
    struct weft_client *client = new_service(0);
    AWAIT(!add(client)); /* most of the servers do not exist */
    snprintf(expected, sizeof expected,
             "127.0.0.1:%u=3 127.0.0.1:7003=5 127.9.9.8:7001=1 [::2]:7001=1",
             (unsigned)house_port(&house));
    assert_string_equal(list_of(client), expected);
    assert_int_equal(wf_load(&stub.n_types[DNS_A], seq_cst), before + 3);
    weft_client_free(client);
}

/* refresh_ms is an hour, but one of the answers is valid for a second. */
static void
a_service_expires(void **state)
{
    (void)state;
    struct dns_zone zone = service();
    zone.ttl_s = 1;
    set(&zone);
    struct weft_client *client = new_service(HOUR_S * 1000);
    AWAIT(!add(client));
    zone.records[1].host = NULL;
    set(&zone);
    AWAIT(n_servers(client) == 1);
    assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
}

static void
must_say(const struct dns_zone *zone, const char *text)
{
    set(zone);
    struct weft_client *client = new_service(0);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, text);
    weft_client_free(client);
}

static void
why_there_is_no_service(void **state)
{
    (void)state;
    struct dns_zone zone = service();
    zone.records[0] = (struct dns_record){1, 0, 1, ""}; /* RFC 2782: none */
    must_say(&zone, "the name has no SRV record of a server");
    zone.records[0].host = NULL;
    must_say(&zone, "the name has no SRV record of a server");
    zone.records[0].host = "nowhere.test";
    must_say(&zone, "no host of the service is known");
    zone = service();
    zone.service = NULL;
    must_say(&zone, "the name has no SRV record of a server");
    zone.rcode = DNS_SERVFAIL;
    must_say(&zone, "`_inbox._tcp.test`: ");
}

static void
a_service_keeps_its_list(void **state)
{
    (void)state;
    struct dns_zone good = service(), bad[3];
    for (int i = 0; i < 3; i++)
        bad[i] = good;
    bad[0].rcode = DNS_NXDOMAIN;
    bad[1].garbage = true;
    bad[2].records[0].host = NULL;
    set(&good);
    struct weft_client *client = new_service(1);
    AWAIT(!add(client));
    for (int i = 0; i < 3; i++) {
        uint64_t before = stats_of(client).failed_lookups;
        set(&bad[i]);
        AWAIT(stats_of(client).failed_lookups > before + 1);
        assert_int_equal(n_servers(client), 4);
    }
    weft_client_free(client);
}

/* ---- the program ---- */

static int
start(void **state)
{
    const struct weft_runtime_options options = {.workers = 2};
    (void)state;
    alarm(300);
    MUST(!weft_runtime_start(&options));
    house_open(&house, NULL, NULL, NULL);
    dns_stub_open(&stub);
    snprintf(at_stub, sizeof at_stub, "127.0.0.1:%u", (unsigned)stub.port);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    dns_stub_close(&stub);
    house_close(&house);
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(each_address_is_a_server),
        cmocka_unit_test(a_thousand_addresses),
        cmocka_unit_test(an_answer_that_is_cut_off),
        cmocka_unit_test(a_numeric_address),
        cmocka_unit_test(a_name_of_this_host),
        cmocka_unit_test(an_answer_expires),
        cmocka_unit_test(an_answer_that_is_valid_for_no_time),
        cmocka_unit_test(refresh_ms_is_the_longest_time),
        cmocka_unit_test(a_failure_lets_look_again),
        cmocka_unit_test(the_last_list_is_kept),
        cmocka_unit_test(why_there_is_no_server),
        cmocka_unit_test(answers_to_other_questions),
        cmocka_unit_test(a_silent_name_server),
        cmocka_unit_test(a_family_without_an_answer),
        cmocka_unit_test(the_next_name_server),
        cmocka_unit_test(no_name_server),
        cmocka_unit_test(records_of_a_service),
        cmocka_unit_test(a_service_expires),
        cmocka_unit_test(why_there_is_no_service),
        cmocka_unit_test(a_service_keeps_its_list),
    };
    return cmocka_run_group_tests(tests, start, stop);
}

#endif
