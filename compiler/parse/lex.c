/* SPDX-License-Identifier: MIT */
#include "parse/lex.h"

static const char *const keywords[] = {
#define WC_KEYWORD(word) #word,
#include "parse/keyword.def"
#undef WC_KEYWORD
};

#define N_KEYWORDS (sizeof keywords / sizeof *keywords)
#define FIRST_KEYWORD (WC_T_STRING + 1)

bool
wc_is_keyword(int kind)
{
    return kind >= FIRST_KEYWORD && kind < WC_T_LAST;
}

static const char *
keyword_text(int kind)
{
    return keywords[kind - FIRST_KEYWORD];
}

static void
guess_range(struct wc_guess *guess, const char *wanted, int first, int last)
{
    for (int kind = first; kind <= last; kind++)
        wc_guess_offer(guess, wanted, keyword_text(kind));
}

void
wc_guess_definitions(struct wc_guess *guess, const char *wanted)
{
    guess_range(guess, wanted, WC_K_include, WC_K_service);
}

void
wc_guess_types(struct wc_guess *guess, const char *wanted)
{
    guess_range(guess, wanted, WC_K_bool, WC_K_list);
}

void
wc_lex_init(struct wc_lexer *l, struct wc *c, struct wc_file *file)
{
    l->c = c;
    l->file = file;
    l->quiet = l->any_escape = false;
    l->long_string = (struct wc_span){file, 0, 0};
    l->at = 0;
    if (file->len >= 3 && memcmp(file->text, "\xef\xbb\xbf", 3) == 0)
        l->at = 3;
}

/* The byte `ahead` bytes after l->at, or NUL after the end. */
static char
peek(const struct wc_lexer *l, uint32_t ahead)
{
    return l->at + ahead < l->file->len ? l->file->text[l->at + ahead] : '\0';
}

static bool
at_end(const struct wc_lexer *l)
{
    return l->at >= l->file->len;
}

/* ---- blanks, comments and bad bytes ---- */

static void
pass_line(struct wc_lexer *l)
{
    const char *from = l->file->text + l->at;
    const char *end = memchr(from, '\n', l->file->len - l->at);
    l->at = end ? (uint32_t)(end - l->file->text) : l->file->len;
}

static void
pass_comment(struct wc_lexer *l, struct wc_span *doc)
{
    struct wc_span span = {l->file, l->at, 2};
    l->at += 2;
    while (!at_end(l) && !(peek(l, 0) == '*' && peek(l, 1) == '/'))
        l->at++;
    if (at_end(l)) {
        if (!l->quiet)
            wc_report(l->c, WC_OPEN_COMMENT, span, NULL, NULL);
        return;
    }
    l->at += 2;
    span.len = l->at - span.at;
    const char *text = l->file->text + span.at;
    bool empty = span.len < 5 || (span.len == 5 && text[2] == '*');
    if (text[2] == '*' && !empty)
        *doc = span;
}

static void
pass_blanks(struct wc_lexer *l, struct wc_span *doc)
{
    while (!at_end(l)) {
        char byte = peek(l, 0);
        if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n')
            l->at++;
        else if (byte == '#' || (byte == '/' && peek(l, 1) == '/'))
            pass_line(l);
        else if (byte == '/' && peek(l, 1) == '*')
            pass_comment(l, doc);
        else
            return;
    }
}

/* ---- words ---- */

static bool
is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '_';
}

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_word(char byte)
{
    return is_letter(byte) || is_digit(byte);
}

static int
keyword_of(const char *text, uint32_t len)
{
    for (size_t i = 0; i < N_KEYWORDS; i++) {
        if (strlen(keywords[i]) == len && memcmp(keywords[i], text, len) == 0)
            return FIRST_KEYWORD + (int)i;
    }
    return WC_T_NAME;
}

/* Report a word that is too long or has letters of other alphabets. Such
 * letters belong to the word, so that one word gets one report. */
static void
check_word(struct wc_lexer *l, struct wc_span span)
{
    uint32_t odd = 0;
    while (odd < span.len && (uint8_t)l->file->text[span.at + odd] < 0x80)
        odd++;
    if (l->quiet)
        return;
    if (span.len > WC_MAX_NAME)
        wc_report(l->c, WC_LONG_NAME, span, wc_format(l->c, "%d", WC_MAX_NAME),
                  NULL);
    if (odd < span.len) {
        wc_report(l->c, WC_ODD_LETTER, span, NULL, NULL);
        wc_help(l->c, "names are made of A-Z, a-z, 0-9 and _");
    }
}

static bool
is_any_word(char byte)
{
    return is_word(byte) || (uint8_t)byte >= 0x80;
}

static void
lex_word(struct wc_lexer *l, struct wc_token *token)
{
    const char *text = l->file->text + l->at;
    struct wc_span span = {l->file, l->at, 0};
    while (is_any_word(peek(l, 0)) ||
           (peek(l, 0) == '.' && is_any_word(peek(l, 1))))
        l->at++;
    span.len = l->at - span.at;
    check_word(l, span);
    uint32_t len = span.len < WC_MAX_NAME ? span.len : WC_MAX_NAME;
    token->kind = keyword_of(text, len);
    token->text = wc_intern(l->c, text, len);
    bool yes = len == 4 && memcmp(text, "true", 4) == 0;
    bool no = len == 5 && memcmp(text, "false", 5) == 0;
    if (yes || no) {
        token->kind = WC_T_INT;
        token->integer = yes;
    }
}

/* ---- bytes that begin nothing ---- */

static bool
begins_token(char byte)
{
    return is_word(byte) ||
           (byte && strchr(" \t\r\n#/\"'+-.,;:<>(){}[]=*&", byte) != NULL);
}

static void
pass_bad_bytes(struct wc_lexer *l)
{
    struct wc_span span = {l->file, l->at, 0};
    uint8_t byte = (uint8_t)peek(l, 0);
    do
        l->at++;
    while (!at_end(l) && !begins_token(peek(l, 0)));
    span.len = l->at - span.at;
    if (l->quiet)
        return;
    bool printable = byte > ' ' && byte < 127;
    wc_report(l->c, WC_BAD_BYTE, span,
              printable ? wc_format(l->c, "character `%c`", byte)
                        : wc_format(l->c, "byte 0x%02x", byte),
              NULL);
    if (byte == 0)
        wc_help(l->c, "this does not look like text");
}

static bool
begins_number(const struct wc_lexer *l)
{
    char byte = peek(l, 0);
    return is_digit(byte) || byte == '+' || byte == '-' ||
           (byte == '.' && is_digit(peek(l, 1)));
}

void
wc_lex_next(struct wc_lexer *l, struct wc_token *token)
{
    memset(token, 0, sizeof *token);
    for (;;) {
        pass_blanks(l, &token->doc);
        if (at_end(l))
            break;
        char byte = peek(l, 0);
        if (begins_token(byte) && byte != '/' &&
            (byte != '.' || begins_number(l)))
            break;
        pass_bad_bytes(l);
    }
    token->span = (struct wc_span){l->file, l->at, 0};
    if (at_end(l))
        return;
    char byte = peek(l, 0);
    if (is_letter(byte)) {
        lex_word(l, token);
    } else if (begins_number(l)) {
        wc_lex_number(l, token);
    } else if (byte == '"' || byte == '\'') {
        wc_lex_string(l, token);
    } else {
        token->kind = byte;
        l->at++;
    }
    token->span.len = l->at - token->span.at;
}
