/* SPDX-License-Identifier: MIT */
/*
 * Moves, shares and drops the slices of chains. Also finds bytes in a chain,
 * and copies bytes out of a chain. append.c adds bytes to a chain.
 */
#include "buf/buf.h"
#include "buf/cache.h"

#include <errno.h>
#include <string.h>

bool
wf_chain_continues(const struct weft_chain *chain,
                   const struct weft_block *block, const uint8_t *ptr)
{
    const struct weft_slice *tail = chain->tail;
    return tail && tail->block == block && tail->ptr + tail->len == ptr;
}

bool
wf_chain_lends(const struct weft_chain *chain)
{
    for (const struct weft_slice *s = chain->head; s; s = s->next)
        if (s->block->class == WF_BLOCK_REF && s->block->ref.done)
            return true;
    return false;
}

size_t
wf_chain_pinned(const struct weft_chain *chain)
{
    size_t sum = 0;
    const struct weft_block *last = NULL;
    for (const struct weft_slice *s = chain->head; s; s = s->next) {
        if (s->block != last)
            sum += s->block->size;
        last = s->block;
    }
    return sum;
}

static void
link_slice(struct weft_chain *chain, struct weft_slice *slice)
{
    slice->next = NULL;
    if (chain->tail)
        chain->tail->next = slice;
    else
        chain->head = slice;
    chain->tail = slice;
    chain->len += slice->len;
}

void
wf_chain_push(struct weft_chain *chain, struct weft_slice *slice)
{
    if (!wf_chain_continues(chain, slice->block, slice->ptr)) {
        link_slice(chain, slice);
        return;
    }
    chain->tail->len += slice->len;
    chain->len += slice->len;
    wf_slice_free(slice);
}

weft_err
wf_chain_add(struct weft_chain *chain, struct weft_block *block,
             const uint8_t *ptr, size_t len)
{
    if (len == 0)
        return WEFT_OK;
    if (wf_chain_continues(chain, block, ptr)) {
        chain->tail->len += len;
        chain->len += len;
        return WEFT_OK;
    }
    struct weft_slice *slice = wf_slice_new(block, ptr, len);
    if (!slice)
        return -ENOMEM;
    link_slice(chain, slice);
    return WEFT_OK;
}

/* Remove and return the first slice. */
static struct weft_slice *
unlink_head(struct weft_chain *chain)
{
    struct weft_slice *slice = chain->head;
    chain->head = slice->next;
    if (!chain->head)
        chain->tail = NULL;
    chain->len -= slice->len;
    return slice;
}

void
weft_chain_clear(struct weft_chain *chain)
{
    while (chain->head)
        wf_slice_free(unlink_head(chain));
}

void
weft_chain_drop(struct weft_chain *chain, size_t len)
{
    while (chain->head && len >= chain->head->len) {
        len -= chain->head->len;
        wf_slice_free(unlink_head(chain));
    }
    if (!chain->head)
        return;
    chain->head->ptr += len;
    chain->head->len -= len;
    chain->len -= len;
}

weft_err
weft_chain_cut(struct weft_chain *from, size_t len, struct weft_chain *to)
{
    if (len > from->len)
        return WEFT_ETRUNC;
    /* Make the new slice before anything moves, so that both chains are
     * unchanged if there is no memory for the slice. */
    size_t rest = len;
    struct weft_slice *last = from->head, *part = NULL;
    for (; last && rest >= last->len; last = last->next)
        rest -= last->len;
    if (last && rest > 0 &&
        !(part = wf_slice_new(last->block, last->ptr, rest)))
        return -ENOMEM;

    while (from->head != last)
        wf_chain_push(to, unlink_head(from));
    if (part) {
        wf_chain_push(to, part);
        weft_chain_drop(from, rest);
    }
    return WEFT_OK;
}

weft_err
weft_chain_share(const struct weft_chain *from, size_t off, size_t len,
                 struct weft_chain *to)
{
    if (off > from->len || len > from->len - off)
        return WEFT_ETRUNC;
    struct weft_chain view = {0};
    for (const struct weft_slice *s = from->head; len > 0; s = s->next) {
        if (off >= s->len) {
            off -= s->len;
            continue;
        }
        size_t n = WF_MIN(s->len - off, len);
        weft_err err = wf_chain_add(&view, s->block, s->ptr + off, n);
        if (err) {
            weft_chain_clear(&view);
            return err;
        }
        len -= n;
        off = 0;
    }
    weft_chain_splice(&view, to);
    return WEFT_OK;
}

void
weft_chain_splice(struct weft_chain *from, struct weft_chain *to)
{
    if (!from->head)
        return;
    if (wf_chain_continues(to, from->head->block, from->head->ptr))
        wf_chain_push(to, unlink_head(from));
    if (from->head) {
        if (to->tail)
            to->tail->next = from->head;
        else
            to->head = from->head;
        to->tail = from->tail;
        to->len += from->len;
    }
    *from = (struct weft_chain){0};
}

size_t
weft_chain_copy_out(const struct weft_chain *chain, size_t off, void *dst,
                    size_t len)
{
    uint8_t *at = dst;
    size_t left = len;
    for (const struct weft_slice *s = chain->head; s && left > 0; s = s->next) {
        if (off >= s->len) {
            off -= s->len;
            continue;
        }
        size_t n = WF_MIN(s->len - off, left);
        memcpy(at, s->ptr + off, n);
        at += n;
        left -= n;
        off = 0;
    }
    return len - left;
}

const uint8_t *
weft_chain_pull(struct weft_chain *chain, size_t len)
{
    if (len == 0 || len > chain->len)
        return NULL;
    if (chain->head->len >= len)
        return chain->head->ptr;

    struct weft_block *block = wf_block_new(len);
    if (!block)
        return NULL;
    struct weft_slice *slice = wf_slice_new(block, block->data, len);
    wf_block_unref(block);
    if (!slice)
        return NULL;
    weft_chain_copy_out(chain, 0, block->data, len);
    wf_buf_note_copy(len);
    block->used = len;
    weft_chain_drop(chain, len);
    struct weft_chain rest = *chain;
    *chain = (struct weft_chain){0};
    link_slice(chain, slice);
    weft_chain_splice(&rest, chain);
    return slice->ptr;
}

size_t
weft_chain_find(const struct weft_chain *chain, size_t from, uint8_t byte)
{
    size_t base = 0;
    for (const struct weft_slice *s = chain->head; s; s = s->next) {
        size_t skip = from > base ? from - base : 0;
        if (skip < s->len) {
            const uint8_t *p = memchr(s->ptr + skip, byte, s->len - skip);
            if (p)
                return base + (size_t)(p - s->ptr);
        }
        base += s->len;
    }
    return SIZE_MAX;
}

int
weft_chain_iov(const struct weft_chain *chain, struct iovec *iov, int max)
{
    int n = 0;
    for (const struct weft_slice *s = chain->head; s && n < max; s = s->next) {
        iov[n].iov_base = (void *)(uintptr_t)s->ptr;
        iov[n].iov_len = s->len;
        n++;
    }
    return n;
}
