/* SPDX-License-Identifier: MIT */
/*
 * Walks through JSON whose form another program decides, such as the answer of
 * a registry: the caller takes the members that it knows, and skips the others,
 * which a later version of that program may have added.
 */
#include "codec/json/json.h"

#include <string.h>

/* ---- objects and arrays ---- */

static char
close_of(char open)
{
    return open == '{' ? '}' : ']';
}

weft_err
wf_walk_open(struct weft_reader *r, char open, bool *more)
{
    uint8_t c;
    *more = false;
    weft_err err = wf_json_expect(r, open);
    if (!err && r->depth == 0)
        err = WEFT_EDEPTH;
    if (!err)
        err = wf_json_look(r, &c);
    if (err)
        return err;
    if (c == (uint8_t)close_of(open))
        return wf_json_expect(r, close_of(open));
    r->depth--;
    *more = true;
    return WEFT_OK;
}

weft_err
wf_walk_next(struct weft_reader *r, char open, bool *more)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    if (err)
        return err;
    *more = c != (uint8_t)close_of(open);
    r->depth += !*more;
    return wf_json_expect(r, *more ? ',' : close_of(open));
}

weft_err
wf_walk_key(struct weft_reader *r, struct weft_str *key)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    if (!err)
        err = wf_json_read_str(r, key);
    return err ? err : wf_json_expect(r, ':');
}

/* ---- values ---- */

weft_err
wf_walk_str(struct weft_reader *r, struct weft_str *text)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    return err ? err : wf_json_read_str(r, text);
}

weft_err
wf_walk_binary(struct weft_reader *r, struct weft_str *bytes)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    return err ? err : wf_json_read_binary(r, bytes);
}

/* Skip an object or an array; their depth is bounded by r->depth. */
static weft_err
skip_items(struct weft_reader *r, char open)
{
    bool more;
    struct weft_str key;
    weft_err err = wf_walk_open(r, open, &more);
    while (!err && more) {
        if (open == '{')
            err = wf_walk_key(r, &key);
        if (!err)
            err = wf_walk_skip(r);
        if (!err)
            err = wf_walk_next(r, open, &more);
    }
    return err;
}

static weft_err
skip_word(struct weft_reader *r)
{
    static const char *const words[] = {"true", "false", "null"};
    char word[400];
    weft_err err = wf_json_read_word(r, word, sizeof word);
    if (err)
        return err;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return WEFT_OK;
    return wf_json_is_number(word, false) ? WEFT_OK : WEFT_EPROTOCOL;
}

weft_err
wf_walk_skip(struct weft_reader *r)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    if (err)
        return err;
    if (c == '{' || c == '[')
        return skip_items(r, (char)c);
    return c == '"' ? wf_json_skip_str(r) : skip_word(r);
}

weft_err
wf_walk_number(struct weft_reader *r, uint64_t most, uint64_t *v)
{
    char word[32];
    struct weft_str text;
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    if (!err && c == '"')
        err = wf_json_read_str(r, &text);
    else if (!err && !(err = wf_json_read_word(r, word, sizeof word)))
        text = weft_str_of(word);
    *v = 0;
    if (err)
        return err;
    for (uint32_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.ptr[i] - '0');
        if (digit > 9 || digit > most || *v > (most - digit) / 10)
            return WEFT_EPROTOCOL;
        *v = *v * 10 + digit;
    }
    return text.len > 0 ? WEFT_OK : WEFT_EPROTOCOL;
}

weft_err
wf_walk_end(struct weft_reader *r)
{
    uint8_t c;
    weft_err err = wf_json_look(r, &c);
    return err == WEFT_ETRUNC ? WEFT_OK : err ? err : WEFT_ETRAILING;
}

/* ---- writing ---- */

weft_err
wf_walk_put_binary(struct weft_chain *out, struct weft_str bytes)
{
    struct weft_writer w;
    weft_writer_init(&w, out);
    wf_json_write_binary(&w, bytes);
    return weft_writer_fini(&w);
}
