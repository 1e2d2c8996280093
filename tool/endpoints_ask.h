/* SPDX-License-Identifier: MIT */
/*
 * What `weft endpoints` knows of the servers. The main thread finds the
 * servers, begins rounds and reads what is known. The fibers of a round write
 * only how calls have ended, which `lock` guards.
 */
#ifndef WEFT_TOOL_ENDPOINTS_ASK_H
#define WEFT_TOOL_ENDPOINTS_ASK_H

#include "endpoints.h"

#include <stdatomic.h>

#define WE_CALLERS 64u

/* How the last call of a server has ended. */
struct end {
    char *address;
    char *tag; /* empty: none */
    uint32_t weight;
    bool is_asked, has_changed;
    weft_err err; /* 0: the server has answered */
    char text[200];
    uint64_t changed_ns; /* the first call that ended like the last one */
};

struct we_watch {
    const struct wt_options *o;
    struct weft_client *finder, *asker;
    /* Sorted by address. No fiber runs while the array is replaced. */
    struct end *ends;
    uint32_t n;
    struct weft_mutex lock;
    weft_fiber fibers[WE_CALLERS];
    uint32_t n_fibers;
    _Atomic uint32_t n_begun;   /* calls of the round */
    _Atomic uint32_t n_running; /* fibers of the round */
};

/** The end of an endpoint's last call; NULL: there is none, or no memory. A
 * client of an URL tells another address than it was made of. */
struct end *we_end_of(const struct we_watch *w, struct weft_str address,
                      struct weft_arena *arena);

/** Report that there is no memory. */
enum wt_code we_no_memory(void);

#endif
