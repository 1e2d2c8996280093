/* SPDX-License-Identifier: MIT */
/* Reads the heads of messages, fields and containers in Thrift's JSON. */
#include "codec/json/tjson.h"

#define TYPE_SIZE 9   /* bytes of an array that holds a type's name */
#define SHORT_HEAD 16 /* read_short_head reads no more bytes than this */

static const struct {
    char name[4];
    uint8_t min; /* minimum size of a value, in bytes */
} types[] = {
    [WEFT_BOOL] = {"tf", 1},    [WEFT_I8] = {"i8", 1},
    [WEFT_DOUBLE] = {"dbl", 1}, [WEFT_I16] = {"i16", 1},
    [WEFT_I32] = {"i32", 1},    [WEFT_I64] = {"i64", 1},
    [WEFT_STRING] = {"str", 2}, [WEFT_STRUCT] = {"rec", 2},
    [WEFT_MAP] = {"map", 16},   [WEFT_SET] = {"set", 8},
    [WEFT_LIST] = {"lst", 8},   [WEFT_UUID] = {"uid", 38},
};

#define N_TYPES (sizeof types / sizeof *types)

const char *
wf_tjson_type(uint8_t wire)
{
    return wire < N_TYPES && types[wire].min > 0 ? types[wire].name : NULL;
}

uint32_t
wf_tjson_items_min(bool is_map, uint8_t key, uint8_t value)
{
    if (!is_map)
        return types[value].min + 1u;
    /* Add two bytes for quotes: a number that is the key of a map has
     * quotes. */
    return types[key].min + (types[key].min == 1 ? 2u : 0u) + 1u +
           types[value].min;
}

/* Three letters as one number. */
#define LETTERS(a, b, c) \
    ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

/* Returns the type whose name is at s. A name of two letters is compared
 * together with its closing quote. WEFT_STOP: there is no such type. */
static uint8_t
name_to_wire(const uint8_t *s)
{
    switch (LETTERS(s[0], s[1], s[2])) {
    case LETTERS('t', 'f', '"'):
        return WEFT_BOOL;
    case LETTERS('i', '8', '"'):
        return WEFT_I8;
    case LETTERS('i', '1', '6'):
        return WEFT_I16;
    case LETTERS('i', '3', '2'):
        return WEFT_I32;
    case LETTERS('i', '6', '4'):
        return WEFT_I64;
    case LETTERS('d', 'b', 'l'):
        return WEFT_DOUBLE;
    case LETTERS('s', 't', 'r'):
        return WEFT_STRING;
    case LETTERS('r', 'e', 'c'):
        return WEFT_STRUCT;
    case LETTERS('l', 's', 't'):
        return WEFT_LIST;
    case LETTERS('m', 'a', 'p'):
        return WEFT_MAP;
    case LETTERS('s', 'e', 't'):
        return WEFT_SET;
    case LETTERS('u', 'i', 'd'):
        return WEFT_UUID;
    default:
        return WEFT_STOP;
    }
}

/* Read a type's name and its closing quote at s. At least four bytes are
 * readable there. Returns the position after the quote; NULL: there is no such
 * type. */
static const uint8_t *
pass_type(const uint8_t *s, uint8_t *wire)
{
    *wire = name_to_wire(s);
    s += *wire == WEFT_BOOL || *wire == WEFT_I8 ? 2 : 3;
    return *wire == WEFT_STOP || *s != '"' ? NULL : s + 1;
}

static weft_err
read_type(struct weft_reader *r, uint8_t *wire)
{
    if (WEFT_LIKELY(r->end - r->at >= 6 && *r->at == '"')) {
        const uint8_t *end = pass_type(r->at + 1, wire);
        if (end) {
            r->at = end;
            return WEFT_OK;
        }
    }
    char word[TYPE_SIZE] = {0};
    weft_err err = wf_json_expect(r, '"');
    if (!err && (err = wf_json_read_word(r, word, TYPE_SIZE - 1)) == WEFT_ESIZE)
        err = WEFT_EWIRETYPE;
    if (err || (err = wf_json_expect(r, '"')))
        return err;
    size_t len = strlen(word);
    word[len] = '"';
    const uint8_t *name = (const uint8_t *)word;
    return pass_type(name, wire) == name + len + 1 ? WEFT_OK : WEFT_EWIRETYPE;
}

/* ---- messages ---- */

#define VERSION 1

static weft_err
read_message_start(struct weft_reader *r)
{
    uint8_t c;
    int64_t version;
    weft_err err = wf_json_look(r, &c);
    if (err)
        return err;
    if (c != '[')
        return WEFT_EVERSION;
    r->at++;
    err = wf_json_read_int(r, false, INT64_MIN, INT64_MAX, &version);
    if (err)
        return err;
    return version == VERSION ? wf_json_expect(r, ',') : WEFT_EVERSION;
}

weft_err
wf_tjson_read_message(struct weft_reader *r, uint32_t name_size,
                      struct weft_message *m)
{
    struct weft_str name;
    int64_t type, seqid;
    weft_err err = read_message_start(r);
    if (err || (err = wf_json_read_str(r, &name)))
        return err;
    if (name.len > (name_size ? name_size : WEFT_NAME_SIZE))
        return WEFT_ESIZE;
    if ((err = wf_json_expect(r, ',')) ||
        (err = wf_json_read_int(r, false, INT32_MIN, INT32_MAX, &type)) ||
        (err = wf_json_expect(r, ',')) ||
        (err = wf_json_read_int(r, false, INT32_MIN, INT32_MAX, &seqid)) ||
        (err = wf_json_expect(r, ',')))
        return err;
    *m = (struct weft_message){name, (int32_t)seqid, (int32_t)type};
    return WEFT_OK;
}

weft_err
wf_tjson_read_message_end(struct weft_reader *r)
{
    uint8_t c;
    weft_err err = wf_json_expect(r, ']');
    if (!err && weft_reader_left(r) > 0) /* the text may end with white space */
        (void)wf_json_look(r, &c);
    return err;
}

/* ---- fields and containers ---- */

/* Read the head "id":{"type": of a field. The head must have an id from 1 to 99
 * and no white space. The run of bytes at r->at must have SHORT_HEAD bytes or
 * more. Returns false if nothing was read. The caller then uses slower code,
 * which also reports errors. */
static bool
read_short_head(struct weft_reader *r, struct wf_field_head *head)
{
    const uint8_t *s = r->at;
    if (r->end - s < SHORT_HEAD || s[0] != '"' || s[1] < '1' || s[1] > '9')
        return false;
    int id = s[1] - '0';
    s += 2;
    if (*s >= '0' && *s <= '9')
        id = id * 10 + (*s++ - '0');
    if (memcmp(s, "\":{\"", 4) != 0)
        return false;
    s = pass_type(s + 4, &head->wire);
    if (!s || *s != ':')
        return false;
    head->id = (int16_t)id;
    r->at = s + 1;
    return true;
}

weft_err
wf_tjson_read_field(struct weft_reader *r, bool is_first,
                    struct wf_field_head *head)
{
    uint8_t c;
    int64_t id;
    weft_err err = wf_json_look(r, &c);
    if (err)
        return err;
    if (c == '}') {
        r->at++;
        head->wire = WEFT_STOP;
        return WEFT_OK;
    }
    if (!is_first && (err = wf_json_expect(r, ',')))
        return err;
    if (WEFT_LIKELY(read_short_head(r, head)))
        return WEFT_OK;
    if ((err = wf_json_read_int(r, true, INT16_MIN, INT16_MAX, &id)) ||
        (err = wf_json_expect(r, ':')) || (err = wf_json_expect(r, '{')) ||
        (err = read_type(r, &head->wire)))
        return err;
    head->id = (int16_t)id;
    return wf_json_expect(r, ':');
}

weft_err
wf_tjson_read_items(struct weft_reader *r, bool is_map,
                    struct wf_tjson_items *items)
{
    int64_t count;
    weft_err err = wf_json_expect(r, '[');
    if (err || (err = read_type(r, &items->key)))
        return err;
    items->value = items->key;
    if (is_map &&
        ((err = wf_json_expect(r, ',')) || (err = read_type(r, &items->value))))
        return err;
    if ((err = wf_json_expect(r, ',')) ||
        (err = wf_json_read_int(r, false, INT64_MIN, INT64_MAX, &count)))
        return err;
    if (count < 0 || count > INT32_MAX)
        return WEFT_ESIZE;
    items->count = (int32_t)count;
    if (is_map && (err = wf_json_expect(r, ',')))
        return err;
    return is_map ? wf_json_expect(r, '{') : WEFT_OK;
}

weft_err
wf_tjson_read_comma(struct weft_reader *r, bool is_map, uint32_t n)
{
    if (is_map && n == 0)
        return WEFT_OK;
    return wf_json_expect(r, is_map && n % 2 == 1 ? ':' : ',');
}

weft_err
wf_tjson_read_items_end(struct weft_reader *r, bool is_map)
{
    weft_err err = is_map ? wf_json_expect(r, '}') : WEFT_OK;
    return err ? err : wf_json_expect(r, ']');
}
