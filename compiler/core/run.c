/* SPDX-License-Identifier: MIT */
#include "core/run.h"

#include <stdio.h>

void *
wc_alloc(struct wc *c, size_t size)
{
    void *p = weft_arena_zalloc(c->arena, size);
    if (p == NULL)
        longjmp(c->no_memory, 1);
    return p;
}

const char *
wc_copy(struct wc *c, const char *ptr, size_t len)
{
    char *copy = wc_alloc(c, len + 1);
    if (len > 0)
        memcpy(copy, ptr, len);
    return copy;
}

/* ---- maps: open addressing, at most two thirds full ---- */

/* FNV-1a without a seed. A seed is not needed: a file whose names collide slows
 * down only its own run. */
static uint32_t
hash_of(const char *ptr, size_t len)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)ptr[i]) * 16777619u;
    return h;
}

static struct wc_map_slot *
find_slot(const struct wc_map *map, const char *ptr, size_t len, uint32_t hash)
{
    for (uint32_t i = hash;; i++) {
        struct wc_map_slot *slot = &map->slots[i & (map->cap - 1)];
        if (slot->key == NULL)
            return slot;
        if (slot->hash == hash && strncmp(slot->key, ptr, len) == 0 &&
            slot->key[len] == '\0')
            return slot;
    }
}

static void
grow(struct wc *c, struct wc_map *map)
{
    struct wc_map old = *map;
    map->cap = old.cap ? old.cap * 2 : 16;
    map->slots = wc_alloc(c, map->cap * sizeof *map->slots);
    for (uint32_t i = 0; i < old.cap; i++) {
        const struct wc_map_slot *from = &old.slots[i];
        if (from->key != NULL)
            *find_slot(map, from->key, strlen(from->key), from->hash) = *from;
    }
}

static void *
get(const struct wc_map *map, const char *ptr, size_t len)
{
    if (map->cap == 0)
        return NULL;
    return find_slot(map, ptr, len, hash_of(ptr, len))->value;
}

void *
wc_map_get(const struct wc_map *map, const char *key)
{
    return get(map, key, strlen(key));
}

void
wc_map_put(struct wc *c, struct wc_map *map, const char *key, void *value)
{
    size_t len = strlen(key);
    uint32_t hash = hash_of(key, len);
    if (map->n >= map->cap / 3 * 2)
        grow(c, map);
    struct wc_map_slot *slot = find_slot(map, key, len, hash);
    if (slot->key == NULL) {
        slot->key = key;
        slot->hash = hash;
        map->n++;
    }
    slot->value = value;
}

const char *
wc_intern(struct wc *c, const char *ptr, size_t len)
{
    const char *name = get(&c->names, ptr, len);
    if (name == NULL) {
        char *copy = wc_alloc(c, len + 1);
        memcpy(copy, ptr, len);
        wc_map_put(c, &c->names, copy, copy);
        name = copy;
    }
    return name;
}

/* ---- text ---- */

void
wc_text_reserve(struct wc *c, struct wc_text *t, size_t len)
{
    if (t->cap - t->len > len)
        return;
    size_t cap = t->cap ? t->cap * 2 : 64;
    while (cap - t->len <= len)
        cap *= 2;
    char *ptr = weft_arena_alloc(c->arena, cap);
    if (ptr == NULL)
        longjmp(c->no_memory, 1);
    if (t->len > 0)
        memcpy(ptr, t->ptr, t->len);
    t->ptr = ptr;
    t->cap = cap;
}

void
wc_text_add(struct wc *c, struct wc_text *t, const char *ptr, size_t len)
{
    if (t->cap - t->len <= len)
        wc_text_reserve(c, t, len);
    if (len > 0)
        memcpy(t->ptr + t->len, ptr, len);
    t->len += len;
    t->ptr[t->len] = '\0';
}

static void
add_number(struct wc *c, struct wc_text *t, int64_t number)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--at = '-';
    wc_text_add(c, t, at, (size_t)(digits + sizeof digits - at));
}

static void
add_spaces(struct wc *c, struct wc_text *t, int width)
{
    size_t n = width > 0 ? (size_t)width : 0;
    wc_text_reserve(c, t, n);
    memset(t->ptr + t->len, ' ', n);
    t->len += n;
}

/* libc does all formats that wc_text_vprintf does not do itself. */
WEFT_PRINTF(3, 0)
static void
add_by_libc(struct wc *c, struct wc_text *t, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    wc_text_reserve(c, t, 128);
    int len = vsnprintf(t->ptr + t->len, t->cap - t->len, fmt, args);
    if (len > 0 && (size_t)len >= t->cap - t->len) {
        wc_text_reserve(c, t, (size_t)len);
        vsnprintf(t->ptr + t->len, t->cap - t->len, fmt, again);
    }
    t->len += len > 0 ? (size_t)len : 0;
    va_end(again);
}

/* Format text. A file of 10,000 structs makes three million calls, and most
 * calls use only the formats below. libc takes three times as long for these
 * formats. */
void
wc_text_vprintf(struct wc *c, struct wc_text *t, const char *fmt, va_list args)
{
    for (;;) {
        const char *next = strchr(fmt, '%');
        wc_text_add(c, t, fmt, next ? (size_t)(next - fmt) : strlen(fmt));
        if (next == NULL)
            return;
        fmt = next;
        if (fmt[1] == 's') {
            const char *text = va_arg(args, const char *);
            wc_text_add(c, t, text, strlen(text));
        } else if (fmt[1] == 'd') {
            add_number(c, t, va_arg(args, int));
        } else if (fmt[1] == 'u') {
            add_number(c, t, va_arg(args, unsigned));
        } else if (fmt[1] == '*' && fmt[2] == 's') {
            add_spaces(c, t, va_arg(args, int));
            (void)va_arg(args, const char *); /* the caller passes "" */
            fmt++;
        } else {
            add_by_libc(c, t, fmt, args);
            return;
        }
        fmt += 2;
    }
}

void
wc_text_printf(struct wc *c, struct wc_text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    wc_text_vprintf(c, t, fmt, args);
    va_end(args);
}

const char *
wc_format(struct wc *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    c->formatted.len = 0;
    wc_text_vprintf(c, &c->formatted, fmt, args);
    va_end(args);
    return wc_copy(c, c->formatted.ptr, c->formatted.len);
}
