/* SPDX-License-Identifier: MIT */
/* Every allocation of buf fails once: no chain changes, and no memory is
 * lost. */
#include "unit/buf/nomem.h"

#include "buf/append.c"
#include "buf/block.c"
#include "buf/cache.c"
#include "buf/chain.c"
#include "buf/read.c"
#include "unit/buf/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static char text[200000];
static int n_done;

static void
count_done(void *arg)
{
    (void)arg;
    n_done++;
}

/* A step changes a chain, or fails and leaves it unchanged. */
struct step {
    const char *name;
    weft_err (*run)(struct weft_chain *c, struct weft_chain *other);
    size_t len; /* of the chain after success; 0: it depends */
};

static weft_err
run_append(struct weft_chain *c, struct weft_chain *other)
{
    (void)other;
    return weft_chain_append(c, text, 100);
}

static weft_err
run_append_large(struct weft_chain *c, struct weft_chain *other)
{
    (void)other;
    return weft_chain_append(c, text, sizeof text);
}

static weft_err
run_append_ref(struct weft_chain *c, struct weft_chain *other)
{
    (void)other;
    n_done = 0;
    weft_err err = weft_chain_append_ref(c, text, 100, count_done, NULL);
    assert_int_equal(n_done, 0);
    return err;
}

static weft_err
run_reserve(struct weft_chain *c, struct weft_chain *other)
{
    (void)other;
    size_t room;
    uint8_t *at = weft_chain_reserve(c, 100000, &room);
    return at ? weft_chain_commit(c, at, 100000) : -ENOMEM;
}

static weft_err
run_cut(struct weft_chain *c, struct weft_chain *other)
{
    return weft_chain_cut(other, 500, c);
}

static weft_err
run_share(struct weft_chain *c, struct weft_chain *other)
{
    return weft_chain_share(other, 3, 900, c);
}

static weft_err
run_pull(struct weft_chain *c, struct weft_chain *other)
{
    (void)c;
    return weft_chain_pull(other, 900) ? WEFT_OK : -ENOMEM;
}

static weft_err
run_compact(struct weft_chain *c, struct weft_chain *other)
{
    (void)c;
    return wf_chain_compact(other);
}

/* Without memory for room a read reads nothing, or a large message stays in
 * pieces. No byte that was read is lost. */
static weft_err
run_read(struct weft_chain *c, struct weft_chain *other)
{
    (void)other;
    struct wf_read_buffer room = {
        .need = 500000, .hint = 250000, .limit = SIZE_MAX};
    size_t before = c->len, n = wf_chain_read_prepare(c, &room), sum = 0;
    for (int i = 0; i < room.n_iov; i++) {
        memset(room.iov[i].iov_base, 'r', room.iov[i].iov_len);
        sum += room.iov[i].iov_len;
    }
    assert_int_equal(sum, n);
    n -= n / 3; /* so that the last block is partly filled */
    wf_chain_read_commit(c, &room, n);
    assert_int_equal(c->len, before + n);
    for (size_t i = 0; i < n; i += 4099) {
        uint8_t byte = 0;
        assert_int_equal(weft_chain_copy_out(c, before + i, &byte, 1), 1);
        assert_int_equal(byte, 'r');
    }
    return n == 0 ? -ENOMEM : WEFT_OK;
}

static weft_err
run_gather(struct weft_chain *c, struct weft_chain *other)
{
    weft_chain_splice(other, c);
    weft_err err = weft_chain_append(c, text, 10000);
    return err ? err : run_read(c, other);
}

static const struct step steps[] = {
    {"append", run_append, 100},
    {"append large", run_append_large, sizeof text},
    {"append ref", run_append_ref, 100},
    {"reserve", run_reserve, 100000},
    {"cut", run_cut, 500},
    {"share", run_share, 900},
    {"pull", run_pull, 0},
    {"compact", run_compact, 0},
    {"read", run_read, 0},
    {"gather", run_gather, 0},
};

static void
prepare(struct weft_chain *other)
{
    *other = (struct weft_chain){0};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(weft_chain_append(other, text, 300), 0);
        assert_int_equal(weft_chain_append_ref(other, text, 50, NULL, NULL), 0);
    }
    wf_buf_cache_trim();
}

/* Returns whether an allocation failed. */
static bool
try_step(const struct step *step, long n, bool is_once)
{
    struct weft_chain c = {0}, other;
    prepare(&other);
    size_t before = other.len;
    nomem_begin(n, is_once);
    weft_err err = step->run(&c, &other);
    long failed = nomem_end();
    if (err) {
        assert_int_equal(err, -ENOMEM);
        assert_true(failed > 0);
    }
    if (err && step->run != run_read && step->run != run_gather) {
        assert_int_equal(c.len, 0);
        assert_null(c.head);
        assert_int_equal(other.len, before);
    }
    if (!err && step->len)
        assert_int_equal(c.len, step->len);
    weft_chain_clear(&c);
    weft_chain_clear(&other);
    assert_int_equal(balance_check(NULL), 0);
    return failed > 0;
}

static void
every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (int is_once = 0; is_once < 2; is_once++) {
            long n = 1;
            while (try_step(&steps[i], n, is_once))
                n++;
            print_message("%s: %ld\n", steps[i].name, n - 1);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
