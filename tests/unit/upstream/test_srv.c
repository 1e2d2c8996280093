/* SPDX-License-Identifier: MIT */
/* Clients whose servers are the SRV records of a name. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#if WF_CARES

#include "dns_clients.h"

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
    bool found;
    (void)state;
    struct dns_zone zone = service();
    set(&zone);
    int before = wf_load(&stub.n_types[DNS_A], seq_cst);
    struct weft_client *client = new_service(0);
    MUST(!wf_resolver_await(wf_upstream_of(client)->resolver,
                            weft_after_ms(LONG_MS), true, &found));
    assert_int_equal(wf_load(&stub.n_types[DNS_A], seq_cst), before + 3);
    snprintf(expected, sizeof expected,
             "127.0.0.1:%u=3 127.0.0.1:7003=5 127.9.9.8:7001=1 [::2]:7001=1",
             (unsigned)house_port(&house));
    assert_string_equal(list_of(client), expected);
    AWAIT(!add(client)); /* most of the servers do not exist */
    weft_client_free(client);
}

/* More hosts than are asked for at the same time. */
static void
a_service_of_many(void **state)
{
    bool found;
    (void)state;
    struct dns_zone zone = service();
    zone.many = 300;
    set(&zone);
    struct weft_client *client = new_service(0);
    MUST(!wf_resolver_await(wf_upstream_of(client)->resolver,
                            weft_after_ms(LONG_MS), true, &found));
    assert_int_equal(n_servers(client), 300);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_a_service),
        cmocka_unit_test(a_service_of_many),
        cmocka_unit_test(a_service_expires),
        cmocka_unit_test(why_there_is_no_service),
        cmocka_unit_test(a_service_keeps_its_list),
    };
    return cmocka_run_group_tests(tests, dns_start, dns_stop);
}

#else

/* Without c-ares name servers are not asked. */
int
main(void)
{
    return 0;
}

#endif
