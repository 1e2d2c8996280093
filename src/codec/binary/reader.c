/* SPDX-License-Identifier: MIT */
/*
 * The reading cursor: the functions that step from one run of bytes to the
 * next. A cursor may stand at the end of a run (at == end) while more runs
 * follow; the next read then steps to the next run.
 */
#include "codec/binary/skip.h"

void
weft_reader_init_flat(struct weft_reader *r, const void *ptr, size_t len,
                      struct weft_arena *arena, uint32_t depth)
{
    r->at = len > 0 ? ptr : r->scratch;
    r->end = r->at + len;
    r->more = 0;
    r->slice = NULL;
    r->arena = arena;
    r->depth = WF_MIN(depth ? depth : WEFT_DEPTH, WEFT_DEPTH);
}

void
weft_reader_init(struct weft_reader *r, const struct weft_chain *chain,
                 struct weft_arena *arena, uint32_t depth)
{
    const struct weft_slice *first = chain->head;
    weft_reader_init_flat(r, first ? first->ptr : NULL, first ? first->len : 0,
                          arena, depth);
    r->slice = first;
    r->more = chain->len - (size_t)(r->end - r->at);
}

/* Step to the next run. The caller has read the current run to its end, and
 * r->more > 0. */
static void
step(struct weft_reader *r)
{
    r->slice = r->slice->next;
    r->at = r->slice->ptr;
    r->end = r->at + r->slice->len;
    r->more -= r->slice->len;
}

void
wf_reader_pass(struct weft_reader *r, size_t n)
{
    WF_CHECK(n <= weft_reader_left(r));
    for (size_t run; n > (run = (size_t)(r->end - r->at)); step(r))
        n -= run;
    r->at += n;
}

static void
copy(struct weft_reader *r, uint8_t *dst, size_t len)
{
    for (size_t run; len > (run = (size_t)(r->end - r->at)); step(r)) {
        memcpy(dst, r->at, run);
        dst += run;
        len -= run;
    }
    memcpy(dst, r->at, len);
    r->at += len;
}

weft_err
weft_read_slow(struct weft_reader *r, void *dst, size_t len)
{
    if (weft_reader_left(r) < len)
        return WEFT_ETRUNC;
    copy(r, dst, len);
    return WEFT_OK;
}

const uint8_t *
wf_reader_peek(struct weft_reader *r, size_t n)
{
    if (WEFT_LIKELY((size_t)(r->end - r->at) >= n))
        return r->at;
    if (weft_reader_left(r) < n)
        return NULL;
    if (r->at == r->end) {
        step(r);
        return wf_reader_peek(r, n);
    }
    struct weft_reader ahead = *r;
    copy(&ahead, r->scratch, n);
    return r->scratch;
}

const uint8_t *
weft_read_few_slow(struct weft_reader *r, size_t n)
{
    return weft_read_slow(r, r->scratch, n) ? NULL : r->scratch;
}

weft_err
weft_read_str_slow(struct weft_reader *r, int32_t len, struct weft_str *v)
{
    if (len < 0 || (size_t)len > weft_reader_left(r))
        return WEFT_ESIZE;
    size_t n = (size_t)len;
    if (r->at == r->end && n > 0)
        step(r);
    if ((size_t)(r->end - r->at) >= n) {
        *v = (struct weft_str){(const char *)r->at, (uint32_t)n};
        r->at += n;
        return WEFT_OK;
    }
    uint8_t *bytes = r->arena ? weft_arena_alloc(r->arena, n) : NULL;
    if (!bytes)
        return WEFT_EBUDGET;
    wf_buf_note_copy(n);
    copy(r, bytes, n);
    *v = (struct weft_str){(const char *)bytes, (uint32_t)n};
    return WEFT_OK;
}

void *
weft_read_box(struct weft_reader *r, size_t size)
{
    return r->arena ? weft_arena_zalloc(r->arena, size) : NULL;
}
