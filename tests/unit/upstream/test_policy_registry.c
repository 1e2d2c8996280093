/* SPDX-License-Identifier: MIT */
/* Policies from a key of etcd, of Consul, and of ZooKeeper. Each test runs with
 * each of them. Row 120 of docs/threats.md. */
#include "policy_registries.h"

#include "policed.h"

#include <errno.h>

static const struct fake_policy_registry *registry;
static struct weft_listener *listener;
static char at[32]; /* its address, also while it is down */

static void
up(void)
{
    MUST(!registry->listen(at, &listener));
    snprintf(at, sizeof at, "127.0.0.1:%u",
             (unsigned)weft_listener_port(listener));
    snprintf(source, sizeof source, "%s:%s%s", registry->prefix, at,
             registry->path);
}

static void
down(void)
{
    fake_policy_stop(listener);
    listener = NULL;
}

/* A registry that is up and has this document, NULL: none. */
static void
begin(int i, const char *text)
{
    registry = &fake_policy_registries[i];
    registry->begin();
    registry->set(text);
    snprintf(at, sizeof at, "127.0.0.1:0");
    up();
    weft_log_set_level(WEFT_LOG_NONE);
}

static void
make_client(void)
{
    const struct weft_endpoint one = {.address = house.address};
    const struct weft_upstream_options options = {.policy = source};
    const struct weft_client_options client_options = {.upstream = &options};
    MUST(!weft_client_new("list:", &client_options, &policed));
    MUST(!weft_client_set_endpoints(policed, &one, 1));
}

static void
finish(void)
{
    uint32_t n_bad;
    weft_client_free(policed);
    if (listener)
        down();
    (void)registry->asked(&n_bad);
    assert_int_equal(n_bad, 0);
    weft_log_set_level(WEFT_LOG_WARN);
}

/* The reason why the last document was refused is this one; NULL: none was. */
static bool
why_is(const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str why = view(&arena, NULL).why;
    bool is = text ? why.ptr && strstr(why.ptr, text) : !why.ptr;
    weft_arena_fini(&arena);
    return is;
}

#define GOOD(ms) "{\"methods\": {\"*\": {\"timeout_ms\": " #ms "}}}"
#define EACH(i) (int i = 0; i < FAKE_POLICY_REGISTRIES; i++)

/* weft_client_new has waited for the document, and a change comes by itself. */
static void
a_change_is_taken(void **state)
{
    (void)state;
    for
        EACH(i)
        {
            begin(i, GOOD(60001));
            make_client();
            assert_int_equal(n_taken(), 1);
            tells(NULL, "* timeout_ms 60001 (line 1)\n");
            struct weft_call_info info;
            registry->set(
                "{\"methods\": {\"Trial.slow\": {\"timeout_ms\": 20}}}");
            AWAIT(n_taken() == 2);
            assert_int_equal(call((struct weft_call_options){0}, &info, 500),
                             WEFT_ETIMEOUT);
            registry->set(GOOD(60003));
            AWAIT(n_taken() == 3);
            tells(NULL, "* timeout_ms 60003 (line 1)\n");
            assert_int_equal(n_refused(), 0);
            finish();
        }
}

static void
a_broken_document_changes_nothing(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "line 1, column 1: "},
        {"garbage", "`{` is expected"},
        {"{\"methods\": {", "the text ends here"},
        {"{\"methods\": {\n\"*\": {\"timeout_ms\": 0}}}",
         "line 2, column 21: [\"methods\"][\"*\"][\"timeout_ms\"]: a whole"},
        {NULL, "the registry has no such key"},
    };
    (void)state;
    for
        EACH(i)
        {
            begin(i, GOOD(60001));
            make_client();
            for (uint32_t k = 0; k < sizeof rows / sizeof *rows; k++) {
                registry->set(rows[k].text);
                AWAIT(n_refused() == k + 1);
                if (!why_is(rows[k].why))
                    fail_msg("%s, document %u", registry->prefix, k);
                tells(NULL, "* timeout_ms 60001 (line 1)\n");
            }
            assert_int_equal(n_taken(), 1);
            registry->set(GOOD(60001)); /* as it was before */
            AWAIT(n_taken() == 2);
            assert_true(why_is(NULL));
            finish();
        }
}

/* A client begins with its options if there is no document yet, or a bad
 * one. */
static void
no_document_at_the_start(void **state)
{
    static const char *const texts[] = {NULL, "{\"methods\""};
    int64_t sum;
    (void)state;
    for
        EACH(i)
        {
            for (int k = 0; k < 2; k++) {
                begin(i, texts[k]);
                make_client();
                assert_int_equal(n_refused(), 1);
                assert_true(why_is(k ? "the text ends" : "no such key"));
                tells(NULL, "* timeout_ms 10000 (default)\n");
                assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
                registry->set(GOOD(60001));
                AWAIT(n_taken() == 1);
                finish();
            }
        }
}

/* It is down at the start, and later: calls go on, and the same error is told
 * once. */
static void
a_registry_that_is_down(void **state)
{
    int64_t sum;
    (void)state;
    for
        EACH(i)
        {
            begin(i, GOOD(60001));
            down();
            make_client();
            assert_int_equal(n_refused(), 1);
            assert_true(why_is("it cannot be read: "));
            assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
            up();
            AWAIT(n_taken() == 1);
            assert_true(why_is(NULL));
            down();
            AWAIT(n_refused() >= 2);
            tells(NULL, "* timeout_ms 60001 (line 1)\n");
            assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
            registry->set(GOOD(60002));
            up();
            AWAIT(n_taken() == 2);
            tells(NULL, "* timeout_ms 60002 (line 1)\n");
            finish();
        }
}

/* A registry that hangs holds weft_client_new up only for a while. */
static void
a_registry_that_hangs(void **state)
{
    int64_t sum;
    (void)state;
    for
        EACH(i)
        {
            begin(i, GOOD(60001));
            registry->hurt(true, false);
            make_client();
            assert_int_equal(n_taken(), 0);
            assert_int_equal(call_add(policed, 1, 2, &sum), WEFT_OK);
            registry->hurt(false, false);
            AWAIT(n_taken() == 1);
            finish();
        }
}

static void
a_registry_that_answers_garbage(void **state)
{
    (void)state;
    for
        EACH(i)
        {
            begin(i, GOOD(60001));
            registry->hurt(false, true);
            make_client();
            assert_int_equal(n_refused(), 1);
            assert_true(why_is("it cannot be read: "));
            assert_int_equal(n_taken(), 0);
            registry->hurt(false, false);
            AWAIT(n_taken() == 1);
            finish();
        }
}

/* A document that changes all the time is read ten times a second at most. */
static void
a_document_that_flaps(void **state)
{
    char text[100];
    (void)state;
    for
        EACH(i)
        {
            begin(i, GOOD(60000));
            make_client();
            uint64_t begun = weft_now_ns();
            for (unsigned k = 1; k <= 100; k++) {
                snprintf(text, sizeof text,
                         "{\"methods\": {\"*\": {\"timeout_ms\": %u}}}",
                         60000 + k);
                registry->set(text);
                MUST(!weft_sleep_ms(2));
            }
            AWAIT(view_has("* timeout_ms 60100 (line 1)\n"));
            uint64_t most = 3 + (weft_now_ns() - begun) / 100000000u;
            assert_in_range(n_taken(), 2, most);
            finish();
        }
}

/* 1 MiB is the most, also if the registry would allow more. */
static void
a_document_that_is_too_long(void **state)
{
    struct fake_consul *c = &fake_policy_consul;
    size_t len = ((size_t)2 << 20) + 1;
    char *text = test_malloc(len);
    (void)state;
    begin(1, GOOD(60001));
    make_client();
    memset(text, ' ', len);
    memcpy(text, "{}", 2);
    fake_consul_set(c, text, WF_POLICY_BYTES);
    AWAIT(n_taken() == 2);
    fake_consul_set(c, text, WF_POLICY_BYTES + 1);
    AWAIT(n_refused() == 1);
    assert_true(why_is("longer than 1048576 bytes"));
    fake_consul_set(c, text, len);
    AWAIT(n_refused() == 2);
    assert_true(why_is("it cannot be read: consul: "));
    fake_consul_set(c, text, 2);
    AWAIT(n_taken() == 3);
    test_free(text);
    finish();
}

/* ---- without the runtime, and without a client ---- */

static void
a_client_that_is_older_than_the_runtime(void **state)
{
    const struct weft_runtime_options options = {.workers = 2};
    int64_t sum;
    (void)state;
    for
        EACH(i)
        {
            begin(i, GOOD(60001));
            down();
            house_close(&house);
            MUST(!weft_runtime_stop());
            make_client();
            assert_int_equal(n_taken() + n_refused(), 0);
            MUST(!weft_runtime_start(&options));
            house_open(&house, NULL, NULL, NULL);
            up();
            (void)!call_add(policed, 1, 2, &sum);
            AWAIT(n_taken() == 1);
            finish();
        }
}

static weft_err
load(struct weft_arena *arena, struct weft_str *text, struct weft_str *why)
{
    return weft_policy_load_until(source, weft_after_ms(LONG_MS), arena, text,
                                  why);
}

static void
a_document_is_loaded_once(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str text, why;
    (void)state;
    for
        EACH(i)
        {
            begin(i, "{}");
            assert_int_equal(load(&arena, &text, &why), WEFT_OK);
            assert_string_equal(text.ptr, "{}");
            registry->set("");
            assert_int_equal(load(&arena, &text, &why), WEFT_OK);
            assert_true(text.ptr && text.len == 0);
            registry->set(NULL);
            assert_int_equal(load(&arena, &text, &why), -ENOENT);
            assert_true(!text.ptr && !why.ptr);
            registry->hurt(true, false);
            assert_int_equal(weft_policy_load_until(source, weft_after_ms(20),
                                                    &arena, &text, &why),
                             WEFT_ETIMEOUT);
            registry->hurt(false, false);
            down();
            assert_int_not_equal(load(&arena, &text, &why), WEFT_OK);
            assert_non_null(strstr(why.ptr, at));
            weft_log_set_level(WEFT_LOG_WARN);
        }
    weft_arena_fini(&arena);
}

static void
a_file_is_loaded_once(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str text, why;
    (void)state;
    save("{ }");
    snprintf(source, sizeof source, "file:%s", path);
    assert_int_equal(weft_policy_load(source, &arena, &text, &why), WEFT_OK);
    assert_int_equal(text.len, 3);
    save("");
    assert_int_equal(weft_policy_load(source, &arena, &text, &why), WEFT_OK);
    assert_true(text.ptr && text.len == 0);
    MUST(!unlink(path));
    assert_int_equal(weft_policy_load(source, &arena, &text, &why), -ENOENT);
    snprintf(source, sizeof source, "etcd:%s", path);
    assert_int_equal(weft_policy_load(source, &arena, &text, &why), -EINVAL);
    weft_arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_taken),
        cmocka_unit_test(a_broken_document_changes_nothing),
        cmocka_unit_test(no_document_at_the_start),
        cmocka_unit_test(a_registry_that_is_down),
        cmocka_unit_test(a_registry_that_hangs),
        cmocka_unit_test(a_registry_that_answers_garbage),
        cmocka_unit_test(a_document_that_flaps),
        cmocka_unit_test(a_document_that_is_too_long),
        cmocka_unit_test(a_client_that_is_older_than_the_runtime),
        cmocka_unit_test(a_document_is_loaded_once),
        cmocka_unit_test(a_file_is_loaded_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
