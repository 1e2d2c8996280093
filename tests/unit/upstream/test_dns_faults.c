/* SPDX-License-Identifier: MIT */
/* Name servers that are slow, lie, or do not answer, and clients that keep
 * their last list. Row 68 of docs/threats.md. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#if WF_CARES

#include "dns_clients.h"

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

/* One of the two questions fails for now, and is asked again: no address is
 * lost. */
static void
a_family_that_fails_once(void **state)
{
    (void)state;
    for (int type = DNS_A; type <= DNS_AAAA; type += DNS_AAAA - DNS_A) {
        struct dns_zone zone = zone_of("127.0.0.1", "::1");
        zone.fails_for = type;
        zone.n_fails = 1;
        set(&zone);
        struct weft_client *client = new_client(0);
        assert_int_equal(add(client), WEFT_OK);
        assert_int_equal(n_servers(client), 2);
        weft_client_free(client);
    }
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

/* ---- the program ---- */

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_list_is_kept),
        cmocka_unit_test(why_there_is_no_server),
        cmocka_unit_test(answers_to_other_questions),
        cmocka_unit_test(a_silent_name_server),
        cmocka_unit_test(a_family_without_an_answer),
        cmocka_unit_test(a_family_that_fails_once),
        cmocka_unit_test(the_next_name_server),
        cmocka_unit_test(no_name_server),
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
