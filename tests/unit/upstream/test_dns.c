/* SPDX-License-Identifier: MIT */
/* Clients whose servers are the addresses of a name: all of them, and as long
 * as the name server says. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#if WF_CARES

#include "dns_clients.h"

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

/* This name is not asked for. */
static void
the_name_of_each_host(void **state)
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

/* ---- the program ---- */

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_is_a_server),
        cmocka_unit_test(a_thousand_addresses),
        cmocka_unit_test(an_answer_that_is_cut_off),
        cmocka_unit_test(a_numeric_address),
        cmocka_unit_test(the_name_of_each_host),
        cmocka_unit_test(an_answer_expires),
        cmocka_unit_test(an_answer_that_is_valid_for_no_time),
        cmocka_unit_test(refresh_ms_is_the_longest_time),
        cmocka_unit_test(a_failure_lets_look_again),
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
