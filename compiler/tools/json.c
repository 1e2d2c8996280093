/* SPDX-License-Identifier: MIT */
#include "tools/json.h"

#include <inttypes.h>
#include <math.h>

static void
put(struct wc_json *j, const char *text)
{
    wc_text_add(j->c, j->out, text, strlen(text));
}

static bool
is_flat(const struct wc_json *j)
{
    return j->flat > 0 && j->depth >= j->flat;
}

static void
put_line(struct wc_json *j)
{
    put(j, "\n");
    for (uint32_t i = 0; i < j->depth; i++)
        put(j, " ");
}

/* ---- strings ---- */

/* Length of the UTF-8 character at p; 0: the bytes are not UTF-8. */
static size_t
utf8_len(const uint8_t *p, size_t left)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n == 1)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong =
        (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool beyond =
        (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f);
    return overlong || beyond ? 0 : n;
}

static void
put_string(struct wc_json *j, const char *text, size_t len)
{
    put(j, "\"");
    for (size_t i = 0; i < len;) {
        size_t n = utf8_len((const uint8_t *)text + i, len - i);
        uint8_t byte = (uint8_t)text[i];
        if (n == 0)
            put(j, "\\ufffd");
        else if (byte == '"' || byte == '\\')
            wc_text_printf(j->c, j->out, "\\%c", byte);
        else if (byte < ' ' || byte == 127)
            wc_text_printf(j->c, j->out, "\\u%04x", byte);
        else
            wc_text_add(j->c, j->out, text + i, n);
        i += n ? n : 1;
    }
    put(j, "\"");
}

/* ---- values ---- */

static void
begin_value(struct wc_json *j, const char *key)
{
    if (j->has_value)
        put(j, ",");
    if (is_flat(j))
        put(j, j->has_value ? " " : "");
    else if (j->depth > 0)
        put_line(j);
    j->has_value = true;
    if (key != NULL) {
        put_string(j, key, strlen(key));
        put(j, ": ");
    }
}

void
wc_json_open(struct wc_json *j, const char *key, char bracket)
{
    begin_value(j, key);
    wc_text_add(j->c, j->out, &bracket, 1);
    j->depth++;
    j->has_value = false;
}

void
wc_json_open_flat(struct wc_json *j, const char *key, char bracket)
{
    wc_json_open(j, key, bracket);
    if (j->flat == 0)
        j->flat = j->depth;
}

void
wc_json_close(struct wc_json *j, char bracket)
{
    bool flat = is_flat(j);
    if (j->flat == j->depth)
        j->flat = 0;
    j->depth--;
    if (j->has_value && !flat)
        put_line(j);
    wc_text_add(j->c, j->out, &bracket, 1);
    j->has_value = true;
}

void
wc_json_text(struct wc_json *j, const char *key, const char *text, size_t len)
{
    begin_value(j, key);
    if (text == NULL)
        put(j, "null");
    else
        put_string(j, text, len);
}

void
wc_json_string(struct wc_json *j, const char *key, const char *text)
{
    wc_json_text(j, key, text, text ? strlen(text) : 0);
}

void
wc_json_integer(struct wc_json *j, const char *key, int64_t n)
{
    begin_value(j, key);
    wc_text_printf(j->c, j->out, "%" PRId64, n);
}

/* Write a double. JSON has no infinity, so infinity is written as 1e999, which
 * readers turn into infinity. */
void
wc_json_double(struct wc_json *j, const char *key, double n)
{
    begin_value(j, key);
    if (isinf(n))
        put(j, n < 0 ? "-1e999" : "1e999");
    else
        wc_text_printf(j->c, j->out, "%.17g", n);
}

void
wc_json_bool(struct wc_json *j, const char *key, bool yes)
{
    begin_value(j, key);
    put(j, yes ? "true" : "false");
}
