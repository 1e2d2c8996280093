/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct row {
    weft_err err;
    bool retryable;
    int32_t thrift;
    const char *name, *text;
};

static const struct row rows[] = {
#define WEFT_ERROR(name, number, retryable, thrift, text) \
    {WEFT_##name, retryable, thrift, "WEFT_" #name, text},
#include <weft/err.def>
#undef WEFT_ERROR
};

#define N_ROWS (sizeof rows / sizeof *rows)

static void
every_row_is_told_as_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *row = &rows[i];
        for (size_t k = 0; k < i; k++) /* each has a number of its own */
            assert_int_not_equal(rows[k].err, row->err);
        assert_string_equal(weft_err_name(row->err), row->name);
        assert_string_equal(weft_err_text(row->err), row->text);
        assert_int_equal(weft_err_thrift(row->err), row->thrift);
        assert_int_equal(weft_err_is_retryable(row->err), row->retryable);
        assert_false(weft_err_is_peer(row->err));
    }
}

/* The band of an error says whose fault it is, so a wrong band blames the wrong
 * side. */
static void
each_row_is_in_its_band(void **state)
{
    (void)state;
    static const struct {
        weft_err err;
        enum wf_band band;
    } some[] = {
        {WEFT_OK, WF_BAND_HOST},
        {-1, WF_BAND_HOST},
        {-ECONNRESET, WF_BAND_HOST},
        {-4095, WF_BAND_HOST},
        {-0x1000, WF_BAND_BYTES},
        {WEFT_ETRUNC, WF_BAND_BYTES},
        {WEFT_EHEADER, WF_BAND_BYTES},
        {-0x1fff, WF_BAND_BYTES},
        {-0x2000, WF_BAND_NETWORK},
        {WEFT_ECLOSED, WF_BAND_NETWORK},
        {WEFT_EOVERCROWDED, WF_BAND_NETWORK},
        {-0x2fff, WF_BAND_NETWORK},
        {-0x3000, WF_BAND_CALL},
        {WEFT_EFIBERS, WF_BAND_CALL},
        {-0x3fff, WF_BAND_CALL},
        {-0x4000, WF_BAND_NONE},
        {1, WF_BAND_NONE},
        {INT32_MIN, WF_BAND_NONE},
        {INT32_MAX, WF_BAND_NONE},
    };
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        assert_int_equal(wf_err_band(some[i].err), some[i].band);
        if (some[i].err < 0 && some[i].band != WF_BAND_NONE)
            assert_int_equal(wf_err_band(some[i].err - WEFT_PEER),
                             some[i].band);
    }
    for (size_t i = 0; i < N_ROWS; i++)
        assert_in_range(wf_err_band(rows[i].err), WF_BAND_BYTES, WF_BAND_CALL);
}

static void
rows_keep_to_their_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        const char *text = rows[i].text;
        assert_true(islower((unsigned char)text[0]));
        assert_int_not_equal(text[strlen(text) - 1], '.');
        assert_in_range(rows[i].thrift, 0, 10);
        assert_in_range(-rows[i].err, 0x1001, 0x3fff);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(rows[i].err, rows[k].err);
    }
}

static void
what_the_peer_says_is_the_same_error_elsewhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        weft_err err = rows[i].err - WEFT_PEER;
        assert_true(weft_err_is_peer(err));
        assert_string_equal(weft_err_name(err), rows[i].name);
        assert_string_equal(weft_err_text(err), rows[i].text);
        assert_int_equal(weft_err_thrift(err), rows[i].thrift);
    }
    assert_true(weft_err_is_peer(-ENOMEM - WEFT_PEER));
    assert_string_equal(weft_err_name(-ENOMEM - WEFT_PEER), "ENOMEM");
}

static void
a_connection_that_the_peer_lost_is_no_reason_to_retry(void **state)
{
    (void)state;
    assert_false(weft_err_is_retryable(WEFT_OK));
    assert_true(weft_err_is_retryable(WEFT_ECONNECT));
    assert_false(weft_err_is_retryable(WEFT_ECONNECT - WEFT_PEER));
    assert_true(weft_err_is_retryable(WEFT_EOVERLOAD - WEFT_PEER));
    assert_true(weft_err_is_retryable(WEFT_ETOOMANYCONNS - WEFT_PEER));
    assert_false(weft_err_is_retryable(WEFT_EHANDLER - WEFT_PEER));
}

static void
errno_has_its_own_names(void **state)
{
    (void)state;
    assert_string_equal(weft_err_name(-ECONNREFUSED), "ECONNREFUSED");
    assert_string_equal(weft_err_text(-ECONNREFUSED), "Connection refused");
    assert_int_equal(weft_err_thrift(-ECONNREFUSED), 6);
    assert_false(weft_err_is_retryable(-ECONNREFUSED));
}

static void
strangers_are_unknown_and_success_is_no_error(void **state)
{
    (void)state;
    static const weft_err strangers[] = {
        1, INT32_MAX, INT32_MIN, -0x1000, -0x3fff, -4095, -WEFT_PEER,
    };
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        assert_string_equal(weft_err_name(strangers[i]), "unknown");
        assert_string_equal(weft_err_text(strangers[i]), "unknown");
        assert_int_equal(weft_err_thrift(strangers[i]), 6);
        assert_false(weft_err_is_retryable(strangers[i]));
    }
    assert_string_equal(weft_err_name(WEFT_OK), "WEFT_OK");
    assert_int_equal(weft_err_thrift(WEFT_OK), 0);
    assert_false(weft_err_is_peer(WEFT_OK));
}

static bool
ends_a_connection(weft_err err)
{
    static const weft_err all[] = {
        WEFT_ECONNECT,     WEFT_EBROKEN,       WEFT_ECLOSED,  WEFT_EEOF,
        WEFT_EREADTIMEOUT, WEFT_EWRITETIMEOUT, WEFT_EIDLE,    -EPIPE,
        -ECONNRESET,       -ECONNREFUSED,      -ECONNABORTED, -ENOTCONN,
        -ETIMEDOUT,        -EHOSTUNREACH,      -ENETUNREACH,  -ENETDOWN,
        -ENETRESET,        -EHOSTDOWN,         -ESHUTDOWN};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] == err)
            return true;
    return false;
}

/* An error that a peer reports does not come from a connection of this
 * process. */
static void
errors_of_connections(void **state)
{
    (void)state;
    for (weft_err err = 1; err > -0x10000; err--) {
        assert_true(weft_err_is_connection(err) == ends_a_connection(err));
        assert_false(weft_err_is_connection(err - WEFT_PEER));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_told_as_it_stands),
        cmocka_unit_test(errors_of_connections),
        cmocka_unit_test(each_row_is_in_its_band),
        cmocka_unit_test(rows_keep_to_their_form),
        cmocka_unit_test(what_the_peer_says_is_the_same_error_elsewhere),
        cmocka_unit_test(a_connection_that_the_peer_lost_is_no_reason_to_retry),
        cmocka_unit_test(errno_has_its_own_names),
        cmocka_unit_test(strangers_are_unknown_and_success_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
