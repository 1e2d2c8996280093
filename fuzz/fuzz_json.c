/* SPDX-License-Identifier: MIT */
/* The JSON protocol: see table.h. Besides, everything that can be read as
 * binary after the first byte can be sent as JSON: any bytes in strings, any
 * double. */
#include "fuzz.h"
#include "table.h"

static void
check_any(const uint8_t *data, size_t size)
{
    struct weft_arena arena;
    struct sample s;
    weft_arena_init(&arena, BUDGET);
    if (!decode_as(&sample_desc, WEFT_BINARY, data, size, &arena, &s))
        check_encoding(WEFT_JSON, &s);
    weft_arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_table(WEFT_JSON, data, size);
    if (size > 0)
        check_any(data + 1, size - 1);
    return 0;
}
