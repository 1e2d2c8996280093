/* SPDX-License-Identifier: MIT */
#ifndef WEFT_FIBER_CORES_H
#define WEFT_FIBER_CORES_H

#include <stdint.h>

/* How many cores the cgroups of this process allow, rounded up; 0: no limit.
 * root is put before each path: "", or a tree of a test. */
uint32_t wf_cores_of_cgroups(const char *root);

#endif
