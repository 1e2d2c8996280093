/* SPDX-License-Identifier: MIT */
/*
 * Compares generated code with reading and writing by descriptor: both must
 * give the same error or the same value, use the same number of bytes and the
 * same memory of the arena, and write the same bytes again.
 *
 * The first four bytes of the input choose the protocol, the length of the runs
 * that the rest is cut into, the limits, and where in its block the writer
 * begins.
 */
#include "fuzz.h"
#include "codec/codec.h"
#include "codec/desc/table.h"
#include "sample.h"

#include <stdlib.h>

enum { COMPACT = 1, RUNS = 2, SHALLOW = 4, POOR = 8 }; /* of the third byte */

struct side {
    bool by_table, compact;
    struct weft_arena arena;
    struct weft_reader reader;
    struct fz_Sample sample;
    weft_err err;
};

static void
borrowed(void *unused)
{
    (void)unused;
}

static void
cut_into_runs(const uint8_t *data, size_t size, size_t run,
              struct weft_chain *chain)
{
    for (size_t at = 0; at < size; at += run) {
        size_t n = size - at < run ? size - at : run;
        check(!weft_chain_append_ref(chain, data + at, n, borrowed, NULL));
    }
}

static void
read_sample(struct side *s, const struct weft_chain *chain, unsigned flags)
{
    weft_arena_init(&s->arena, flags & POOR ? 3000 : 1 << 20);
    weft_reader_init(&s->reader, chain, &s->arena, flags & SHALLOW ? 5 : 0);
    s->compact = flags & COMPACT;
    if (s->by_table)
        s->err =
            wf_table_read(&fz_Sample_desc, s->compact, &s->reader, &s->sample);
    else
        s->err = weft_struct_read(&fz_Sample_desc,
                                  s->compact ? WEFT_COMPACT : WEFT_BINARY,
                                  &s->reader, &s->sample);
}

/* Write the record after `skew` bytes, which only shift the writer's position.
 * Returns the bytes of the record, which the caller frees; after an error *len
 * is 0. */
static uint8_t *
write_sample(const struct side *s, size_t skew, size_t *len, weft_err *err)
{
    struct weft_chain chain = {0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    for (size_t i = 0; i < skew; i++)
        weft_bin_write_i8(&w, 0);
    if (s->by_table)
        wf_table_write(&fz_Sample_desc, s->compact, &w, &s->sample);
    else
        weft_struct_write(&fz_Sample_desc,
                          s->compact ? WEFT_COMPACT : WEFT_BINARY, &w,
                          &s->sample);
    *err = weft_writer_fini(&w);
    *len = *err ? 0 : chain.len - skew;
    uint8_t *bytes = malloc(*len + 1);
    check(bytes && weft_chain_copy_out(&chain, *err ? chain.len : skew, bytes,
                                       *len) == *len);
    weft_chain_clear(&chain);
    return bytes;
}

static void
check_written(const struct side *a, const struct side *b, size_t skew)
{
    size_t len_a, len_b;
    weft_err err_a, err_b;
    uint8_t *bytes_a = write_sample(a, skew, &len_a, &err_a);
    uint8_t *bytes_b = write_sample(b, 0, &len_b, &err_b);
    check(err_a == err_b && len_a == len_b);
    check(memcmp(bytes_a, bytes_b, len_a) == 0);
    free(bytes_a);
    free(bytes_b);
}

/* Even a record that was read only in part must be safe to use. */
static void
look_at(const struct side *s)
{
    FILE *nowhere = fopen("/dev/null", "w");
    check(nowhere != NULL);
    weft_struct_print(&fz_Sample_desc, nowhere, &s->sample);
    fclose(nowhere);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_chain chain = {0};
    struct side code = {.by_table = false}, table = {.by_table = true};
    if (size < 5)
        return 0;
    unsigned flags = data[2];
    size_t run = flags & RUNS ? 1 + (data[0] | (size_t)data[1] << 8) : size;
    cut_into_runs(data + 4, size - 4, run, &chain);
    read_sample(&code, &chain, flags);
    read_sample(&table, &chain, flags);
    check(code.err == table.err);
    look_at(&code);
    if (!code.err) {
        check(code.reader.depth == table.reader.depth);
        check(weft_reader_left(&code.reader) ==
              weft_reader_left(&table.reader));
        check(code.arena.left == table.arena.left);
        check(weft_struct_hash(&fz_Sample_desc, &code.sample) ==
              weft_struct_hash(&fz_Sample_desc, &table.sample));
        check_written(&code, &table, (size_t)data[3] * 4);
    }
    weft_chain_clear(&chain);
    weft_arena_fini(&code.arena);
    weft_arena_fini(&table.arena);
    return 0;
}
