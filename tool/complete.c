/* SPDX-License-Identifier: MIT */
#include "complete.h"
#include "bench.h"

#include <stdlib.h>

/* ---- the line ---- */

/* Copy one word to *to, which has space for the line; returns the rest of the
 * line. */
static const char *
read_word(const char *s, char **to, struct wt_line *line)
{
    line->quote = 0;
    line->closed = false;
    line->last = *to;
    for (; *s && (line->quote || !strchr(" \t\n", *s)); s++) {
        bool is_quote = *s == '\'' || *s == '"';
        if (line->quote == *s) {
            line->quote = 0;
            line->closed = true;
        } else if (!line->quote && is_quote) {
            line->quote = *s;
        } else {
            if (*s == '\\' && line->quote != '\'' && s[1])
                s++;
            *(*to)++ = *s;
        }
    }
    *(*to)++ = '\0';
    return s;
}

/* Split the line into words. The last word is at the cursor; after a blank the
 * last word is empty. */
static bool
split(const char *text, char *to, struct wt_line *line)
{
    *line = (struct wt_line){.last = to};
    for (;;) {
        text += strspn(text, " \t\n");
        text = read_word(text, &to, line);
        if (*text == '\0')
            return true;
        if (line->n_words == WT_MAX_ARGS)
            return false;
        line->words[line->n_words++] = line->last;
    }
}

/* ---- candidates ---- */

static void
offer_dialect(const char *name, void *wanted)
{
    wt_offer("", name, " ", wanted);
}

static const char *
behind_equals(const char *word)
{
    const char *equals = strchr(word, '=');
    return equals ? equals + 1 : word;
}

static bool
takes_value(const struct wt_option *list, const char *name)
{
    for (; list->name; list++)
        if (strcmp(list->name, name) == 0)
            return !list->is_flag;
    return false;
}

/* Complete the value of an option, but leave files to bash. */
static bool
complete_value(const struct wt_option *own, const char *option,
               const char *wanted)
{
    bool is_bench = own == wb_options;
    if (wt_begins_with(option, "--idl") || strcmp(option, "-I") == 0 ||
        (is_bench && wt_begins_with(option, "--json")) ||
        (is_bench && wt_begins_with(option, "--html")))
        puts(":files");
    else if (wt_begins_with(option, "--dialect"))
        wt_each_dialect(offer_dialect, (void *)(uintptr_t)wanted);
    else
        return takes_value(wt_options, option) ||
               (own && takes_value(own, option));
    return true;
}

static void
offer_options(const struct wt_option *list, const char *wanted)
{
    for (; list->name; list++)
        wt_offer("", list->name, " ", wanted);
}

static bool
is_command(const struct wt_line *line, const char *name)
{
    return line->n_words > 1 && strcmp(line->words[1], name) == 0;
}

/* The options that only this command has; NULL: none. */
static const struct wt_option *
own_options(const struct wt_line *line)
{
    return is_command(line, "bench")       ? wb_options
           : is_command(line, "endpoints") ? we_options
                                           : NULL;
}

static bool
complete_option(const struct wt_line *line)
{
    const char *before =
        line->n_words > 0 ? line->words[line->n_words - 1] : "";
    const struct wt_option *own = own_options(line);
    if (complete_value(own, before, line->last))
        return true;
    if (line->last[0] != '-' || line->quote)
        return false;
    if (strchr(line->last, '='))
        return complete_value(own, line->last, behind_equals(line->last));
    offer_options(wt_options, line->last);
    if (own)
        offer_options(own, line->last);
    return true;
}

/* ---- names of the IDL ---- */

/* A global, because a wt_command gets only the tree and the options. */
static const struct wt_line *the_line;

static void
offer_methods(struct wc *c, const struct wc_def *service, const char *as)
{
    if (service->service.parent)
        offer_methods(c, service->service.parent, as);
    const struct wc_function *f = service->service.functions;
    for (; f; f = f->next)
        wt_offer("", wc_format(c, "%s.%s", as, f->name), " ", the_line->last);
}

static bool
is_wanted(const struct wc_def *def, bool types)
{
    return wt_is_root(def->file) && (types || def->kind == WC_SERVICE) &&
           wt_begins_with(def->name, the_line->last);
}

/* Offer "Service.", and methods only after the dot. If only one service fits,
 * offer its methods at once. */
static void
complete_name(struct wc *c, bool types)
{
    const char *dot = strchr(the_line->last, '.');
    const struct wc_def *only = NULL;
    uint32_t n = 0;
    if (dot) {
        size_t len = (size_t)(dot - the_line->last);
        only = wt_find_def(c, wc_copy(c, the_line->last, len));
        if (only && only->kind == WC_SERVICE)
            offer_methods(c, only, only->name);
        return;
    }
    for (const struct wc_file *f = c->files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next)
            if (is_wanted(d, types)) {
                only = d;
                n++;
            }
    if (n == 1 && only->kind == WC_SERVICE && !types) {
        offer_methods(c, only, only->name);
        return;
    }
    for (const struct wc_file *f = c->files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next)
            if (is_wanted(d, types))
                wt_offer("", d->name,
                         d->kind != WC_SERVICE ? " "
                         : types               ? ""
                                               : ".",
                         the_line->last);
}

static enum wt_code
complete_call(struct wc *c, struct wt_options *o)
{
    struct wt_method method;
    if (o->n_words == 0) {
        complete_name(c, false);
    } else if (o->n_words == 1 && !wt_find_method(c, o->words[0], &method)) {
        bool is_json = the_line->quote == '\'';
        if (is_json)
            wt_complete_json(c, method.function, the_line->last);
        else if (!*the_line->last && !the_line->closed)
            puts("'{");
    }
    return WT_OK;
}

static enum wt_code
complete_describe(struct wc *c, struct wt_options *o)
{
    if (o->n_words == 0)
        complete_name(c, true);
    return WT_OK;
}

/* ---- the command ---- */

static void
complete(struct wt_line *line)
{
    static const char *const commands[] = {"call",      "list",   "describe",
                                           "endpoints", "policy", "bench"};
    struct wt_options options;
    struct wb_options bench;
    if (line->n_words <= 1) {
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
            wt_offer("", commands[i], " ", line->last);
        return;
    }
    if (complete_option(line) ||
        wt_parse_options(&options, line->words + 2, own_options(line),
                         is_command(line, "bench") ? &bench : NULL))
        return;
    the_line = line;
    if (options.bench && options.bench->compare)
        puts(":files");
    else if ((options.bench || strcmp(line->words[1], "call") == 0) &&
             options.address)
        (void)wt_with_idl(&options, complete_call, true);
    else if (strcmp(line->words[1], "describe") == 0)
        (void)wt_with_idl(&options, complete_describe, true);
}

/* Errors are not reported, because the line is not finished. */
enum wt_code
wt_complete(const char *text)
{
    struct wt_line line;
    char *words = malloc(2 * strlen(text) + 2);
    if (!words || !freopen("/dev/null", "w", stderr)) {
        free(words);
        return WT_BROKEN;
    }
    if (split(text, words, &line))
        complete(&line);
    free(words);
    return fflush(stdout) == 0 ? WT_OK : WT_BROKEN;
}
