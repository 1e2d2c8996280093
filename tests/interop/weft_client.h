/* SPDX-License-Identifier: MIT */
/* What the parts of weft's client of the interop tests share. */
#ifndef WEFT_TESTS_INTEROP_WEFT_CLIENT_H
#define WEFT_TESTS_INTEROP_WEFT_CLIENT_H

#include "everything.h"

#include <weft/weft.h>

#include <stdio.h>
#include <stdlib.h>

#define CHECK(cond)                                                         \
    ((cond) ? (void)0                                                       \
            : (fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, \
                       #cond),                                              \
               exit(1)))

#define OK(call)                                                       \
    do {                                                               \
        weft_err ok_err = (call);                                      \
        if (ok_err)                                                    \
            fprintf(stderr, "%s: %s\n", #call, weft_err_text(ok_err)); \
        CHECK(!ok_err);                                                \
    } while (0)

/* What some peers cannot do; docs/interop.md says which. */
struct quirks {
    bool no_empty_union; /* cannot write a union without a member */
    bool strict_enums;   /* refuses numbers that its enum does not name */
    bool no_bools;       /* reads a bool of a container as false */
    bool no_type;        /* its application exceptions have no type */
    bool serial;         /* reads only one of the messages that have arrived */
    bool no_headers;     /* its handlers cannot see headers */
    bool closes;         /* closes after an unknown method */
    bool slow;           /* takes seconds for a megabyte */
};

struct session {
    struct weft_client *client;
    struct weft_arena arena;
    struct weft_client_options options;
    const char *address;
    bool mux;
    struct quirks quirks;
};

/* Many calls at once, time-outs, and what travels beside a call. */
void check_calls(struct session *s);

#endif
