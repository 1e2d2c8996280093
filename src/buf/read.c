/* SPDX-License-Identifier: MIT */
/*
 * Decides into which memory the bytes of a socket are read, and where these
 * bytes stay while their message is incomplete.
 *
 * A read usually fills the free part of the thread's read block, after bytes of
 * other sockets: so an idle socket needs no memory for reading. A message that
 * is known to be larger than a block is read into a mapping of its own, where
 * it lies in one run. Pages of this mapping are not touched before bytes
 * arrive, so a length that a peer only announces takes no memory.
 */
#include "buf/buf.h"
#include "buf/cache.h"

#include <errno.h>
#include <string.h>

/* If the read block has less room than this, a new block is used. */
#define LEAST_ROOM ((size_t)4096)
/* One read gets at most so many blocks, not counting the block in which a large
 * message is gathered. */
#define MAX_BLOCKS 4
/* A message is gathered only after so many of its bytes have arrived. */
#define LEAST_GATHERED ((size_t)4096)
#define MOST_COMPACTED ((size_t)12 << 10) /* longer chains stay as they are */

/* Offer the free part of a block to the read, but no more than `left` bytes.
 * The slice for these bytes is made here, so that wf_chain_read_commit cannot
 * fail. Returns how many bytes are offered; 0: the block is full, or there is
 * no memory. */
static size_t
add_block(struct weft_chain *chain, struct wf_read_buffer *buffer,
          struct weft_block *block, size_t left)
{
    size_t n = WF_MIN(block->size - block->used, left);
    uint8_t *at = block->data + block->used;
    struct weft_slice *slice = NULL;
    if (n == 0 || (!wf_chain_continues(chain, block, at) &&
                   !(slice = wf_slice_new(block, at, n))))
        return 0;
    buffer->iov[buffer->n_iov].iov_base = at;
    buffer->iov[buffer->n_iov].iov_len = n;
    buffer->blocks[buffer->n_iov] = block;
    buffer->slices[buffer->n_iov] = slice;
    buffer->n_iov++;
    return n;
}

/* Returns the block of the slice if only this chain appends to the block, and
 * the slice ends where the used part of the block ends; else NULL. */
static struct weft_block *
own_block(const struct weft_slice *slice)
{
    if (!slice || !slice->block->is_private || !wf_block_alone(slice->block))
        return NULL;
    struct weft_block *block = slice->block;
    return slice->ptr + slice->len == block->data + block->used ? block : NULL;
}

/* Move all bytes of the chain to a new block with room for `size` bytes. */
static weft_err
move_to_own(struct weft_chain *chain, size_t size)
{
    struct weft_block *block = wf_block_new(size);
    if (!block)
        return -ENOMEM;
    size_t len = weft_chain_copy_out(chain, 0, block->data, chain->len);
    struct weft_chain moved = {0};
    weft_err err = wf_chain_add(&moved, block, block->data, len);
    if (!err) {
        block->used = len;
        block->is_private = true;
        weft_chain_clear(chain);
        *chain = moved;
    }
    wf_block_unref(block);
    return err;
}

/*
 * Returns the block in which a large message is gathered as one run, or NULL.
 * A chain longer than WF_BLOCK_ROOM is copied to such a block only if at least
 * half of the message is missing. So a message whose size becomes known step by
 * step is not copied at every step.
 */
static struct weft_block *
find_gathering(struct weft_chain *chain, size_t need)
{
    if (need <= WF_BLOCK_ROOM || chain->len >= need)
        return NULL;
    struct weft_block *block = own_block(chain->tail);
    if (block && block->class == WF_BLOCK_EXACT)
        return block;
    if (chain->len < LEAST_GATHERED ||
        (chain->len > WF_BLOCK_ROOM && chain->len > need - chain->len))
        return NULL;
    /* If there is no memory, the message is read into several blocks. */
    return move_to_own(chain, need) ? NULL : chain->tail->block;
}

size_t
wf_chain_read_prepare(struct weft_chain *chain, struct wf_read_buffer *buffer)
{
    buffer->n_iov = 0;
    size_t sum = 0;
    struct weft_block *own = find_gathering(chain, buffer->need);
    if (own)
        sum += add_block(chain, buffer, own, buffer->limit);

    struct wf_buf_cache *cache = wf_buf_cache();
    struct weft_block *block = wf_cache_current(&cache->read, LEAST_ROOM);
    for (int n = 1; block && sum < buffer->limit; n++) {
        size_t room = add_block(chain, buffer, block, buffer->limit - sum);
        if (room == 0 && n > 1) /* no memory for the slice of a new block */
            wf_block_unref(block);
        sum += room;
        if (room == 0 || sum >= buffer->hint || sum == buffer->limit ||
            n == MAX_BLOCKS)
            break;
        block = wf_block_new(WF_BLOCK_ROOM);
    }
    return sum;
}

/* True if the mutant read_loses_bytes is chosen and there is no memory: the
 * mutant then loses the bytes that were read. */
static bool
are_lost(void)
{
    if (!WF_MUTANT(read_loses_bytes))
        return false;
    void *slice = wf_sys_malloc(1);
    wf_sys_free(slice);
    return !slice;
}

/* Append the first `len` bytes that were read into a block. */
static void
take_bytes(struct weft_chain *chain, struct weft_block *block,
           struct weft_slice *slice, size_t len)
{
    block->used += len;
    if (!slice) { /* the bytes follow the last slice */
        chain->tail->len += len;
        chain->len += len;
    } else if (len > 0 && !are_lost()) {
        slice->len = len;
        wf_chain_push(chain, slice);
    } else {
        wf_slice_free(slice);
    }
}

void
wf_chain_read_commit(struct weft_chain *chain, struct wf_read_buffer *buffer,
                     size_t n)
{
    struct wf_buf_cache *cache = wf_buf_cache();
    struct weft_block *read = cache->read;
    for (int i = 0; i < buffer->n_iov; i++) {
        struct weft_block *block = buffer->blocks[i];
        size_t len = WF_MIN(n, buffer->iov[i].iov_len);
        n -= len;
        bool is_new = block != read && !block->is_private;
        take_bytes(chain, block, buffer->slices[i], len);
        if (!is_new)
            continue;
        /* The cache takes over the reference to a new block that got bytes. The
         * last such block stays the thread's read block. */
        if (len > 0) {
            wf_block_unref(cache->read);
            cache->read = block;
        } else {
            wf_block_unref(block);
        }
    }
    buffer->n_iov = 0;
}

/* Copy the bytes of all slices after the first into the block of the first
 * slice. false: nothing was done, because the block has other users or too
 * little room. */
static bool
extend_first(struct weft_chain *chain)
{
    struct weft_slice *head = chain->head;
    struct weft_block *block = own_block(head);
    size_t rest = chain->len - head->len;
    if (!block || block->size - block->used < rest)
        return false;
    uint8_t *to = block->data + block->used;
    weft_chain_copy_out(chain, head->len, to, rest);
    block->used += rest;

    struct weft_chain old = *chain;
    old.head = head->next;
    old.len = rest;
    if (old.head)
        weft_chain_clear(&old);
    head->len += rest;
    head->next = NULL;
    *chain = (struct weft_chain){head, head, head->len};
    return true;
}

weft_err
wf_chain_compact(struct weft_chain *chain)
{
    if (chain->len == 0 || chain->len > MOST_COMPACTED)
        return WEFT_OK;
    if (extend_first(chain))
        return WEFT_OK;
    /* The new block has 512 bytes, 4 KiB or 16 KiB, so a chain that keeps
     * growing is copied at most three times. */
    size_t size = chain->len + chain->len / 4;
    if (wf_chain_pinned(chain) < 2 * wf_block_size_for(size))
        return WEFT_OK;
    return move_to_own(chain, size);
}
