/* SPDX-License-Identifier: MIT */
/* Policies: what a document may say, and that calls do what it says. */
#include "told_time.h"
#include "upstream/upstream.h"

#include <weft/os.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct house house;
static char dir[] = "/tmp/weft-policy-XXXXXX";
static char path[64], source[80];
static struct weft_client *policed;

static int
set_up(void **state)
{
    struct weft_runtime_options options = {.workers = 2};
    (void)state;
    alarm(300);
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/policy", dir);
    snprintf(source, sizeof source, "file:%s", path);
    MUST(!weft_runtime_start(&options));
    house_open(&house, NULL, NULL, NULL);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    house_close(&house);
    MUST(!rmdir(dir));
    return weft_runtime_stop();
}

static void
save(const char *text)
{
    MUST(!weft_file_save(path, text, strlen(text), 0600));
}

/* A client with this document; its one server is `address`. */
static void
open_at(const char *text, const char *address,
        struct weft_upstream_options options)
{
    const struct weft_endpoint one = {.address = address};
    const struct weft_client_options client_options = {.upstream = &options};
    save(text);
    options.policy = source;
    MUST(!weft_client_new("list:", &client_options, &policed));
    MUST(!weft_client_set_endpoints(policed, &one, 1));
}

static void
open_with(const char *text)
{
    open_at(text, house.address, (struct weft_upstream_options){0});
}

static void
end(void)
{
    weft_client_free(policed);
    MUST(!unlink(path));
}

static struct weft_policy_view
view(struct weft_arena *arena, const struct weft_method *method)
{
    struct weft_policy_view v;
    MUST(!weft_client_get_policy(policed, method, arena, &v));
    return v;
}

static uint64_t
n_taken(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    uint64_t n = view(&arena, NULL).taken;
    weft_arena_fini(&arena);
    return n;
}

static uint64_t
n_refused(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    uint64_t n = view(&arena, NULL).refused;
    weft_arena_fini(&arena);
    return n;
}

/* The policy tells this line of a method, or of all. */
static void
tells(const struct weft_method *method, const char *line)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str text = view(&arena, method).text;
    if (!strstr(text.ptr, line))
        fail_msg("\"%s\" is not in\n%s", line, text.ptr);
    weft_arena_fini(&arena);
}

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
    static const char *const bad[] = {"", "file:", "/etc/policy", "ftp:x"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct weft_upstream_options options = {.policy = bad[i]};
        const struct weft_client_options o = {.upstream = &options};
        struct weft_client *none;
        assert_int_equal(weft_client_new("list:", &o, &none), -EINVAL);
        assert_null(none);
    }
}

/* ---- what values do ---- */

static weft_err
call(struct weft_call_options options, struct weft_call_info *info, int32_t ms)
{
    int64_t result;
    options.info = info;
    return call_slow(policed, 1, ms, &options, &result);
}

static void
the_timeout_of_a_method(void **state)
{
    struct weft_call_info info;
    int64_t sum;
    (void)state;
    open_with("{\"methods\": {\"Trial.slow\": {\"timeout_ms\": 20}}}");
    assert_int_equal(call((struct weft_call_options){0}, &info, 500),
                     WEFT_ETIMEOUT);
    const struct weft_call_options own = {.deadline_ns =
                                              weft_after_ms(LONG_MS)};
    assert_int_equal(call(own, &info, 50), WEFT_OK);
    assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
    end();
}

/* The time-out may be longer than that of the options, too. */
static void
no_timeout_at_all(void **state)
{
    struct wf_attempt a = {0};
    (void)state;
    open_with("{\"methods\": {\"*\": {\"timeout_ms\": \"none\"}}}");
    wf_policies_plan(wf_upstream_of(policed), &trial_add_method, &a);
    assert_int_equal(a.own_plan.timeout_ms, WEFT_NONE);
    end();
}

/* A server whose port is closed refuses each attempt. */
static uint32_t
n_attempts(const char *text)
{
    struct weft_call_info info;
    open_at(text, "127.0.0.1:1", (struct weft_upstream_options){0});
    const struct weft_call_options own = {.deadline_ns =
                                              weft_after_ms(LONG_MS)};
    assert_int_not_equal(call(own, &info, 0), WEFT_OK);
    end();
    return info.attempts.len;
}

static void
the_attempts_of_a_method(void **state)
{
    (void)state;
    assert_int_equal(n_attempts("{\"methods\": {\"Trial.slow\": "
                                "{\"max_attempts\": 1}}}"),
                     1);
    assert_int_equal(n_attempts("{\"methods\": {\"Trial.slow\": "
                                "{\"max_attempts\": 5, "
                                "\"retry_pause_ms\": 1}}}"),
                     5);
}

/* Each attempt is given up; the last one lasts until the call's end. */
static void
the_time_of_an_attempt(void **state)
{
    struct weft_call_info info;
    (void)state;
    open_with("{\"methods\": {\"Trial.slow\": {\"max_attempts\": 2, "
              "\"attempt_timeout_ms\": 5, \"timeout_ms\": 100}}}");
    assert_int_equal(
        call((struct weft_call_options){.idempotent = true}, &info, 500),
        WEFT_ETIMEOUT);
    assert_int_equal(info.attempts.len, 2);
    end();
}

/* Begin an attempt by hand, and say when its hedge is due. */
static uint64_t
hedge_after(const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *endpoint;
    open_with(text);
    struct wf_upstream *of = wf_upstream_of(policed);
    struct wf_attempt a = {.arena = &arena,
                           .is_idempotent = true,
                           .begun_ns = weft_now_ns(),
                           .deadline_ns = WEFT_NEVER,
                           .plan = &a.own_plan};
    for (uint32_t i = 0; i < wf_parts_count(); i++)
        wf_store(&of->latencies[i].p95_ns, 4321, relaxed);
    wf_policies_plan(of, &trial_add_method, &a);
    MUST(!wf_upstream_begin(of, &a, &endpoint));
    (void)wf_upstream_end(of, &a);
    weft_arena_fini(&arena);
    end();
    return a.hedge_ns ? a.hedge_ns - a.begun_ns : 0;
}

static void
the_hedge_of_a_method(void **state)
{
    (void)state;
    assert_int_equal(hedge_after("{}"), 0);
    assert_int_equal(hedge_after("{\"methods\": {\"*\": {\"hedge_ms\": 7}}}"),
                     7000000);
    assert_int_equal(hedge_after("{\"methods\": {\"*\": "
                                 "{\"hedge_ms\": \"p95\"}}}"),
                     4321);
    assert_int_equal(hedge_after("{\"methods\": {\"*\": "
                                 "{\"hedge_ms\": \"none\"}}}"),
                     0);
}

/* An attempt failed before its request was sent: the pause before the next. */
static uint64_t
pause_after(const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *endpoint;
    uint64_t longest = 0;
    open_with(text);
    struct wf_upstream *of = wf_upstream_of(policed);
    for (int i = 0; i < 50; i++) {
        struct wf_attempt a = {.arena = &arena,
                               .begun_ns = weft_now_ns(),
                               .deadline_ns = WEFT_NEVER,
                               .plan = &a.own_plan,
                               .err = WEFT_EBROKEN};
        wf_policies_plan(of, &trial_add_method, &a);
        MUST(!wf_upstream_begin(of, &a, &endpoint));
        MUST(wf_upstream_end(of, &a));
        uint64_t now_ns = weft_now_ns();
        if (a.pause_ns > now_ns)
            longest = WF_MAX(longest, a.pause_ns - now_ns);
    }
    weft_arena_fini(&arena);
    end();
    return longest;
}

static void
the_pause_of_a_method(void **state)
{
    (void)state;
    assert_int_equal(pause_after("{\"methods\": {\"*\": "
                                 "{\"retry_pause_ms\": \"none\"}}}"),
                     0);
    /* of 50 random parts of 1 s one is longer than any part of the default */
    assert_true(pause_after("{\"methods\": {\"*\": "
                            "{\"retry_pause_ms\": 1000}}}") > 100000000u);
}

/* ---- what values of the client do ---- */

/* Two servers, of which the first fails; returns after how many failures it is
 * ejected, at most 20, and for how long. */
static uint32_t
failures_until_ejected(const char *text, uint64_t *ejected_ns)
{
    struct wf_attempt a = {.err = WEFT_EBROKEN};
    uint32_t n = 0;
    save(text);
    now = weft_now_ns();
    make(2, (struct weft_upstream_options){.policy = source});
    a.begun_ns = now;
    struct wf_health *h = &ends[0]->health;
    while (n < 20 && !wf_health_is_ejected(h, now)) {
        wf_health_failed(up, ends[0], &a, now);
        n++;
    }
    *ejected_ns = wf_load(&h->until_ns, relaxed) - now;
    weft_client_free(client);
    MUST(!unlink(path));
    return n;
}

static void
failures_and_times_of_ejections(void **state)
{
    uint64_t ns;
    (void)state;
    assert_int_equal(failures_until_ejected("{}", &ns), 5);
    assert_int_equal(failures_until_ejected("{\"client\": "
                                            "{\"eject_failures\": 2, "
                                            "\"eject_ms\": 7000}}",
                                            &ns),
                     2);
    assert_int_equal(ns, 7000000000u);
    assert_int_equal(failures_until_ejected("{\"client\": "
                                            "{\"eject_failures\": \"none\"}}",
                                            &ns),
                     20);
}

/* Of ten servers, how many can be ejected; and whether that is heeded. */
static uint32_t
most_ejected(const char *text, bool *is_heeded)
{
    uint32_t n = 0;
    save(text);
    now = weft_now_ns();
    make(10, (struct weft_upstream_options){.policy = source});
    for (int i = 0; i < 10; i++) {
        struct wf_attempt a = {.err = WEFT_EBROKEN, .begun_ns = now};
        for (int k = 0; k < 5; k++)
            wf_health_failed(up, ends[i], &a, now);
        n += wf_health_is_ejected(&ends[i]->health, now);
    }
    *is_heeded = wf_health_is_heeded(up, 10);
    weft_client_free(client);
    MUST(!unlink(path));
    return n;
}

static void
parts_that_are_ejected(void **state)
{
    bool is_heeded;
    (void)state;
    assert_int_equal(most_ejected("{}", &is_heeded), 1);
    assert_true(is_heeded);
    assert_int_equal(
        most_ejected("{\"client\": {\"eject_percent\": 40}}", &is_heeded), 4);
    assert_true(is_heeded);
    assert_int_equal(most_ejected("{\"client\": {\"eject_percent\": 40, "
                                  "\"panic_percent\": 70}}",
                                  &is_heeded),
                     4);
    assert_false(is_heeded);
}

/* How many retries 100 calls and the reserve pay. */
static uint32_t
retries_paid(const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *endpoint;
    uint32_t n = 0;
    open_with(text);
    struct wf_upstream *of = wf_upstream_of(policed);
    struct wf_attempt a = {.arena = &arena, .plan = &a.own_plan};
    a.deadline_ns = WEFT_NEVER;
    wf_policies_plan(of, &trial_add_method, &a);
    for (int i = 0; i < 100; i++) {
        a.begun_ns = weft_now_ns();
        a.err = WEFT_OK;
        a.reach = WEFT_CALL_ANSWERED;
        MUST(!wf_upstream_begin(of, &a, &endpoint));
        (void)wf_upstream_end(of, &a);
    }
    while (n < 1000 && wf_upstream_give_up(of, &a)) {
        a.is_paid = false;
        n++;
    }
    weft_arena_fini(&arena);
    end();
    return n;
}

/* A period of the reserve may end meanwhile, so it may lend twice. */
static void
the_budget(void **state)
{
    (void)state;
    assert_int_equal(retries_paid("{\"client\": {\"retry_percent\": 0, "
                                  "\"retry_reserve\": 0}}"),
                     0);
    assert_int_equal(retries_paid("{\"client\": {\"retry_percent\": 50, "
                                  "\"retry_reserve\": 0}}"),
                     50);
    uint32_t n = retries_paid("{\"client\": {\"retry_percent\": 0, "
                              "\"retry_reserve\": 30}}");
    assert_true(n == 30 || (n > 30 && n <= 60));
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
        cmocka_unit_test(the_timeout_of_a_method),
        cmocka_unit_test(no_timeout_at_all),
        cmocka_unit_test(the_attempts_of_a_method),
        cmocka_unit_test(the_time_of_an_attempt),
        cmocka_unit_test(the_hedge_of_a_method),
        cmocka_unit_test(the_pause_of_a_method),
        cmocka_unit_test(failures_and_times_of_ejections),
        cmocka_unit_test(parts_that_are_ejected),
        cmocka_unit_test(the_budget),
        cmocka_unit_test(a_change_is_taken),
        cmocka_unit_test(a_call_keeps_its_policy),
        cmocka_unit_test(a_broken_document_changes_nothing),
        cmocka_unit_test(a_document_that_is_bad_at_the_start),
        cmocka_unit_test(a_file_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
