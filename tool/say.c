/* SPDX-License-Identifier: MIT */
/* Prints results on standard output, and errors and help on standard error. */
#include "tool.h"

#include "codec/desc/record.h"

#include <errno.h>

#define SHOWN 64 /* columns of an input line that is shown with a caret */

static void say(const char *prefix, const char *fmt, va_list args)
    WEFT_PRINTF(2, 0);

static void
say(const char *prefix, const char *fmt, va_list args)
{
    fputs(prefix, stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
}

void
wt_error(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say("weft: error: ", fmt, args);
    va_end(args);
}

void
wt_help(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say("help: ", fmt, args);
    va_end(args);
}

void
wt_help_guess(const struct wc_guess *guess)
{
    if (guess->best)
        wt_help("did you mean `%s`?", guess->best);
}

/* ---- text of a peer ---- */

/* The length of the character at s. 0 if it must not be printed: a control
 * character that a terminal obeys (0x80 to 0x9f, too, in UTF-8 or as a single
 * byte), or not UTF-8. */
static uint32_t
measure_plain(const char *s, size_t left)
{
    const uint8_t *c = (const uint8_t *)s;
    if (c[0] < 0x80)
        return c[0] >= 0x20 && c[0] != 0x7f;
    uint32_t n = wf_measure_utf8(c, left < 4 ? (uint32_t)left : 4);
    return n == 2 && c[0] == 0xc2 && c[1] < 0xa0 ? 0 : n;
}

void
wt_put_safe(FILE *out, struct weft_str text)
{
    for (uint32_t i = 0; i < text.len;) {
        uint32_t n = measure_plain(text.ptr + i, text.len - i);
        if (n > 0)
            fwrite(text.ptr + i, 1, n, out);
        else
            fprintf(out, "\\x%02x", (uint8_t)text.ptr[i]);
        i += n > 0 ? n : 1;
    }
}

void
wt_put_lines(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t n = measure_plain(text + i, len - i);
        bool is_layout = text[i] == '\n' || text[i] == '\t';
        if (n > 0)
            fwrite(text + i, 1, n, out);
        else
            fputc(is_layout ? text[i] : '?', out);
        i += n > 0 ? n : 1;
    }
}

/* ---- what is wrong with the JSON ---- */

static bool
continues(char byte)
{
    return ((uint8_t)byte & 0xc0) == 0x80; /* a UTF-8 character */
}

static void
show_place(const char *text, size_t len, size_t at)
{
    size_t begin = at, end = at;
    while (begin > 0 && text[begin - 1] != '\n' && at - begin < SHOWN / 2)
        begin--;
    while (begin < at && continues(text[begin]))
        begin++;
    while (end < len && text[end] != '\n' && end - begin < SHOWN)
        end++;
    while (end > at && end < len && continues(text[end]))
        end--;
    fputs("    ", stderr);
    for (size_t i = begin, n; i < end; i += n) {
        n = measure_plain(text + i, end - i);
        if (n > 0)
            fwrite(text + i, 1, n, stderr);
        else
            fputc(text[i] == '\t' ? ' ' : '?', stderr);
        n += n == 0;
    }
    fputs("\n    ", stderr);
    for (size_t i = begin; i < at; i++)
        if (!continues(text[i]))
            fputc(' ', stderr);
    fputs("^\n", stderr);
}

enum wt_code
wt_report_json(const char *text, size_t len, size_t offset,
               const struct weft_json_error *why, unsigned line)
{
    if (line > 0)
        fprintf(stderr, "weft: error: line %u:%zu: ", line, offset + 1);
    else
        fprintf(stderr, "weft: error: JSON %u:%u: ", (unsigned)why->line,
                (unsigned)why->column);
    wt_put_safe(stderr, weft_str_of(why->text));
    fputc('\n', stderr);
    show_place(text, len, offset);
    return WT_INPUT;
}

/* ---- standard output ---- */

enum wt_code
wt_flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return WT_OK;
    wt_error("cannot write to standard output: %s", strerror(errno));
    return WT_BROKEN;
}

enum wt_code
wt_print(const struct weft_chain *chain)
{
    char part[4096];
    size_t n;
    for (size_t at = 0; at < chain->len; at += n) {
        n = weft_chain_copy_out(chain, at, part, sizeof part);
        fwrite(part, 1, n, stdout);
    }
    return wt_flush();
}

enum wt_code
wt_print_text(const struct wc_text *text)
{
    wt_put_lines(stdout, text->ptr, text->len);
    return wt_flush();
}
