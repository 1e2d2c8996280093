/* SPDX-License-Identifier: MIT */
/* Attacks the compact protocol with the checks of table.h. */
#include "fuzz.h"
#include "table.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_table(WEFT_COMPACT, data, size);
    return 0;
}
