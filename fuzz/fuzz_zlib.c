/* SPDX-License-Identifier: MIT */
/*
 * Inflates a zlib stream twice: all at once, and in pieces with a small bound.
 * Both must give the same bytes and the same error. The result is deflated and
 * inflated again, and must be unchanged. The first byte of the input chooses
 * the size of the pieces and the bound.
 */
#include "fuzz.h"
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)1 << 20) /* most bytes that are inflated */

static uint64_t seed;

static weft_err
take(struct wf_inflater *inflater, struct weft_chain *in, size_t bound,
     struct weft_chain *out)
{
    weft_err err;
    size_t before;
    do {
        before = out->len;
        err = wf_inflate(inflater, in, out, bound);
        check(out->len - before <= bound);
    } while (!err && out->len - before == bound && out->len < MOST);
    return err;
}

static weft_err
inflate_all(const uint8_t *data, size_t size, size_t piece, size_t bound,
            struct weft_chain *out)
{
    struct wf_inflater *inflater;
    struct weft_chain in = {0};
    weft_err err = wf_inflater_new(&inflater);
    if (err)
        return err; /* built without zlib */
    while (size > 0 && !err && out->len < MOST) {
        size_t n = 1 + draw(&seed, piece);
        n = n < size ? n : size;
        check(!weft_chain_append(&in, data, n));
        err = take(inflater, &in, bound, out);
        data += n;
        size -= n;
    }
    weft_chain_clear(&in);
    wf_inflater_free(inflater);
    return err;
}

static uint8_t *
flat(const struct weft_chain *chain)
{
    uint8_t *bytes = malloc(chain->len + 1);
    check(bytes != NULL);
    check(weft_chain_copy_out(chain, 0, bytes, chain->len) == chain->len);
    return bytes;
}

static void
check_same(const struct weft_chain *a, const struct weft_chain *b)
{
    uint8_t *x = flat(a), *y = flat(b);
    check(a->len == b->len && memcmp(x, y, a->len) == 0);
    free(x);
    free(y);
}

static void
comes_back(const struct weft_chain *plain)
{
    struct wf_deflater *deflater;
    struct weft_chain copy = {0}, packed = {0}, again = {0};
    if (wf_deflater_new(&deflater))
        return;
    check(!weft_chain_share(plain, 0, plain->len, &copy));
    check(!wf_deflate(deflater, &copy, &packed));
    uint8_t *bytes = flat(&packed);
    check(!inflate_all(bytes, packed.len, packed.len, MOST, &again));
    check_same(plain, &again);
    free(bytes);
    weft_chain_clear(&packed);
    weft_chain_clear(&again);
    wf_deflater_free(deflater);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_chain whole = {0}, parts = {0};
    if (size < 2)
        return 0;
    seed = data[0];
    weft_err a = inflate_all(data + 1, size - 1, size, MOST, &whole);
    weft_err b = inflate_all(data + 1, size - 1, 1 + (data[0] & 15),
                             1 + (size_t)(data[0] >> 4) * 40, &parts);
    if (whole.len < MOST && parts.len < MOST) {
        check(a == b);
        check_same(&whole, &parts);
        if (!a)
            comes_back(&whole);
    }
    weft_chain_clear(&whole);
    weft_chain_clear(&parts);
    return 0;
}
