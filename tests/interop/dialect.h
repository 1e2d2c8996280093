/* SPDX-License-Identifier: MIT */
/* Dialects as the interop tests name them: FRAMING-PROTOCOL, as theader-compact
 * or zlibframed-binary; mux- in front: services are named. */
#ifndef WEFT_TESTS_INTEROP_DIALECT_H
#define WEFT_TESTS_INTEROP_DIALECT_H

#include <weft/rpc.h>

/* false: there is no such dialect. What follows the second word is ignored. */
bool dialect_parse(const char *name, struct weft_dialect *dialect, bool *mux);

/* Without mux-. NULL: no memory. */
const char *dialect_name(struct weft_arena *arena, struct weft_dialect dialect);

#endif
