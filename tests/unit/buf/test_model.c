/* SPDX-License-Identifier: MIT */
/*
 * Random operations on a few chains, and the same ones on plain arrays: after
 * each operation both must have the same bytes. A failure prints its seed.
 */
#include "buf/buf.h"
#include "unit/buf/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { CHAINS = 3, MAX_LEN = 200000, STEPS = 3000, SEEDS = 12 };

struct model {
    struct weft_chain chain;
    uint8_t *bytes; /* MAX_LEN bytes */
    size_t len;
};

static struct model models[CHAINS];
static uint64_t seed;
static size_t n_made, n_done;

static uint32_t
draw(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

/* Mostly small, sometimes larger than any block. */
static size_t
draw_size(size_t most)
{
    static const uint32_t scales[] = {4, 64, 700, 5000, 90000};
    size_t n = draw(scales[draw(5)]);
    return n < most ? n : most;
}

static uint8_t *
draw_bytes(size_t n)
{
    uint8_t *bytes = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)draw(256);
    return bytes;
}

static void
append_model(struct model *m, const uint8_t *bytes, size_t n)
{
    memcpy(m->bytes + m->len, bytes, n);
    m->len += n;
}

static void
drop_model(struct model *m, size_t n)
{
    memmove(m->bytes, m->bytes + n, m->len - n);
    m->len -= n;
}

static void
do_append(struct model *m)
{
    size_t n = draw_size(MAX_LEN - m->len);
    uint8_t *bytes = draw_bytes(n);
    assert_int_equal(weft_chain_append(&m->chain, bytes, n), 0);
    append_model(m, bytes, n);
    free(bytes);
}

static void
done(void *bytes)
{
    n_done++;
    free(bytes);
}

static void
do_append_ref(struct model *m)
{
    size_t n = draw_size(MAX_LEN - m->len);
    uint8_t *bytes = draw_bytes(n);
    append_model(m, bytes, n);
    n_made++;
    assert_int_equal(weft_chain_append_ref(&m->chain, bytes, n, done, bytes),
                     0);
}

static void
do_reserve(struct model *m)
{
    size_t room, want = draw_size(MAX_LEN - m->len);
    if (want == 0)
        return;
    uint8_t *at = weft_chain_reserve(&m->chain, want, &room);
    assert_non_null(at);
    assert_true(room >= want);
    size_t n = draw((uint32_t)want + 1);
    uint8_t *bytes = draw_bytes(n);
    memcpy(at, bytes, n);
    assert_int_equal(weft_chain_commit(&m->chain, at, n), 0);
    append_model(m, bytes, n);
    free(bytes);
}

/* Fill the room of the chain, as the read of a socket does. */
static void
do_read(struct model *m)
{
    struct wf_read_buffer room = {
        .need = draw(2) ? m->chain.len + draw(150000) : 0,
        .hint = draw_size(300000),
        .limit = MAX_LEN - m->len,
    };
    size_t n = wf_chain_read_prepare(&m->chain, &room);
    n = draw(8) ? draw_size(n) : n;
    uint8_t *bytes = draw_bytes(n);
    size_t at = 0;
    for (int i = 0; i < room.n_iov && at < n; i++) {
        size_t part = WF_MIN(room.iov[i].iov_len, n - at);
        memcpy(room.iov[i].iov_base, bytes + at, part);
        at += part;
    }
    wf_chain_read_commit(&m->chain, &room, n);
    append_model(m, bytes, n);
    free(bytes);
}

static void
do_compact(struct model *m)
{
    assert_int_equal(wf_chain_compact(&m->chain), 0);
}

static void
do_drop(struct model *m)
{
    size_t n = draw_size(m->len);
    weft_chain_drop(&m->chain, n);
    drop_model(m, n);
}

static void
do_clear(struct model *m)
{
    weft_chain_clear(&m->chain);
    m->len = 0;
}

static struct model *
draw_other(const struct model *m)
{
    return &models[((size_t)(m - models) + 1 + draw(CHAINS - 1)) % CHAINS];
}

static void
do_cut(struct model *m)
{
    struct model *to = draw_other(m);
    size_t n = draw_size(WF_MIN(m->len, MAX_LEN - to->len));
    assert_int_equal(weft_chain_cut(&m->chain, n, &to->chain), 0);
    append_model(to, m->bytes, n);
    drop_model(m, n);
}

static void
do_share(struct model *m)
{
    struct model *to = draw_other(m);
    size_t off = draw_size(m->len);
    size_t n = draw_size(WF_MIN(m->len - off, MAX_LEN - to->len));
    assert_int_equal(weft_chain_share(&m->chain, off, n, &to->chain), 0);
    append_model(to, m->bytes + off, n);
}

static void
do_splice(struct model *m)
{
    struct model *to = draw_other(m);
    if (m->len > MAX_LEN - to->len)
        return;
    weft_chain_splice(&m->chain, &to->chain);
    append_model(to, m->bytes, m->len);
    m->len = 0;
}

static void
do_pull(struct model *m)
{
    size_t n = draw_size(m->len);
    const uint8_t *run = weft_chain_pull(&m->chain, n);
    if (n == 0)
        assert_null(run);
    else
        assert_memory_equal(run, m->bytes, n);
}

static void
do_find(struct model *m)
{
    uint8_t byte = (uint8_t)draw(256);
    size_t from = draw_size(m->len);
    const uint8_t *p = memchr(m->bytes + from, byte, m->len - from);
    size_t want = p ? (size_t)(p - m->bytes) : SIZE_MAX;
    assert_true(weft_chain_find(&m->chain, from, byte) == want);
}

static void
do_copy_out(struct model *m)
{
    size_t off = draw_size(m->len), n = draw_size(MAX_LEN);
    uint8_t *out = malloc(n + 1);
    size_t want = WF_MIN(n, m->len - off);
    assert_int_equal(weft_chain_copy_out(&m->chain, off, out, n), want);
    assert_memory_equal(out, m->bytes + off, want);
    free(out);
}

static void
compare(const struct model *m)
{
    size_t at = 0;
    assert_int_equal(m->chain.len, m->len);
    for (const struct weft_slice *s = m->chain.head; s; s = s->next) {
        assert_true(s->len > 0 && s->len <= m->len - at);
        if (memcmp(s->ptr, m->bytes + at, s->len) != 0)
            fail_msg("bytes differ behind %zu", at);
        at += s->len;
        if (!s->next)
            assert_ptr_equal(m->chain.tail, s);
    }
    assert_int_equal(at, m->len);
}

static void
run(uint64_t first)
{
    static void (*const steps[])(struct model *) = {
        do_append,  do_append, do_append_ref, do_reserve,  do_read, do_read,
        do_compact, do_drop,   do_clear,      do_cut,      do_cut,  do_share,
        do_splice,  do_pull,   do_find,       do_copy_out,
    };
    seed = first;
    for (int i = 0; i < STEPS; i++) {
        steps[draw(sizeof steps / sizeof *steps)](&models[draw(CHAINS)]);
        for (int k = 0; k < CHAINS; k++)
            if (draw(4) == 0)
                compare(&models[k]);
    }
    for (int k = 0; k < CHAINS; k++) {
        compare(&models[k]);
        do_clear(&models[k]);
    }
}

static void
chains_do_as_flat_bytes_do(void **state)
{
    (void)state;
    for (int k = 0; k < CHAINS; k++)
        models[k] = (struct model){.bytes = malloc(MAX_LEN)};
    for (uint64_t s = 1; s <= SEEDS; s++) {
        print_message("seed %d\n", (int)s);
        run(s);
        assert_int_equal(n_made, n_done);
    }
    for (int k = 0; k < CHAINS; k++)
        free(models[k].bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(chains_do_as_flat_bytes_do, balance_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
