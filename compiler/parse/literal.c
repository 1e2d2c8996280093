/* SPDX-License-Identifier: MIT */
/* Makes tokens of numbers and strings. */
#include "parse/lex.h"

#include <errno.h>
#include <stdlib.h>

/* ---- numbers ---- */

static bool
is_number_byte(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '.';
}

/* Return the offset at which the number ends. Letters and dots belong to the
 * number, so that 12abc and 1..2 are one wrong number each. */
static uint32_t
number_end(const struct wc_lexer *l)
{
    const char *text = l->file->text;
    uint32_t at = l->at + 1;
    bool hex = false;
    while (at < l->file->len) {
        bool sign = text[at] == '-' || text[at] == '+';
        bool exponent = text[at - 1] == 'e' || text[at - 1] == 'E';
        hex = hex || text[at] == 'x' || text[at] == 'X';
        if (!is_number_byte(text[at]) && !(sign && exponent && !hex))
            break;
        at++;
    }
    return at;
}

static uint32_t
digits(const char **p, const char *allowed)
{
    uint32_t n = 0;
    while (**p && strchr(allowed, **p)) {
        ++*p;
        n++;
    }
    return n;
}

/* True if the text is [digits][.digits][e[sign]digits], with at least one digit
 * before the e. */
static bool
is_double(const char *p)
{
    uint32_t whole = digits(&p, "0123456789"), part = 0;
    if (*p == '.') {
        p++;
        part = digits(&p, "0123456789");
        if (part == 0)
            return false;
    }
    if (whole + part == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        if (digits(&p, "0123456789") == 0)
            return false;
    }
    return *p == '\0';
}

static int
base_of(const char **p)
{
    const char *text = *p;
    if (text[0] != '0' || text[1] == '\0')
        return 10;
    if (text[1] == 'x' || text[1] == 'X') {
        *p += 2;
        return 16;
    }
    if (text[1] == 'o') {
        *p += 2;
        return 8;
    }
    return 10;
}

static bool
read_integer(struct wc_token *token, const char *text, bool *too_big)
{
    const char *p = text + (*text == '-' || *text == '+');
    int base = base_of(&p);
    const char *end = p;
    const char *allowed = base == 16  ? "0123456789abcdefABCDEF"
                          : base == 8 ? "01234567"
                                      : "0123456789";
    if (digits(&end, allowed) == 0 || *end != '\0')
        return false;
    errno = 0;
    unsigned long long size = strtoull(p, NULL, base);
    unsigned long long most = (unsigned long long)INT64_MAX + (*text == '-');
    *too_big = errno != 0 || size > most;
    token->kind = WC_T_INT;
    if (*too_big || size == 0)
        token->integer = 0;
    else if (*text == '-')
        token->integer = -(int64_t)(size - 1) - 1;
    else
        token->integer = (int64_t)size;
    return true;
}

void
wc_lex_number(struct wc_lexer *l, struct wc_token *token)
{
    struct wc_span span = {l->file, l->at, 0};
    l->at = number_end(l);
    span.len = l->at - span.at;
    const char *text = wc_copy(l->c, l->file->text + span.at, span.len);
    bool too_big = false;
    token->kind = WC_T_INT;
    enum wc_diag wrong = WC_BAD_NUMBER;
    if (read_integer(token, text, &too_big)) {
        if (!too_big)
            return;
        wrong = WC_BIG_NUMBER;
    } else if (is_double(text + (*text == '-' || *text == '+'))) {
        token->kind = WC_T_DOUBLE;
        token->real = strtod(text, NULL);
        return;
    }
    if (l->quiet)
        return;
    wc_report(l->c, wrong, span, span.len > 40 ? "this" : text, NULL);
    if (text[span.len - 1] == '.')
        wc_help(l->c, "write `%s0`", text);
}

/* ---- strings ---- */

static char
escaped(char byte)
{
    switch (byte) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '\\':
    case '\'':
    case '"':
        return byte;
    default:
        return '\0';
    }
}

static void
report_escape(struct wc_lexer *l, char byte)
{
    struct wc_span span = {l->file, l->at, 2};
    bool printable = byte > ' ' && byte < 127;
    wc_report(l->c, WC_BAD_ESCAPE, span,
              printable ? wc_format(l->c, "\\%c", byte) : "\\", NULL);
    wc_help(l->c, "the escapes are \\n \\r \\t \\\\ \\' and \\\"; write a "
                  "backslash as \\\\");
}

/* Takes the backslash, and the byte after it if the two are an escape. */
static char
read_escape(struct wc_lexer *l, uint32_t end)
{
    /* true for a backslash at the end of a string that is not closed */
    bool is_last = l->at + 1 == end;
    char byte = is_last ? '\0' : l->file->text[l->at + 1];
    char meant = escaped(byte);
    if (meant == '\0' && !is_last && !l->any_escape && !l->quiet)
        report_escape(l, byte);
    l->at += meant ? 2 : 1;
    return meant ? meant : '\\';
}

static uint32_t
find_quote(const struct wc_lexer *l, char quote, bool over_lines)
{
    const char *text = l->file->text;
    uint32_t at = l->at, len = l->file->len;
    while (at < len && text[at] != quote && (over_lines || text[at] != '\n'))
        at += text[at] == '\\' && at + 1 < len &&
                      (over_lines || text[at + 1] != '\n')
                  ? 2
                  : 1;
    return at < len ? at : len;
}

/* Return the offset at which the string ends. A string without a closing quote
 * ends at the end of the line, so that the next lines get their own reports. */
static uint32_t
string_end(struct wc_lexer *l, struct wc_span span, char quote)
{
    uint32_t line_end = find_quote(l, quote, false);
    if (line_end < l->file->len && l->file->text[line_end] == quote)
        return line_end;
    uint32_t end = find_quote(l, quote, true);
    if (end < l->file->len) {
        l->long_string = span;
        return end;
    }
    if (!l->quiet) {
        wc_report(l->c, WC_OPEN_STRING, span, NULL, NULL);
        wc_help(l->c, "close it with %c", quote);
    }
    return line_end;
}

static void
check_byte(struct wc_lexer *l, char byte)
{
    struct wc_span here = {l->file, l->at, 1};
    if (byte == '\0' && !l->quiet)
        wc_report(l->c, WC_BAD_BYTE, here, "byte 0x00", NULL);
}

void
wc_lex_string(struct wc_lexer *l, struct wc_token *token)
{
    struct wc_span span = {l->file, l->at, 1};
    char quote = l->file->text[l->at++];
    uint32_t end = string_end(l, span, quote);
    char *to = wc_alloc(l->c, (size_t)end - l->at + 1);
    token->kind = WC_T_STRING;
    token->text = to;
    while (l->at < end) {
        char byte = l->file->text[l->at];
        check_byte(l, byte);
        if (byte == '\\')
            byte = read_escape(l, end);
        else
            l->at++;
        *to++ = byte;
    }
    token->len = (uint32_t)(to - token->text);
    l->at += end < l->file->len && l->file->text[end] == quote;
}
