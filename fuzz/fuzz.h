/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share. */
#ifndef WEFT_FUZZ_FUZZ_H
#define WEFT_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold of every input. */
static inline void
check(bool ok)
{
    if (!ok)
        abort();
}

/* The next pseudo-random choice below n. The seed is part of the input, so that
 * an input always gives the same choices. */
static inline size_t
draw(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

#endif
