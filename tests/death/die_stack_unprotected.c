/* SPDX-License-Identifier: MIT */
/* expect: killed by SIGSEGV|stack-overflow|SEGV on unknown address */
/*
 * Row 48 of docs/threats.md: as die_stack_frame, in code that was compiled
 * without -fstack-clash-protection (tests/CMakeLists.txt): a frame that is
 * smaller than the default guard traps in it even if its far end is touched
 * first.
 */
#define FRAME_SIZE 49152
#define DEPTH 40 /* ASan's stacks are larger */

#include "large_frames.h"
