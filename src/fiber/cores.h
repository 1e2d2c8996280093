/* SPDX-License-Identifier: MIT */
/* Finds the CPU quota of this process, which limits the number of workers. */
#ifndef WEFT_FIBER_CORES_H
#define WEFT_FIBER_CORES_H

#include <stdint.h>

/* Returns how many cores the cgroups of this process allow, rounded up; 0:
 * there is no limit. In a test, `root` is a directory, and this function reads
 * /proc and /sys in this directory; otherwise `root` is "". */
uint32_t wf_cores_of_cgroups(const char *root);

#endif
