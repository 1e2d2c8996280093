/* SPDX-License-Identifier: MIT */
/*
 * The module header of buf: what <weft/buf.h> leaves out.
 *
 *   block.c     blocks: memory with a reference count
 *   cache.h     the blocks and slices that a thread keeps
 *   chain.c     slices: moved, shared, dropped, found, copied out
 *   append.c    how bytes come into a chain
 *   read.c      how the bytes of a socket come into a chain
 *
 * Each thread has one block to which its chains append and one into which it
 * reads. Only this thread writes to their free part; when no slice holds a
 * reference to such a block any more, the thread fills it from the start again.
 * Slices of a
 * chain that are adjacent in a block are merged.
 */
#ifndef WEFT_BUF_BUF_H
#define WEFT_BUF_BUF_H

#include <weft/buf.h>

#include "base/base.h"

/* ---- blocks ---- */

/* What a block is made of. The sizes count the block's head. */
enum wf_block_class {
    WF_BLOCK_REF, /* a head alone; the bytes are somebody else's */
    WF_BLOCK_512,
    WF_BLOCK_4K,
    WF_BLOCK_16K,
    WF_BLOCK_64K,
    WF_BLOCK_EXACT, /* larger ones, a mapping each */
    WF_BLOCK_CLASSES,
};

/* Bytes in front of the data of a block that has its own. */
#define WF_BLOCK_HEAD ((size_t)64)

/* Bytes that the largest block of a fixed size holds. */
#define WF_BLOCK_ROOM (((size_t)64 << 10) - WF_BLOCK_HEAD)

struct weft_block {
    _Atomic uint32_t refs;
    uint8_t class;   /* enum wf_block_class */
    bool is_private; /* one chain fills it: that whose slice ends at `used` */
    uint8_t *data;
    size_t size;  /* bytes at data */
    size_t total; /* bytes allocated, the head included */
    size_t used;  /* bytes that slices show; written only by whoever fills it */
    union {
        struct weft_block *next; /* in a cache */
        struct {
            void (*done)(void *arg); /* may be NULL */
            void *arg;
        } ref; /* of WF_BLOCK_REF */
    };
};

/* A block with room for size bytes or more, and one reference; NULL: no
 * memory. */
struct weft_block *wf_block_new(size_t size) WEFT_CHECKED;

/* Free a block whose last reference was given up. For wf_block_unref. */
void wf_block_free(struct weft_block *block);

static inline void
wf_block_ref(struct weft_block *block)
{
    /* relaxed: the caller's own reference keeps the block alive */
    wf_add(&block->refs, 1, relaxed);
}

/* Does the caller hold the only reference? */
static inline bool
wf_block_alone(const struct weft_block *block)
{
    /* acquire: pairs with the release in wf_block_unref of the others, so that
     * what they read is read before the bytes change */
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

/* Append a view of bytes in a block, which gets one more reference. 0 or
 * -ENOMEM: nothing was appended. */
weft_err wf_chain_add(struct weft_chain *chain, struct weft_block *block,
                      const uint8_t *ptr, size_t len) WEFT_CHECKED;

/* ---- reading from a socket ---- */

#define WF_READ_MAX 5

/*
 * Where the next read of a socket goes. Set need, hint and limit, prepare, read
 * into iov, commit; between prepare and commit nothing may wait, and no other
 * read may be prepared on the thread.
 */
struct wf_read_buffer {
    size_t need;  /* bytes that the chain will have when its message is whole,
                     at least; 0: unknown. Above WF_BLOCK_ROOM the message is
                     gathered in one run */
    size_t hint;  /* bytes that are likely there; 0: unknown */
    size_t limit; /* never read more bytes than this */
    struct iovec iov[WF_READ_MAX]; /* filled by prepare */
    int n_iov;
    /* private, of each iov; slice NULL: it follows the chain's last slice */
    struct weft_block *blocks[WF_READ_MAX];
    struct weft_slice *slices[WF_READ_MAX];
};

/* Bytes of the blocks that the chain keeps from being freed. A block that
 * several chains share counts in full for each of them. */
size_t wf_chain_pinned(const struct weft_chain *chain);

/* Does the chain have bytes by reference with a done function? */
bool wf_chain_lends(const struct weft_chain *chain);

/* Returns the bytes of room, 0 if there is no memory or limit is 0. The caller
 * must commit in every case. */
size_t wf_chain_read_prepare(struct weft_chain *chain,
                             struct wf_read_buffer *buffer);

/* Append the first n bytes of the room, 0 after a failed read. It cannot fail,
 * since what it needs was allocated by prepare. */
void wf_chain_read_commit(struct weft_chain *chain,
                          struct wf_read_buffer *buffer, size_t n);

/*
 * For a chain with a part of a message that will not grow for some time. If the
 * part keeps a much larger block busy, move it to a block of its own size. A
 * message that comes byte by byte is copied a bounded number of times.
 * -ENOMEM: the chain is as before, which is no harm.
 */
weft_err wf_chain_compact(struct weft_chain *chain);

/* ---- figures ---- */

struct wf_buf_stats {
    size_t blocks[WF_BLOCK_CLASSES]; /* allocated, in use or cached */
    size_t bytes;                    /* of them, heads included */
    size_t slices;                   /* allocated, in use or cached */
    uint64_t large_copies; /* of WF_LARGE_COPY bytes or more, since the start */
};

/* Copies of that many bytes or more are counted. */
#define WF_LARGE_COPY ((size_t)4096)

/* Any thread; exact while the others are quiet. */
void wf_buf_stats(struct wf_buf_stats *stats);

/* Count a copy of that many bytes if it is a large one. */
void wf_buf_note_copy(size_t len);

/* Free what this thread's cache holds. */
void wf_buf_cache_trim(void);

#endif
