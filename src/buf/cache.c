/* SPDX-License-Identifier: MIT */
#include "buf/cache.h"
#include "buf/buf.h"

#include <string.h>

/* The limits of what a thread keeps: free slices, and bytes of free
 * WF_BLOCK_EXACT blocks. Under ASan a thread keeps none, so that ASan reports
 * every use after a free. */
#define MAX_SLICES (WF_ASAN ? 0 : 256)
#define MAX_EXACT_BYTES (WF_ASAN ? 0 : (size_t)2 << 20)

static const uint16_t max_blocks[WF_BLOCK_EXACT] = {
    [WF_BLOCK_REF] = WF_ASAN ? 0 : 64, [WF_BLOCK_512] = WF_ASAN ? 0 : 64,
    [WF_BLOCK_4K] = WF_ASAN ? 0 : 32,  [WF_BLOCK_16K] = WF_ASAN ? 0 : 8,
    [WF_BLOCK_64K] = WF_ASAN ? 0 : 8,
};

static WF_GLOBAL pthread_key_t exit_key;
static WF_GLOBAL bool has_key;
static WF_GLOBAL pthread_once_t once = PTHREAD_ONCE_INIT;

static void
drop_current(struct weft_block **place)
{
    struct weft_block *block = *place;
    *place = NULL;
    if (block)
        wf_block_unref(block);
}

static void
empty(struct wf_buf_cache *cache)
{
    drop_current(&cache->append);
    drop_current(&cache->read);
    drop_current(&cache->large);
    for (int i = 0; i < WF_BLOCK_CLASSES; i++)
        for (struct weft_block *b; (b = cache->blocks[i]);) {
            cache->blocks[i] = b->next;
            wf_block_release(b);
        }
    memset(cache->n_blocks, 0, sizeof cache->n_blocks);
    for (struct weft_slice *s; (s = cache->slices);) {
        cache->slices = s->next;
        wf_slice_release(s);
    }
    cache->n_slices = 0;
}

/* Called when the thread ends. If a later destructor uses the cache again,
 * wf_buf_cache sets the key again, and this function is called once more. */
static void
leave(void *arg)
{
    struct wf_buf_cache *cache = arg;
    empty(cache);
    cache->enrolled = false;
}

static void
make_key(void)
{
    has_key = wf_sys_key_make(&exit_key, leave) == 0;
}

/* Set the key, so that `leave` is called when the thread ends. A process has at
 * most 1,024 keys. If weft gets no key, the blocks that a thread keeps are not
 * freed when the thread ends. */
static void
enrol(struct wf_buf_cache *cache)
{
    cache->enrolled = true;
    pthread_once(&once, make_key);
    if (has_key)
        (void)wf_sys_key_set(exit_key, cache);
}

__attribute__((noinline)) struct wf_buf_cache *
wf_buf_cache(void)
{
    static WF_THREAD_LOCAL struct wf_buf_cache cache;
    if (WEFT_UNLIKELY(!cache.enrolled))
        enrol(&cache);
    return &cache;
}

void
wf_buf_cache_trim(void)
{
    empty(wf_buf_cache());
}

static struct weft_block *
reuse(struct weft_block *block)
{
    block->used = 0;
    block->is_private = false;
    /* relaxed: nobody else knows the block */
    wf_store(&block->refs, 1, relaxed);
    return block;
}

static struct weft_block *
take(struct wf_buf_cache *cache, enum wf_block_class class)
{
    struct weft_block *block = cache->blocks[class];
    if (!block)
        return NULL;
    cache->blocks[class] = block->next;
    cache->n_blocks[class]--;
    return reuse(block);
}

/* Take a free block that has room for `size` bytes, but not for more than about
 * four times `size`. NULL: there is none. */
static struct weft_block *
take_exact(struct wf_buf_cache *cache, size_t size)
{
    struct weft_block **place = &cache->blocks[WF_BLOCK_EXACT];
    for (struct weft_block *b; (b = *place); place = &b->next) {
        size_t room = b->total - WF_BLOCK_HEAD;
        if (room < size || room / 4 > size)
            continue;
        *place = b->next;
        b->size = size;
        return reuse(b);
    }
    return NULL;
}

struct weft_block *
wf_block_new(size_t size)
{
    enum wf_block_class class = wf_block_class_of(size);
    struct wf_buf_cache *cache = wf_buf_cache();
    struct weft_block *block =
        class == WF_BLOCK_EXACT ? take_exact(cache, size) : take(cache, class);
    return block ? block : wf_block_make(class, size);
}

struct weft_block *
wf_block_wrap(const void *ptr, size_t len)
{
    struct wf_buf_cache *cache = wf_buf_cache();
    struct weft_block *block = take(cache, WF_BLOCK_REF);
    if (!block && !(block = wf_block_make(WF_BLOCK_REF, 0)))
        return NULL;
    block->data = (uint8_t *)(uintptr_t)ptr; /* weft does not write to *ptr */
    block->size = block->used = len;
    block->ref.done = NULL;
    return block;
}

/* In debug builds, overwrite the bytes that a stale pointer may read. In small
 * blocks these are all bytes, because some users of such blocks do not keep
 * `used` up to date. */
static void
poison(struct weft_block *block)
{
#ifdef WEFT_DEBUG
    if (block->class != WF_BLOCK_REF)
        memset(block->data, 0xdb,
               block->class <= WF_BLOCK_4K ? block->size : block->used);
#else
    (void)block;
#endif
}

static void
put(struct wf_buf_cache *cache, struct weft_block *block)
{
    unsigned class = block->class;
    if (cache->n_blocks[class] >= max_blocks[class] ||
        WF_MAYBE("keep no block")) {
        wf_block_release(block);
        return;
    }
    poison(block);
    block->next = cache->blocks[class];
    cache->blocks[class] = block;
    cache->n_blocks[class]++;
}

/* Add a block to the free blocks, and keep the newest of them, up to
 * MAX_EXACT_BYTES. A kept block has its pages already; new pages cost some
 * hundred microseconds for each megabyte. */
static void
put_exact(struct wf_buf_cache *cache, struct weft_block *block)
{
    poison(block);
    struct weft_block **place = &cache->blocks[WF_BLOCK_EXACT];
    block->next = *place;
    *place = block;
    size_t sum = 0;
    for (struct weft_block *b; (b = *place);) {
        if (sum + b->total > MAX_EXACT_BYTES) {
            *place = b->next;
            wf_block_release(b);
            continue;
        }
        sum += b->total;
        place = &b->next;
    }
}

void
wf_block_free(struct weft_block *block)
{
    void (*done)(void *arg) = NULL;
    void *arg = NULL;
    if (block->class == WF_BLOCK_REF) {
        done = block->ref.done;
        arg = block->ref.arg;
    }
    struct wf_buf_cache *cache = wf_buf_cache();
    if (block->class == WF_BLOCK_EXACT)
        put_exact(cache, block);
    else
        put(cache, block);
    if (done)
        done(arg);
}

struct weft_block *
wf_cache_current(struct weft_block **place, size_t least)
{
    struct weft_block *block = *place;
    if (block && !WF_ASAN && block->used > 0 &&
        (wf_block_alone(block) || WF_MUTANT(block_reused_early))) {
        poison(block);
        block->used = 0;
    }
    if (block && block->size - block->used >= least)
        return block;
    struct weft_block *fresh = wf_block_new(WF_BLOCK_ROOM);
    if (!fresh)
        return NULL;
    drop_current(place);
    *place = fresh;
    return fresh;
}

struct weft_slice *
wf_slice_new(struct weft_block *block, const uint8_t *ptr, size_t len)
{
    struct wf_buf_cache *cache = wf_buf_cache();
    struct weft_slice *slice = cache->slices;
    if (WEFT_LIKELY(slice != NULL)) {
        cache->slices = slice->next;
        cache->n_slices--;
    } else if (!(slice = wf_slice_make())) {
        return NULL;
    }
    wf_block_ref(block);
    *slice = (struct weft_slice){NULL, ptr, len, block};
    return slice;
}

void
wf_slice_free(struct weft_slice *slice)
{
    struct weft_block *block = slice->block;
    struct wf_buf_cache *cache = wf_buf_cache();
    if (cache->n_slices < MAX_SLICES) {
        slice->next = cache->slices;
        cache->slices = slice;
        cache->n_slices++;
    } else {
        wf_slice_release(slice);
    }
    wf_block_unref(block);
}
