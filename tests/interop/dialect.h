/* SPDX-License-Identifier: MIT */
/* Dialects as the interop tests name them: FRAMING-PROTOCOL, for example
 * theader-compact or zlibframed-binary. mux- before it: calls name their
 * service. */
#ifndef WEFT_TESTS_INTEROP_DIALECT_H
#define WEFT_TESTS_INTEROP_DIALECT_H

#include <weft/rpc.h>

/* Returns false if there is no such dialect. Words after the second are
 * ignored. */
bool dialect_parse(const char *name, struct weft_dialect *dialect, bool *mux);

/* The name of a dialect, without "mux-"; NULL if no memory is left. */
const char *dialect_name(struct weft_arena *arena, struct weft_dialect dialect);

#endif
