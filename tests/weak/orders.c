/* SPDX-License-Identifier: MIT */
/* Makes each order of a part weaker, and prints a table of the results. */
#include "inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 96

const char *const weak_order_names[] = {"relaxed", "acquire", "release",
                                        "acq_rel", "seq_cst", "-"};

/* The linker defines these. */
extern struct weak_place *const __start_weak_places[];
extern struct weak_place *const __stop_weak_places[];

static struct weak_place *places[PLACES];
static uint32_t n_places;
static struct weak_place *weakened;
static enum weak_order weakened_to;

/* Stands for all exchanges that fail. */
static struct weak_place miss = {"base/atomic.h", "wf_cas",     "that fails", 0,
                                 WEAK_MISS,       WEAK_acquire, false};

enum weak_order
weak_order_of(struct weak_place *place)
{
    place->reached = true;
    return place == weakened ? weakened_to : place->order;
}

enum weak_order
weak_order_of_miss(void)
{
    return weak_order_of(&miss);
}

static const char *
name_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static bool
comes_before(const struct weak_place *a, const struct weak_place *b)
{
    int files = strcmp(name_of(a->file), name_of(b->file));
    return files < 0 || (files == 0 && a->line < b->line);
}

/* `what` is "file" or "file:function". */
static bool
is_of(const struct weak_place *p, const char *what)
{
    const char *name = name_of(p->file);
    size_t n = strlen(name);
    return strncmp(name, what, n) == 0 &&
           (!what[n] || (what[n] == ':' && strcmp(what + n + 1, p->in) == 0));
}

/* Gather the places of these files, sorted by file and line. */
static void
gather(const char *const *files)
{
    struct weak_place *const *p = __start_weak_places;
    for (; p < __stop_weak_places; p++) {
        bool is_ours = false;
        for (const char *const *f = files; *f; f++)
            is_ours |= is_of(*p, *f);
        if (!is_ours)
            continue;
        if (n_places + 1 == PLACES)
            abort();
        uint32_t i = n_places++;
        for (; i > 0 && comes_before(*p, places[i - 1]); i--)
            places[i] = places[i - 1];
        places[i] = *p;
    }
    places[n_places++] = &miss;
}

/* Stores the orders that are one step weaker, and returns how many there
 * are. */
static uint32_t
weaker_than(const struct weak_place *p, enum weak_order *to)
{
    if (p->order == WEAK_relaxed)
        return 0;
    to[0] = WEAK_relaxed;
    if (p->order == WEAK_seq_cst)
        to[0] = p->kind == WEAK_LOAD    ? WEAK_acquire
                : p->kind == WEAK_STORE ? WEAK_release
                                        : WEAK_acq_rel;
    if (p->order != WEAK_acq_rel)
        return 1;
    to[0] = WEAK_acquire;
    to[1] = WEAK_release;
    return 2;
}

static const struct weak_excuse *
excuse_of(const struct weak_part *part, const struct weak_place *p,
          enum weak_order to)
{
    for (const struct weak_excuse *e = part->excuses; e && e->in; e++)
        if (e->to == to && strcmp(e->in, p->in) == 0 &&
            strcmp(e->what, p->what) == 0)
            return e;
    return NULL;
}

static void
print_place(const struct weak_place *p, enum weak_order to)
{
    static const char *const kinds[] = {"load", "store", "change", "fence",
                                        "miss"};
    char at[40];
    snprintf(at, sizeof at, "%s:%d", name_of(p->file), p->line);
    printf("%-14s %-22s %-6s %-30s %-7s %-8s", at, p->in, kinds[p->kind],
           p->what, weak_order_names[p->order], weak_order_names[to]);
}

/* Returns whether the result is as expected. */
static bool
print_result(const char *found_by, const char *why,
             const struct weak_excuse *excuse)
{
    if (found_by) {
        printf(" caught: %s: %s\n", found_by, why);
        if (excuse)
            printf("    FAILED: there is an excuse: %s\n", excuse->why);
        return !excuse;
    }
    printf(" %s\n", excuse ? excuse->why : "FAILED: no test needs this order");
    return excuse;
}

static bool
try_weaker(const struct weak_part *part, struct weak_place *p,
           enum weak_order to)
{
    const char *why = NULL;
    const struct weak_test *t = part->tests;
    uint64_t executions = 0, n_dropped = 0;
    weakened = p;
    weakened_to = to;
    for (; t->name && !why; t++)
        why = weak_explore(t, &executions, &n_dropped);
    weakened = NULL;
    print_place(p, to);
    bool is_right =
        print_result(why ? t[-1].name : NULL, why, excuse_of(part, p, to));
    if (why && getenv("WEAK_TRACE"))
        weak_trace_print();
    return is_right;
}

/* Returns whether all results of the place are as expected. */
static bool
try_place(const struct weak_part *part, struct weak_place *p)
{
    enum weak_order to[2];
    uint32_t n = weaker_than(p, to);
    bool is_right = true;
    if (!p->reached && p->kind == WEAK_MISS)
        return true;
    if (!p->reached && n > 0) {
        print_place(p, WEAK_unreached);
        const struct weak_excuse *e = excuse_of(part, p, WEAK_unreached);
        printf(" %s\n", e ? e->why : "FAILED: no test comes by");
        return e;
    }
    if (n == 0) {
        print_place(p, WEAK_unreached);
        printf(" %s\n", p->reached ? "is the weakest"
                                   : "is the weakest, no test comes by");
    }
    for (uint32_t i = 0; i < n; i++)
        is_right &= try_weaker(part, p, to[i]);
    return is_right;
}

int
weak_main(const struct weak_part *part)
{
    uint32_t wrong = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (const struct weak_test *t = part->tests; t->name; t++) {
        uint64_t executions = 0, n_dropped = 0;
        const char *why = weak_explore(t, &executions, &n_dropped);
        if (why) {
            printf("%s fails: %s\n", t->name, why);
            weak_trace_print();
            return 1;
        }
        printf("%s: %llu executions, %llu dropped\n", t->name,
               (unsigned long long)executions, (unsigned long long)n_dropped);
    }
    gather(part->files);
    for (uint32_t i = 0; i < n_places; i++)
        wrong += !try_place(part, places[i]);
    if (wrong > 0)
        printf("FAILED: %u orders are not as the test says\n", wrong);
    return wrong > 0;
}
