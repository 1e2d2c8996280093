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
 * In every option zero means the default, which the option's comment names. In
 * a time in milliseconds, WEFT_NONE means no time-out, or no pause.
 */
#define WEFT_NONE UINT32_MAX

/**
 * No limit: WEFT_UNLIMITED is for a count, WEFT_UNLIMITED_SIZE for a size in
 * bytes. If the option's comment names a maximum ("at most"), the maximum still
 * holds.
 */
#define WEFT_UNLIMITED UINT32_MAX
#define WEFT_UNLIMITED_SIZE SIZE_MAX

/* ---- errors ---- */

/**
 * 0 is success. Every error is negative: an errno of this host negated, or a
 * row of err.def. Source: the bands of err.def are modelled on picotls.
 */
typedef int32_t weft_err;

enum {
    WEFT_OK = 0,
#define WEFT_ERROR(name, number, retryable, thrift, text) WEFT_##name = number,
#include <weft/err.def>
#undef WEFT_ERROR
};

/** weft subtracts this number from an error that the peer reports. */
#define WEFT_PEER 0x40000000

/**
 * The name that an error has in C, e.g. "WEFT_ETIMEOUT" or "ECONNREFUSED". An
 * error that the peer reports has the same name; see weft_err_is_peer.
 *
 * Shape    err any value; returns a string that ends in NUL, never NULL
 * Owner    the string is static
 * Blocks   never     Thread  any
 * Errors   none ("unknown": no error has this number)
 */
WEFT_API const char *weft_err_name(weft_err err);

/**
 * The text of an error, which completes "it failed: ...", in lower case and
 * without a full stop. An errno has the text of the C library.
 *
 * Shape    err any value; returns a string that ends in NUL, never NULL
 * Owner    the string is static
 * Blocks   never     Thread  any
 * Errors   none ("unknown": no error has this number)
 */
WEFT_API const char *weft_err_text(weft_err err);

/**
 * Did the peer report this error (true), or did this process find it (false)?
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_err_is_peer(weft_err err);

/**
 * Is it known that the call was not executed, and may the call succeed later or
 * elsewhere? Then the call may be sent again even if the method is not
 * idempotent. Never true for an error of the network that the peer reports,
 * except WEFT_ETOOMANYCONNS: the peer's handler may have begun the call, and
 * may have got the error from another server. A handler that itself returns an
 * error of the call, such as WEFT_EOVERLOAD, is believed: see weft_call_fail.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_err_is_retryable(weft_err err);

/**
 * Did a connection of this process fail, rather than a message on a connection?
 * True for WEFT_ECONNECT, WEFT_EBROKEN, WEFT_ECLOSED, WEFT_EEOF, WEFT_EIDLE,
 * WEFT_EREADTIMEOUT and WEFT_EWRITETIMEOUT, and for an errno of a socket, such
 * as -ECONNRESET.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_err_is_connection(weft_err err);

/**
 * The code, 0..10, that an error has in a TApplicationException.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int32_t weft_err_thrift(weft_err err);

/* ---- strings ---- */

/**
 * A view of bytes, for IDL string and binary. The view does not own the bytes,
 * and they need not end in NUL. An absent string has ptr == NULL and len == 0.
 */
struct weft_str {
    const char *ptr;
    uint32_t len; /* bytes */
};

/** A view of a string literal: struct weft_str s = WEFT_STR("x"). In a constant
 * initialiser use WEFT_STR_INIT, for a char pointer weft_str_of(text). */
#define WEFT_STR_INIT(literal)                      \
    {                                               \
        "" literal, (uint32_t)(sizeof(literal) - 1) \
    }
#ifdef __cplusplus
#define WEFT_STR(literal) (weft_str WEFT_STR_INIT(literal))
#else
#define WEFT_STR(literal) ((struct weft_str)WEFT_STR_INIT(literal))
#endif

/** The two arguments of "%.*s": printf("%.*s", WEFT_FMT(s)). s has less than 2
 * GiB, and is evaluated twice. */
#define WEFT_FMT(s) (int)(s).len, (s).ptr

/**
 * A view of a C string; NULL gives the absent string.
 *
 * Shape    text ends in NUL and has less than 4 GiB
 * Owner    text is borrowed as long as the view is used
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API struct weft_str weft_str_of(const char *text);

/**
 * Do two views have equal bytes? An absent string equals an empty one.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_str_eq(struct weft_str a, struct weft_str b);

/* ---- time ---- */

/** A deadline that never passes. */
#define WEFT_NEVER UINT64_MAX

/**
 * The monotonic clock: nanoseconds since a moment before this process began.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint64_t weft_now_ns(void);

/**
 * The deadline that lies ms milliseconds ahead. An ms that is negative, or too
 * large for the clock, gives WEFT_NEVER.
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
 * Receives one event as a line of text. Control bytes in the text are escaped,
 * and the line ends in a NUL, without a line feed; a line of more than about
 * 1,000 bytes is cut off, and then ends in "...". Any thread may call the sink
 * at any time, also several threads at once. The sink must not call weft. A
 * sink that blocks holds the worker that logs.
 */
typedef void (*weft_log_sink)(void *user, enum weft_log_level level,
                              const char *line);

/**
 * Set the function that receives the log; NULL restores the default, standard
 * error.
 *
 * Owner    user is kept and handed to sink until the next call. A thread that
 *          is logging during that call may hand user to the old sink even after
 *          the call has returned, so user should live as long as the process
 * Blocks   never     Thread  any; an event meanwhile goes to either sink
 * Errors   none
 */
WEFT_API void weft_log_set_sink(weft_log_sink sink, void *user);

/**
 * Let weft drop events below this level. The default is WEFT_LOG_WARN.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_log_set_level(enum weft_log_level level);

/* ---- memory ---- */

/**
 * The functions from which weft takes its memory. weft itself maps stacks,
 * blocks of 64 KiB and more, and the tables of fibers, sockets and clients.
 * Several threads may call the functions at the same time. The functions must
 * not call weft.
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
 * Errors   -EBUSY: weft has taken memory already, or has an allocator already
 */
WEFT_API weft_err weft_set_allocator(const struct weft_allocator *allocator)
    WEFT_CHECKED;

/* ---- arena ---- */

/**
 * Memory that is freed all at once. Pointers stay valid until reset or fini.
 * The budget bounds the memory that a decoder takes for a hostile message.
 * Fields are private.
 */
struct weft_arena {
    uint8_t *at, *end;                  /* free part of the newest chunk */
    struct weft_arena_chunk *chunks;    /* newest first; NULL: none yet */
    struct weft_arena_deferred *defers; /* newest first */
    size_t left;                        /* bytes of the budget still to take */
    size_t budget;
    struct weft_arena_pool *pool; /* bounds several arenas; or NULL */
};

/** The default budget of an arena, in bytes: 64 MiB. */
#define WEFT_ARENA_BUDGET ((size_t)64 << 20)

/** Initialises an arena as weft_arena_init does with a budget of 0. */
#define WEFT_ARENA_INIT                                                    \
    {                                                                      \
        NULL, NULL, NULL, NULL, WEFT_ARENA_BUDGET, WEFT_ARENA_BUDGET, NULL \
    }

/**
 * Make an arena. It takes no memory before the first alloc.
 *
 * Shape    budget in bytes; 0 means WEFT_ARENA_BUDGET; WEFT_UNLIMITED_SIZE: no
 *          bound
 * Owner    arena is the caller's; it must not move while it is in use
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_arena_init(struct weft_arena *arena, size_t budget);

/**
 * Call the deferred functions, newest first, and free everything. Afterwards
 * the arena is as after weft_arena_init with the same budget.
 *
 * Owner    all pointers into this arena become invalid
 * Blocks   never; a deferred function may
 * Thread   one at a time     Errors  none
 */
WEFT_API void weft_arena_fini(struct weft_arena *arena);

/**
 * As fini, but the arena keeps one chunk of its memory for later use.
 *
 * Owner    all pointers into this arena become invalid
 * Blocks   never; a deferred function may
 * Thread   one at a time     Errors  none
 */
WEFT_API void weft_arena_reset(struct weft_arena *arena);

/**
 * Take size bytes, aligned to 16. They are not zeroed.
 *
 * Shape    size in bytes, 0 is legal
 * Owner    the arena owns them
 * Blocks   never     Thread  one at a time
 * Errors   NULL: the budget is used up or the host has no memory
 */
WEFT_API void *weft_arena_alloc(struct weft_arena *arena, size_t size)
    WEFT_CHECKED;

/**
 * As weft_arena_alloc, but the bytes are zeroed.
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
 * Shape    len bytes at ptr, less than 4 GiB; the view has len bytes
 * Owner    ptr is borrowed for the call, the copy is the arena's
 * Blocks   never     Thread  one at a time
 * Errors   a view with ptr == NULL: the budget is used up, the host has no
 *          memory, or len is too large
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
 * Errors   a view with ptr == NULL: the budget is used up, or the host has no
 *          memory
 */
WEFT_API struct weft_str weft_arena_printf(struct weft_arena *arena,
                                           const char *fmt, ...)
    WEFT_PRINTF(2, 3) WEFT_CHECKED;

/**
 * Let reset or fini of the arena call fn(arg), the newest function first. If fn
 * waits, the reset or fini waits, too.
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
