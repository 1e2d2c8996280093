/* SPDX-License-Identifier: MIT */
/* Every allocation of a message fails once, in every protocol that descriptors
 * read and write. Each failure is an error, and leaks nothing. */
#include "unit/buf/nomem.h"

#include "base/arena.c"
#include "buf/append.c"
#include "buf/block.c"
#include "buf/cache.c"
#include "buf/chain.c"
#include "buf/read.c"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"
#include "unit/codec/sample_desc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define PIECE 100u /* so that strings and numbers lie in two slices */

static char text[5000];
static int refs;

static void
ref(void *owner)
{
    (void)owner;
    refs++;
}

static void
unref(void *owner)
{
    (void)owner;
    refs--;
}

/* Write a message whose strings are copied, escaped and held by reference. */
static weft_err
write_to(struct weft_chain *chain, enum weft_protocol proto)
{
    struct sample s;
    struct weft_writer w;
    sample_fill(&s);
    s.text = (struct weft_str){text, sizeof text};
    s.negative = (struct weft_str){text, 300};
    s.blob = (struct weft_str){text, 900};
    weft_writer_init(&w, chain);
    weft_writer_owner(&w, text, ref, unref);
    wf_message_write(proto, &w, WEFT_STR("a \"name\""), WEFT_CALL, 1);
    for (int i = 0; i < 2; i++)
        weft_struct_write(&sample_desc, proto, &w, &s);
    wf_message_write_end(proto, &w);
    return weft_writer_fini(&w);
}

static weft_err
run_write(enum weft_protocol proto)
{
    struct weft_chain chain = {0};
    weft_err err = write_to(&chain, proto);
    weft_chain_clear(&chain);
    assert_int_equal(refs, 0);
    return err;
}

static uint8_t *message; /* what write_to wrote */
static size_t message_len;

static weft_err
read_from(const struct weft_chain *chain, enum weft_protocol proto,
          struct weft_arena *arena)
{
    struct weft_reader r;
    struct weft_message m;
    struct sample s;
    weft_reader_init(&r, chain, arena, 0);
    weft_err err = wf_message_read(proto, &r, 0, &m);
    for (int i = 0; i < 2 && !err; i++)
        err = weft_struct_read(&sample_desc, proto, &r, &s);
    return err ? err : wf_message_read_end(proto, &r);
}

static weft_err
run_read(enum weft_protocol proto)
{
    struct weft_arena arena;
    struct weft_chain in = {0};
    weft_err err = WEFT_OK;
    for (size_t at = 0; at < message_len && !err; at += PIECE) {
        size_t n = WF_MIN(message_len - at, PIECE);
        err = weft_chain_append_ref(&in, message + at, n, NULL, NULL);
    }
    weft_arena_init(&arena, 0);
    if (!err)
        err = read_from(&in, proto, &arena);
    weft_arena_fini(&arena);
    weft_chain_clear(&in);
    return err;
}

static void
make_message(enum weft_protocol proto)
{
    struct weft_chain chain = {0};
    assert_int_equal(write_to(&chain, proto), 0);
    message_len = chain.len;
    message = malloc(chain.len);
    assert_non_null(message);
    weft_chain_copy_out(&chain, 0, message, chain.len);
    weft_chain_clear(&chain);
}

/* Without memory an arena reports that its budget is used up. */
static bool
try_run(weft_err (*run)(enum weft_protocol proto), enum weft_protocol proto,
        long n, bool is_once)
{
    wf_buf_cache_trim();
    nomem_begin(n, is_once);
    weft_err err = run(proto);
    long failed = nomem_end();
    if (err)
        assert_true(err == -ENOMEM || err == WEFT_EBUDGET);
    assert_int_equal(!err, failed == 0);
    assert_int_equal(balance_check(NULL), 0);
    return failed > 0;
}

static void
every_allocation_may_fail(void **state)
{
    static weft_err (*const runs[])(enum weft_protocol proto) = {run_write,
                                                                 run_read};
    enum weft_protocol proto = *(enum weft_protocol *)*state;
    make_message(proto);
    for (int i = 0; i < 4; i++) {
        long n = 1;
        while (try_run(runs[i / 2], proto, n, i % 2))
            n++;
        assert_true(n > 2);
    }
    free(message);
}

int
main(void)
{
    static enum weft_protocol protos[] = {WEFT_BINARY, WEFT_COMPACT, WEFT_JSON};
    const struct CMUnitTest tests[] = {
        {"binary", every_allocation_may_fail, NULL, NULL, &protos[0]},
        {"compact", every_allocation_may_fail, NULL, NULL, &protos[1]},
        {"json", every_allocation_may_fail, NULL, NULL, &protos[2]},
    };
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 250 == 17 ? '"' : (char)('a' + i % 26);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
