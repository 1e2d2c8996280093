/* SPDX-License-Identifier: MIT */
/* Reads the words after the command: options and arguments. */
#include "bench.h"

#include <stdlib.h>

static enum wt_code
fail(const char *what, const char *word)
{
    wt_error("%s `%s`", what, word);
    wt_help("`weft --help` shows what there is");
    return WT_USAGE;
}

/* ---- dialects ---- */

static const struct {
    const char *name;
    uint8_t number;
} framings[] =
    {
        {"framed", WEFT_FRAMED},     {"unframed", WEFT_UNFRAMED},
        {"theader", WEFT_THEADER},   {"ttheader-framed", WEFT_TTHEADER_FRAMED},
        {"ttheader", WEFT_TTHEADER}, {"http", WEFT_HTTP},
},
  protocols[] = {
      {"", WEFT_BINARY},
      {"-binary", WEFT_BINARY},
      {"-compact", WEFT_COMPACT},
      {"-json", WEFT_JSON},
      {"-old-binary", WEFT_OLD_BINARY},
};

#define N_FRAMINGS (sizeof framings / sizeof *framings)
#define N_PROTOCOLS (sizeof protocols / sizeof *protocols)

bool
wt_parse_dialect(const char *text, struct weft_dialect *dialect)
{
    for (size_t i = 0; i < 6 * N_FRAMINGS * N_PROTOCOLS; i++) {
        static const char *const around[] = {"", "-in-zlib", "-in-http"};
        size_t f = i / 6 / N_PROTOCOLS, p = i / 6 % N_PROTOCOLS;
        char name[64];
        struct weft_dialect d = {.framing = framings[f].number,
                                 .protocol = protocols[p].number,
                                 .zlib = i % 2 == 1,
                                 .around = (uint8_t)(i / 2 % 3)};
        if (!weft_dialect_exists(&d))
            continue;
        snprintf(name, sizeof name, "%s%s%s%s", framings[f].name,
                 protocols[p].name, i % 2 ? "-zlib" : "", around[i / 2 % 3]);
        if (strcmp(name, text) == 0) {
            *dialect = d;
            return true;
        }
    }
    return false;
}

void
wt_each_dialect(void (*fn)(const char *name, void *arg), void *arg)
{
    for (size_t i = 0; i < N_FRAMINGS * N_PROTOCOLS; i++) {
        size_t f = i / N_PROTOCOLS, p = i % N_PROTOCOLS;
        const struct weft_dialect d = {.framing = framings[f].number,
                                       .protocol = protocols[p].number};
        char name[64];
        snprintf(name, sizeof name, "%s%s", framings[f].name,
                 protocols[p].name);
        if (p > 0 && weft_dialect_exists(&d))
            fn(name, arg);
    }
}

static enum wt_code
take_dialect(struct wt_options *o, const char *value)
{
    o->dialect_name = value;
    if (wt_parse_dialect(value, &o->dialect))
        return WT_OK;
    wt_error("there is no dialect `%s`", value);
    wt_help("write FRAMING[-PROTOCOL][-zlib]: framed, unframed, theader, "
            "ttheader, ttheader-framed or http; binary, compact, json or "
            "old-binary; after theader and ttheader also -in-http or "
            "-in-zlib; -zlib is for framed, unframed and theader");
    return WT_USAGE;
}

/* ---- the other values ---- */

static enum wt_code
take_header(struct wt_options *o, const char *value)
{
    const char *equals = strchr(value, '=');
    if (!equals || equals == value) {
        wt_error("`%s` is no header", value);
        wt_help("write --header KEY=VALUE");
        return WT_USAGE;
    }
    if (o->headers.len == WT_MAX_HEADERS)
        return fail("too many headers, at", value);
    o->headers.items = o->header_items;
    o->header_items[o->headers.len++] = (struct weft_header){
        {value, (uint32_t)(equals - value)}, weft_str_of(equals + 1)};
    return WT_OK;
}

static enum wt_code
take_timeout(struct wt_options *o, const char *value)
{
    char *end;
    unsigned long ms = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || ms == 0 || ms > 86400000) {
        wt_error("`%s` is no time-out", value);
        wt_help("write milliseconds, from 1 to 86400000, which is a day");
        return WT_USAGE;
    }
    o->timeout_ms = (uint32_t)ms;
    return WT_OK;
}

static enum wt_code
take_idl(struct wt_options *o, const char *value)
{
    if (o->n_idl == WT_MAX_IDL)
        return fail("too many files, at", value);
    o->idl[o->n_idl++] = value;
    return WT_OK;
}

static enum wt_code
take_dir(struct wt_options *o, const char *value)
{
    if (!wc_dirs_add(&o->dirs, value))
        return fail("too many directories, at", value);
    return WT_OK;
}

static enum wt_code
take_service(struct wt_options *o, const char *value)
{
    o->service = value;
    return WT_OK;
}

static enum wt_code
take_show_headers(struct wt_options *o, const char *value)
{
    (void)value;
    o->show_headers = true;
    return WT_OK;
}

/* ---- words ---- */

const struct wt_option wt_options[] = {
    {"--idl", take_idl, false},
    {"-I", take_dir, false},
    {"--dialect", take_dialect, false},
    {"--header", take_header, false},
    {"--service", take_service, false},
    {"--timeout-ms", take_timeout, false},
    {"--show-headers", take_show_headers, true},
    {NULL, NULL, false},
};

static bool
is_named(const struct wt_option *option, const char *word)
{
    size_t len = strlen(option->name);
    if (strncmp(word, option->name, len) != 0)
        return false;
    bool may_be_glued = word[len] == '=' || word[1] != '-';
    return word[len] == '\0' || (may_be_glued && !option->is_flag);
}

static const struct wt_option *
find_option(const struct wt_option *list, const char *word)
{
    while (list->name && !is_named(list, word))
        list++;
    return list->name ? list : NULL;
}

/* Offer the long options without their dashes, because all options have
 * dashes. */
static void
offer(struct wc_guess *guess, const char *letters, const struct wt_option *list)
{
    for (; list->name; list++)
        if (list->name[1] == '-')
            wc_guess_offer(guess, letters, list->name + 2);
}

/* The name of the first option that begins with these letters, or NULL. */
static const char *
completion(const char *letters, const struct wt_option *list)
{
    for (; list->name; list++)
        if (list->name[1] == '-' &&
            strncmp(list->name + 2, letters, strlen(letters)) == 0)
            return list->name + 2;
    return NULL;
}

static enum wt_code
fail_option(const struct wt_options *o, const char *word)
{
    struct wc_guess guess = {NULL, 0, 0};
    const char *name = word + strspn(word, "-");
    char letters[64];
    snprintf(letters, sizeof letters, "%.*s", (int)strcspn(name, "="), name);
    offer(&guess, letters, wt_options);
    if (o->own)
        offer(&guess, letters, o->own);
    wc_guess_offer(&guess, letters, "help");
    wc_guess_offer(&guess, letters, "version");
    if (!guess.best && strlen(letters) > 2)
        guess.best = completion(letters, wt_options);
    if (!guess.best)
        return fail("unknown option", word);
    wt_error("unknown option `%s`", word);
    wt_help("did you mean `--%s`?", guess.best);
    return WT_USAGE;
}

/* Reads --name=value, --name value, -Ivalue or -I value; the forms of two words
 * increment *i. */
static enum wt_code
take_option(struct wt_options *o, char **argv, int *i)
{
    const char *word = argv[*i];
    const struct wt_option *option = find_option(wt_options, word);
    if (!option && o->own)
        option = find_option(o->own, word);
    if (!option)
        return fail_option(o, word);
    if (option->is_flag)
        return option->take(o, word);
    const char *rest = word + strlen(option->name);
    if (*rest == '\0')
        rest = argv[*i + 1] ? argv[++*i] : NULL;
    else if (*rest == '=')
        rest++;
    return rest ? option->take(o, rest) : fail("no value after", word);
}

static enum wt_code
take_word(struct wt_options *o, const char *word)
{
    bool is_address = strchr(word, ':') && !strchr(word, '{') &&
                      !(o->bench && o->bench->compare);
    if (!o->address && o->n_words == 0 && is_address) {
        o->address = word;
        return WT_OK;
    }
    if (o->n_words == WT_MAX_WORDS)
        return fail("one word too many:", word);
    o->words[o->n_words++] = word;
    return WT_OK;
}

enum wt_code
wt_parse_options(struct wt_options *o, char **argv, const struct wt_option *own,
                 struct wb_options *bench)
{
    enum wt_code code = WT_OK;
    bool only_words = false;
    *o = (struct wt_options){
        .dialect_name = "framed-binary", .own = own, .bench = bench};
    if (bench)
        wb_options_init(bench);
    for (int i = 0; argv[i] && !code; i++) {
        if (only_words || argv[i][0] != '-' || argv[i][1] == '\0')
            code = take_word(o, argv[i]);
        else if (strcmp(argv[i], "--") == 0)
            only_words = true;
        else
            code = take_option(o, argv, &i);
    }
    return code;
}
