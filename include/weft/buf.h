/* SPDX-License-Identifier: MIT */
/*
 * weft/buf.h: bytes in linked blocks, moved and shared without copying.
 *
 * A block is reference-counted memory; a slice is a run of bytes in one block;
 * a chain is a list of slices. Cut and splice move slices, share adds
 * references. Bytes of a block never change after a slice points to them.
 *
 *   chain -> slice [ptr, len) -> slice [ptr, len) -> ...
 *              |                    |
 *            block (refs 2)       block (refs 1)
 *
 * A chain belongs to one fiber or thread at a time; blocks are shared freely.
 * A chain that is all zero is empty and valid.
 */
#ifndef WEFT_BUF_H
#define WEFT_BUF_H

#include <weft/base.h>

#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_block; /* opaque; see src/buf/block.c */

/** A run of bytes in one block. Only weft writes the fields. */
struct weft_slice {
    struct weft_slice *next;
    const uint8_t *ptr;
    size_t len;               /* > 0 */
    struct weft_block *block; /* the slice holds a reference */
};

/** A list of slices. Only weft writes the fields. */
struct weft_chain {
    struct weft_slice *head, *tail;
    size_t len; /* bytes of all slices */
};

/**
 * Release every slice; the chain is empty and valid afterwards.
 *
 * Owner    the reference of each slice is given up
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_chain_clear(struct weft_chain *chain);

/**
 * Append a copy of bytes.
 *
 * Shape    len bytes at ptr, 0 is legal
 * Owner    ptr is borrowed for the call
 * Blocks   never     Thread  one at a time
 * Errors   -ENOMEM: nothing was appended
 */
WEFT_API weft_err weft_chain_append(struct weft_chain *chain, const void *ptr,
                                    size_t len) WEFT_CHECKED;

/**
 * Append bytes without copying them.
 *
 * Shape    len bytes at ptr, 0 is legal
 * Owner    ptr is taken on success: the bytes must not change until weft calls
 *          done(arg), once and on any thread, after the last reference to the
 *          bytes is given up (if len is 0, before the return). done may be NULL
 *          for static memory. If done waits, the call that has given up the
 *          last reference, such as weft_chain_clear, waits, too. On error ptr
 *          stays the caller's
 * Blocks   never     Thread  one at a time
 * Errors   -ENOMEM: nothing was appended and done will not be called
 */
WEFT_API weft_err weft_chain_append_ref(struct weft_chain *chain,
                                        const void *ptr, size_t len,
                                        void (*done)(void *arg), void *arg)
    WEFT_CHECKED;

/**
 * Get room for at least len bytes in one run. The caller writes to the room and
 * then commits it. A second reserve before the commit gives up the first room.
 *
 * Shape    len bytes, 1..WEFT_RESERVE_MAX; *room gets the size of the room
 * Owner    the room is the chain's; valid until this thread's next call on any
 *          chain, or a call that waits
 * Blocks   never     Thread  one at a time
 * Errors   NULL: no memory, or len is out of range
 */
WEFT_API uint8_t *weft_chain_reserve(struct weft_chain *chain, size_t len,
                                     size_t *room) WEFT_CHECKED;

/** The largest len of weft_chain_reserve, in bytes: 16 MiB. */
#define WEFT_RESERVE_MAX ((size_t)16 << 20)

/**
 * Append the first len bytes of the room that reserve returned.
 *
 * Shape    ptr is what reserve returned; 0 <= len <= its room
 * Owner    the bytes are the chain's and must not change any more
 * Blocks   never     Thread  the one that called reserve
 * Errors   -ENOMEM: nothing was appended. If ptr is not the latest room of this
 *          thread, or len is larger than it, the process aborts
 */
WEFT_API weft_err weft_chain_commit(struct weft_chain *chain, uint8_t *ptr,
                                    size_t len) WEFT_CHECKED;

/**
 * Move the first len bytes of `from` to the end of `to`, without copying.
 *
 * Shape    len <= from->len
 * Owner    slices and references move
 * Blocks   never     Thread  one at a time for both
 * Errors   WEFT_ETRUNC: from is shorter, -ENOMEM; in both cases nothing moved
 */
WEFT_API weft_err weft_chain_cut(struct weft_chain *from, size_t len,
                                 struct weft_chain *to) WEFT_CHECKED;

/**
 * Append to `to` a second view of len bytes of `from`, which begin at off.
 *
 * Shape    off + len <= from->len
 * Owner    `to` gets references of its own; `from` is unchanged
 * Blocks   never     Thread  one at a time for both
 * Errors   WEFT_ETRUNC: from is shorter, -ENOMEM; in both cases nothing was
 *          appended
 */
WEFT_API weft_err weft_chain_share(const struct weft_chain *from, size_t off,
                                   size_t len, struct weft_chain *to)
    WEFT_CHECKED;

/**
 * Move all of `from` to the end of `to`. This takes constant time.
 *
 * Owner    slices move; `from` is empty afterwards
 * Blocks   never     Thread  one at a time for both     Errors  none
 */
WEFT_API void weft_chain_splice(struct weft_chain *from, struct weft_chain *to);

/**
 * Remove the first len bytes, or all if there are fewer.
 *
 * Shape    len in bytes
 * Owner    the references of the slices that are removed are given up
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_chain_drop(struct weft_chain *chain, size_t len);

/**
 * Copy bytes out; the chain is unchanged.
 *
 * Shape    len bytes, from offset off on, to dst; fewer if the chain ends
 *          before; returns how many
 * Owner    dst is the caller's
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API size_t weft_chain_copy_out(const struct weft_chain *chain, size_t off,
                                    void *dst, size_t len);

/**
 * Return the first len bytes as one run. If they lie in several runs, weft
 * first copies them to a new block, which takes their place in the chain.
 *
 * Shape    0 < len <= chain->len
 * Owner    the bytes are the chain's; valid until they are dropped or cut, or
 *          until a pull of more bytes copies them
 * Blocks   never     Thread  one at a time
 * Errors   NULL: the chain is shorter, or no memory; the chain is unchanged
 */
WEFT_API const uint8_t *weft_chain_pull(struct weft_chain *chain, size_t len)
    WEFT_CHECKED;

/**
 * Find the first byte that equals `byte`, at offset `from` or after it.
 *
 * Shape    from in bytes; returns the byte's offset, or SIZE_MAX: there is none
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API size_t weft_chain_find(const struct weft_chain *chain, size_t from,
                                uint8_t byte);

/**
 * Describe the bytes in the form that writev takes.
 *
 * Shape    fills at most max entries of iov, front first; returns how many
 * Owner    the bytes are the chain's; iov is valid until the chain changes
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API int weft_chain_iov(const struct weft_chain *chain, struct iovec *iov,
                            int max);

#ifdef __cplusplus
}
#endif

#endif
