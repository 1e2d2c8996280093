/* SPDX-License-Identifier: MIT */
/* Finds what is left of a host at its end, and lists what threads and fibers
 * wait for when nothing can happen any more. */
#include "sim.h"

#include "buf/buf.h"

#include <weft/fiber.h>

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define TEXT_MAX 16384

/* ---- what is left ---- */

static void
count_fiber(void *user, const struct weft_fiber_info *info)
{
    (void)info;
    (*(uint32_t *)user)++;
}

/* Count the threads of the host, except the first one, which has just ended. */
static uint32_t
count_threads(const struct ws_host *host)
{
    uint32_t n = 0;
    const struct wf_link *link = host->threads.head.next;
    for (; link != &host->threads.head; link = link->next)
        n += (const void *)link != host->first;
    return n;
}

void
ws_check_left(struct ws_host *host)
{
    struct wf_buf_stats buf;
    uint32_t fibers = 0, threads = count_threads(host);
    size_t blocks = 0;
    weft_fiber_list(count_fiber, &fibers);
    if (fibers)
        ws_fail("%s: main has ended, and %" PRIu32 " fibers are left",
                host->name, fibers);
    /* While threads are left, blocks cannot be counted, because a thread keeps
     * freed blocks in its cache. */
    if (threads)
        ws_fail("%s: main has ended, and %" PRIu32
                " threads are left; weft_runtime_stop ends them",
                host->name, threads);
    wf_buf_stats(&buf);
    for (int i = 0; i < WF_BLOCK_CLASSES; i++)
        blocks += buf.blocks[i];
    if (blocks || buf.slices)
        ws_fail("%s: main has ended, and %zu blocks and %zu slices of bytes "
                "are left",
                host->name, blocks, buf.slices);
}

/* ---- who waits ---- */

static struct {
    char text[TEXT_MAX];
    size_t n;
    const struct ws_host *host; /* the host whose fibers are listed */
} waits;

WEFT_PRINTF(1, 2) static void add(const char *fmt, ...)
{
    size_t room = sizeof waits.text - waits.n;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(waits.text + waits.n, room, fmt, args);
    va_end(args);
    if (n > 0 && (size_t)n < room)
        waits.n += (size_t)n;
    else
        waits.text[waits.n] = 0; /* the text does not fit and is dropped */
}

static void
add_thread(const struct ws_thread *t)
{
    add("  %s/%" PRIu64 " %s", t->host->name, t->number,
        t->waits  ? t->why
        : t->held ? "is frozen"
                  : "runs");
    if (t->waits)
        add(" since %" PRIu64 " ms", t->since_ns / 1000000u);
    add("\n");
}

static void
add_fiber(void *user, const struct weft_fiber_info *info)
{
    static const char *const states[] = {"is ready", "runs", "waits",
                                         "has ended"};
    (void)user;
    add("  %s fiber %" PRIx64 "%s%s %s", waits.host->name, info->fiber.id,
        *info->name ? " " : "", info->name, states[info->state]);
    if (info->state == WEFT_FIBER_WAITING)
        add(" for: %s, since %" PRIu64 " ms", weft_wait_text(info->waits_for),
            ws_true(waits.host, info->since_ns) / 1000000u);
    add("\n");
}

/* True if all threads of the host wait. A thread that does not wait was stopped
 * somewhere in its code, and may hold a spin lock that weft_fiber_list
 * needs. */
static bool
all_wait(const struct ws_host *host)
{
    const struct wf_link *link = host->threads.head.next;
    for (; link != &host->threads.head; link = link->next)
        if (!((const struct ws_thread *)(const void *)link)->waits)
            return false;
    return true;
}

void
ws_waits_keep(void)
{
    for (uint32_t i = 0; i < ws.n_hosts; i++) {
        struct ws_host *host = ws.hosts[i];
        const struct wf_link *link = host->threads.head.next;
        for (; link != &host->threads.head; link = link->next)
            add_thread((const void *)link);
        if (wf_list_is_empty(&host->threads) || !all_wait(host))
            continue;
        waits.host = host;
        ws_host_enter(host);
        weft_fiber_list(add_fiber, NULL);
    }
}

void
ws_waits_tell(FILE *to)
{
    if (waits.n)
        fprintf(to, "who waits for what:\n%s", waits.text);
}
