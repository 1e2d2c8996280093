/* SPDX-License-Identifier: MIT */
/*
 * WEFT_SIM_SOMETIMES: what has to hold in at least one of many runs. The marks
 * of the program are in a section of their own, so a mark that is never reached
 * is known, too. Marks of the same name count as one. A run counts its marks in
 * memory that the run shares with the process that started it.
 */
#include "sim.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#define MARKS_MAX 1024

extern const struct weft_sim_mark *const __start_weft_sim_marks[]
    __attribute__((weak)),
        *const __stop_weft_sim_marks[] __attribute__((weak));

/* the index is that of the mark; NULL: a single run */
static _Atomic uint64_t *hits;

static size_t
count(void)
{
    return (size_t)(__stop_weft_sim_marks - __start_weft_sim_marks);
}

static size_t
first_of(const char *name)
{
    size_t i = 0;
    while (strcmp(__start_weft_sim_marks[i]->name, name) != 0)
        i++;
    return i;
}

void
ws_marks_share(void)
{
    if (count() > MARKS_MAX)
        ws_die("more than %d marks", MARKS_MAX);
    hits = mmap(NULL, MARKS_MAX * sizeof *hits, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (hits == MAP_FAILED)
        ws_die("no memory for marks");
}

void
weft_sim_mark(const struct weft_sim_mark *mark)
{
    if (hits)
        hits[first_of(mark->name)]++;
}

void
ws_marks_tell(FILE *to)
{
    for (size_t i = 0; i < count(); i++)
        if (first_of(__start_weft_sim_marks[i]->name) == i)
            fprintf(to, "%12" PRIu64 "  %s\n", (uint64_t)hits[i],
                    __start_weft_sim_marks[i]->name);
}

uint32_t
ws_marks_tell_missed(FILE *to)
{
    uint32_t missed = 0;
    for (size_t i = 0; i < count(); i++) {
        const struct weft_sim_mark *mark = __start_weft_sim_marks[i];
        if (hits[first_of(mark->name)] || first_of(mark->name) != i)
            continue;
        fprintf(to, "never: %s (%s:%u)\n", mark->name, mark->file,
                (unsigned)mark->line);
        missed++;
    }
    return missed;
}
