/* SPDX-License-Identifier: MIT */
/* The name of a method may be as long as the limit, and no longer, in each
 * function that checks names. */
#include "codec/codec.h"
#include "codec/frame/frame.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const enum weft_protocol protocols[] = {WEFT_BINARY, WEFT_OLD_BINARY,
                                               WEFT_COMPACT, WEFT_JSON};

/* The option that the user gives, and the limit that it sets. */
static const struct limit {
    uint32_t given, size;
} names[] = {{7, 7}, {0, WEFT_NAME_SIZE}};

/* A call of an empty struct, with a name of len bytes. */
static struct weft_chain
call_of(enum weft_protocol protocol, uint32_t len)
{
    static char name[WEFT_NAME_SIZE + 1];
    struct weft_chain chain = {0};
    struct weft_writer w;
    bool is_json = protocol == WEFT_JSON;
    assert_true(len <= sizeof name);
    memset(name, 'n', sizeof name);
    weft_writer_init(&w, &chain);
    wf_message_write(protocol, &w, (struct weft_str){name, len}, WEFT_CALL, 7);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(
        weft_chain_append(&chain, is_json ? "{}]" : "", is_json ? 3 : 1), 0);
    return chain;
}

static weft_err
read_head(enum weft_protocol protocol, uint32_t name_size, uint32_t len)
{
    struct weft_message m;
    struct weft_reader r;
    struct weft_arena arena;
    struct weft_chain in = call_of(protocol, len);
    weft_arena_init(&arena, 0);
    weft_reader_init(&r, &in, &arena, 0);
    weft_err err = wf_message_read(protocol, &r, name_size, &m);
    if (!err)
        assert_int_equal(m.name.len, len);
    weft_arena_fini(&arena);
    weft_chain_clear(&in);
    return err;
}

static void
the_head_of_a_message(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const struct limit *n = &names[i];
            assert_int_equal(read_head(protocols[p], n->given, n->size), 0);
            assert_int_equal(read_head(protocols[p], n->given, n->size + 1),
                             WEFT_ESIZE);
        }
}

/* Cut a message without a frame. *whole says whether a whole one was found. */
static weft_err
cut_bare(uint8_t mode, enum weft_protocol protocol, uint32_t name_size,
         uint32_t len, bool *whole)
{
    struct weft_limits asked = {.name_size = name_size};
    struct weft_limits limits = wf_limits_of(&asked);
    struct weft_chain in = call_of(protocol, len);
    struct wf_cutter cutter;
    struct wf_cut cut;
    wf_cutter_init(&cutter, &limits);
    cutter.mode = mode;
    cutter.protocol = (uint8_t)protocol;
    weft_err err = wf_cut(&cutter, &in, &cut);
    *whole = !err && cut.whole && cut.body == in.len;
    wf_cutter_fini(&cutter);
    weft_chain_clear(&in);
    return err;
}

/* In JSON the name is a string like any other: the cutter does not check its
 * length, the reader of the head does. */
static void
a_message_without_a_frame(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof protocols / sizeof *protocols; p++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const struct limit *n = &names[i];
            bool whole, is_json = protocols[p] == WEFT_JSON;
            assert_int_equal(cut_bare(WF_CUT_UNFRAMED, protocols[p], n->given,
                                      n->size, &whole),
                             0);
            assert_true(whole);
            assert_int_equal(cut_bare(WF_CUT_UNFRAMED, protocols[p], n->given,
                                      n->size + 1, &whole),
                             is_json ? WEFT_OK : WEFT_ESIZE);
            assert_true(whole == is_json);
        }
}

/* A message of old binary is recognised by its name, so one with a name that is
 * too long is not recognised. */
static void
an_old_message_that_is_recognised(void **state)
{
    bool whole;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct limit *n = &names[i];
        assert_int_equal(cut_bare(WF_CUT_UNKNOWN, WEFT_OLD_BINARY, n->given,
                                  n->size, &whole),
                         0);
        assert_true(whole);
        assert_int_equal(cut_bare(WF_CUT_UNKNOWN, WEFT_OLD_BINARY, n->given,
                                  n->size + 1, &whole),
                         WEFT_EUNKNOWNPROTO);
    }
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_head_of_a_message),
        TEST(a_message_without_a_frame),
        TEST(an_old_message_that_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
