/* SPDX-License-Identifier: MIT */
/* The JSON protocol: see table.h. */
#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_table(WEFT_JSON, data, size);
    return 0;
}
