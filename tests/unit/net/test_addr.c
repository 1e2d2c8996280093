/* SPDX-License-Identifier: MIT */
/* Addresses: what is understood, what is refused, how they are shown. */
#include "net/addr.h"

#include "net/dial.h"

#include <weft/fiber.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
refuses_what_is_no_address(void **state)
{
    static const char *const bad[] = {
        "",         "9090",          "localhost",   "localhost:",
        "host:x",   "host:-1",       "host:65536",  "host:999999",
        "::1:80",   "[::1]",         "[::1:80",     "unix:",
        "host:80 ", "127.0.0.1:8 0", "1.2.3.4:+80", "host:0x50",
        "*:80",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wf_addr out[WF_ADDRS_MAX];
        assert_int_equal(wf_addr_resolve(bad[i], out, WEFT_NEVER),
                         WEFT_EADDRESS);
        assert_int_equal(wf_address_check(bad[i]), WEFT_EADDRESS);
    }
}

static void
refuses_a_path_that_is_too_long(void **state)
{
    char text[256] = "unix:/";
    struct wf_addr out[WF_ADDRS_MAX];
    (void)state;
    memset(text + 6, 'x', sizeof text - 7);
    assert_int_equal(wf_addr_resolve(text, out, WEFT_NEVER), WEFT_EADDRESS);
}

static void
shows_what_it_has_understood(void **state)
{
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"127.0.0.1:80", "127.0.0.1:80"},
        {"[::1]:65535", "[::1]:65535"},
        {":0", "[::]:0"},
        {"unix:/tmp/x", "unix:/tmp/x"},
        {"unix:@name", "unix:@name"},
        {"[::ffff:1.2.3.4]:5", "1.2.3.4:5"},
        {"[fe80::1%1]:6", "[fe80::1%1]:6"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        struct wf_addr out[WF_ADDRS_MAX];
        assert_int_equal(wf_addr_resolve(rows[i].text, out, WEFT_NEVER), 1);
        wf_addr_print(&out[0], text, sizeof text);
        assert_string_equal(text, rows[i].shown);
    }
}

static void
looks_names_up(void **state)
{
    struct wf_addr out[WF_ADDRS_MAX];
    char text[128];
    (void)state;
    int n = wf_addr_resolve("localhost:7", out, WEFT_NEVER);
    assert_true(n >= 1);
    wf_addr_print(&out[0], text, sizeof text);
    assert_true(strcmp(text, "127.0.0.1:7") == 0 ||
                strcmp(text, "[::1]:7") == 0);
    assert_int_equal(wf_addr_resolve("no.such.host.invalid:7", out, WEFT_NEVER),
                     WEFT_EADDRESS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(refuses_a_path_that_is_too_long),
        cmocka_unit_test(shows_what_it_has_understood),
        cmocka_unit_test(looks_names_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
