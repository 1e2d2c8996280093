/* SPDX-License-Identifier: MIT */
/* Dialects in the names of the interop tests: FRAMING-PROTOCOL, for example
 * theader-compact or zlibframed-binary. A mux- before it: calls name their
 * service. */
#ifndef WEFT_TESTS_INTEROP_DIALECT_H
#define WEFT_TESTS_INTEROP_DIALECT_H

#include <weft/rpc.h>

/* Returns false if there is no such dialect. Words after FRAMING-PROTOCOL are
 * ignored. */
bool dialect_parse(const char *name, struct weft_dialect *dialect, bool *mux);

/* Returns the name of a dialect, without "mux-", or NULL if no memory is
 * left. */
const char *dialect_name(struct weft_arena *arena, struct weft_dialect dialect);

#endif
