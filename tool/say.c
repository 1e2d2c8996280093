/* SPDX-License-Identifier: MIT */
/* What the tool says: results on standard output, the rest on standard error.
 */
#include "tool.h"

#include <errno.h>

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

/* Comments and strings of an IDL may come from a server, too. */
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
