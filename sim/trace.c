/* SPDX-License-Identifier: MIT */
/*
 * Traces what happens, one event in each line: time, host, thread, fiber, what
 * happened. The hash of the run covers all events, so that two runs of one seed
 * can be compared by their hashes. Events are kept as numbers, and become text
 * only when they are printed.
 */
#include "sim.h"

#include <weft/fiber.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAST 24 /* events that are printed at a failure */
#define TEXT 160

struct event {
    uint64_t at_ns, thread, fiber;
    const char *host, *what;
    int64_t number, result;
    char text[TEXT]; /* used if `what` is NULL */
};

static struct event last[LAST];

/* Add a word to the hash of the run, as FNV-1a adds a byte. */
static void
hash(uint64_t word)
{
    ws.hash = (ws.hash ^ word) * 0x100000001b3u;
    ws.hash ^= ws.hash >> 29;
}

static void
hash_text(const char *text)
{
    uint64_t word = 0;
    for (size_t i = 0; text[i]; i++) {
        word = word << 8 | (uint8_t)text[i];
        if (i % 8 == 7)
            hash(word);
    }
    hash(word);
}

static void
print(FILE *to, const struct event *e)
{
    fprintf(to, "%" PRIu64 ".%09" PRIu64 " %s/%" PRIu64, e->at_ns / 1000000000u,
            e->at_ns % 1000000000u, e->host, e->thread);
    if (e->fiber)
        fprintf(to, ".%" PRIx64, e->fiber);
    fputc(' ', to);
    if (e->what)
        fprintf(to, "%s %" PRId64 " = %" PRId64 "\n", e->what, e->number,
                e->result);
    else
        fprintf(to, "%s\n", e->text);
}

static struct event *
next_event(const char *what)
{
    struct event *e = &last[ws.n_events++ % LAST];
    const struct ws_thread *t = ws.current;
    e->at_ns = ws.now_ns;
    e->host = t ? t->host->name : "-";
    e->thread = t ? t->number : 0;
    e->fiber = t ? weft_fiber_self().id : 0;
    e->what = what;
    hash(ws.now_ns);
    hash(e->thread);
    return e;
}

void
ws_did(const char *what, int64_t number, int64_t result)
{
    struct event *e = next_event(what);
    e->number = number;
    e->result = result;
    hash_text(what);
    hash((uint64_t)number);
    hash((uint64_t)result);
    if (ws.trace && !ws.story)
        print(ws.trace, e);
}

WEFT_PRINTF(1, 0) static void say(const char *fmt, va_list args)
{
    struct event *e = next_event(NULL);
    vsnprintf(e->text, sizeof e->text, fmt, args);
    hash_text(e->text);
    if (ws.trace)
        print(ws.trace, e);
}

void
ws_say(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void
weft_sim_note(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void
ws_fail(const char *fmt, ...)
{
    va_list args;
    if (ws.failure[0])
        return;
    va_start(args, fmt);
    vsnprintf(ws.failure, sizeof ws.failure, fmt, args);
    va_end(args);
    ws_say("FAILED: %.140s", ws.failure);
}

void
ws_trace_last(FILE *to)
{
    uint64_t from = ws.n_events > LAST ? ws.n_events - LAST : 0;
    for (uint64_t i = from; i < ws.n_events; i++)
        print(to, &last[i % LAST]);
}

void
ws_die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "weft-sim: seed %" PRIu64 ": ", ws.seed);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    fflush(NULL);
    _exit(WS_DIED);
}
