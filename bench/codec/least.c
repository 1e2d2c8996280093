/* SPDX-License-Identifier: MIT */
/* A lower bound for any codec: it moves every byte once, and branches once on
 * the type of each field. */
#include "beside.h"

#include <stdlib.h>

static size_t n_wires, cap;

static void
check(bool ok)
{
    if (!ok) {
        fprintf(stderr, "bench: no memory, or no strict binary\n");
        exit(1);
    }
}

static void
add(struct least *l, uint8_t wire)
{
    if (n_wires == cap) {
        cap = cap ? 2 * cap : 1024;
        l->wires = realloc(l->wires, cap);
        check(l->wires != NULL);
    }
    l->wires[n_wires++] = wire;
}

static void walk(struct least *l, struct weft_reader *r, uint8_t wire);

static void
walk_items(struct least *l, struct weft_reader *r, bool is_map)
{
    int8_t key, value;
    int32_t count;
    check(!weft_bin_read_i8(r, &key));
    value = key;
    check(!is_map || !weft_bin_read_i8(r, &value));
    check(!weft_bin_read_i32(r, &count));
    for (int32_t i = 0; i < count; i++) {
        if (is_map)
            walk(l, r, (uint8_t)key);
        walk(l, r, (uint8_t)value);
    }
}

/* An item of a container counts as a field: its type needs a branch, too. */
static void
walk(struct least *l, struct weft_reader *r, uint8_t wire)
{
    uint32_t field;
    add(l, wire);
    if (wire == WEFT_STRUCT) {
        for (;;) {
            check(!weft_bin_read_field(r, &field));
            if (field == WEFT_STOP)
                return;
            walk(l, r, (uint8_t)field);
        }
    }
    if (wire == WEFT_MAP || wire == WEFT_SET || wire == WEFT_LIST)
        walk_items(l, r, wire == WEFT_MAP);
    else
        check(!weft_bin_skip(r, wire));
}

void
least_init(struct least *l, const struct stream *binary)
{
    *l = (struct least){.ends = calloc(binary->n, sizeof *l->ends),
                        .copy = malloc((size_t)1 << 16)};
    check(l->ends && l->copy);
    n_wires = cap = 0;
    for (size_t i = 0; i < binary->n; i++) {
        struct weft_reader r;
        size_t begin = stream_begin(binary, i);
        weft_reader_init_flat(&r, binary->bytes + begin,
                              binary->ends[i] - begin, NULL, 0);
        walk(l, &r, WEFT_STRUCT);
        l->ends[i] = n_wires;
    }
}

void
least_fini(struct least *l)
{
    free(l->wires);
    free(l->ends);
    free(l->copy);
}

void
least_run(const struct least *l, const struct stream *in, long passes)
{
    for (; passes > 0; passes--)
        for (size_t i = 0, at = 0; i < in->n; i++) {
            size_t begin = stream_begin(in, i);
            memcpy(l->copy, in->bytes + begin, in->ends[i] - begin);
            for (; at < l->ends[i]; at++)
                /* The empty asm keeps the compiler from removing the branch. A
                 * real reader has this branch, too. */
                if (l->wires[at] == WEFT_STRING)
                    __asm__ volatile("" : : "r"(l->copy) : "memory");
                else
                    __asm__ volatile("# number" : : "r"(l->copy) : "memory");
        }
}
