/* SPDX-License-Identifier: MIT */
/*
 * Places in weft that misbehave on purpose in the simulator: each place does
 * something that is allowed but rare, so that tests also run the code that
 * handles this case. The name of a place says what the place does. In the
 * ordinary library WF_MAYBE is false.
 */
#ifndef WEFT_BASE_MAYBE_H
#define WEFT_BASE_MAYBE_H

#include <stdbool.h>

#ifdef WEFT_SIM
/* Returns whether the place called `name` misbehaves now. If this pointer is
 * NULL, no place misbehaves. */
extern bool (*wf_sim_maybe)(const char *name);
#define WF_MAYBE(name) (wf_sim_maybe && wf_sim_maybe(name))
#else
#define WF_MAYBE(name) false
#endif

#endif
