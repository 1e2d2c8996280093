/* SPDX-License-Identifier: MIT */
/*
 * The first chunk has 1 KiB, unless the caller supplies the memory of the first
 * chunk (wf_arena_init_with). Each later chunk is twice as large as the chunk
 * before it, up to 64 KiB. An allocation above 16 KiB gets a chunk of its own
 * if the current chunk has no room for the allocation. This chunk is put after
 * the current chunk in the list, so that later allocations still use the rest
 * of the current chunk.
 *
 * Under ASan every allocation gets a chunk of its own, of exactly the asked
 * size. So ASan reports an access one byte past the allocation, and any use
 * after a reset.
 */
#include "base/arena.h"
#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct weft_arena_chunk {
    struct weft_arena_chunk *next;
    size_t size; /* bytes, this head included */
    bool owned;  /* false: the caller owns the memory */
};

struct weft_arena_deferred {
    struct weft_arena_deferred *next;
    void (*fn)(void *arg);
    void *arg;
};

#define ALIGN ((size_t)16)
#define ROUND(n) (((n) + ALIGN - 1) & ~(ALIGN - 1))
#define HEAD ROUND(sizeof(struct weft_arena_chunk))
#define FIRST_CHUNK ((size_t)1024)
#define LAST_CHUNK ((size_t)64 << 10)
#define LARGE (LAST_CHUNK / 4)
#define MAX_BUDGET (SIZE_MAX / 4) /* sums of sizes do not wrap around */

static uint8_t *
data(struct weft_arena_chunk *chunk)
{
    return (uint8_t *)chunk + HEAD;
}

static void
use(struct weft_arena *arena, struct weft_arena_chunk *chunk)
{
    arena->at = data(chunk);
    arena->end = (uint8_t *)chunk + chunk->size;
}

static struct weft_arena_chunk *
make_chunk(struct weft_arena *arena, size_t size)
{
    struct weft_arena_pool *pool = arena->pool;
    if (pool && !wf_pool_take(pool, size))
        return NULL;
    struct weft_arena_chunk *chunk = wf_sys_malloc(size);
    if (chunk)
        *chunk = (struct weft_arena_chunk){.size = size, .owned = true};
    else if (pool)
        wf_pool_give(pool, size);
    return chunk;
}

void
weft_arena_init(struct weft_arena *arena, size_t budget)
{
    size_t bytes = budget ? WF_MIN(budget, MAX_BUDGET) : WEFT_ARENA_BUDGET;
    *arena = (struct weft_arena){.left = bytes, .budget = bytes};
}

void
wf_arena_init_with(struct weft_arena *arena, size_t budget, void *mem,
                   size_t size)
{
    weft_arena_init(arena, budget);
    size_t skew = -(uintptr_t)mem & (ALIGN - 1);
    if (WF_ASAN || size < skew + HEAD)
        return;
    struct weft_arena_chunk *chunk = (void *)((uint8_t *)mem + skew);
    *chunk = (struct weft_arena_chunk){.size = size - skew};
    arena->chunks = chunk;
    use(arena, chunk);
}

static void *
alloc_apart(struct weft_arena *arena, size_t size)
{
    struct weft_arena_chunk *chunk = make_chunk(arena, HEAD + size);
    if (!chunk)
        return NULL;
    struct weft_arena_chunk **place =
        arena->at ? &arena->chunks->next : &arena->chunks;
    chunk->next = *place;
    *place = chunk;
    return data(chunk);
}

static void *
alloc_in_new_chunk(struct weft_arena *arena, size_t size)
{
    size_t bytes = FIRST_CHUNK;
    if (arena->at)
        bytes = WF_MIN(arena->chunks->size * 2, LAST_CHUNK);
    while (bytes < HEAD + size)
        bytes *= 2;
    struct weft_arena_chunk *chunk = make_chunk(arena, bytes);
    if (!chunk)
        return NULL;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    use(arena, chunk);
    arena->at += size;
    return data(chunk);
}

void *
weft_arena_alloc(struct weft_arena *arena, size_t size)
{
    if (WEFT_UNLIKELY(size > arena->left))
        return NULL;
    size_t taken = ROUND(size + !size);
    if (WEFT_UNLIKELY(taken > arena->left))
        return NULL;
    void *p = arena->at;
    if (WEFT_LIKELY((size_t)(arena->end - arena->at) >= taken))
        arena->at += taken;
    else if (WF_ASAN || taken > LARGE)
        p = alloc_apart(arena, WF_ASAN ? size : taken);
    else
        p = alloc_in_new_chunk(arena, taken);
    if (WEFT_LIKELY(p != NULL))
        arena->left -= taken;
    return p;
}

void *
weft_arena_zalloc(struct weft_arena *arena, size_t size)
{
    void *p = weft_arena_alloc(arena, size);
    if (p)
        memset(p, 0, size);
    return p;
}

struct weft_str
weft_arena_str(struct weft_arena *arena, const void *ptr, size_t len)
{
    char *copy = len < UINT32_MAX ? weft_arena_alloc(arena, len + 1) : NULL;
    if (!copy)
        return (struct weft_str){NULL, 0};
    if (len > 0)
        memcpy(copy, ptr, len);
    copy[len] = '\0';
    return (struct weft_str){copy, (uint32_t)len};
}

struct weft_str
weft_arena_printf(struct weft_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = len < 0 ? NULL : weft_arena_alloc(arena, (size_t)len + 1);
    if (!text)
        return (struct weft_str){NULL, 0};
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    return (struct weft_str){text, (uint32_t)len};
}

weft_err
weft_arena_defer(struct weft_arena *arena, void (*fn)(void *arg), void *arg)
{
    struct weft_arena_deferred *defer = weft_arena_alloc(arena, sizeof *defer);
    if (!defer)
        return arena->left < ROUND(sizeof *defer) ? WEFT_EBUDGET : -ENOMEM;
    *defer = (struct weft_arena_deferred){arena->defers, fn, arg};
    arena->defers = defer;
    return WEFT_OK;
}

/* A deferred function may allocate from the arena and defer another
 * function. */
static void
run_defers(struct weft_arena *arena)
{
    while (arena->defers) {
        struct weft_arena_deferred *defer = arena->defers;
        arena->defers = defer->next;
        defer->fn(defer->arg);
    }
}

/* Free every chunk except `keep` and the caller's own memory. */
static void
free_chunks(struct weft_arena *arena, const struct weft_arena_chunk *keep)
{
    struct weft_arena_chunk *next;
    for (struct weft_arena_chunk *c = arena->chunks; c; c = next) {
        next = c->next;
        if (!c->owned || c == keep)
            continue;
        if (arena->pool)
            wf_pool_give(arena->pool, c->size);
        wf_sys_free(c);
    }
}

void
weft_arena_fini(struct weft_arena *arena)
{
    struct weft_arena_pool *pool = arena->pool;
    run_defers(arena);
    free_chunks(arena, NULL);
    weft_arena_init(arena, arena->budget);
    arena->pool = pool;
}

/* Find the chunk that a reset keeps: the caller's memory, or the newest chunk
 * if the caller gave no memory. NULL: the arena has no chunk. */
static struct weft_arena_chunk *
find_kept(const struct weft_arena *arena)
{
    if (!arena->at)
        return NULL;
    for (struct weft_arena_chunk *c = arena->chunks; c; c = c->next)
        if (!c->owned)
            return c;
    return arena->chunks;
}

void
weft_arena_reset(struct weft_arena *arena)
{
    run_defers(arena);
    struct weft_arena_chunk *keep = find_kept(arena);
    struct weft_arena_pool *pool = arena->pool;
    /* rarely true: most arenas have one chunk */
    if (arena->chunks != keep || (keep && keep->next))
        free_chunks(arena, keep);
    weft_arena_init(arena, arena->budget);
    arena->pool = pool;
    if (!keep)
        return;
#ifdef WEFT_DEBUG
    memset(data(keep), 0xdb, keep->size - HEAD);
#endif
    keep->next = NULL;
    arena->chunks = keep;
    use(arena, keep);
}
