/* SPDX-License-Identifier: MIT */
/*
 * weft/base.h: what every other header includes.
 *
 * Errors are values. Strings are views. Memory for one call comes from an
 * arena. Time is in monotonic nanoseconds, and a deadline is a point in that
 * time. Nothing here waits.
 */
#ifndef WEFT_BASE_H
#define WEFT_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WEFT_API __attribute__((visibility("default")))
#define WEFT_CHECKED __attribute__((warn_unused_result))
#define WEFT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define WEFT_LIKELY(x) __builtin_expect(!!(x), 1)
#define WEFT_UNLIKELY(x) __builtin_expect(!!(x), 0)
#else
#define WEFT_API
#define WEFT_CHECKED
#define WEFT_PRINTF(fmt, args)
#define WEFT_LIKELY(x) (x)
#define WEFT_UNLIKELY(x) (x)
#endif

/* ---- options ---- */

/**
 * In every option zero is the default, which the comment of the option tells.
 * What zero cannot say has a name. WEFT_NONE in a time in milliseconds: there
 * is no time-out, or no pause.
 */
#define WEFT_NONE UINT32_MAX

/**
 * No limit, for a count and for a size in bytes. A bound that the comment of an
 * option calls "at most" still holds.
 */
#define WEFT_UNLIMITED UINT32_MAX
#define WEFT_UNLIMITED_SIZE SIZE_MAX

/* ---- errors ---- */

/**
 * 0 is success, anything else is negative: an errno of this host negated, or a
 * row of err.def. Source: the bands of picotls.
 */
typedef int32_t weft_err;

enum {
    WEFT_OK = 0,
#define WEFT_ERROR(name, number, retryable, thrift, text) WEFT_##name = number,
#include <weft/err.def>
#undef WEFT_ERROR
};

/** Subtracted from an error that the peer reported, rather than this host. */
#define WEFT_PEER 0x40000000

/**
 * Name of an error as the source spells it, e.g. "WEFT_ETIMEOUT"; an errno has
 * its own name, e.g. "ECONNREFUSED".
 *
 * Shape    err any value; returns a string that ends in NUL, never NULL
 * Owner    the string is static
 * Blocks   never     Thread  any     Errors  none ("unknown" if it is no error)
 */
WEFT_API const char *weft_err_name(weft_err err);

/**
 * Text of an error: lower case, no full stop, completes "it failed: ...". An
 * errno has the text of the C library.
 *
 * Shape    err any value; returns a string that ends in NUL, never NULL
 * Owner    the string is static
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const char *weft_err_text(weft_err err);

/**
 * Did the peer report this error (true), or did this process find it (false)?
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_err_is_peer(weft_err err);

/**
 * Is it known that the call was not executed, so that it may be sent again even
 * if the method is not idempotent? Never true for an error of the network that
 * the peer reports, because its handler got it from another server, so the
 * handler had begun.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_err_is_retryable(weft_err err);

/**
 * Is it an error of a connection of this process, and not of what was sent over
 * it? True of WEFT_ECONNECT, WEFT_EBROKEN, WEFT_ECLOSED, WEFT_EEOF, WEFT_EIDLE,
 * WEFT_EREADTIMEOUT and WEFT_EWRITETIMEOUT, and of what the system says of a
 * socket, such as -ECONNRESET.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_err_is_connection(weft_err err);

/**
 * The TApplicationException code that stands for an error on the wire, 0..10.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int32_t weft_err_thrift(weft_err err);

/* ---- strings ---- */

/**
 * A view of bytes, for IDL string and binary. It does not own them and they
 * need not end in NUL. An absent string has ptr == NULL and len == 0.
 */
struct weft_str {
    const char *ptr;
    uint32_t len; /* bytes */
};

/** A weft_str initialiser from a literal: struct weft_str s = WEFT_STR("x").
 * WEFT_STR is for literals only; the view of a char pointer is
 * weft_str_of(text). */
#define WEFT_STR_INIT(literal)                      \
    {                                               \
        "" literal, (uint32_t)(sizeof(literal) - 1) \
    }
#ifdef __cplusplus
#define WEFT_STR(literal) (weft_str WEFT_STR_INIT(literal))
#else
#define WEFT_STR(literal) ((struct weft_str)WEFT_STR_INIT(literal))
#endif

/** The two arguments that "%.*s" takes: printf("%.*s", WEFT_FMT(s)) */
#define WEFT_FMT(s) (int)(s).len, (s).ptr

/**
 * View of a C string; NULL gives the absent string.
 *
 * Shape    text ends in NUL and has less than 4 GiB
 * Owner    text is borrowed for as long as the view is used
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API struct weft_str weft_str_of(const char *text);

/**
 * Equal bytes? An absent string equals an empty one.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_str_eq(struct weft_str a, struct weft_str b);

/* ---- time ---- */

/** A deadline that never comes. */
#define WEFT_NEVER UINT64_MAX

/**
 * The monotonic clock, in nanoseconds since some moment before this process.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint64_t weft_now_ns(void);

/**
 * The deadline that many milliseconds from now; a negative number gives
 * WEFT_NEVER.
 *
 * Shape    ms milliseconds; returns monotonic nanoseconds
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint64_t weft_after_ms(int64_t ms);

/* ---- log ---- */

enum weft_log_level {
    WEFT_LOG_DEBUG = 0,
    WEFT_LOG_INFO = 1,
    WEFT_LOG_WARN = 2,
    WEFT_LOG_ERROR = 3,
    WEFT_LOG_NONE = 4,
};

/**
 * Receives one event: a line without its line feed, control bytes escaped,
 * NUL at the end. May be called from any thread at any time, and must not call
 * weft.
 */
typedef void (*weft_log_sink)(void *user, enum weft_log_level level,
                              const char *line);

/**
 * Replace where the log goes; NULL restores the default, standard error.
 *
 * Owner    user is kept and handed to sink until the next call
 * Blocks   never     Thread  any; an event at the same time may go to either
 * Errors   none
 */
WEFT_API void weft_log_set_sink(weft_log_sink sink, void *user);

/**
 * Drop events below this level. The default is WEFT_LOG_WARN.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_log_set_level(enum weft_log_level level);

/* ---- memory ---- */

/**
 * Where weft takes its memory from, except for the stacks of fibers. Both
 * functions may be called from any thread at once, and must not call weft.
 */
struct weft_allocator {
    /* size > 0 bytes, aligned as malloc aligns; NULL: no memory */
    void *(*alloc)(size_t size, void *user);
    void (*free)(void *ptr, void *user); /* ptr is not NULL */
    void *user;
};

/**
 * Let weft use another allocator than the C library's malloc and free.
 *
 * Owner    allocator is copied; its user is kept for the life of the process
 * Blocks   never     Thread  any, before every other call of weft
 * Errors   -EBUSY: weft has taken memory already, or it was called before
 */
WEFT_API weft_err weft_set_allocator(const struct weft_allocator *allocator)
    WEFT_CHECKED;

/* ---- arena ---- */

/**
 * Memory that is freed all at once. Pointers stay good until reset or fini.
 * The budget bounds what a hostile message can make a decoder take.
 * Fields are private.
 */
struct weft_arena {
    uint8_t *at, *end;                  /* free part of the newest chunk */
    struct weft_arena_chunk *chunks;    /* newest first; NULL: none yet */
    struct weft_arena_deferred *defers; /* newest first */
    size_t left;                        /* bytes of the budget still to take */
    size_t budget;
    struct weft_arena_pool *pool; /* that chunks count against, or NULL */
};

/** What weft_arena_init takes for a budget of 0: 64 MiB. */
#define WEFT_ARENA_BUDGET ((size_t)64 << 20)

/** An arena as weft_arena_init makes it for a budget of 0, as initialiser. */
#define WEFT_ARENA_INIT                                                    \
    {                                                                      \
        NULL, NULL, NULL, NULL, WEFT_ARENA_BUDGET, WEFT_ARENA_BUDGET, NULL \
    }

/**
 * Make an arena; takes no memory yet.
 *
 * Shape    budget in bytes; 0 means WEFT_ARENA_BUDGET; WEFT_UNLIMITED_SIZE: no
 *          bound
 * Owner    arena is the caller's; it must not move while it is in use
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_arena_init(struct weft_arena *arena, size_t budget);

/**
 * Call the deferred functions, newest first, and free everything.
 *
 * Owner    no pointer from this arena may be used any more
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_arena_fini(struct weft_arena *arena);

/**
 * As fini and init, but keeps one chunk for what comes next.
 *
 * Owner    no pointer from this arena may be used any more
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_arena_reset(struct weft_arena *arena);

/**
 * Take size bytes, aligned to 16, not zeroed.
 *
 * Shape    size in bytes, 0 is legal
 * Owner    the arena owns them
 * Blocks   never     Thread  one at a time
 * Errors   NULL: the budget is used up or the host has no memory
 */
WEFT_API void *weft_arena_alloc(struct weft_arena *arena, size_t size)
    WEFT_CHECKED;

/**
 * As alloc, zeroed.
 *
 * Shape    size in bytes, 0 is legal
 * Owner    the arena owns them
 * Blocks   never     Thread  one at a time
 * Errors   NULL: the budget is used up or the host has no memory
 */
WEFT_API void *weft_arena_zalloc(struct weft_arena *arena, size_t size)
    WEFT_CHECKED;

/**
 * Copy bytes into the arena; a NUL follows the copy.
 *
 * Shape    len bytes at ptr; the view that is returned has len bytes
 * Owner    ptr is borrowed for the call, the copy is the arena's
 * Blocks   never     Thread  one at a time
 * Errors   a view with ptr == NULL: no memory
 */
WEFT_API struct weft_str weft_arena_str(struct weft_arena *arena,
                                        const void *ptr, size_t len)
    WEFT_CHECKED;

/**
 * Print into the arena; a NUL follows the text.
 *
 * Shape    fmt as for printf; the view has the length of the text
 * Owner    arguments are borrowed for the call, the text is the arena's
 * Blocks   never     Thread  one at a time
 * Errors   a view with ptr == NULL: no memory
 */
WEFT_API struct weft_str weft_arena_printf(struct weft_arena *arena,
                                           const char *fmt, ...)
    WEFT_PRINTF(2, 3) WEFT_CHECKED;

/**
 * Call fn(arg) when the arena is reset or ends; the newest first.
 *
 * Owner    arg is kept until fn has run
 * Blocks   never     Thread  one at a time
 * Errors   -ENOMEM or WEFT_EBUDGET: fn will not be called
 */
WEFT_API weft_err weft_arena_defer(struct weft_arena *arena,
                                   void (*fn)(void *arg), void *arg)
    WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
