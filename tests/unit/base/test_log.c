/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* What the sink received. */
static struct {
    int n;
    enum weft_log_level level;
    void *user;
    char line[2048];
} got;

static void
sink(void *user, enum weft_log_level level, const char *line)
{
    got.n++;
    got.user = user;
    got.level = level;
    snprintf(got.line, sizeof got.line, "%s", line);
}

static int
begin(void **state)
{
    memset(&got, 0, sizeof got);
    weft_log_set_sink(sink, state);
    weft_log_set_level(WEFT_LOG_WARN);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    weft_log_set_sink(NULL, NULL);
    return 0;
}

static void
an_event_comes_with_its_level(void **state)
{
    wf_log(WEFT_LOG_ERROR, "lost %d of %s", 3, "five");
    assert_int_equal(got.n, 1);
    assert_int_equal(got.level, WEFT_LOG_ERROR);
    assert_ptr_equal(got.user, state);
    assert_string_equal(got.line, "lost 3 of five");
}

static void
events_below_the_level_are_dropped(void **state)
{
    (void)state;
    wf_log(WEFT_LOG_INFO, "no");
    wf_log_limited(WEFT_LOG_INFO, "no");
    wf_log(WEFT_LOG_NONE, "no");
    assert_int_equal(got.n, 0);
    weft_log_set_level(WEFT_LOG_DEBUG);
    wf_log(WEFT_LOG_DEBUG, "yes");
    assert_int_equal(got.n, 1);
    weft_log_set_level(WEFT_LOG_NONE);
    wf_log(WEFT_LOG_ERROR, "no");
    assert_int_equal(got.n, 1);
}

static void
control_bytes_are_escaped(void **state)
{
    (void)state;
    wf_log(WEFT_LOG_WARN, "%s", "a\r\nb\x1b[2J\x7f \xc2\x9b \xc3\xa9 \xff");
    assert_string_equal(got.line, "a\\x0d\\x0ab\\x1b[2J\\x7f \xc2\\x9b "
                                  "\xc3\xa9 \xff");
    /* The first and the last control character of two bytes, and their
     * neighbours. */
    wf_log(WEFT_LOG_WARN, "%s", "\xc2\x80 \xc2\x9f \xc2\xa0 \xc1\x80 \xc3\x9f");
    assert_string_equal(got.line,
                        "\xc2\\x80 \xc2\\x9f \xc2\xa0 \xc1\x80 \xc3\x9f");
}

static void
a_line_has_an_end(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    wf_log(WEFT_LOG_WARN, "%s", text);
    size_t len = strlen(got.line);
    assert_in_range(len, 900, 1023);
    assert_string_equal(got.line + len - 4, "x...");

    for (size_t before = 0; before < 4; before++) {
        memset(text, 'x', before);
        memset(text + before, '\n', sizeof text - 1 - before);
        wf_log(WEFT_LOG_WARN, "%s", text);
        len = strlen(got.line);
        assert_in_range(len, 900, 1023 - strlen("weft: warning: "));
        assert_string_equal(got.line + len - 7, "\\x0a...");
    }
}

static void
one_place_cannot_fill_the_log(void **state)
{
    (void)state;
    struct wf_log_limit place = {0};
    for (int i = 0; i < 1000; i++)
        wf_log_sparsely(&place, WEFT_LOG_WARN, "event %d", i);
    assert_int_equal(got.n, 10);
    assert_string_equal(got.line, "event 9");
    wf_store(&place.until_ns, 0, relaxed); /* its second is over */
    wf_log_sparsely(&place, WEFT_LOG_WARN, "event %d", 1000);
    assert_int_equal(got.n, 11);
    assert_string_equal(got.line, "(suppressed 990) event 1000");

    struct wf_log_limit other = {0};
    wf_log_sparsely(&other, WEFT_LOG_WARN, "elsewhere");
    assert_int_equal(got.n, 12);
}

static void
standard_error_gets_one_write_a_line(void **state)
{
    (void)state;
    int pipe_fds[2];
    assert_int_equal(wf_sys_pipe2(pipe_fds, O_CLOEXEC | O_DIRECT), 0);
    int saved = dup(STDERR_FILENO);
    dup2(pipe_fds[1], STDERR_FILENO);
    weft_log_set_sink(NULL, NULL);
    wf_log(WEFT_LOG_WARN, "one\ntwo");
    wf_log(WEFT_LOG_ERROR, "three");
    dup2(saved, STDERR_FILENO);
    close(saved);

    /* A pipe in packet mode: each read returns the bytes of one write. */
    char text[256] = {0};
    assert_true(read(pipe_fds[0], text, sizeof text - 1) > 0);
    assert_string_equal(text, "weft: warning: one\\x0atwo\n");
    memset(text, 0, sizeof text);
    assert_true(read(pipe_fds[0], text, sizeof text - 1) > 0);
    assert_string_equal(text, "weft: error: three\n");
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_comes_with_its_level, begin,
                                        end),
        cmocka_unit_test_setup_teardown(events_below_the_level_are_dropped,
                                        begin, end),
        cmocka_unit_test_setup_teardown(control_bytes_are_escaped, begin, end),
        cmocka_unit_test_setup_teardown(a_line_has_an_end, begin, end),
        cmocka_unit_test_setup_teardown(one_place_cannot_fill_the_log, begin,
                                        end),
        cmocka_unit_test_setup_teardown(standard_error_gets_one_write_a_line,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
