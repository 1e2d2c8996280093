/* SPDX-License-Identifier: MIT */
/*
 * Reads a list of servers from text. An entry is
 *
 *   ADDRESS[;weight=N][;zone=NAME][;tag=TEXT]
 *
 * A target separates its entries by `,`. A file has one entry a line; blank
 * lines and lines that begin with `#` are skipped.
 */
#include "upstream/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_weight(const char *text, struct weft_endpoint *endpoint)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n == 0 || n > UINT32_MAX)
        return false;
    endpoint->weight = (uint32_t)n;
    return true;
}

static bool
read_zone(const char *text, struct weft_endpoint *endpoint)
{
    endpoint->zone = text;
    return *text != '\0';
}

static bool
read_tag(const char *text, struct weft_endpoint *endpoint)
{
    endpoint->tag = text;
    return *text != '\0';
}

static const struct {
    const char *name;
    bool (*read)(const char *text, struct weft_endpoint *endpoint);
} values[] = {
    {"weight=", read_weight}, {"zone=", read_zone}, {"tag=", read_tag}};

/* Read NAME=VALUE. */
static bool
read_value(const char *word, struct weft_endpoint *endpoint)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        size_t n = strlen(values[i].name);
        if (strncmp(word, values[i].name, n) == 0)
            return values[i].read(word + n, endpoint);
    }
    return false;
}

/* Read one entry. A NUL replaces each `;` in `text`. The address in *endpoint
 * points to `text`. */
static weft_err
read_entry(char *text, struct weft_endpoint *endpoint, char *why)
{
    char *word, *rest = strchr(text, ';');
    *endpoint = (struct weft_endpoint){.address = text};
    if (rest)
        *rest++ = '\0';
    while ((word = rest) != NULL) {
        rest = strchr(word, ';');
        if (rest)
            *rest++ = '\0';
        if (!read_value(word, endpoint)) {
            snprintf(why, WF_WHY,
                     "after %.60s: `%.40s` is not known; write ;weight=N, "
                     ";zone=NAME or ;tag=2/8",
                     text, word);
            return WEFT_EADDRESS;
        }
    }
    return WEFT_OK;
}

/* Cut blanks off at both ends. */
static char *
trim(char *text)
{
    static const char blanks[] = " \t\r";
    text += strspn(text, blanks);
    size_t n = strlen(text);
    while (n > 0 && strchr(blanks, text[n - 1]))
        n--;
    text[n] = '\0';
    return text;
}

static uint32_t
count(const char *text, char separator)
{
    uint32_t n = 1;
    for (; *text; text++)
        n += *text == separator;
    return n;
}

weft_err
wf_entries_read(char *text, char separator, struct wf_entries *entries,
                char *why)
{
    bool has_lines = separator == '\n';
    weft_err err = WEFT_OK;
    uint32_t most = *text ? count(text, separator) : 0;
    *entries = (struct wf_entries){0};
    entries->items = wf_sys_zalloc(most * sizeof *entries->items + 1);
    if (!entries->items)
        return -ENOMEM;
    for (uint32_t line = 1; line <= most && !err; line++) {
        char *end = strchr(text, separator), *next = end;
        if (end) {
            *end = '\0';
            next = end + 1;
        }
        char *entry = has_lines ? trim(text) : text;
        if (!has_lines || (*entry && *entry != '#'))
            err = read_entry(entry, &entries->items[entries->n++], why);
        text = next;
    }
    return err;
}

void
wf_entries_free(struct wf_entries *entries)
{
    wf_sys_free(entries->items);
    *entries = (struct wf_entries){0};
}
