/* SPDX-License-Identifier: MIT */
/*
 * The module header of buf: what other folders may use beyond <weft/buf.h>.
 *
 *   block.c     blocks: memory with a reference count
 *   cache.h     the blocks and slices that a thread keeps
 *   chain.c     moves, shares and drops slices; finds and copies out bytes
 *   append.c    adds bytes to a chain
 *   read.c      reads the bytes of a socket into a chain
 *
 * Each thread has one block into which its appends copy bytes, and one block
 * into which its reads put bytes. Only the thread itself writes to the free
 * parts of these two blocks. When the last slice of such a block is freed, the
 * thread can fill the block from the start again. Neighbouring slices of a
 * chain are merged if their bytes are adjacent in one block.
 */
#ifndef WEFT_BUF_BUF_H
#define WEFT_BUF_BUF_H

#include <weft/buf.h>

#include "base/base.h"

/* ---- blocks ---- */

/* The kinds of blocks. The sizes include the block's head. */
enum wf_block_class {
    WF_BLOCK_REF, /* only a head; the bytes are the user's */
    WF_BLOCK_512,
    WF_BLOCK_4K,
    WF_BLOCK_16K,
    WF_BLOCK_64K,
    WF_BLOCK_EXACT, /* larger blocks, each with a mapping of its own */
    WF_BLOCK_CLASSES,
};

/* Bytes of a block's head. The block's data follow, except in a
 * WF_BLOCK_REF. */
#define WF_BLOCK_HEAD ((size_t)64)

/* Room for data in a WF_BLOCK_64K, the largest block of a fixed size. */
#define WF_BLOCK_ROOM (((size_t)64 << 10) - WF_BLOCK_HEAD)

struct weft_block {
    _Atomic uint32_t refs;
    uint8_t class;   /* enum wf_block_class */
    bool is_private; /* the bytes of only one chain are put into the block */
    uint8_t *data;
    size_t size;  /* bytes at `data` */
    size_t total; /* bytes allocated, the head included */
    size_t used;  /* filled bytes; set only by the thread that fills them */
    union {
        struct weft_block *next; /* the next block in a cache */
        struct {
            void (*done)(void *arg); /* may be NULL */
            void *arg;
        } ref; /* fields of a WF_BLOCK_REF */
    };
};

/* Get a block with one reference and room for at least `size` bytes. NULL: no
 * memory. */
struct weft_block *wf_block_new(size_t size) WEFT_CHECKED;

/* Free a block whose last reference was given up. Called by wf_block_unref. */
void wf_block_free(struct weft_block *block);

static inline void
wf_block_ref(struct weft_block *block)
{
    /* relaxed: the caller's own reference keeps the block alive */
    wf_add(&block->refs, 1, relaxed);
}

/* True if the caller holds the only reference. */
static inline bool
wf_block_alone(const struct weft_block *block)
{
    /* acquire: pairs with the release in the wf_block_unref of other threads,
     * so that other threads have read the bytes before the caller changes the
     * block */
    return wf_load(&block->refs, acquire) == 1;
}

static inline void
wf_block_unref(struct weft_block *block)
{
    if (wf_block_alone(block) || WF_MUTANT(block_freed_early) ||
        wf_sub(&block->refs, 1, acq_rel) == 1)
        wf_block_free(block);
}

/* ---- chains ---- */

/* Append bytes of a block without a copy. The bytes extend the chain's last
 * slice, or get a new slice, which holds one more reference to the block.
 * Returns 0 or -ENOMEM; after -ENOMEM nothing was appended. */
weft_err wf_chain_add(struct weft_chain *chain, struct weft_block *block,
                      const uint8_t *ptr, size_t len) WEFT_CHECKED;

/* ---- reading from a socket ---- */

#define WF_READ_MAX 5

/*
 * Where the next read of a socket puts its bytes. The caller sets `need`,
 * `hint` and `limit`, calls wf_chain_read_prepare, reads into `iov`, and calls
 * wf_chain_read_commit. Between the prepare and the commit the caller must not
 * wait, and must not prepare another read on this thread.
 */
struct wf_read_buffer {
    /* The message is incomplete until the chain has `need` bytes; 0: unknown.
     * If `need` is above WF_BLOCK_ROOM, the message is read into one run. */
    size_t need;
    size_t hint;  /* bytes that the socket probably has; 0: unknown */
    size_t limit; /* read at most so many bytes */
    struct iovec iov[WF_READ_MAX]; /* filled by wf_chain_read_prepare */
    int n_iov;
    /* Private to read.c; entry i belongs to iov[i]. slices[i] is NULL if the
     * bytes of iov[i] follow the chain's last slice. */
    struct weft_block *blocks[WF_READ_MAX];
    struct weft_slice *slices[WF_READ_MAX];
};

/* Returns the size of all blocks that the chain keeps from being freed. A block
 * that several chains share counts in full for each chain. A block counts again
 * if slices of other blocks lie between its slices. */
size_t wf_chain_pinned(const struct weft_chain *chain);

/* True if the chain holds bytes that were appended by reference with a `done`
 * function. */
bool wf_chain_lends(const struct weft_chain *chain);

/* Set `iov` to the memory for the next read. Returns how many bytes may be
 * read; 0: no memory, or `limit` is 0. The caller must call
 * wf_chain_read_commit in every case. */
size_t wf_chain_read_prepare(struct weft_chain *chain,
                             struct wf_read_buffer *buffer);

/* Append the first `n` bytes that were read into `iov`; `n` is 0 after a failed
 * read. The commit cannot fail, because wf_chain_read_prepare has allocated the
 * slices for these bytes. */
void wf_chain_read_commit(struct weft_chain *chain,
                          struct wf_read_buffer *buffer, size_t n);

/*
 * Save memory while the rest of a message is missing. If the bytes of the chain
 * keep much larger blocks in use, move these bytes to a block of about their
 * size. A message that arrives byte by byte is copied a bounded number of
 * times. -ENOMEM: the chain is unchanged, and still valid.
 */
weft_err wf_chain_compact(struct weft_chain *chain);

/* ---- figures ---- */

struct wf_buf_stats {
    size_t blocks[WF_BLOCK_CLASSES]; /* those in use plus those cached */
    size_t bytes;                    /* size of these blocks, heads included */
    size_t slices;                   /* those in use plus those cached */
    uint64_t large_copies;           /* copies of WF_LARGE_COPY bytes or more */
};

/* Copies of this many bytes or more are counted. */
#define WF_LARGE_COPY ((size_t)4096)

/* Any thread may call this function. The figures are exact only while no other
 * thread uses buf. */
void wf_buf_stats(struct wf_buf_stats *stats);

/* Count a copy of `len` bytes if `len` is at least WF_LARGE_COPY. */
void wf_buf_note_copy(size_t len);

/* Free the blocks and slices in this thread's cache. */
void wf_buf_cache_trim(void);

#endif
