/* SPDX-License-Identifier: MIT */
/* expect: killed by SIGSEGV|stack-overflow|SEGV on unknown address */
/* Row 47 of docs/threats.md: one frame of 40 KiB reaches over the guard into
 * the stack below, which another fiber uses. The first access must trap,
 * whichever byte of the frame it touches. */
#define FRAME_SIZE 40960
#define DEPTH 1

#include "large_frames.h"
