/* SPDX-License-Identifier: MIT */
/* Following a node of ZooKeeper, played by tests/fake_zk.h. Row 117 of
 * docs/threats.md. */
#include "unit/upstream/told_lists.h"

#include "fake_zk.h"

#include "upstream/zk.h"

#include <errno.h>

static struct fake_zk zk;
static struct weft_listener *listeners[2];
static char name[100]; /* of both servers */

static int
set_up(void **state)
{
    (void)state;
    memset(&zk, 0, sizeof zk);
    fake_zk_begin(&zk);
    for (int i = 0; i < 2; i++)
        MUST(!fake_zk_listen(&zk, "127.0.0.1:0", &listeners[i]));
    snprintf(name, sizeof name, "127.0.0.1:%u,127.0.0.1:%u/s/inbox",
             (unsigned)weft_listener_port(listeners[0]),
             (unsigned)weft_listener_port(listeners[1]));
    weft_log_set_level(WEFT_LOG_NONE);
    return 0;
}

static void
stop_listener(int i)
{
    if (!listeners[i])
        return;
    (void)!weft_listener_stop_until(listeners[i], 0);
    weft_listener_free(listeners[i]);
    listeners[i] = NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    stop_listener(0);
    stop_listener(1);
    weft_log_set_level(WEFT_LOG_WARN);
    return 0;
}

struct follower {
    struct wf_zk_follower f;
    weft_fiber fiber;
    weft_err err;
    struct told_lists told;
};

static void
follow(void *arg)
{
    struct follower *f = arg;
    f->err = wf_zk_follow(&f->f);
}

static void
begin(struct follower *f, uint32_t timeout_ms)
{
    memset(f, 0, sizeof *f);
    f->f = (struct wf_zk_follower){
        .on_list = note_list, .user = &f->told, .pause_ms = 1};
    MUST(!wf_zk_new(name, timeout_ms, &f->f.zk));
    MUST(!weft_fiber_start(follow, f, &f->fiber));
}

static void
end(struct follower *f)
{
    weft_fiber_cancel(f->fiber);
    MUST(!weft_fiber_join(f->fiber));
    assert_int_equal(f->err, WEFT_ECANCEL);
    wf_zk_free(f->f.zk);
    assert_int_equal(zk.n_bad, 0);
}

static void
await_lists(struct follower *f, int n)
{
    AWAIT(wf_load(&f->told.n, acquire) >= n);
}

/* True if the last list is this one. Lists may come twice. */
static bool
last_is(struct follower *f, const char *list)
{
    MUST(!weft_mutex_lock(&f->told.lock));
    size_t n = strlen(f->told.text), len = strlen(list);
    bool is = n >= len && strcmp(f->told.text + n - len, list) == 0;
    weft_mutex_unlock(&f->told.lock);
    return is;
}

/* ---- lists ---- */

/* The node is made, children come, change their data, and go. */
static void
each_change_is_noticed(void **state)
{
    (void)state;
    struct follower f;
    begin(&f, 10000);
    await_lists(&f, 1);
    assert_string_equal(f.told.text, "|");
    fake_zk_set(&zk, "/s/inbox", "");
    await_lists(&f, 2);
    fake_zk_set(&zk, "/s/inbox/a", "10.0.0.1:90");
    AWAIT(last_is(&f, "|10.0.0.1:90=1 |"));
    fake_zk_set(&zk, "/s/inbox/a",
                "{\"address\":\"10.0.0.1:90\",\"weight\":3}");
    AWAIT(last_is(&f, "|10.0.0.1:90=3 |"));
    fake_zk_set(&zk, "/s/inbox/b", "nonsense");
    fake_zk_set(&zk, "/s/inbox/c", "10.0.0.3:90");
    AWAIT(last_is(&f, "|10.0.0.1:90=3 10.0.0.3:90=1 |"));
    fake_zk_set(&zk, "/s/inbox/a", NULL);
    AWAIT(last_is(&f, "|10.0.0.3:90=1 |"));
    end(&f);
    assert_int_equal(zk.n_hellos, 1);
}

/* Many changes make few lists. */
static void
lists_have_a_pause(void **state)
{
    (void)state;
    struct follower f;
    fake_zk_set(&zk, "/s/inbox", "");
    begin(&f, 10000);
    f.f.pause_ms = 3600000;
    await_lists(&f, 1);
    fake_zk_set(&zk, "/s/inbox/a", "10.0.0.1:90");
    fake_zk_set(&zk, "/s/inbox/a", NULL);
    end(&f);
    assert_int_equal(zk.n_lists, 1);
}

/* ---- sessions ---- */

static void
pings_keep_the_session(void **state)
{
    (void)state;
    struct follower f;
    fake_zk_set(&zk, "/s/inbox", "");
    begin(&f, 90);
    zk.least_ms = 300; /* the server decides */
    await_lists(&f, 1);
    AWAIT(zk.n_pings >= 4);
    MUST(wf_load(&f.told.n, acquire) >= 1);
    end(&f);
    assert_int_equal(f.f.pause_ms, 1);
}

/* A lost connection is replaced, with the same session; a change meanwhile is
 * not lost. */
static void
a_session_survives_its_connection(void **state)
{
    (void)state;
    struct follower f;
    fake_zk_set(&zk, "/s/inbox", "");
    begin(&f, 10000);
    await_lists(&f, 1);
    fake_zk_end_all(&zk, true);
    fake_zk_set(&zk, "/s/inbox/a", "10.0.0.1:90");
    AWAIT(last_is(&f, "|10.0.0.1:90=1 |"));
    AWAIT(zk.n_resumed >= 1);
    end(&f);
}

static void
an_expired_session_is_replaced(void **state)
{
    (void)state;
    struct follower f;
    fake_zk_set(&zk, "/s/inbox", "");
    begin(&f, 10000);
    await_lists(&f, 1);
    fake_zk_end_all(&zk, false);
    fake_zk_set(&zk, "/s/inbox/a", "10.0.0.1:90");
    AWAIT(last_is(&f, "|10.0.0.1:90=1 |"));
    end(&f);
    assert_int_equal(zk.n_hellos, 3); /* the second one tells of the end */
    assert_int_equal(zk.n_resumed, 0);
}

/* One server of two stops, and then the other one in its place. */
static void
the_other_server_is_used(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct follower f;
        char address[32], text[40];
        snprintf(address, sizeof address, "127.0.0.1:%u",
                 (unsigned)weft_listener_port(listeners[i]));
        fake_zk_set(&zk, "/s/inbox", "");
        begin(&f, 10000);
        await_lists(&f, 1);
        stop_listener(i);
        snprintf(text, sizeof text, "10.0.0.%d:90", i + 1);
        fake_zk_set(&zk, "/s/inbox/a", text);
        snprintf(text, sizeof text, "|10.0.0.%d:90=1 |", i + 1);
        AWAIT(last_is(&f, text));
        end(&f);
        MUST(!fake_zk_listen(&zk, address, &listeners[i]));
    }
}

/* A server that stands still is left for another one; both do, and the client
 * says so. */
static void
a_server_that_hangs_is_an_error(void **state)
{
    (void)state;
    struct follower f;
    fake_zk_set(&zk, "/s/inbox", "");
    begin(&f, 300);
    await_lists(&f, 1);
    zk.hangs = true;
    MUST(!weft_fiber_join(f.fiber));
    assert_int_equal(f.err, WEFT_ETIMEOUT);
    assert_non_null(strstr(f.f.zk->why, "zookeeper: 127.0.0.1:"));
    zk.hangs = false;
    MUST(!weft_fiber_start(follow, &f, &f.fiber));
    await_lists(&f, 2);
    end(&f);
}

/* ---- what is no list ---- */

static void
garbage_is_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"HTTP/1.1 400 Bad Request\r\n\r\n",
         "this is not ZooKeeper, or its list is too long: an answer of "
         "1213486160 bytes"},
        {"\377\377\377\377", "an answer of 4294967295 bytes"}};
    for (int i = 0; i < 2; i++) {
        struct follower f;
        zk.garbage = rows[i][0];
        begin(&f, 10000);
        MUST(!weft_fiber_join(f.fiber));
        assert_int_equal(f.err, WEFT_EPROTOCOL);
        assert_non_null(strstr(f.f.zk->why, rows[i][1]));
        assert_int_equal(f.told.n, 0);
        wf_zk_free(f.f.zk);
    }
}

static void
a_refusal_has_its_text(void **state)
{
    (void)state;
    struct follower f;
    zk.refusal = -102;
    begin(&f, 10000);
    MUST(!weft_fiber_join(f.fiber));
    assert_int_equal(f.err, -EPERM);
    assert_non_null(strstr(f.f.zk->why, "`/s/inbox`: no authority"));
    wf_zk_free(f.f.zk);
}

/* One server more than a target may have. */
#define MANY                                   \
    "h:1,h:2,h:3,h:4,h:5,h:6,h:7,h:8,h:9,h:1," \
    "h:2,h:3,h:4,h:5,h:6,h:7,h:8/a"

static void
names_are_checked(void **state)
{
    (void)state;
    static const char *const good[] = {"h:1/a", "h:1,[::1]:2/a/b", "h:1/a.b"};
    static const char *const bad[] = {
        "h:1",    "h:1/",     "/a",         "h:1,/a",  ",h:1/a",
        "h/a",    "h:1/a/",   "h:1//a",     "h:1/./a", "h:1/a/..",
        "h:1/\n", "h:1/a//b", "h:1,,h:2/a", MANY};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(wf_zk_check(good[i]), WEFT_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(wf_zk_check(bad[i]), WEFT_EADDRESS);
}

/* ---- the bytes ---- */

static void
expect_bytes(const struct wf_jute_out *out, const char *bytes, size_t n)
{
    assert_false(out->is_full);
    assert_int_equal(out->len, n);
    assert_memory_equal(out->bytes, bytes, n);
}

#define EXPECT_BYTES(out, text) expect_bytes(out, text, sizeof text - 1)

static void
requests_have_these_bytes(void **state)
{
    (void)state;
    struct wf_jute_out out;
    const struct wf_zk_session session = {.id = 0x0102030405060708,
                                          .timeout_ms = 10000,
                                          .password = "0123456789abcde"};
    wf_zk_put_hello(&out, &session, 9);
    EXPECT_BYTES(&out, "\0\0\0\x2d\0\0\0\0\0\0\0\0\0\0\0\x09\0\0\x27\x10"
                       "\1\2\3\4\5\6\7\x8\0\0\0\x10"
                       "0123456789abcde\0\0");
    wf_zk_put_bare(&out, WF_ZK_XID_PING, WF_ZK_PING);
    EXPECT_BYTES(&out, "\0\0\0\x8\xff\xff\xff\xfe\0\0\0\xb");
    wf_zk_put_bare(&out, 7, WF_ZK_CLOSE);
    EXPECT_BYTES(&out, "\0\0\0\x8\0\0\0\7\xff\xff\xff\xf5");
    wf_zk_put_path(&out, 1, WF_ZK_GET_CHILDREN, WEFT_STR("/a"), true);
    EXPECT_BYTES(&out, "\0\0\0\xf\0\0\0\1\0\0\0\x8\0\0\0\2/a\1");
    wf_zk_put_create(&out, 2, WEFT_STR("/a"), WEFT_STR("x"), true);
    EXPECT_BYTES(&out, "\0\0\0\x32\0\0\0\2\0\0\0\1\0\0\0\2/a\0\0\0\1x"
                       "\0\0\0\1\0\0\0\x1f\0\0\0\5world\0\0\0\6"
                       "anyone\0\0\0\1");
    static char big[WF_JUTE_FRAME];
    wf_zk_put_path(&out, 1, WF_ZK_EXISTS, (struct weft_str){big, sizeof big},
                   true);
    assert_true(out.is_full);
}

#define FRAME(text) ((struct weft_str){text, sizeof text - 1})

static void
answers_are_read(void **state)
{
    (void)state;
    struct wf_zk_session s;
    struct wf_zk_header h;
    struct weft_str data;
    struct wf_zk_names names = {0};
    struct weft_arena arena = WEFT_ARENA_INIT;
    MUST(!wf_zk_read_hello(FRAME("\0\0\0\0\0\0\x27\x10\0\0\0\0\0\0\0\7"
                                 "\0\0\0\x10"
                                 "0123456789abcdef"),
                           &s));
    MUST(s.id == 7 && s.timeout_ms == 10000 && s.password[15] == 'f');
    MUST(!wf_zk_read_header(FRAME("\0\0\0\1\0\0\0\0\0\0\0\2\xff\xff\xff\x9b\1"),
                            &h));
    MUST(h.xid == 1 && h.zxid == 2 && h.err == WF_ZK_NO_NODE);
    assert_int_equal(h.rest.len, 1);
    MUST(!wf_zk_read_data(FRAME("\0\0\0\2xy"), &data) && data.len == 2);
    MUST(!wf_zk_read_data(FRAME("\xff\xff\xff\xff"), &data) && data.len == 0);
    MUST(!wf_zk_read_names(FRAME("\0\0\0\4\0\0\0\1a\0\0\0\0\0\0\0\3x/y"
                                 "\0\0\0\2bc"),
                           &arena, &names));
    assert_int_equal(names.len, 2);
    assert_string_equal(names.items[1].ptr, "bc");
    weft_arena_fini(&arena);
}

static void
answers_that_are_malformed(void **state)
{
    (void)state;
    struct wf_zk_session s;
    struct wf_zk_header h;
    struct weft_str data;
    struct wf_zk_names names = {0};
    struct weft_arena arena = WEFT_ARENA_INIT;
    weft_err bad = WEFT_EPROTOCOL;
    assert_int_equal(wf_zk_read_hello(FRAME(""), &s), bad);
    assert_int_equal(wf_zk_read_hello(FRAME("\0\0\0\0\0\0\x27\x10\0\0\0\0\0\0\0"
                                            "\7\0\0\0\2ab"),
                                      &s),
                     bad);
    assert_int_equal(wf_zk_read_header(FRAME("\0\0\0\1\0\0\0\0"), &h), bad);
    assert_int_equal(wf_zk_read_data(FRAME("\0\0\0\3xy"), &data), bad);
    assert_int_equal(wf_zk_read_data(FRAME("\xff\xff\xff\xfexy"), &data), bad);
    assert_int_equal(
        wf_zk_read_names(FRAME("\0\0\0\2\0\0\0\1a"), &arena, &names), bad);
    assert_int_equal(
        wf_zk_read_names(FRAME("\x7f\xff\xff\xff"), &arena, &names), bad);
    weft_arena_fini(&arena);
}

#define WITH_ZK(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ZK(each_change_is_noticed),
        WITH_ZK(lists_have_a_pause),
        WITH_ZK(pings_keep_the_session),
        WITH_ZK(a_session_survives_its_connection),
        WITH_ZK(an_expired_session_is_replaced),
        WITH_ZK(the_other_server_is_used),
        WITH_ZK(a_server_that_hangs_is_an_error),
        WITH_ZK(garbage_is_refused),
        WITH_ZK(a_refusal_has_its_text),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(requests_have_these_bytes),
        cmocka_unit_test(answers_are_read),
        cmocka_unit_test(answers_that_are_malformed),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
