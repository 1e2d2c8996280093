/* SPDX-License-Identifier: MIT */
/* Makes a struct weft_str from a C string, and compares two such structs. */
#include "base/base.h"

#include <string.h>

struct weft_str
weft_str_of(const char *text)
{
    return (struct weft_str){text, text ? (uint32_t)strlen(text) : 0};
}

bool
weft_str_eq(struct weft_str a, struct weft_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
