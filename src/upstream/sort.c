/* SPDX-License-Identifier: MIT */
/* Sorts a long list, and gives way to other fibers meanwhile. qsort cannot:
 * sanitizers keep its comparison function for each thread, and a fiber that
 * gives way may go on in another thread. So qsort sorts short runs, and this
 * file merges them. */
#include "upstream/upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RUN 128u

typedef int compare_fn(const void *a, const void *b);

struct sort {
    size_t n, size; /* elements; bytes of an element */
    compare_fn *compare;
    struct wf_turn *turn;
};

/* Merge from[begin..middle) and from[middle..end), both sorted, into `to`. */
static void
merge(const struct sort *s, const char *from, char *to, size_t begin,
      size_t middle, size_t end)
{
    size_t left = begin, right = middle;
    for (size_t i = begin; i < end; i++) {
        bool is_left = right == end;
        if (!is_left && left < middle)
            is_left =
                s->compare(from + left * s->size, from + right * s->size) <= 0;
        size_t next = is_left ? left++ : right++;
        memcpy(to + i * s->size, from + next * s->size, s->size);
        wf_turn_step(s->turn);
    }
}

/* Merge pairs of runs until there is one run. Returns where it is: in `a` or in
 * `b`. */
static char *
merge_all(const struct sort *s, char *a, char *b)
{
    for (size_t run = RUN; run < s->n; run *= 2) {
        for (size_t begin = 0; begin < s->n; begin += 2 * run)
            merge(s, a, b, begin, WF_MIN(begin + run, s->n),
                  WF_MIN(begin + 2 * run, s->n));
        char *sorted = b;
        b = a;
        a = sorted;
    }
    return a;
}

weft_err
wf_sort(void *base, size_t n, size_t size, compare_fn *compare,
        struct wf_turn *turn)
{
    const struct sort s = {n, size, compare, turn};
    char *scratch = n > RUN ? wf_sys_malloc(n * size) : base;
    if (!scratch && n > 0)
        return -ENOMEM;
    for (size_t i = 0; i < n; i += RUN) {
        qsort((char *)base + i * size, WF_MIN(RUN, n - i), size, compare);
        wf_turn_end(turn);
    }
    char *sorted = merge_all(&s, base, scratch);
    if (sorted != base)
        memcpy(base, sorted, n * size);
    if (scratch != base)
        wf_sys_free(scratch);
    return WEFT_OK;
}
