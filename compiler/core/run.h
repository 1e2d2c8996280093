/* SPDX-License-Identifier: MIT */
/*
 * One run of the compiler, and what every part of the compiler uses: memory,
 * text that grows, maps of names. If memory runs out, the run ends.
 */
#ifndef WC_RUN_H
#define WC_RUN_H

#include "wc.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/** A text that grows, in the arena of the run. */
struct wc_text {
    char *ptr;
    size_t len, cap;
};

/** A hash table from strings to pointers. A map that is all zeros is empty. */
struct wc_map {
    struct wc_map_slot *slots;
    uint32_t n, cap;
};

struct wc_map_slot {
    const char *key; /* NULL: the slot is free */
    uint32_t hash;
    void *value;
};

/** A C name that two files have claimed. */
struct wc_clash {
    struct wc_clash *next;
    const char *name;
    const struct wc_owner *owners;
};

/** One run of the compiler. */
struct wc {
    struct weft_arena *arena;
    const struct wc_options *options;
    const struct wc_host *host;
    jmp_buf no_memory;        /* wc_alloc jumps to it if memory runs out */
    struct wc_map names;      /* every identifier once */
    struct wc_map by_id;      /* source id -> struct wc_file */
    struct wc_map by_base;    /* a/b.thrift: b -> struct wc_file */
    struct wc_map globals;    /* C name -> struct wc_owner */
    struct wc_map words;      /* reserved words, which are no C names */
    struct wc_map containers; /* C name -> struct wc_container */
    struct wc_clash *clashes, **clashes_end;
    struct wc_file *files, **files_end; /* in the order of loading */
    struct wc_file *files_up, **up_end; /* included files first */
    uint32_t n_files;
    uint32_t n_looks;         /* calls of wc_look_from so far */
    uint32_t n_defs;          /* so far; the limit is WC_MAX_DEFS */
    uint32_t n_values;        /* of constants; the limit is WC_MAX_VALUES */
    uint32_t n_roots;         /* constants and defaults written so far */
    struct wc_text formatted; /* the buffer of wc_format */
    struct wc_report *reports, *last_report;
    uint32_t n_reports[2]; /* warnings, errors; WC_MAX_REPORTS are kept */
    uint32_t n_errors, n_dropped, n_breaks;
    bool warned_byte, too_many_values; /* reported already */
};

/** Allocate zeroed memory. Never returns NULL: if there is no memory, the run
 * ends. */
void *wc_alloc(struct wc *c, size_t size);

#define WC_NEW(c, type) ((type *)wc_alloc((c), sizeof(type)))

/** A copy that ends in NUL. */
const char *wc_copy(struct wc *c, const char *ptr, size_t len);

/** A formatted string. */
const char *wc_format(struct wc *c, const char *fmt, ...) WEFT_PRINTF(2, 3);

/** The only copy of an identifier, so that equal names have equal pointers. */
const char *wc_intern(struct wc *c, const char *ptr, size_t len);

/** The value of a key, or NULL. */
void *wc_map_get(const struct wc_map *map, const char *key);

/** Set the value of a key; the key is borrowed. */
void wc_map_put(struct wc *c, struct wc_map *map, const char *key, void *value);

/** Make room for len bytes and a NUL. */
void wc_text_reserve(struct wc *c, struct wc_text *t, size_t len);

void wc_text_add(struct wc *c, struct wc_text *t, const char *ptr, size_t len);
void wc_text_printf(struct wc *c, struct wc_text *t, const char *fmt, ...)
    WEFT_PRINTF(3, 4);
void wc_text_vprintf(struct wc *c, struct wc_text *t, const char *fmt,
                     va_list args) WEFT_PRINTF(3, 0);

#endif
