/* SPDX-License-Identifier: MIT */
/*
 * Places in weft that misbehave on purpose in the simulator: each does what is
 * allowed but rare, so that tests run the code around it in this case, too. The
 * name of a place says what the place does. In the ordinary library WF_MAYBE is
 * false.
 */
#ifndef WEFT_BASE_MAYBE_H
#define WEFT_BASE_MAYBE_H

#include <stdbool.h>

#ifdef WEFT_SIM
/* Says whether the place of that name misbehaves now. NULL: no place does. */
extern bool (*wf_sim_maybe)(const char *name);
#define WF_MAYBE(name) (wf_sim_maybe && wf_sim_maybe(name))
#else
#define WF_MAYBE(name) false
#endif

#endif
