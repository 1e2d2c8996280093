/* SPDX-License-Identifier: MIT */
/*
 * Stage: release. Allocates and frees blocks. Blocks below 64 KiB come from
 * malloc. Blocks of 64 KiB and more are mappings, so that the system gets the
 * memory of a block back at once when the block is freed. Under ASan all blocks
 * come from malloc, and no block is cached.
 */
#include "buf/buf.h"
#include "buf/cache.h"

#include <string.h>

#define PAGE ((size_t)4096)
#define MAX_EXACT (SIZE_MAX / 2)

_Static_assert(sizeof(struct weft_block) <= WF_BLOCK_HEAD, "head of a block");

/* Bytes of a block of each class, the head included. */
static const uint32_t totals[WF_BLOCK_EXACT] = {
    [WF_BLOCK_REF] = WF_BLOCK_HEAD, [WF_BLOCK_512] = 512,
    [WF_BLOCK_4K] = 4096,           [WF_BLOCK_16K] = 16384,
    [WF_BLOCK_64K] = 65536,
};

static WF_GLOBAL _Atomic size_t live_blocks[WF_BLOCK_CLASSES];
static WF_GLOBAL _Atomic size_t live_bytes;
static WF_GLOBAL _Atomic size_t live_slices;
static WF_GLOBAL _Atomic uint64_t large_copies;

enum wf_block_class
wf_block_class_of(size_t size)
{
    enum wf_block_class class = WF_BLOCK_512;
    while (class < WF_BLOCK_EXACT && size > totals[class] - WF_BLOCK_HEAD)
        class ++;
    return class;
}

static size_t
total_of(enum wf_block_class class, size_t size)
{
    if (class < WF_BLOCK_EXACT)
        return totals[class];
    return (size + WF_BLOCK_HEAD + PAGE - 1) & ~(PAGE - 1);
}

size_t
wf_block_size_for(size_t size)
{
    return total_of(wf_block_class_of(size), size) - WF_BLOCK_HEAD;
}

static bool is_mapping(enum wf_block_class class)
{
    return !WF_ASAN && class >= WF_BLOCK_64K;
}

struct weft_block *
wf_block_make(enum wf_block_class class, size_t size)
{
    if (size > MAX_EXACT)
        return NULL;
    size_t total = total_of(class, size);
    struct weft_block *block =
        is_mapping(class)
            ? wf_sys_mmap(total, PROT_READ | PROT_WRITE, MAP_NORESERVE)
            : wf_sys_malloc(total);
    if (!block)
        return NULL;
    *block = (struct weft_block){
        .refs = 1,
        .class = (uint8_t) class,
        .data = (uint8_t *)block + WF_BLOCK_HEAD,
        .size = class == WF_BLOCK_EXACT ? size : total - WF_BLOCK_HEAD,
        .total = total,
    };
    wf_add(&live_blocks[class], 1, relaxed);
    wf_add(&live_bytes, total, relaxed);
    return block;
}

void
wf_block_release(struct weft_block *block)
{
    enum wf_block_class class = block->class;
    size_t total = block->total;
    wf_sub(&live_blocks[class], 1, relaxed);
    wf_sub(&live_bytes, total, relaxed);
    if (is_mapping(class))
        (void)wf_sys_munmap(block, total);
    else
        wf_sys_free(block);
}

struct weft_slice *
wf_slice_make(void)
{
    struct weft_slice *slice = wf_sys_malloc(sizeof *slice);
    if (slice)
        wf_add(&live_slices, 1, relaxed);
    return slice;
}

void
wf_slice_release(struct weft_slice *slice)
{
    wf_sub(&live_slices, 1, relaxed);
    wf_sys_free(slice);
}

void
wf_buf_note_copy(size_t len)
{
    if (len >= WF_LARGE_COPY)
        wf_add(&large_copies, 1, relaxed);
}

void
wf_buf_stats(struct wf_buf_stats *stats)
{
    for (int i = 0; i < WF_BLOCK_CLASSES; i++)
        stats->blocks[i] = wf_load(&live_blocks[i], relaxed);
    stats->bytes = wf_load(&live_bytes, relaxed);
    stats->slices = wf_load(&live_slices, relaxed);
    stats->large_copies = wf_load(&large_copies, relaxed);
}
