/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share. */
#ifndef WEFT_FUZZ_FUZZ_H
#define WEFT_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Abort if a condition that must hold for every input does not hold. */
static inline void
check(bool ok)
{
    if (!ok)
        abort();
}

/* The next pseudo-random number less than `below`. The seed comes from the
 * input, so that an input always gives the same numbers. */
static inline size_t
draw(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

#endif
