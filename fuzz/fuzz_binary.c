/* SPDX-License-Identifier: MIT */
/*
 * Attacks strict binary with the checks of table.h. Straight-line code also
 * reads and writes the struct, and must agree with reading and writing by
 * descriptor. The value is also copied and printed.
 */
#include "fuzz.h"
#include "table.h"

#include "../tests/unit/codec/sample_read.h"
#include "../tests/unit/codec/sample_write.h"

/* Straight-line code and the descriptor must write the same bytes. */
static void
check_writers(const struct sample *s)
{
    struct weft_chain chain = {0};
    struct weft_writer w;
    size_t len;
    weft_err err;
    uint8_t *bytes = encode_as(&sample_desc, WEFT_BINARY, s, &len, &err);
    check(!err);
    weft_writer_init(&w, &chain);
    sample_write(&w, s);
    check(!weft_writer_fini(&w) && chain.len == len);
    uint8_t *line = malloc(len + 1);
    check(line && weft_chain_copy_out(&chain, 0, line, len) == len);
    check(memcmp(line, bytes, len) == 0);
    free(line);
    free(bytes);
    weft_chain_clear(&chain);
}

static void
check_engine(const struct sample *s)
{
    struct weft_arena arena;
    struct sample copy;
    char text[256];
    weft_arena_init(&arena, 0);
    check(!weft_struct_copy(&sample_desc, &arena, &copy, s));
    check(weft_struct_equal(&sample_desc, s, &copy));
    FILE *out = fmemopen(text, sizeof text, "w");
    if (out) {
        weft_struct_print(&sample_desc, out, &copy);
        fclose(out);
    }
    weft_arena_fini(&arena);
}

/* Straight-line code and the descriptor must read the same value, and stop at
 * the same byte. */
static void
check_readers(const struct weft_chain *chain)
{
    struct weft_arena line_arena, table_arena;
    struct weft_reader line, table;
    struct sample a, b;
    weft_arena_init(&line_arena, BUDGET);
    weft_arena_init(&table_arena, BUDGET);
    weft_reader_init(&line, chain, &line_arena, 0);
    weft_reader_init(&table, chain, &table_arena, 0);
    weft_err err = sample_read(&line, &a);
    check(err == weft_struct_read(&sample_desc, WEFT_BINARY, &table, &b));
    if (!err) {
        check(weft_reader_left(&line) == weft_reader_left(&table));
        check(line.depth == WEFT_DEPTH && table.depth == WEFT_DEPTH);
        check(weft_struct_equal(&sample_desc, &a, &b));
        check_writers(&a);
        check_engine(&b);
    }
    weft_arena_fini(&line_arena);
    weft_arena_fini(&table_arena);
}

static void
check_others(const struct weft_chain *chain)
{
    struct weft_arena arena;
    struct weft_reader r;
    struct wf_app_exception x;
    weft_arena_init(&arena, BUDGET);
    weft_reader_init(&r, chain, &arena, 0);
    (void)!weft_struct_read(&wf_app_exception_desc, WEFT_BINARY, &r, &x);
    weft_arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    fuzz_table(WEFT_BINARY, data, size);
    struct weft_chain chain = split(data + 1, size - 1, 1u + data[0]);
    check_readers(&chain);
    check_others(&chain);
    weft_chain_clear(&chain);
    return 0;
}
