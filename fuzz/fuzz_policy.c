/* SPDX-License-Identifier: MIT */
/* Documents of policies: each is taken whole, or refused with its place. */
#include "fuzz.h"

#include <weft/upstream.h>

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_json_error why;
    struct weft_str values, text = {(const char *)data, (uint32_t)size};
    weft_err err = weft_policy_check(text, &arena, &values, &why);
    if (err) {
        check(!values.ptr && why.line > 0 && why.column > 0);
        check(why.offset <= size && *why.text);
    } else {
        check(strncmp(values.ptr, "client eject_failures ", 22) == 0);
        check(strlen(values.ptr) == values.len);
    }
    weft_arena_fini(&arena);
    return 0;
}
