/* SPDX-License-Identifier: MIT */
/* Reads and writes the block of headers in Kitex' TTHeader, whose numbers have
 * a fixed size and whose keys are numbers or strings. */
#include "codec/frame/frame.h"

#define TOKEN_KEY WEFT_STR("RPC_TRANSIT_gdpr-token")
#define CRC_KEY WEFT_STR("crc32c")
#define CRC_DIGITS 8
/* The greatest length of a string in bytes, and the greatest key that is a
 * number. */
#define LARGEST 0xffffu

enum {
    INFO_PADDING = 0x00, /* one byte without contents */
    INFO_STRINGS = 0x01, /* pairs with keys that are strings */
    INFO_NUMBERS = 0x10, /* pairs with keys that are numbers */
    INFO_TOKEN = 0x11,
};

enum {
    ID_BINARY = 0x00,
    ID_COMPACT = 0x02,
    /* Kitex has sent protobuf with each of the next two numbers, but accepts
     * binary with them, too. So weft reads both numbers as binary. */
    ID_COMPACT_2 = 0x03,
    ID_PROTOBUF = 0x04,
    ID_BARE_STRUCT = 0x10, /* streaming, without heads of messages */
    ID_BARE_PROTOBUF = 0x11,
};

/* The names of integer keys, by number. */
static const struct weft_str names[] = {
#define WF_TTHEADER_KEY(number, name) [number] = WEFT_STR_INIT(":" #name),
#include "codec/frame/ttheader.def"
#undef WF_TTHEADER_KEY
};

#define N_NAMES (sizeof names / sizeof *names)

/* ---- reading ---- */

static weft_err
read_u8(struct weft_reader *r, uint8_t *v)
{
    return weft_read_raw(r, v, 1) ? WEFT_EFRAME : WEFT_OK;
}

static weft_err
read_u16(struct weft_reader *r, uint16_t *v)
{
    int16_t got;
    if (weft_bin_read_i16(r, &got))
        return WEFT_EFRAME;
    *v = (uint16_t)got;
    return WEFT_OK;
}

static weft_err
read_str(struct weft_reader *r, struct weft_str *v)
{
    uint16_t len;
    weft_err err = read_u16(r, &len);
    if (err)
        return err;
    return weft_read_str_slow(r, len, v) ? WEFT_EFRAME : WEFT_OK;
}

static weft_err
read_string_key(struct weft_reader *r, struct wf_frame *frame,
                struct weft_str *crc)
{
    struct weft_str key, value;
    weft_err err = read_str(r, &key);
    if (err || (err = read_str(r, &value)))
        return err;
    if (!weft_str_eq(key, CRC_KEY))
        return wf_frame_add(r, frame, key, value);
    *crc = value;
    return WEFT_OK;
}

static weft_err
read_number_key(struct weft_reader *r, struct wf_frame *frame)
{
    uint16_t number;
    struct weft_str key, value;
    weft_err err = read_u16(r, &number);
    if (err || (err = read_str(r, &value)))
        return err;
    key = number < N_NAMES ? names[number]
                           : weft_arena_printf(r->arena, ":%u", number);
    return key.ptr ? wf_frame_add(r, frame, key, value) : WEFT_EBUDGET;
}

/* Read pairs. Each pair takes four bytes or more, so a count that is too high
 * causes WEFT_EFRAME. */
static weft_err
read_pairs(struct weft_reader *r, uint8_t kind, struct wf_frame *frame,
           struct weft_str *crc)
{
    uint16_t n;
    weft_err err = read_u16(r, &n);
    for (; !err && n > 0; n--)
        err = kind == INFO_NUMBERS ? read_number_key(r, frame)
                                   : read_string_key(r, frame, crc);
    return err;
}

static weft_err
read_info(struct weft_reader *r, struct wf_frame *frame, struct weft_str *crc)
{
    uint8_t kind;
    struct weft_str token;
    weft_err err = read_u8(r, &kind);
    if (err)
        return err;
    switch (kind) {
    case INFO_PADDING:
        return WEFT_OK;
    case INFO_STRINGS:
    case INFO_NUMBERS:
        return read_pairs(r, kind, frame, crc);
    case INFO_TOKEN:
        err = read_str(r, &token);
        return err ? err : wf_frame_add(r, frame, TOKEN_KEY, token);
    default:
        return WEFT_EFRAME;
    }
}

static weft_err
read_protocol(struct weft_reader *r, struct wf_frame *frame)
{
    uint8_t id;
    weft_err err = read_u8(r, &id);
    if (err)
        return err;
    switch (id) {
    case ID_COMPACT:
        frame->dialect.protocol = WEFT_COMPACT;
        return WEFT_OK;
    case ID_BINARY:
    case ID_COMPACT_2:
    case ID_PROTOBUF:
        frame->dialect.protocol = WEFT_BINARY;
        return WEFT_OK;
    case ID_BARE_STRUCT:
    case ID_BARE_PROTOBUF:
        frame->guess = WF_GUESS_STREAM;
        return WEFT_EUNKNOWNPROTO;
    default:
        return WEFT_EUNKNOWNPROTO;
    }
}

weft_err
wf_ttheader_read(struct weft_reader *r, struct wf_frame *frame,
                 struct weft_str *crc)
{
    uint8_t n_transforms;
    weft_err err = read_protocol(r, frame);
    if (!err)
        err = read_u8(r, &n_transforms);
    if (!err && n_transforms > 0)
        err = WEFT_ETRANSFORM; /* TTHeader defines no transform */
    while (!err && weft_reader_left(r) > 0)
        err = read_info(r, frame, crc);
    return err;
}

/* ---- writing ---- */

static bool
parse_number(struct weft_str digits, uint32_t *number)
{
    uint32_t got = 0;
    for (uint32_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            return false;
        got = got * 10 + (uint32_t)(digits.ptr[i] - '0');
        if (got > LARGEST)
            return false;
    }
    *number = got;
    return digits.len > 0;
}

/* Find the number of a key; false: the key is written as a string. */
static bool
number_of(struct weft_str key, uint32_t *number)
{
    if (key.len < 2 || key.ptr[0] != ':')
        return false;
    for (*number = 0; *number < N_NAMES; ++*number)
        if (weft_str_eq(key, names[*number]))
            return true;
    return parse_number((struct weft_str){key.ptr + 1, key.len - 1}, number);
}

static uint8_t
info_of(struct weft_str key)
{
    uint32_t number;
    if (weft_str_eq(key, TOKEN_KEY))
        return INFO_TOKEN;
    return number_of(key, &number) ? INFO_NUMBERS : INFO_STRINGS;
}

static void
put_str(struct wf_sink *sink, struct weft_str s)
{
    wf_sink_put_u16(sink, s.len);
    wf_sink_put(sink, s.ptr, s.len);
}

static void
put_header(struct wf_sink *sink, uint8_t kind, const struct weft_header *header)
{
    uint32_t number;
    if (kind == INFO_TOKEN)
        wf_sink_put_u8(sink, INFO_TOKEN);
    else if (kind == INFO_STRINGS)
        put_str(sink, header->key);
    else if (number_of(header->key, &number))
        wf_sink_put_u16(sink, number);
    put_str(sink, header->value);
}

size_t
wf_ttheader_size(const struct weft_header *header)
{
    struct wf_sink sink = {0};
    put_header(&sink, info_of(header->key), header);
    return sink.len;
}

/* True if the key is the key of the header with the checksum. weft writes this
 * header if wf_frame.has_crc is set. */
bool
wf_ttheader_owns(struct weft_str key)
{
    return weft_str_eq(key, CRC_KEY);
}

/* Write the headers of one kind. Each token is written as an info block of its
 * own. The headers of any other kind are written as one info block, which
 * begins with the kind and the number of headers. `crc` is one more header of
 * this kind; NULL: there is no such header. */
static void
put_info(struct wf_sink *sink, uint8_t kind, const struct weft_headers *headers,
         const struct weft_header *crc)
{
    uint32_t n = crc != NULL;
    for (uint32_t i = 0; i < headers->len; i++)
        n += info_of(headers->items[i].key) == kind;
    if (n == 0)
        return;
    if (kind != INFO_TOKEN) {
        wf_sink_put_u8(sink, kind);
        wf_sink_put_u16(sink, n);
    }
    for (uint32_t i = 0; i < headers->len; i++)
        if (info_of(headers->items[i].key) == kind)
            put_header(sink, kind, &headers->items[i]);
    if (crc)
        put_header(sink, kind, crc);
}

/* A count or length above 16 bits loses its upper bits. But the sink counts all
 * bytes, so the caller refuses the block as too long. */
weft_err
wf_ttheader_write(struct wf_sink *sink, const struct wf_frame *frame,
                  const char *crc)
{
    const struct weft_headers *headers = &frame->headers;
    struct weft_header check = {CRC_KEY, {crc, CRC_DIGITS}};
    if (frame->dialect.zlib)
        return WEFT_ETRANSFORM;
    if (frame->dialect.protocol == WEFT_JSON)
        return WEFT_EUNKNOWNPROTO;
    for (uint32_t i = 0; i < headers->len; i++)
        if (wf_ttheader_owns(headers->items[i].key))
            return WEFT_EHEADER;
    wf_sink_put_u8(sink, frame->dialect.protocol == WEFT_COMPACT ? ID_COMPACT
                                                                 : ID_BINARY);
    wf_sink_put_u8(sink, 0);
    put_info(sink, INFO_TOKEN, headers, NULL);
    put_info(sink, INFO_STRINGS, headers, crc ? &check : NULL);
    put_info(sink, INFO_NUMBERS, headers, NULL);
    return WEFT_OK;
}
