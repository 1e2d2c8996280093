/* SPDX-License-Identifier: MIT */
/* Finds the end of a JSON message while its bytes arrive. */
#include "codec/json/tjson.h"

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
see_in_string(struct wf_tjson_pass *pass, uint8_t c)
{
    if (pass->is_escaped)
        pass->is_escaped = false;
    else if (c == '\\')
        pass->is_escaped = true;
    else if (c == '"')
        pass->in_string = false;
}

/* Update the state with a byte of a message. c is not the first bracket. */
static void
see(struct wf_tjson_pass *pass, uint8_t c)
{
    if (pass->in_string)
        see_in_string(pass, c);
    else if (c == '"')
        pass->in_string = true;
    else if (c == '[' || c == '{')
        pass->depth++;
    else if (c == ']' || c == '}')
        pass->depth--;
}

/* Skip bytes of one run. Returns the number of skipped bytes. The number is
 * less than `len` if the message ends or has too many nested brackets. */
static size_t
see_run(struct wf_tjson_pass *pass, const uint8_t *at, size_t len,
        uint32_t most)
{
    size_t n = 0;
    while (n < len && pass->depth > 0 && pass->depth <= most)
        see(pass, at[n++]);
    return n;
}

/* Skip white space. Returns the address of the next byte; NULL: no byte is
 * left. */
static const uint8_t *
pass_space(struct weft_reader *r)
{
    const uint8_t *b;
    while ((b = wf_reader_peek(r, 1)) && is_space(*b))
        wf_reader_pass(r, 1);
    return b;
}

static weft_err
begin_message(struct wf_tjson_pass *pass, struct weft_reader *r)
{
    const uint8_t *b = pass_space(r);
    if (!b)
        return WEFT_ETRUNC;
    if (*b != '[')
        return WEFT_EVERSION;
    wf_reader_pass(r, 1);
    *pass = (struct wf_tjson_pass){.depth = 1};
    return WEFT_OK;
}

weft_err
wf_tjson_pass(struct wf_tjson_pass *pass, struct weft_reader *r, uint32_t depth)
{
    /* A struct has two levels of brackets: its own, and one around each field.
     * A map has two levels, too: an array, and an object in the array. The
     * array of the message is one more level. */
    uint32_t most = 2 * depth + 1;
    weft_err err = pass->depth > 0 ? WEFT_OK : begin_message(pass, r);
    while (!err && pass->depth > 0) {
        const uint8_t *at = wf_reader_peek(r, 1);
        if (!at)
            return WEFT_ETRUNC;
        wf_reader_pass(r, see_run(pass, at, (size_t)(r->end - r->at), most));
        if (pass->depth > most)
            err = WEFT_EDEPTH;
    }
    return err;
}
