/* SPDX-License-Identifier: MIT */
#include "base/log.h"
#include "base/base.h"

#include <stdio.h>
#include <string.h>

#define MAX_LINE 1024 /* bytes, with the prefix and the line feed */
#define SECOND_NS 1000000000u
#define MAX_PER_SECOND 10

static const char *const prefixes[] = {
    "weft: debug: ", "weft: info: ", "weft: warning: ", "weft: error: "};

static WF_GLOBAL _Atomic int threshold = WEFT_LOG_WARN;

static WF_GLOBAL struct {
    struct wf_spin lock;
    weft_log_sink sink; /* NULL: standard error */
    void *user;
} target;

void
weft_log_set_level(enum weft_log_level level)
{
    wf_store(&threshold, (int)level, relaxed);
}

void
weft_log_set_sink(weft_log_sink sink, void *user)
{
    wf_spin_lock(&target.lock);
    target.sink = sink;
    target.user = user;
    wf_spin_unlock(&target.lock);
}

static bool
is_dropped(enum weft_log_level level)
{
    return (int)level < wf_load(&threshold, relaxed) || level >= WEFT_LOG_NONE;
}

/* True if `c` is a control byte of ASCII, or if `before` and `c` are the two
 * bytes of a control character in UTF-8 (U+0080 to U+009F). */
static bool
is_control(uint8_t before, uint8_t c)
{
    return c < 0x20 || c == 0x7f || (before == 0xc2 && c >= 0x80 && c < 0xa0);
}

/* Copy `text` to `at`, escape its control bytes, and write a NUL after the
 * copy. The copy and the NUL lie before `end`. A text that does not fit is cut
 * off and ends in "...". Returns the address of the NUL. */
static char *
escape(char *at, const char *end, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t before = 0;
    for (; *text; text++) {
        uint8_t c = (uint8_t)*text;
        if (end - at < 4 + 4) {
            memcpy(at, "...", 3);
            at += 3;
            break;
        }
        if (is_control(before, c)) {
            const char code[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
            memcpy(at, code, sizeof code);
            at += sizeof code;
        } else {
            *at++ = (char)c;
        }
        before = c;
    }
    *at = '\0';
    return at;
}

static void
emit(enum weft_log_level level, const char *text)
{
    char line[MAX_LINE];
    size_t prefix = strlen(prefixes[level]);
    memcpy(line, prefixes[level], prefix);
    char *end = escape(line + prefix, line + sizeof line, text);

    wf_spin_lock(&target.lock);
    weft_log_sink sink = target.sink;
    void *user = target.user;
    wf_spin_unlock(&target.lock);
    if (sink) {
        sink(user, level, line + prefix);
        return;
    }
    *end++ = '\n';
    (void)wf_sys_write(STDERR_FILENO, line, (size_t)(end - line));
}

void
wf_log(enum weft_log_level level, const char *fmt, ...)
{
    if (is_dropped(level))
        return;
    char text[MAX_LINE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    emit(level, text);
}

/* Count an event. True if this event may be logged. *suppressed receives the
 * number of events that were dropped since the last logged event. */
static bool
pass(struct wf_log_limit *limit, uint32_t *suppressed)
{
    *suppressed = 0;
    uint64_t now = wf_sys_now_ns();
    uint64_t until = wf_load(&limit->until_ns, relaxed);
    uint32_t most = limit->most ? limit->most : MAX_PER_SECOND;
    if (now < until ||
        !wf_cas(&limit->until_ns, &until, now + SECOND_NS, acq_rel))
        return wf_add(&limit->n, 1, relaxed) < most;
    uint32_t n = wf_xchg(&limit->n, 1, relaxed);
    if (n > most)
        *suppressed = n - most;
    return true;
}

void
wf_log_sparsely(struct wf_log_limit *limit, enum weft_log_level level,
                const char *fmt, ...)
{
    uint32_t suppressed;
    if (is_dropped(level) || !pass(limit, &suppressed))
        return;
    char text[MAX_LINE];
    int used = 0;
    if (suppressed > 0)
        used = snprintf(text, sizeof text, "(suppressed %u) ", suppressed);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text + used, sizeof text - (size_t)used, fmt, args);
    va_end(args);
    emit(level, text);
}
