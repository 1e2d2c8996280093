/* SPDX-License-Identifier: MIT */
/* Which targets of requests ask for a path, and which paths, targets and hosts
 * are well-formed. */
#include "codec/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool
asks(const char *path, const char *target)
{
    size_t len = strlen(target);
    char *exact = malloc(len + 1); /* ASan reports a read past its end */
    assert_non_null(exact);
    memcpy(exact, target, len);
    bool is = wf_http_path_is_asked_for(
        path, (struct weft_str){exact, (uint32_t)len});
    free(exact);
    return is;
}

static void
the_path_alone_counts(void **state)
{
    (void)state;
    assert_true(asks("/thrift", "/thrift"));
    assert_true(asks("/thrift", "/thrift?"));
    assert_true(asks("/thrift", "/thrift?a=/other&b=%2F"));
    assert_true(asks("/", "/"));
    assert_true(asks("/", "/?q"));
    assert_false(asks("/thrift", "/"));
    assert_false(asks("/thrift", "/thrif"));
    assert_false(asks("/thrift", "/thrift/"));
    assert_false(asks("/thrift", "/thrift/x"));
    assert_false(asks("/thrift", "/Thrift"));
    assert_false(asks("/", "//"));
    assert_false(asks("/thrift", "/x?/thrift"));
}

static void
a_whole_url(void **state)
{
    (void)state;
    assert_true(asks("/thrift", "http://host:80/thrift"));
    assert_true(asks("/thrift", "http://host/thrift?x=1"));
    assert_true(asks("/thrift", "HTTP://[::1]/thrift"));
    assert_true(asks("/", "http://host"));
    assert_true(asks("/", "http://host?q"));
    assert_true(asks("/", "http://host/"));
    assert_false(asks("/thrift", "http://thrift"));
    assert_false(asks("/thrift", "http://host?/thrift"));
    assert_false(asks("/thrift", "/x://h/thrift"));
    assert_true(asks("/x://h/thrift", "/x://h/thrift"));
}

static void
other_targets(void **state)
{
    (void)state;
    assert_false(asks("/", "*"));
    assert_false(asks("/", "host:443"));
    assert_false(asks("/", "thrift"));
    assert_false(asks("/", ":/"));
    assert_false(asks("/", ""));
}

static void
escaped_bytes(void **state)
{
    (void)state;
    assert_true(asks("/a/b", "/%61/%62"));
    assert_true(asks("/%61/b", "/a/b"));
    assert_true(asks("/a-._~0", "/a%2d%2E%5F%7e%30"));
    assert_false(asks("/a/b", "/a%2Fb"));
    assert_false(asks("/a/b", "/a%2fb"));
    assert_true(asks("/a%2Fb", "/a%2fb"));
    assert_false(asks("/a%2Fb", "/a/b"));
    assert_true(asks("/a%20b", "/a%20b"));
    assert_false(asks("/ab", "/a%00b"));
    assert_true(asks("/a%", "/a%")); /* a `%` alone stands for itself */
    assert_true(asks("/a%6", "/a%6"));
    assert_false(asks("/a%6", "/a%61"));
    assert_true(asks("/%zz", "/%zz"));
    assert_false(asks("/%3F", "/?"));
    assert_true(asks("/%3F", "/%3f?x"));
}

static void
well_formed_paths(void **state)
{
    static char longest[8194];
    (void)state;
    assert_true(wf_http_path_is_valid("/"));
    assert_true(wf_http_path_is_valid("/a%20b/~c?d=e"));
    assert_false(wf_http_path_is_valid(""));
    assert_false(wf_http_path_is_valid("a"));
    assert_false(wf_http_path_is_valid("/a b"));
    assert_false(wf_http_path_is_valid("/a#b"));
    assert_false(wf_http_path_is_valid("/\x7f"));
    assert_false(wf_http_path_is_valid("/\n"));
    assert_true(wf_http_path_is_valid("/%7e%AF"));
    assert_false(wf_http_path_is_valid("/%"));
    assert_false(wf_http_path_is_valid("/%a"));
    assert_false(wf_http_path_is_valid("/%0g"));
    assert_false(wf_http_path_is_valid("/%g0"));
    for (const char *c = "\"<>[\\]^`{|}\t\xe4"; *c; c++)
        assert_false(wf_http_path_is_valid((char[]){'/', *c, '\0'}));
    memset(longest, 'x', 8192);
    longest[0] = '/';
    assert_true(wf_http_path_is_valid(longest));
    longest[8192] = 'x';
    assert_false(wf_http_path_is_valid(longest));
}

/* Check text after which no byte may be read. */
static bool
exactly(bool (*is_valid)(struct weft_str), const char *text)
{
    size_t len = strlen(text);
    char *exact = malloc(len + 1); /* ASan reports a read past its end */
    assert_non_null(exact);
    memcpy(exact + 1, text, len);
    bool is = is_valid((struct weft_str){exact + 1, (uint32_t)len});
    free(exact);
    return is;
}

static void
well_formed_targets(void **state)
{
    (void)state;
    static const char *const good[] = {
        "/",
        "//",
        "/?",
        "/aZ09-._~!$&'()*+,;=:@%2f%AF/?aZ09-._~!$&'()*+,;=:@/?%20",
        "http://x",
        "HTTP://x/",
        "http://x?y",
        "http://x:80/a?b",
        "http://x:/",
        "http://[::1]:8080/a",
        "http://a%20b/"};
    static const char *const bad[] = {
        "",           "*",          "a",         "x:80",       "?",
        "/#",         "/?#",        "/ ",        "/\"",        "/?\"",
        "/<",         "/>",         "/[",        "/]",         "/\\",
        "/^",         "/`",         "/{",        "/|",         "/}",
        "/\x7f",      "/\x80",      "/%",        "/%4",        "/%4g",
        "/%g4",       "http:/x",    "http://",   "http:///x",  "http://?x",
        "http://:80", "http://x:y", "http://x#", "http://a@x", "http://x/\"",
        "http://x?#", "http://[/"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!exactly(wf_http_target_is_valid, good[i]))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (exactly(wf_http_target_is_valid, bad[i]))
            fail_msg("%s is taken", bad[i]);
}

static void
well_formed_hosts(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "x",
                                       "x:",
                                       "x:80",
                                       "a-b.c_d~e",
                                       ":80",
                                       "%41",
                                       "[::1]",
                                       "[::1]:",
                                       "[::1]:8",
                                       "[::1.2.3.4]",
                                       "1.2.3.4:5",
                                       "[fe80::Ab%25eth0]",
                                       "[fe80::1%eth0]:80"};
    static const char *const bad[] = {
        "a:b",    "a:8b",    "a:80:81", "a:-1",    "::1",    "[::1",
        "[]",     "[]:80",   "[1]",     "[zz]",    "[x:y]",  "[::1]x",
        "[::1]8", "[::1]:x", "[[::1]]", "::1]",    "x]",     "x[",
        "x y",    "x,y",     "x/",      "a@b",     "%4",     "%zz",
        "x\x7f",  "x\xe4",   "x\"",     "[::1%/]", "[%25:]", "x?"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!exactly(wf_http_host_is_valid, good[i]))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (exactly(wf_http_host_is_valid, bad[i]))
            fail_msg("%s is taken", bad[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_alone_counts),
        cmocka_unit_test(a_whole_url),
        cmocka_unit_test(other_targets),
        cmocka_unit_test(escaped_bytes),
        cmocka_unit_test(well_formed_paths),
        cmocka_unit_test(well_formed_targets),
        cmocka_unit_test(well_formed_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
