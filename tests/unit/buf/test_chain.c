/* SPDX-License-Identifier: MIT */
#include "buf/buf.h"
#include "unit/buf/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ASSERT_BYTES(chain, text) assert_bytes(chain, text, sizeof(text) - 1)

static void
assert_bytes(const struct weft_chain *chain, const void *bytes, size_t len)
{
    static uint8_t got[1 << 20];
    assert_int_equal(chain->len, len);
    size_t sum = 0;
    const struct weft_slice *last = NULL;
    for (const struct weft_slice *s = chain->head; s; s = s->next) {
        assert_true(s->len > 0);
        sum += s->len;
        last = s;
    }
    assert_int_equal(sum, len);
    assert_ptr_equal(chain->tail, last);
    assert_int_equal(weft_chain_copy_out(chain, 0, got, sizeof got), len);
    assert_memory_equal(got, bytes, len);
}

static size_t
count_slices(const struct weft_chain *chain)
{
    size_t n = 0;
    for (const struct weft_slice *s = chain->head; s; s = s->next)
        n++;
    return n;
}

/* Make a chain with one slice for each part of the text; bars separate the
 * parts. */
static void
make(struct weft_chain *chain, const char *text)
{
    *chain = (struct weft_chain){0};
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = strchrnul(text, '|');
        assert_int_equal(weft_chain_append_ref(
                             chain, text, (size_t)(end - text), NULL, NULL),
                         0);
    }
}

static void
an_empty_chain_is_all_zero(void **state)
{
    (void)state;
    struct weft_chain a = {0}, b = {0};
    struct iovec iov[1];
    uint8_t byte;
    weft_chain_clear(&a);
    weft_chain_drop(&a, 10);
    weft_chain_splice(&a, &b);
    assert_int_equal(weft_chain_append(&a, NULL, 0), 0);
    assert_int_equal(weft_chain_append_ref(&a, NULL, 0, NULL, NULL), 0);
    assert_int_equal(weft_chain_cut(&a, 0, &b), 0);
    assert_int_equal(weft_chain_cut(&a, 1, &b), WEFT_ETRUNC);
    assert_int_equal(weft_chain_share(&a, 0, 0, &b), 0);
    assert_int_equal(weft_chain_share(&a, 0, 1, &b), WEFT_ETRUNC);
    assert_int_equal(weft_chain_copy_out(&a, 0, &byte, 1), 0);
    assert_null(weft_chain_pull(&a, 0));
    assert_null(weft_chain_pull(&a, 1));
    assert_true(weft_chain_find(&a, 0, 'x') == SIZE_MAX);
    assert_int_equal(weft_chain_iov(&a, iov, 1), 0);
    assert_int_equal(a.len + b.len, 0);
    assert_null(a.head);
    assert_null(b.tail);
}

static void
appended_bytes_merge_into_one_slice(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    assert_int_equal(weft_chain_append(&c, "hello", 5), 0);
    assert_int_equal(weft_chain_append(&c, ", ", 2), 0);
    assert_int_equal(weft_chain_append(&c, "world", 5), 0);
    ASSERT_BYTES(&c, "hello, world");
    assert_int_equal(count_slices(&c), 1);
    weft_chain_clear(&c);
    ASSERT_BYTES(&c, "");
}

static void
a_large_append_goes_over_several_blocks(void **state)
{
    (void)state;
    enum { N = 300000 };
    uint8_t *bytes = malloc(N);
    for (size_t i = 0; i < N; i++)
        bytes[i] = (uint8_t)(i * 7 >> 3);
    struct weft_chain c = {0};
    assert_int_equal(weft_chain_append(&c, bytes, N), 0);
    assert_bytes(&c, bytes, N);
    assert_true(count_slices(&c) > 1);
    weft_chain_clear(&c);
    free(bytes);
}

static void
reserved_room_is_committed_or_forgotten(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    size_t room;
    uint8_t *at = weft_chain_reserve(&c, 100, &room);
    assert_non_null(at);
    assert_true(room >= 100);
    memcpy(at, "lost", 4);
    at = weft_chain_reserve(&c, 10, &room);
    memcpy(at, "kept", 4);
    assert_int_equal(weft_chain_commit(&c, at, 4), 0);
    at = weft_chain_reserve(&c, 10, &room);
    assert_int_equal(weft_chain_commit(&c, at, 0), 0);
    ASSERT_BYTES(&c, "kept");
    assert_null(weft_chain_reserve(&c, 0, &room));
    assert_null(weft_chain_reserve(&c, WEFT_RESERVE_MAX + 1, &room));
    weft_chain_clear(&c);
}

static void
a_large_reserve_has_a_block_of_its_own(void **state)
{
    (void)state;
    struct weft_chain c = {0};
    size_t room;
    assert_int_equal(weft_chain_append(&c, "<", 1), 0);
    assert_non_null(weft_chain_reserve(&c, WEFT_RESERVE_MAX, &room));
    uint8_t *at = weft_chain_reserve(&c, 100000, &room);
    assert_non_null(at);
    assert_true(room >= 100000);
    memset(at, 'x', 100000);
    assert_int_equal(weft_chain_commit(&c, at, 100000), 0);
    assert_int_equal(weft_chain_append(&c, ">", 1), 0);
    assert_int_equal(c.len, 100002);
    assert_int_equal(weft_chain_find(&c, 1, '>'), 100001);
    assert_int_equal(c.head->next->len, 100000);
    weft_chain_clear(&c);
}

static int n_done;

static void
count_done(void *arg)
{
    (void)arg;
    n_done++;
}

static void
foreign_bytes_are_given_back_once(void **state)
{
    (void)state;
    struct weft_chain a = {0}, b = {0};
    n_done = 0;
    assert_int_equal(weft_chain_append_ref(&a, "foreign", 7, count_done, &a),
                     0);
    assert_int_equal(weft_chain_share(&a, 2, 3, &b), 0);
    weft_chain_clear(&a);
    assert_int_equal(n_done, 0);
    ASSERT_BYTES(&b, "rei");
    weft_chain_drop(&b, 2);
    assert_int_equal(n_done, 0);
    weft_chain_drop(&b, 1);
    assert_int_equal(n_done, 1);
    assert_int_equal(weft_chain_append_ref(&a, "x", 0, count_done, &a), 0);
    assert_int_equal(n_done, 2);
    assert_int_equal(a.len, 0);
}

/* A chain lends only bytes by reference that have a done function. */
static void
what_is_lent_is_known(void **state)
{
    (void)state;
    struct weft_chain c = {0}, copy = {0};
    assert_false(wf_chain_lends(&c));
    assert_int_equal(weft_chain_append(&c, "own", 3), 0);
    assert_false(wf_chain_lends(&c));
    assert_int_equal(weft_chain_append_ref(&c, "for ever", 8, NULL, NULL), 0);
    assert_false(wf_chain_lends(&c));
    assert_int_equal(weft_chain_append_ref(&c, "lent", 4, count_done, &c), 0);
    assert_true(wf_chain_lends(&c));
    assert_int_equal(weft_chain_cut(&c, 11, &copy), 0);
    assert_false(wf_chain_lends(&copy));
    assert_true(wf_chain_lends(&c));
    weft_chain_clear(&copy);
    weft_chain_clear(&c);
}

/* Each block counts once, however many slices show parts of it. */
static void
what_is_pinned_is_counted(void **state)
{
    (void)state;
    static uint8_t bytes[100];
    struct weft_chain c = {0}, parts = {0};
    assert_int_equal(wf_chain_pinned(&c), 0);
    assert_int_equal(weft_chain_append(&c, "abcdef", 6), 0);
    assert_int_equal(wf_chain_pinned(&c), WF_BLOCK_ROOM);
    assert_int_equal(weft_chain_share(&c, 0, 1, &parts), 0);
    assert_int_equal(weft_chain_share(&c, 2, 1, &parts), 0);
    assert_int_equal(weft_chain_share(&c, 4, 1, &parts), 0);
    assert_int_equal(count_slices(&parts), 3);
    assert_int_equal(wf_chain_pinned(&parts), WF_BLOCK_ROOM);
    assert_int_equal(weft_chain_append_ref(&parts, bytes, 100, NULL, NULL), 0);
    assert_int_equal(wf_chain_pinned(&parts), WF_BLOCK_ROOM + 100);
    weft_chain_clear(&parts);
    weft_chain_clear(&c);
}

static void
cut_moves_the_front(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 9; n++) {
        struct weft_chain from, to = {0};
        make(&from, "abc|def|ghi");
        assert_int_equal(weft_chain_append(&to, "<", 1), 0);
        assert_int_equal(weft_chain_cut(&from, n, &to), 0);
        assert_bytes(&from, &"abcdefghi"[n], 9 - n);
        assert_int_equal(to.len, n + 1);
        weft_chain_drop(&to, 1);
        assert_bytes(&to, "abcdefghi", n);
        weft_chain_splice(&from, &to);
        ASSERT_BYTES(&to, "abcdefghi");
        weft_chain_clear(&to);
    }
    struct weft_chain from, to = {0};
    make(&from, "abc");
    assert_int_equal(weft_chain_cut(&from, 4, &to), WEFT_ETRUNC);
    ASSERT_BYTES(&from, "abc");
    ASSERT_BYTES(&to, "");
    weft_chain_clear(&from);
}

static void
what_was_cut_merges_again(void **state)
{
    (void)state;
    struct weft_chain from = {0}, to = {0};
    assert_int_equal(weft_chain_append(&from, "abcdef", 6), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(weft_chain_cut(&from, 1, &to), 0);
    ASSERT_BYTES(&to, "abcdef");
    assert_int_equal(count_slices(&to), 1);
    assert_int_equal(weft_chain_cut(&to, 3, &from), 0);
    weft_chain_splice(&to, &from);
    assert_int_equal(count_slices(&from), 1);
    ASSERT_BYTES(&from, "abcdef");
    weft_chain_clear(&from);
}

static void
share_shows_every_range(void **state)
{
    (void)state;
    struct weft_chain from;
    make(&from, "ab|cdef|g");
    for (size_t off = 0; off <= 7; off++)
        for (size_t len = 0; off + len <= 7; len++) {
            struct weft_chain to = {0};
            assert_int_equal(weft_chain_share(&from, off, len, &to), 0);
            assert_bytes(&to, &"abcdefg"[off], len);
            weft_chain_clear(&to);
        }
    struct weft_chain to = {0};
    assert_int_equal(weft_chain_share(&from, 8, 0, &to), WEFT_ETRUNC);
    assert_int_equal(weft_chain_share(&from, 3, 5, &to), WEFT_ETRUNC);
    assert_int_equal(weft_chain_share(&from, 1, SIZE_MAX, &to), WEFT_ETRUNC);
    ASSERT_BYTES(&from, "abcdefg");
    weft_chain_clear(&from);
}

static void
drop_forgets_the_front(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 10; n++) {
        struct weft_chain c;
        make(&c, "ab|cde|fgh");
        weft_chain_drop(&c, n);
        assert_bytes(&c, &"abcdefgh"[n < 8 ? n : 8], n < 8 ? 8 - n : 0);
        weft_chain_clear(&c);
    }
}

static void
pull_makes_one_run(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 8; n++) {
        struct weft_chain c;
        make(&c, "ab|cde|fgh");
        const uint8_t *first = c.head->ptr;
        const uint8_t *run = weft_chain_pull(&c, n);
        assert_non_null(run);
        assert_int_equal(run == first, n <= 2);
        assert_memory_equal(run, "abcdefgh", n);
        assert_ptr_equal(run, c.head->ptr);
        assert_true(c.head->len >= n);
        ASSERT_BYTES(&c, "abcdefgh");
        assert_null(weft_chain_pull(&c, 9));
        weft_chain_clear(&c);
    }
    struct weft_chain c; /* a single run is never copied */
    make(&c, "abc");
    const uint8_t *only = c.head->ptr;
    assert_ptr_equal(weft_chain_pull(&c, 3), only);
    assert_ptr_equal(c.head->ptr, only);
    weft_chain_clear(&c);
}

static void
find_looks_from_an_offset(void **state)
{
    (void)state;
    struct weft_chain c;
    make(&c, "a.|b|.c");
    assert_int_equal(weft_chain_find(&c, 0, 'a'), 0);
    assert_int_equal(weft_chain_find(&c, 0, '.'), 1);
    assert_int_equal(weft_chain_find(&c, 1, '.'), 1);
    assert_int_equal(weft_chain_find(&c, 2, '.'), 3);
    assert_int_equal(weft_chain_find(&c, 0, 'c'), 4);
    assert_true(weft_chain_find(&c, 1, 'a') == SIZE_MAX);
    assert_true(weft_chain_find(&c, 5, 'c') == SIZE_MAX);
    assert_true(weft_chain_find(&c, SIZE_MAX, 'c') == SIZE_MAX);
    weft_chain_clear(&c);
}

static void
vectors_show_the_slices(void **state)
{
    (void)state;
    struct weft_chain c;
    struct iovec iov[4];
    make(&c, "ab|cde|f");
    assert_int_equal(weft_chain_iov(&c, iov, 4), 3);
    assert_int_equal(iov[1].iov_len, 3);
    assert_memory_equal(iov[1].iov_base, "cde", 3);
    assert_int_equal(weft_chain_iov(&c, iov, 2), 2);
    assert_int_equal(weft_chain_iov(&c, iov, 0), 0);
    weft_chain_clear(&c);
}

static void
copy_out_takes_any_range(void **state)
{
    (void)state;
    struct weft_chain c;
    char out[8];
    make(&c, "ab|cde|f");
    assert_int_equal(weft_chain_copy_out(&c, 1, out, 4), 4);
    assert_memory_equal(out, "bcde", 4);
    assert_int_equal(weft_chain_copy_out(&c, 4, out, 8), 2);
    assert_memory_equal(out, "ef", 2);
    assert_int_equal(weft_chain_copy_out(&c, 6, out, 8), 0);
    assert_int_equal(weft_chain_copy_out(&c, SIZE_MAX, out, 8), 0);
    weft_chain_clear(&c);
}

#define BALANCED(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BALANCED(an_empty_chain_is_all_zero),
        BALANCED(appended_bytes_merge_into_one_slice),
        BALANCED(a_large_append_goes_over_several_blocks),
        BALANCED(reserved_room_is_committed_or_forgotten),
        BALANCED(a_large_reserve_has_a_block_of_its_own),
        BALANCED(foreign_bytes_are_given_back_once),
        BALANCED(what_is_lent_is_known),
        BALANCED(what_is_pinned_is_counted),
        BALANCED(cut_moves_the_front),
        BALANCED(what_was_cut_merges_again),
        BALANCED(share_shows_every_range),
        BALANCED(drop_forgets_the_front),
        BALANCED(pull_makes_one_run),
        BALANCED(find_looks_from_an_offset),
        BALANCED(vectors_show_the_slices),
        BALANCED(copy_out_takes_any_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
