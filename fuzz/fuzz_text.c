/* SPDX-License-Identifier: MIT */
/*
 * Reads JSON text of a struct with every type. The value is written in both
 * layouts, must be read again as the same value, and then be written as the
 * same text. The error of a refused text must say why and where.
 */
#include "fuzz.h"
#include "codec/codec.h"

#include "../tests/unit/codec/sample_desc.h"

#include <stdlib.h>

#define BUDGET ((size_t)1 << 20)

/* The record as text, which the caller frees; NULL: it nests too deep to be
 * written. */
static char *
print(const struct sample *s, int indent, size_t *len)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_struct_to_json(&sample_desc, &w, s, indent);
    weft_err err = weft_writer_fini(&w);
    char *text = NULL;
    check(!err || err == WEFT_EDEPTH);
    if (!err) {
        *len = chain.len;
        text = malloc(chain.len);
        check(text != NULL);
        weft_chain_copy_out(&chain, 0, text, chain.len);
    }
    weft_chain_clear(&chain);
    return text;
}

static void
check_text(const struct sample *s, int indent)
{
    struct weft_arena arena;
    struct sample again;
    size_t len, same_len;
    char *text = print(s, indent, &len);
    if (!text)
        return;
    weft_arena_init(&arena, 0);
    check(!weft_struct_from_json(&sample_desc,
                                 (struct weft_str){text, (uint32_t)len}, &arena,
                                 &again, NULL));
    check(weft_struct_equal(&sample_desc, s, &again));
    char *same = print(&again, indent, &same_len);
    check(same && same_len == len && memcmp(same, text, len) == 0);
    free(same);
    free(text);
    weft_arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_arena arena;
    struct sample s;
    struct weft_json_error why;
    weft_arena_init(&arena, BUDGET);
    struct weft_str text = {(const char *)data, (uint32_t)size};
    weft_err err = weft_struct_from_json(&sample_desc, text, &arena, &s, &why);
    if (!err) {
        check(why.line == 0 && !why.text[0]);
        check_text(&s, 0);
        check_text(&s, 2);
    } else {
        check(why.line > 0 && why.column > 0 && why.offset <= size);
        check(why.text[0] && memchr(why.text, 0, sizeof why.text));
    }
    weft_arena_fini(&arena);
    return 0;
}
