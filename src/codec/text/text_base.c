/* SPDX-License-Identifier: MIT */
/* Reads base values from JSON text: numbers, words and strings. */
#include "codec/json/json.h"
#include "codec/text/text.h"

#include <inttypes.h>
#include <math.h>

#define NUMBER_MAX (WF_JSON_NUMBER_SIZE - 2) /* 2: for a digit and a NUL */

/* ---- numbers ---- */

/* Copy the number that begins here to `word`, and append a NUL. The number is
 * not consumed. *is_cut receives whether the text ends in the number or right
 * after the number. Returns false if no number begins here, or if the number is
 * longer than NUMBER_MAX. */
static bool
copy_number(const struct wf_text *t, bool is_whole,
            char word[WF_JSON_NUMBER_SIZE], bool *is_cut)
{
    const uint8_t *s = t->r.at;
    size_t n = 0;
    for (; s + n < t->r.end && wf_json_is_of_word(s[n]); n++) {
        if (n == NUMBER_MAX)
            return false;
        word[n] = (char)s[n];
    }
    word[n] = '\0';
    *is_cut = s + n == t->r.end;
    if (wf_json_is_number(word, is_whole))
        return true;
    /* The text may end before the digit that must follow a sign, a point or an
     * exponent. So add a digit and try again. */
    word[n] = '0';
    word[n + 1] = '\0';
    return *is_cut && wf_json_is_number(word, is_whole);
}

static weft_err
fail_cut(struct wf_text *t)
{
    return wf_text_fail(t, t->r.end, WEFT_ETRUNC,
                        "the text ends within a value");
}

static void
store_int(uint8_t wire, void *value, int64_t v)
{
    switch (wire) {
    case WEFT_I8:
        *(int8_t *)value = (int8_t)v;
        break;
    case WEFT_I16:
        *(int16_t *)value = (int16_t)v;
        break;
    case WEFT_I32:
        *(int32_t *)value = (int32_t)v;
        break;
    default:
        *(int64_t *)value = v;
    }
}

static weft_err
read_int(struct wf_text *t, uint8_t wire, void *value)
{
    static const struct {
        uint8_t wire, size;
    } sizes[] = {{WEFT_I8, 1}, {WEFT_I16, 2}, {WEFT_I32, 4}, {WEFT_I64, 8}};
    char word[WF_JSON_NUMBER_SIZE];
    const uint8_t *at = t->r.at;
    bool is_cut;
    size_t i = 0;
    while (sizes[i].wire != wire)
        i++;
    int64_t max = INT64_MAX >> (64 - 8 * sizes[i].size), v = 0;
    bool is_good = copy_number(t, true, word, &is_cut);
    if (is_good && is_cut)
        return fail_cut(t);
    if (!is_good || wf_json_read_int(&t->r, false, -max - 1, max, &v))
        return wf_text_fail(t, at, WEFT_EPROTOCOL,
                            "a whole number from %" PRId64 " to %" PRId64
                            " is expected, without quotes",
                            -max - 1, max);
    store_int(wire, value, v);
    return WEFT_OK;
}

static bool
find_special(struct weft_str name, double *v)
{
    static const struct {
        struct weft_str name;
        double value;
    } specials[] = {
        {WEFT_STR_INIT("NaN"), (double)NAN},
        {WEFT_STR_INIT("Infinity"), (double)INFINITY},
        {WEFT_STR_INIT("-Infinity"), -(double)INFINITY},
    };
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (weft_str_eq(name, specials[i].name)) {
            *v = specials[i].value;
            return true;
        }
    return false;
}

/* True if a number, or the beginning of a number, stands here and is longer
 * than NUMBER_MAX. */
static bool
is_too_long(const struct wf_text *t)
{
    const uint8_t *s = t->r.at;
    size_t n = 0;
    while (s + n < t->r.end && wf_json_is_of_word(s[n]) && n <= NUMBER_MAX)
        n++;
    return n > NUMBER_MAX && (s[0] == '-' || (s[0] >= '0' && s[0] <= '9'));
}

static weft_err
read_double(struct wf_text *t, double *v)
{
    const uint8_t *at = t->r.at;
    char word[WF_JSON_NUMBER_SIZE];
    bool is_cut;
    if (*at == '"') {
        struct weft_str name;
        weft_err err = wf_text_read_str(t, "a number", &name);
        if (err || find_special(name, v))
            return err;
    } else if (copy_number(t, false, word, &is_cut)) {
        if (is_cut)
            return fail_cut(t);
        if (!wf_json_read_double(&t->r, false, v))
            return WEFT_OK;
    } else if (is_too_long(t)) {
        return wf_text_fail(t, at, WEFT_EPROTOCOL,
                            "a number has at most %u characters here",
                            NUMBER_MAX);
    }
    return wf_text_fail(t, at, WEFT_EPROTOCOL,
                        "a number is expected, or \"NaN\", \"Infinity\" or "
                        "\"-Infinity\"");
}

/* ---- words and strings ---- */

weft_err
wf_text_read_word(struct wf_text *t, const char *word, const char *what)
{
    size_t len = strlen(word), left = (size_t)(t->r.end - t->r.at);
    if (left < len && memcmp(t->r.at, word, left) == 0)
        return fail_cut(t);
    if (left < len || memcmp(t->r.at, word, len) != 0 ||
        (left > len && wf_json_is_of_word(t->r.at[len])))
        return wf_text_fail(t, t->r.at, WEFT_EPROTOCOL, "%s", what);
    t->r.at += len;
    return WEFT_OK;
}

static weft_err
read_bool(struct wf_text *t, bool *v)
{
    *v = *t->r.at == 't';
    return wf_text_read_word(t, *v ? "true" : "false",
                             "true or false is expected");
}

static weft_err
read_enum(struct wf_text *t, const struct weft_enum *desc, int32_t *v)
{
    const uint8_t *at = t->r.at;
    struct weft_str name;
    struct wf_text_guess guess = {NULL, 0};
    if (*at != '"')
        return read_int(t, WEFT_I32, v);
    weft_err err = wf_text_read_str(t, "a name", &name);
    if (err)
        return err;
    for (uint32_t i = 0; i < desc->n_values; i++) {
        const struct weft_enum_value *row = &desc->values[i];
        if (weft_str_eq(name, weft_str_of(row->name))) {
            *v = row->value;
            return WEFT_OK;
        }
        wf_text_offer(&guess, name, row->name);
    }
    if (guess.best)
        return wf_text_fail(t, at, WEFT_EPROTOCOL,
                            "%s has no value `%.*s`; did you mean `%s`?",
                            desc->name, WEFT_FMT(name), guess.best);
    return wf_text_fail(t, at, WEFT_EPROTOCOL,
                        "%s has no value `%.*s`; it may be given as a number",
                        desc->name, WEFT_FMT(name));
}

/* Read a UUID, or binary in base64, with the decoders of Thrift's JSON. These
 * decoders do not tell what is wrong, so all malformed strings get the same
 * message. */
static weft_err
read_form(struct wf_text *t, const struct weft_type *type, void *value)
{
    const uint8_t *at = t->r.at;
    bool is_uuid = type->wire == WEFT_UUID;
    const char *what =
        is_uuid ? "a uuid is expected: \"01234567-89ab-cdef-0123-456789abcdef\""
                : "binary is expected as a string in base64, with padding";
    struct weft_str text, bytes = {NULL, 0};
    if (*at != '"')
        return wf_text_fail(t, at, WEFT_EPROTOCOL, "%s", what);
    weft_err err = wf_text_read_str(t, what, &text);
    if (err)
        return err;
    err = is_uuid ? wf_json_decode_uuid(text, value)
                  : wf_json_decode_base64(text, true, t->r.arena, &bytes);
    if (err)
        return wf_text_fail(t, at, err, "%s",
                            err == WEFT_EBUDGET ? weft_err_text(err) : what);
    if (!is_uuid)
        memcpy(value, &bytes, sizeof bytes);
    return WEFT_OK;
}

static weft_err
read_text(struct wf_text *t, void *value)
{
    struct weft_str v;
    weft_err err = wf_text_read_str(t, "a string", &v);
    if (!err)
        memcpy(value, &v, sizeof v);
    return err;
}

weft_err
wf_text_read_base(struct wf_text *t, const struct weft_type *type, void *value)
{
    switch (type->wire) {
    case WEFT_BOOL:
        return read_bool(t, value);
    case WEFT_DOUBLE:
        return read_double(t, value);
    case WEFT_STRING:
        return type->is_binary ? read_form(t, type, value)
                               : read_text(t, value);
    case WEFT_UUID:
        return read_form(t, type, value);
    case WEFT_I32:
        if (type->names)
            return read_enum(t, type->names, value);
        return read_int(t, type->wire, value);
    default:
        return read_int(t, type->wire, value);
    }
}
