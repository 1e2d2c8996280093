/* SPDX-License-Identifier: MIT */
/*
 * Measures what a message costs in weft and in Apache's C++ library: the same
 * orders, the same bytes, the same flags, one core, one run. Before that, both
 * sides have to agree on every byte.
 *
 *   codec_beside [rounds]
 */
#include "beside.h"
#include "codec.h"

#include <stdlib.h>
#include <time.h>

/* Columns take turns within a round, so that other programs on the machine slow
 * all of them down. */
#define TURN_NS UINT64_C(2000000)
#define TURNS 10
#define MAX_ROUNDS 99

#define FIXED_SIZE 439

static const char *const names[] = {"binary", "compact", "JSON"};

#define N_PROTOCOLS (sizeof names / sizeof *names)

/* The same messages in every protocol, written by weft. */
struct set {
    const char *name;
    void (*make)(struct weft_arena *arena, uint32_t i, struct shop_Order *o);
    uint32_t n;
    struct stream in[N_PROTOCOLS];
    struct least least;
};

static void
die(const char *why, const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

void
stream_add(struct stream *s, const uint8_t *bytes, size_t len)
{
    size_t before = stream_begin(s, s->n);
    s->bytes = realloc(s->bytes, before + len);
    s->ends = realloc(s->ends, (s->n + 1) * sizeof *s->ends);
    if (!s->bytes || !s->ends)
        die("no memory", "stream");
    memcpy(s->bytes + before, bytes, len);
    s->ends[s->n++] = before + len;
}

void
stream_clear(struct stream *s)
{
    free(s->bytes);
    free(s->ends);
    *s = (struct stream){0};
}

static bool
is_same(const struct stream *a, const struct stream *b)
{
    return a->n == b->n &&
           memcmp(a->ends, b->ends, a->n * sizeof *a->ends) == 0 &&
           memcmp(a->bytes, b->bytes, a->ends[a->n - 1]) == 0;
}

/* ---- messages ---- */

static void
make_fixed(struct weft_arena *arena, uint32_t i, struct shop_Order *order)
{
    (void)i;
    sample_fixed(arena, order);
}

static void
make_binary(struct set *set)
{
    static uint8_t bytes[1 << 16];
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    for (uint32_t i = 0; i < set->n; i++) {
        struct shop_Order order;
        struct weft_chain chain = {0};
        struct weft_writer w;
        set->make(&arena, i, &order);
        weft_writer_init(&w, &chain);
        weft_struct_write(&shop_Order_desc, WEFT_BINARY, &w, &order);
        if (weft_writer_fini(&w))
            die("cannot be written", set->name);
        stream_add(&set->in[WEFT_BINARY], bytes,
                   weft_chain_copy_out(&chain, 0, bytes, sizeof bytes));
        weft_chain_clear(&chain);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

/* Check that each side reads what the other one writes, and that both write the
 * same bytes, except in JSON, which leaves a choice of spelling. */
static void
agree(const struct set *set, enum weft_protocol proto)
{
    static const struct side *const sides[] = {&weft_side, &apache_side};
    struct stream wrote[2] = {{0}, {0}};
    const struct stream *binary = &set->in[WEFT_BINARY];
    for (int i = 0; i < 2; i++)
        if (!sides[i]->convert(WEFT_BINARY, binary, proto, &wrote[i]))
            die("cannot be written", names[proto]);
    if (proto != WEFT_JSON && !is_same(&wrote[0], &wrote[1]))
        die("the two sides write different bytes", names[proto]);
    for (int i = 0; i < 2; i++) {
        struct stream back = {0};
        if (!sides[i]->convert(proto, &wrote[!i], WEFT_BINARY, &back) ||
            !is_same(binary, &back))
            die("one side does not read what the other wrote", names[proto]);
        stream_clear(&back);
        stream_clear(&wrote[!i]);
    }
}

static void
set_init(struct set *set)
{
    make_binary(set);
    if (set->make == make_fixed && set->in[WEFT_BINARY].ends[0] != FIXED_SIZE)
        die("has not the size that it is known for", set->name);
    least_init(&set->least, &set->in[WEFT_BINARY]);
    for (size_t p = 0; p < N_PROTOCOLS; p++) {
        agree(set, (enum weft_protocol)p);
        if (p != WEFT_BINARY &&
            !weft_side.convert(WEFT_BINARY, &set->in[WEFT_BINARY],
                               (enum weft_protocol)p, &set->in[p]))
            die("cannot be written", names[p]);
    }
}

static void
set_fini(struct set *set)
{
    least_fini(&set->least);
    for (size_t p = 0; p < N_PROTOCOLS; p++)
        stream_clear(&set->in[p]);
}

/* ---- measuring ---- */

enum { WEFT, APACHE, BEST, LEAST, COLUMNS };

static const struct side *const sides[COLUMNS] = {&weft_side, &apache_side,
                                                  &apache_best_side, NULL};

struct row {
    const struct set *set;
    enum weft_protocol proto;
    bool is_decode;
};

static void
run(const struct row *row, int column, long passes)
{
    const struct stream *in = &row->set->in[row->proto];
    bool ok = true;
    if (column == LEAST)
        least_run(&row->set->least, in, passes);
    else if (row->is_decode)
        ok = sides[column]->decode(row->proto, in, passes);
    else
        ok = sides[column]->encode(row->proto, passes);
    if (!ok)
        die("failed", names[row->proto]);
}

/* The processor time of the passes, not wall-clock time. */
static uint64_t
time_ns(const struct row *row, int column, long passes)
{
    struct timespec since, now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &since);
    run(row, column, passes);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)((now.tv_sec - since.tv_sec) * 1000000000 + now.tv_nsec -
                      since.tv_nsec);
}

/* How many passes take about one turn. */
static long
count_passes(const struct row *row, int column)
{
    long passes = 1;
    uint64_t ns;
    while ((ns = time_ns(row, column, passes)) < TURN_NS / 4)
        passes *= 2;
    return 1 + (long)((uint64_t)passes * TURN_NS / ns);
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
measure_round(const struct row *row, const long *passes, double *ns)
{
    uint64_t spent[COLUMNS] = {0};
    for (int turn = 0; turn < TURNS; turn++)
        for (int c = 0; c < COLUMNS; c++)
            spent[c] += time_ns(row, c, passes[c]);
    for (int c = 0; c < COLUMNS; c++)
        ns[c] = (double)spent[c] /
                ((double)passes[c] * TURNS * (double)row->set->n);
}

/* Medians of nanoseconds per message. */
static void
measure(const struct row *row, int rounds, double *median)
{
    double ns[MAX_ROUNDS][COLUMNS], column[MAX_ROUNDS];
    long passes[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        passes[c] = count_passes(row, c);
    for (int i = 0; i < rounds; i++)
        measure_round(row, passes, ns[i]);
    for (int c = 0; c < COLUMNS; c++) {
        for (int i = 0; i < rounds; i++)
            column[i] = ns[i][c];
        qsort(column, (size_t)rounds, sizeof *column, compare);
        median[c] = column[rounds / 2];
    }
}

static void
show(const struct row *row, const double *ns)
{
    const struct set *set = row->set;
    size_t bytes = set->in[row->proto].ends[set->n - 1] / set->n;
    printf("%-6s%-8s%-7s%6zu%8.0f%9.0f%7.1f%9.0f%7.1f%8.0f%7.1f\n", set->name,
           names[row->proto], row->is_decode ? "decode" : "encode", bytes,
           ns[WEFT], ns[APACHE], ns[APACHE] / ns[WEFT], ns[BEST],
           ns[BEST] / ns[WEFT], ns[LEAST], ns[WEFT] / ns[LEAST]);
    fflush(stdout);
}

static void
measure_set(struct set *set, int rounds)
{
    set_init(set);
    for (size_t c = 0; c < COLUMNS; c++)
        if (sides[c] && !sides[c]->load(&set->in[WEFT_BINARY]))
            die("cannot be loaded", set->name);
    for (size_t p = 0; p < N_PROTOCOLS; p++)
        for (int is_encode = 0; is_encode < 2; is_encode++) {
            double median[COLUMNS];
            struct row row = {set, (enum weft_protocol)p, !is_encode};
            measure(&row, rounds, median);
            show(&row, median);
        }
    set_fini(set);
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 5;
    struct set fixed = {.name = "fixed", .make = make_fixed, .n = 64};
    struct set mixed = {.name = "mixed", .make = sample_mixed, .n = 4096};
    if (rounds < 1 || rounds > MAX_ROUNDS)
        die("1 to 99", "rounds");
    printf("ns per message; x: times weft's, and weft's times the least\n");
    printf("%-6s%-8s%-7s%6s%8s%9s%7s%9s%7s%8s%7s\n", "", "", "", "bytes",
           "weft", "Apache", "x", "best", "x", "least", "x");
    measure_set(&fixed, rounds);
    measure_set(&mixed, rounds);
    return 0;
}
