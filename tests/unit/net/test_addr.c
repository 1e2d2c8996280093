/* SPDX-License-Identifier: MIT */
/* Addresses: which are accepted, which are refused, how they are shown. */
#include "net/resolve.h"

#include "net/dial.h"

#include <weft/fiber.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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
        /* whatever host and port were before */
        char host[256] = "127.0.0.1";
        const char *port = "80";
        assert_int_equal(wf_addr_parse(bad[i], out, host, &port),
                         WEFT_EADDRESS);
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

/* The address that the kernel gets. The name of an abstract socket ends where
 * the text ends: a NUL after it would be a part of the name, and no other
 * program would find the socket. */
static void
a_path_is_given_in_its_length(void **state)
{
    const size_t head = offsetof(struct sockaddr_un, sun_path);
    char text[128] = "unix:";
    struct wf_addr out[WF_ADDRS_MAX];
    (void)state;
    assert_int_equal(wf_addr_resolve("unix:@name", out, WEFT_NEVER), 1);
    assert_int_equal(out[0].any.sa.sa_family, AF_UNIX);
    assert_int_equal(out[0].len, head + 5);
    assert_memory_equal(out[0].any.un.sun_path, "\0name", 6);
    assert_int_equal(wf_addr_resolve("unix:/a/b", out, WEFT_NEVER), 1);
    assert_int_equal(out[0].len, head + 5);
    assert_memory_equal(out[0].any.un.sun_path, "/a/b", 5);

    memset(text + 5, 'x', 107); /* with its NUL, all of sun_path */
    assert_int_equal(wf_addr_resolve(text, out, WEFT_NEVER), 1);
    assert_int_equal(out[0].len, sizeof(struct sockaddr_un));
    assert_string_equal(out[0].any.un.sun_path, text + 5);
    text[5 + 107] = 'x';
    assert_int_equal(wf_addr_resolve(text, out, WEFT_NEVER), WEFT_EADDRESS);
    assert_int_equal(wf_address_check(text), WEFT_EADDRESS);
}

static void
a_host_has_255_bytes_at_most(void **state)
{
    char text[300], host[256];
    const char *port;
    struct wf_addr out[WF_ADDRS_MAX];
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text + 255, ":80", 4);
    assert_int_equal(wf_address_check(text), WEFT_OK);
    assert_int_equal(wf_addr_parse(text, out, host, &port), 0);
    assert_int_equal(strlen(host), 255);
    assert_string_equal(port, "80");
    memcpy(text + 255, "x:80", 5);
    assert_int_equal(wf_address_check(text), WEFT_EADDRESS);
    assert_int_equal(wf_addr_parse(text, out, host, &port), WEFT_EADDRESS);
}

static struct wf_addr
parsed(const char *text)
{
    struct wf_addr out[WF_ADDRS_MAX];
    assert_int_equal(wf_addr_resolve(text, out, WEFT_NEVER), 1);
    return out[0];
}

/* Is it the address of all interfaces, and which port does it have? */
static void
asks_an_address(void **state)
{
    static const struct {
        const char *text;
        bool is_any;
        uint16_t port;
    } rows[] = {
        {":9090", true, 9090},     {"0.0.0.0:1", true, 1},
        {"127.0.0.1:2", false, 2}, {"[::]:3", true, 3},
        {"[::1]:4", false, 4},     {"unix:/x", false, 0},
        {"unix:@x", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wf_addr addr = parsed(rows[i].text), before = addr;
        assert_int_equal(wf_addr_is_any(&addr), rows[i].is_any);
        assert_int_equal(wf_addr_port(&addr), rows[i].port);
        wf_addr_set_port(&addr, 4321);
        assert_int_equal(wf_addr_port(&addr), rows[i].port ? 4321 : 0);
        wf_addr_set_port(&addr, rows[i].port);
        assert_memory_equal(&addr, &before, sizeof addr);
    }
}

/* A peer that has not bound its unix socket has no path. */
static void
shows_a_socket_without_a_name(void **state)
{
    struct wf_addr addr = parsed("unix:/a/b");
    char text[128];
    (void)state;
    addr.len = offsetof(struct sockaddr_un, sun_path);
    wf_addr_print(&addr, text, sizeof text);
    assert_string_equal(text, "unix:");
    addr.len = sizeof addr.any.un.sun_family;
    wf_addr_print(&addr, text, sizeof text);
    assert_string_equal(text, "unix:");
    addr.len = offsetof(struct sockaddr_un, sun_path) + 2; /* without a NUL */
    wf_addr_print(&addr, text, sizeof text);
    assert_string_equal(text, "unix:/a");
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
        cmocka_unit_test(a_path_is_given_in_its_length),
        cmocka_unit_test(a_host_has_255_bytes_at_most),
        cmocka_unit_test(asks_an_address),
        cmocka_unit_test(shows_a_socket_without_a_name),
        cmocka_unit_test(shows_what_it_has_understood),
        cmocka_unit_test(looks_names_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
