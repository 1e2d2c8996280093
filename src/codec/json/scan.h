/* SPDX-License-Identifier: MIT */
/*
 * Scans what both JSON formats share: white space, numbers and strings. The
 * scanner has no state except the reader's position. It needs memory only for
 * strings that have escapes or lie in several runs. Private to codec.
 *
 * White space is accepted wherever JSON allows it. All readers can return
 * WEFT_ETRUNC, and WEFT_EPROTOCOL for input that is not JSON; other errors are
 * named at each function.
 */
#ifndef WEFT_CODEC_SCAN_H
#define WEFT_CODEC_SCAN_H

#include "codec/binary/binary.h"

/* ---- scanning ---- */

weft_err wf_json_look_slow(struct weft_reader *r, uint8_t *c) WEFT_CHECKED;
weft_err wf_json_expect_slow(struct weft_reader *r, char c) WEFT_CHECKED;

/* Find the next character that is not white space, without consuming it. */
static inline weft_err
wf_json_look(struct weft_reader *r, uint8_t *c)
{
    if (WEFT_UNLIKELY(r->at == r->end || *r->at <= ' '))
        return wf_json_look_slow(r, c);
    *c = *r->at;
    return WEFT_OK;
}

/* Consume the next character that is not white space; it must be c. */
static inline weft_err
wf_json_expect(struct weft_reader *r, char c)
{
    if (WEFT_UNLIKELY(r->at == r->end || *r->at != (uint8_t)c))
        return wf_json_expect_slow(r, c);
    r->at++;
    return WEFT_OK;
}

/*
 * Find the first quote, backslash or control character from s on. Returns `end`
 * if there is none. Tests eight bytes at a time; see "Determine if a word has a
 * byte less than n" in Sean Anderson's Bit Twiddling Hacks. The first byte that
 * the test finds is always right. Later ones may be wrong, and are not used.
 */
static inline const uint8_t *
wf_json_pass_plain(const uint8_t *s, const uint8_t *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    for (; end - s >= 8; s += 8) {
        uint64_t b = __builtin_bswap64(weft_load_be64(s));
        uint64_t found = (b - ones * 0x20) | ((b ^ ones * '"') - ones) |
                         ((b ^ ones * '\\') - ones);
        found &= ~b & ones * 0x80;
        if (found)
            return s + __builtin_ctzll(found) / 8;
    }
    while (s < end && *s != '"' && *s != '\\' && *s >= 0x20)
        s++;
    return s;
}

/* True if this character may be part of a number or of an unquoted name. */
static inline bool
wf_json_is_of_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

/* Read a string and resolve its escapes. *v receives a view if the string has
 * no escapes and lies in one run, else a copy in the arena. Bytes that are not
 * UTF-8 are kept as they are. Errors: WEFT_EBUDGET, WEFT_ESIZE. */
weft_err wf_json_read_str(struct weft_reader *r, struct weft_str *v)
    WEFT_CHECKED;

/* Read a string in base64, with padding or without: the libraries of C++ and
 * Java write no padding. Errors: WEFT_EBUDGET, WEFT_ESIZE. */
weft_err wf_json_read_binary(struct weft_reader *r, struct weft_str *v)
    WEFT_CHECKED;

/* Decode a text of base64 into the arena. If `is_strict`, refuse a text without
 * padding. Errors: WEFT_EBUDGET. */
weft_err wf_json_decode_base64(struct weft_str text, bool is_strict,
                               struct weft_arena *memory, struct weft_str *v)
    WEFT_CHECKED;

/* Skip a string, whatever it contains. */
weft_err wf_json_skip_str(struct weft_reader *r) WEFT_CHECKED;

/* Read a word. *is_quoted receives true if the word has quotes. Errors:
 * WEFT_ESIZE. */
#define WF_JSON_NUMBER_SIZE 128u
weft_err wf_json_read_number(struct weft_reader *r,
                             char word[WF_JSON_NUMBER_SIZE], bool *is_quoted)
    WEFT_CHECKED;

/* True if the word is a number of JSON. If `is_whole`, the number must have no
 * fraction and no exponent. */
bool wf_json_is_number(const char *word, bool is_whole);

/* Read a number as Thrift's libraries write it: an integer may have leading
 * zeros, and a double may be one of several spellings of NaN and infinity.
 * `is_quoted` is true for the key of a map, which JSON puts in quotes. Errors:
 * WEFT_ESIZE. */
weft_err wf_json_read_int(struct weft_reader *r, bool is_quoted, int64_t min,
                          int64_t max, int64_t *v) WEFT_CHECKED;
weft_err wf_json_read_double(struct weft_reader *r, bool is_quoted, double *v)
    WEFT_CHECKED;

/* Read a UUID. Hexadecimal digits may be in upper case, too (RFC 9562, 4). */
weft_err wf_json_read_uuid(struct weft_reader *r, struct weft_uuid *v)
    WEFT_CHECKED;
weft_err wf_json_decode_uuid(struct weft_str text, struct weft_uuid *v)
    WEFT_CHECKED;

/* Read a word of letters, digits, '+', '-' and '.', and append a NUL. The word
 * ends before the first other character. Errors: WEFT_ESIZE if the word with
 * its NUL is longer than `size`. */
weft_err wf_json_read_word(struct weft_reader *r, char *word, size_t size)
    WEFT_CHECKED;

/* ---- writing; errors stick in the writer ---- */

static inline void
wf_json_put_char(struct weft_writer *w, char c)
{
    weft_bin_write_i8(w, (int8_t)c);
}

void wf_json_put(struct weft_writer *w, const char *text);
void wf_json_write_str(struct weft_writer *w, struct weft_str v);
void wf_json_write_binary(struct weft_writer *w, struct weft_str v);
void wf_json_write_int(struct weft_writer *w, int64_t v);
void wf_json_write_double(struct weft_writer *w, double v);
void wf_json_write_uuid(struct weft_writer *w, const struct weft_uuid *v);

/* Write v in decimal to the buffer `to`, which has WF_JSON_INT_SIZE bytes.
 * Returns the end of the digits. */
#define WF_JSON_INT_SIZE 20u
uint8_t *wf_json_format_int(uint8_t *to, int64_t v);

#endif
