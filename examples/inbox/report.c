/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <weft/fiber.h>

/* ---- progress ---- */

static weft_fiber progress;

static void
show_progress(void *arg)
{
    enum { WIDTH = 40 };
    static const char full[] = "########################################";
    struct crowd *c = arg;
    do {
        uint32_t done = c->steps, all = c->all_steps;
        int n = (int)((uint64_t)WIDTH * done / all);
        fprintf(stderr, "\r[%.*s%*s] %3u %%", n, full, WIDTH - n, "",
                (unsigned)((uint64_t)100 * done / all));
    } while (!weft_sleep_ms(100)); /* until it is cancelled */
    fprintf(stderr, "\r%*s\r", WIDTH + 10, "");
}

void
report_progress_start(struct crowd *c)
{
    if (isatty(STDERR_FILENO) && weft_fiber_start(show_progress, c, &progress))
        progress.id = 0; /* the demo goes on without a bar */
}

void
report_progress_stop(void)
{
    weft_fiber_cancel(progress);
    weft_fiber_join(progress);
}

/* ---- figures ---- */

static int
ascending(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* How long the i-th shortest call took, in milliseconds. */
static double
ms_at(const uint32_t *us, uint32_t i)
{
    return us[i] / 1e3;
}

void
report_calls(struct crowd *c, enum crowd_call call, double seconds)
{
    static const char *const names[] = {"messages sent", "pages read"};
    uint32_t *us = c->us[call], n = c->n_us[call];
    if (n == 0)
        return;
    qsort(us, n, sizeof *us, ascending);
    printf("%-14s %7u %8.0f/s %9.1f %8.1f %8.1f\n", names[call], n, n / seconds,
           ms_at(us, n / 2), ms_at(us, n - 1 - n / 100), ms_at(us, n - 1));
}

/* ---- a conversation ---- */

static const struct crowd_talk *
liveliest(const struct crowd *c)
{
    const struct crowd_talk *best = c->talks;
    for (uint32_t i = 0; i < c->n_talks; i++)
        if (c->talks[i].n_members > best->n_members)
            best = &c->talks[i];
    return best;
}

static void
print_line(const struct inbox_Message *m)
{
    char clock[16];
    int len = m->text.len > 60 ? 57 : (int)m->text.len;
    time_t seconds = (time_t)(m->sent_us / 1000000);
    struct tm tm;
    strftime(clock, sizeof clock, "%T", localtime_r(&seconds, &tm));
    printf("  %s.%03d  %-7s %.*s%s\n", clock, (int)(m->sent_us / 1000 % 1000),
           words_name(m->author), len, m->text.ptr,
           m->text.len > 60 ? "..." : "");
}

void
report_talk(struct crowd *c)
{
    const struct crowd_talk *talk = liveliest(c);
    struct inbox_LoadMorePerConversationInbox_args args = {
        .conversation = talk->id, .limit = 10};
    struct inbox_LoadMorePerConversationInbox_result result;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = inbox_Inbox_LoadMorePerConversationInbox(
        c->clients[0], &arena, &args, &result, NULL);
    if (!err) {
        printf("the last lines of conversation %lld, %u members:\n",
               (long long)talk->id, talk->n_members);
        for (uint32_t i = result.success.messages.len; i-- > 0;)
            print_line(&result.success.messages.items[i]);
    }
    weft_arena_fini(&arena);
}
