/* SPDX-License-Identifier: MIT */
/* Attacks the JSON protocol with the checks of table.h. A struct that can be
 * read as binary after the first byte must also survive JSON, with any bytes in
 * its strings and with any double. */
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
