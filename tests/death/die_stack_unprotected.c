/* SPDX-License-Identifier: MIT */
/* expect: killed by SIGSEGV|stack-overflow|SEGV on unknown address */
/*
 * Row 48 of docs/threats.md: as die_stack_frame, but the code is compiled
 * without -fstack-clash-protection (tests/CMakeLists.txt). A frame that is
 * smaller than the default guard still traps, even if its far end is touched
 * first.
 */
#define FRAME_SIZE 49152
#define DEPTH 40 /* ASan's stacks are larger */

#include "large_frames.h"
