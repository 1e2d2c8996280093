/* SPDX-License-Identifier: MIT */
/* Policies: what a document may say, which value holds, and changes. */
#include "policed.h"

#include <errno.h>

/* ---- documents ---- */

static void
refused(const char *text, uint32_t line, uint32_t column, const char *says)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_json_error why;
    struct weft_str values;
    weft_err err = weft_policy_check(weft_str_of(text), &arena, &values, &why);
    assert_int_not_equal(err, WEFT_OK);
    assert_null(values.ptr);
    if (why.line != line || why.column != column || !strstr(why.text, says))
        fail_msg("%s: %u:%u %s", text, why.line, why.column, why.text);
    weft_arena_fini(&arena);
}

static void
documents_that_are_refused(void **state)
{
    (void)state;
    refused("", 1, 1, "`{` is expected");
    refused("[]", 1, 1, "`{` is expected here");
    refused("{", 1, 2, "the text ends here");
    refused("{}\n x", 2, 2, "the document ends before this");
    refused("{\"method\": {}}", 1, 2, "did you mean `methods`?");
    refused("{\"zzzzzzzz\": {}}", 1, 2, "the first one is `client`");
    refused("{\"client\": {\n  \"eject_msec\": 1}}", 2, 3,
            "[\"client\"]: there is no such name; did you mean `eject_ms`?");
    refused("{\"methods\": {\"A.b\": {\"timeout_ms\": \"1\"}}}", 1, 36,
            "[\"methods\"][\"A.b\"][\"timeout_ms\"]: a whole number from 1 to "
            "86400000 or \"none\" is expected");
    refused("{\"methods\": {\"A.b\": {\"timeout_ms\": 0}}}", 1, 36, "from 1");
    refused("{\"methods\": {\"A.b\": {\"timeout_ms\": -1}}}", 1, 36, "from 1");
    refused("{\"methods\": {\"A.b\": {\"timeout_ms\": 1.5}}}", 1, 36, "whole");
    refused("{\"methods\": {\"A.b\": {\"timeout_ms\": 01}}}", 1, 36, "whole");
    refused("{\"methods\": {\"A.b\": {\"timeout_ms\": {}}}}", 1, 36, "whole");
    refused("{\"methods\": {\"A.b\": {\"timeout_ms\": "
            "99999999999999999999}}}",
            1, 36, "whole");
    refused("{\"methods\": {\"A.b\": {\"max_attempts\": 9}}}", 1, 38, "to 8");
    refused("{\"methods\": {\"A.b\": {\"max_attempts\": \"none\"}}}", 1, 38,
            "to 8");
    refused("{\"methods\": {\"A.b\": {\"hedge_ms\": \"p99\"}}}", 1, 34,
            "or \"p95\"");
    refused("{\"methods\": {\"A.b\": 5}}", 1, 21, "`{` is expected");
    refused("{\"methods\": {\"Ab\": {}}}", 1, 14, "\"Service.method\"");
    refused("{\"methods\": {\"A.b.c\": {}}}", 1, 14, "\"Service.method\"");
    refused("{\"methods\": {\"*.b\": {}}}", 1, 14, "\"Service.method\"");
    refused("{\"methods\": {\"A.b\": {}, \"A.b\": {}}}", 1, 25,
            "this name comes twice");
    refused("{\"client\": {\"retry_percent\": 101}}", 1, 30, "to 100");
    refused("{\"client\": {}, \"client\": {}}", 1, 16, "comes twice");
}

static void
a_document_that_is_too_long(void **state)
{
    size_t len = WF_POLICY_BYTES + 1;
    char *text = test_malloc(len + 1);
    (void)state;
    memset(text, ' ', len);
    text[len] = '\0';
    refused(text, 1, 1, "longer than 1048576 bytes");
    test_free(text);
}

static void
too_many_methods(void **state)
{
    size_t size = 24 * (WF_POLICY_RULES + 2), len = 0;
    char *text = test_malloc(size);
    (void)state;
    len += (size_t)snprintf(text, size, "{\"methods\": {");
    for (uint32_t i = 0; i <= WF_POLICY_RULES; i++)
        len += (size_t)snprintf(text + len, size - len, "%s\n\"A.m%u\":{}",
                                i ? "," : "", i);
    snprintf(text + len, size - len, "}}");
    refused(text, WF_POLICY_RULES + 2, 1, "more than 4096 methods");
    test_free(text);
}

/* ---- which value holds ---- */

static void
the_closest_rule_holds(void **state)
{
    (void)state;
    open_at("{\"methods\": {\n"
            "\"Trial.add\": {\"timeout_ms\": 111},\n"
            "\"Trial.*\": {\"timeout_ms\": 222, \"hedge_ms\": \"p95\"},\n"
            "\"*\": {\"timeout_ms\": 333, \"max_attempts\": 2,\n"
            "\"hedge_ms\": \"none\"}}}",
            house.address,
            (struct weft_upstream_options){.retry_pause_ms = 77});
    tells(&trial_add_method, "Trial.add timeout_ms 111 (line 2)\n");
    tells(&trial_add_method, "Trial.add hedge_ms p95 (line 3)\n");
    tells(&trial_add_method, "Trial.add max_attempts 2 (line 4)\n");
    tells(&trial_add_method, "Trial.add retry_pause_ms 77 (option)\n");
    tells(&trial_add_method, "Trial.add attempt_timeout_ms none (default)\n");
    tells(&trial_add_method, "Trial.add idempotent ");
    tells(&trial_slow_method, "Trial.slow timeout_ms 222 (line 3)\n");
    tells(&trial_Heir_add_method, "Heir.add timeout_ms 333 (line 4)\n");
    tells(&trial_Heir_add_method, "Heir.add hedge_ms none (line 5)\n");
    tells(NULL, "client eject_failures 5 (default)\n");
    tells(NULL, "Trial.* timeout_ms 222 (line 3)\n");
    end();
}

static void
a_client_without_a_policy_tells_nothing(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_policy_view v;
    struct weft_client *plain;
    (void)state;
    assert_int_equal(weft_client_get_policy(house.client, NULL, &arena, &v),
                     -EINVAL);
    MUST(!weft_client_new("list:", NULL, &plain));
    assert_int_equal(weft_client_get_policy(plain, NULL, &arena, &v), -EINVAL);
    weft_client_free(plain);
    weft_arena_fini(&arena);
}

static void
sources_that_are_refused(void **state)
{
    static const char *const bad[] = {
        "",           "file:",          "/etc/policy",     "ftp:x",
        "etcd:",      "etcd:h:1",       "etcd:h:1/",       "etcd:h/a",
        "consul:h:1", "consul:h:1/",    "consul:h:1//a",   "consul:h:1/a//b",
        "consul:h/a", "consul:h:1/a/",  "consul:h:1/a b",  "consul:h:1/?a=b",
        "zk:h:1",     "consul:h:1/?dc", "consul:h:1/a?b ", "zk:h:1/",
        "zk:h/a",     "zk:h:1/a/"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct weft_upstream_options options = {.policy = bad[i]};
        const struct weft_client_options o = {.upstream = &options};
        struct weft_client *none;
        assert_int_equal(weft_client_new("list:", &o, &none), -EINVAL);
        assert_null(none);
    }
}

/* ---- changes ---- */

static void
a_change_is_taken(void **state)
{
    int64_t sum;
    (void)state;
    open_with("{\"methods\": {\"*\": {\"timeout_ms\": 60000}}}");
    assert_int_equal(n_taken(), 1);
    assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
    save("{\"methods\": {\"Trial.slow\": {\"timeout_ms\": 20}}}");
    AWAIT(n_taken() == 2);
    struct weft_call_info info;
    assert_int_equal(call((struct weft_call_options){0}, &info, 500),
                     WEFT_ETIMEOUT);
    end();
}

/* A call keeps the policy that it began with. */
static void
a_call_keeps_its_policy(void **state)
{
    (void)state;
    open_with("{\"methods\": {\"*\": {\"timeout_ms\": 60000}}}");
    struct caller caller = {.client = policed, .number = 5};
    uint64_t before = wf_load(&house.trial.executed, seq_cst);
    caller_start(&caller);
    AWAIT(wf_load(&house.trial.executed, seq_cst) > before);
    save("{\"methods\": {\"*\": {\"timeout_ms\": 1, \"max_attempts\": 1}}}");
    AWAIT(n_taken() == 2);
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_OK);
    end();
}

static void
a_broken_document_changes_nothing(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    int64_t sum;
    (void)state;
    open_with("{\"methods\": {\"*\": {\"timeout_ms\": 60000}}}");
    assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
    save("{\"methods\": {\n\"*\": {\"timeout_ms\": 0}}}");
    AWAIT(n_refused() == 1);
    tells(NULL, "* timeout_ms 60000 (line 1)\n");
    assert_string_equal(view(&arena, NULL).why.ptr,
                        "line 2, column 21: [\"methods\"][\"*\"]"
                        "[\"timeout_ms\"]: a whole number from 1 to 86400000 "
                        "or \"none\" is expected");
    save("{}");
    AWAIT(n_taken() == 2);
    assert_null(view(&arena, NULL).why.ptr);
    assert_int_equal(n_refused(), 1);
    weft_arena_fini(&arena);
    end();
}

/* A client begins with its options, if its document is not valid yet. */
static void
a_document_that_is_bad_at_the_start(void **state)
{
    int64_t sum;
    (void)state;
    open_with("{\"methods\"");
    assert_int_equal(n_refused(), 1);
    assert_int_equal(n_taken(), 0);
    tells(NULL, "* timeout_ms 10000 (default)\n");
    assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
    end();
}

static void
a_file_that_is_not_there(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    int64_t sum;
    (void)state;
    open_with("{}");
    assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
    MUST(!unlink(path));
    AWAIT(n_refused() == 1);
    assert_non_null(strstr(view(&arena, NULL).why.ptr, "cannot be read"));
    save("{}");
    AWAIT(!view(&arena, NULL).why.ptr);
    weft_arena_fini(&arena);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_that_are_refused),
        cmocka_unit_test(a_document_that_is_too_long),
        cmocka_unit_test(too_many_methods),
        cmocka_unit_test(the_closest_rule_holds),
        cmocka_unit_test(a_client_without_a_policy_tells_nothing),
        cmocka_unit_test(sources_that_are_refused),
        cmocka_unit_test(a_change_is_taken),
        cmocka_unit_test(a_call_keeps_its_policy),
        cmocka_unit_test(a_broken_document_changes_nothing),
        cmocka_unit_test(a_document_that_is_bad_at_the_start),
        cmocka_unit_test(a_file_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
