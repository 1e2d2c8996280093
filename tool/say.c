/* SPDX-License-Identifier: MIT */
/* Output of the tool: results on standard output, all else on standard error.
 */
#include "tool.h"

#include <errno.h>

#define SHOWN 64 /* columns of a line that is shown with a caret */

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

void
wt_put_safe(FILE *out, struct weft_str text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        /* C1 controls are two bytes in UTF-8, of which 0xc2 is the first. */
        uint8_t next = i + 1 < text.len ? (uint8_t)text.ptr[i + 1] : 0;
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0))
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
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
    for (size_t i = begin; i < end; i++) {
        uint8_t c = (uint8_t)text[i];
        fputc(c == '\t' ? ' ' : c < 0x20 || c == 0x7f ? '?' : c, stderr);
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

static enum wt_code
flush(void)
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
    return flush();
}

/* The comments and strings of an IDL may come from a server: control characters
 * are replaced. */
enum wt_code
wt_print_text(const struct wc_text *text)
{
    for (size_t i = 0; i < text->len; i++) {
        uint8_t c = (uint8_t)text->ptr[i];
        bool is_layout = c == '\n' || c == '\t';
        fputc((c < 0x20 && !is_layout) || c == 0x7f ? '?' : c, stdout);
    }
    return flush();
}
