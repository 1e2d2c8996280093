/* SPDX-License-Identifier: MIT */
/*
 * The cache of a thread: its two current blocks, and free blocks and slices.
 * Private to buf.
 *
 * A fiber may continue on another thread after it has waited, so the address
 * that wf_buf_cache() returns is never used after a call that may wait. The
 * only such call in buf is the user's `done` function (weft_chain_append_ref),
 * which buf calls last.
 */
#ifndef WEFT_BUF_CACHE_H
#define WEFT_BUF_CACHE_H

#include "buf/buf.h"

struct wf_buf_cache {
    /* `append` and `read` hold a reference each, or are NULL. */
    struct weft_block *append;
    struct weft_block *read;
    /* weft_chain_reserve uses this block for more than WF_BLOCK_ROOM bytes. */
    struct weft_block *large;
    struct weft_slice *slices;
    struct weft_block *blocks[WF_BLOCK_CLASSES]; /* free blocks, newest first */
    uint32_t n_slices;
    uint16_t n_blocks[WF_BLOCK_EXACT];
    /* This thread has set weft's pthread key, or weft got no key. */
    bool enrolled;
};

/* Returns the cache of the calling thread. */
struct wf_buf_cache *wf_buf_cache(void);

/* Returns the current block at *place, with at least `least` free bytes after
 * `used`. The function may replace the block by a new one, or reuse the whole
 * block. NULL: no memory. */
struct weft_block *wf_cache_current(struct weft_block **place, size_t least);

/* Make a slice of the `len` bytes at `ptr`, with one more reference to the
 * block. NULL: no memory. */
struct weft_slice *wf_slice_new(struct weft_block *block, const uint8_t *ptr,
                                size_t len);

/* Free a slice and give up its reference. */
void wf_slice_free(struct weft_slice *slice);

/* True if `ptr` points into the block, directly after the bytes of the chain's
 * last slice. */
bool wf_chain_continues(const struct weft_chain *chain,
                        const struct weft_block *block, const uint8_t *ptr);

/* Append a slice, or merge the slice into the last one of the chain. The chain
 * then owns the slice. */
void wf_chain_push(struct weft_chain *chain, struct weft_slice *slice);

/* Allocate and free a block, without the cache. */
struct weft_block *wf_block_make(enum wf_block_class class, size_t size);
void wf_block_release(struct weft_block *block);

/* Allocate and free a slice, without the cache. */
struct weft_slice *wf_slice_make(void);
void wf_slice_release(struct weft_slice *slice);

/* wf_block_class_of returns the smallest class with room for `size` bytes;
 * wf_block_size_for returns how many bytes fit in a block of this class. */
enum wf_block_class wf_block_class_of(size_t size);
size_t wf_block_size_for(size_t size);

/* Make a block whose data are the caller's bytes, with one reference and
 * without a `done` function. NULL: no memory. */
struct weft_block *wf_block_wrap(const void *ptr, size_t len);

#endif
