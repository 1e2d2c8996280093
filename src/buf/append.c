/* SPDX-License-Identifier: MIT */
/*
 * Adds bytes to a chain. The caller writes the bytes into reserved room, or
 * weft copies the bytes, or the bytes stay in the caller's memory.
 */
#include "buf/buf.h"
#include "buf/cache.h"

#include <errno.h>
#include <string.h>

/* A copy of at most this many bytes is not split over two blocks. */
#define MIN_PIECE ((size_t)512)

/* Give up the cache's reference to the block of a large weft_chain_reserve. */
static void
forget_large(struct wf_buf_cache *cache)
{
    struct weft_block *block = cache->large;
    cache->large = NULL;
    if (block)
        wf_block_unref(block);
}

uint8_t *
weft_chain_reserve(struct weft_chain *chain, size_t len, size_t *room)
{
    (void)chain; /* the room belongs to the thread until the commit */
    if (len == 0 || len > WEFT_RESERVE_MAX)
        return NULL;
    struct wf_buf_cache *cache = wf_buf_cache();
    if (WEFT_UNLIKELY(cache->large != NULL))
        forget_large(cache);
    struct weft_block *block;
    if (WEFT_LIKELY(len <= WF_BLOCK_ROOM))
        block = wf_cache_current(&cache->append, len);
    else
        block = cache->large = wf_block_new(len);
    if (!block)
        return NULL;
    *room = block->size - block->used;
    return block->data + block->used;
}

weft_err
weft_chain_commit(struct weft_chain *chain, uint8_t *ptr, size_t len)
{
    if (len == 0)
        return WEFT_OK;
    struct wf_buf_cache *cache = wf_buf_cache();
    struct weft_block *block = cache->large ? cache->large : cache->append;
    WF_CHECK(block && ptr == block->data + block->used &&
             len <= block->size - block->used);
    weft_err err = wf_chain_add(chain, block, ptr, len);
    if (!err)
        block->used += len;
    if (WEFT_UNLIKELY(cache->large != NULL))
        forget_large(cache);
    return err;
}

/* Copy bytes into the rest of the current block, and then into as many more
 * blocks as needed. */
static weft_err
append_pieces(struct weft_chain *chain, const uint8_t *from, size_t len)
{
    struct weft_chain copy = {0};
    while (len > 0) {
        size_t room;
        uint8_t *to = weft_chain_reserve(&copy, 1, &room);
        size_t n = WF_MIN(len, to ? room : 0);
        if (n > 0)
            memcpy(to, from, n);
        if (!to || weft_chain_commit(&copy, to, n)) {
            weft_chain_clear(&copy);
            return -ENOMEM;
        }
        from += n;
        len -= n;
    }
    weft_chain_splice(&copy, chain);
    return WEFT_OK;
}

weft_err
weft_chain_append(struct weft_chain *chain, const void *ptr, size_t len)
{
    if (len == 0)
        return WEFT_OK;
    wf_buf_note_copy(len);
    size_t room;
    uint8_t *to = weft_chain_reserve(chain, WF_MIN(len, MIN_PIECE), &room);
    if (!to)
        return -ENOMEM;
    if (room < len)
        return append_pieces(chain, ptr, len);
    memcpy(to, ptr, len);
    return weft_chain_commit(chain, to, len);
}

weft_err
weft_chain_append_ref(struct weft_chain *chain, const void *ptr, size_t len,
                      void (*done)(void *arg), void *arg)
{
    if (len == 0) {
        if (done)
            done(arg);
        return WEFT_OK;
    }
    struct weft_block *block = wf_block_wrap(ptr, len);
    if (!block)
        return -ENOMEM;
    weft_err err = wf_chain_add(chain, block, ptr, len);
    if (!err) {
        block->ref.done = done;
        block->ref.arg = arg;
    }
    wf_block_unref(block);
    return err;
}
