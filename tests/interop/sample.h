/* SPDX-License-Identifier: MIT */
/* The struct that weft's side of the interop tests sends and expects. */
#ifndef WEFT_TESTS_INTEROP_SAMPLE_H
#define WEFT_TESTS_INTEROP_SAMPLE_H

#include "everything.h"

/* Set each field; the struct points to static memory. */
void sample_all(struct everything_All *all);

#endif
