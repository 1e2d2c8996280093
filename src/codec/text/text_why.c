/* SPDX-License-Identifier: MIT */
/* Tells why a JSON text is refused: at which position, at which path, and which
 * known name is most similar. Names in the message are escaped, because names
 * come from the text. */
#include "codec/codec.h"
#include "codec/text/text.h"

#include <stdlib.h>

#define LONGEST_GUESS 64u /* longest name that is compared, in bytes */
#define STEPS_MAX (2 * WEFT_DEPTH + 2)
#define PATH_SIZE 160 /* bytes that the path may take in the message */

/* ---- where the mistake is ---- */

static void
note_place(struct wf_text *t, const uint8_t *at)
{
    struct weft_json_error *why = t->why;
    why->offset = (size_t)(at - t->start);
    why->line = why->column = 1;
    for (const uint8_t *s = t->start; s < at; s++) {
        why->column = *s == '\n' ? 1 : why->column + 1;
        why->line += *s == '\n';
    }
}

/* ---- the path ---- */

struct line {
    char *text;
    size_t len, size;
};

static void put(struct line *line, const char *fmt, ...) WEFT_PRINTF(2, 3);

static void
put(struct line *line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    size_t room = line->size - line->len;
    int n = vsnprintf(line->text + line->len, room, fmt, args);
    va_end(args);
    if (n > 0)
        line->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void
put_step(struct line *line, const struct wf_text_step *step, bool is_first)
{
    if (!step->name.ptr)
        put(line, "[%u]", (unsigned)step->index);
    else if (step->is_key)
        put(line, "[\"%.*s\"]", WEFT_FMT(step->name));
    else
        put(line, "%s%.*s", is_first ? "" : ".", WEFT_FMT(step->name));
}

static void
put_path(struct line *line, const struct wf_text_step *last)
{
    const struct wf_text_step *steps[STEPS_MAX];
    size_t n = 0;
    for (const struct wf_text_step *s = last; s && n < STEPS_MAX; s = s->up)
        steps[n++] = s;
    for (size_t i = n; i > 0; i--)
        put_step(line, steps[i - 1], i == n);
    if (n > 0)
        put(line, ": ");
}

weft_err
wf_text_fail(struct wf_text *t, const uint8_t *at, weft_err err,
             const char *fmt, ...)
{
    struct weft_json_error *why = t->why;
    char text[sizeof why->text];
    struct line line = {text, 0, PATH_SIZE};
    va_list args;
    if (why->line > 0)
        return err;
    note_place(t, at);
    put_path(&line, t->step);
    bool is_cut = line.len == PATH_SIZE - 1;
    line.size = sizeof text;
    if (is_cut)
        put(&line, "...: ");
    va_start(args, fmt);
    vsnprintf(line.text + line.len, line.size - line.len, fmt, args);
    va_end(args);
    (void)wf_escape_text(why->text, sizeof why->text, weft_str_of(text));
    return err;
}

/* ---- did you mean ---- */

static uint8_t
fold(char c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static uint32_t
least(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein's distance, computed row by row; upper and lower case are
 * equal. */
static uint32_t
measure(struct weft_str a, const char *b, uint32_t b_len)
{
    uint32_t row[LONGEST_GUESS + 1];
    for (uint32_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (uint32_t i = 0; i < a.len; i++) {
        uint32_t corner = row[0];
        row[0] = i + 1;
        for (uint32_t j = 0; j < b_len; j++) {
            uint32_t change = corner + (fold(a.ptr[i]) != fold(b[j]));
            corner = row[j + 1];
            row[j + 1] = least(change, row[j] + 1, corner + 1);
        }
    }
    return row[b_len];
}

void
wf_text_offer(struct wf_text_guess *guess, struct weft_str wanted,
              const char *name)
{
    size_t len = strlen(name);
    if (wanted.len > LONGEST_GUESS || len > LONGEST_GUESS)
        return;
    uint32_t distance = measure(wanted, name, (uint32_t)len);
    uint32_t most = wanted.len < 3 ? wanted.len / 2 : (wanted.len + 2) / 3;
    if (distance > most || (guess->best && distance >= guess->distance))
        return;
    *guess = (struct wf_text_guess){name, distance};
}

/* ---- keys and items that come twice ---- */

weft_err
wf_text_add_key(struct wf_text *t, struct wf_text_keys *keys,
                struct weft_str bytes, const uint8_t *at)
{
    struct wf_text_key *key = weft_push(t->r.arena, keys, sizeof *key);
    if (!key)
        return wf_text_fail(t, at, WEFT_EBUDGET, "%s",
                            weft_err_text(WEFT_EBUDGET));
    *key = (struct wf_text_key){bytes, at};
    return WEFT_OK;
}

static int
by_bytes(const void *a, const void *b)
{
    const struct wf_text_key *x = a, *y = b;
    if (x->bytes.len != y->bytes.len)
        return x->bytes.len < y->bytes.len ? -1 : 1;
    int order =
        x->bytes.len ? memcmp(x->bytes.ptr, y->bytes.ptr, x->bytes.len) : 0;
    if (order == 0 && x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return order;
}

weft_err
wf_text_check_keys(struct wf_text *t, struct wf_text_keys *keys,
                   const char *what)
{
    const uint8_t *first = NULL;
    if (keys->len < 2)
        return WEFT_OK;
    qsort(keys->items, keys->len, sizeof *keys->items, by_bytes);
    for (uint32_t i = 1; i < keys->len; i++) {
        const struct wf_text_key *key = &keys->items[i];
        if (weft_str_eq(key->bytes, key[-1].bytes) &&
            (!first || key->at < first))
            first = key->at;
    }
    if (!first)
        return WEFT_OK;
    return wf_text_fail(t, first, WEFT_EPROTOCOL,
                        "%s comes twice; leave one out", what);
}
