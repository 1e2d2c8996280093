/* SPDX-License-Identifier: MIT */
/*
 * Recognizes the protocol of a connection by its first bytes. The length of a
 * frame begins with a byte of at most 3f, so the first byte decides most cases.
 * A message without a frame, or another protocol, begins with one of these:
 *
 *   80 01                      strict binary      82, xx & 1f == 1   compact
 *   5b "["                     JSON
 *   48, 58, 68 or 78; first
 *     u16 a multiple of 31     zlib, of the whole connection
 *   GET_ POST PUT_ HEAD OPTI
 *     DELE PATC                HTTP/1
 *   PRI_                       HTTP/2             SSH-               SSH
 *   16 03                      TLS; as a length it would be 369 MB
 *   ff af                      Kitex' mesh header
 *
 * A first byte up to 3f begins a length. The bytes after this length tell what
 * the length belongs to:
 *
 *   80 01, 82 xx as above,     frames of strict binary, compact, JSON,
 *     5b, 0f ff, 10 00           THeader, TTHeader
 *   length of a name, name     frames of old binary
 *   a name of that length      old binary without a frame
 *
 * A name consists of letters, digits, "_", ".", ":" and "-". After the name
 * comes the type of a message that is sent to a server: 1 or 4. The bytes of a
 * frame never begin with a character of a name, so such a character
 * distinguishes the last row from the other rows.
 *
 * Before JSON, also in a frame, there may be up to 64 bytes of white space, and
 * before HTTP/1 one empty line (RFC 9112, 2.2). White space and an empty line
 * begin with 09, 0a, 0d or 20, which as a length would be at least 150 MB.
 * Apart from white space at most 16 bytes are examined.
 */
#include "codec/frame/frame.h"
#include "codec/frame/pass.h"

#define LOOK 16u      /* limit for the examined bytes, apart from white space */
#define SPACE_MAX 64u /* limit for the bytes of white space before a sign */

enum match { NO, MAYBE, YES }; /* MAYBE: too few bytes */

/* Bytes that identify a dialect or another protocol. */
struct sign {
    uint8_t bytes[4], loose[4]; /* loose: bits that may have any value */
    uint8_t len;
    uint8_t mode, protocol, guess; /* mode WF_CUT_UNKNOWN: refuse the input */
};

#if WF_HTTP
#define HTTP .mode = WF_CUT_HTTP
#else
#define HTTP .guess = WF_GUESS_HTTP
#endif
#if WF_ZLIB
#define ZLIB .mode = WF_CUT_ZLIB
#else
#define ZLIB .guess = WF_GUESS_ZLIB
#endif

/* The input may have white space before a sign of the first AFTER_SPACE rows of
 * `firsts` and `seconds`, and an empty line before a sign of the first
 * AFTER_LINE rows of `firsts`. */
#define AFTER_SPACE 1u
#define AFTER_LINE 8u

static const struct sign firsts[] = {
    {{'['}, {0}, 1, WF_CUT_UNFRAMED, WEFT_JSON, 0},
    {{'G', 'E', 'T', ' '}, .len = 4, HTTP},
    {{'P', 'O', 'S', 'T'}, .len = 4, HTTP},
    {{'P', 'U', 'T', ' '}, .len = 4, HTTP},
    {{'H', 'E', 'A', 'D'}, .len = 4, HTTP},
    {{'O', 'P', 'T', 'I'}, .len = 4, HTTP},
    {{'D', 'E', 'L', 'E'}, .len = 4, HTTP},
    {{'P', 'A', 'T', 'C'}, .len = 4, HTTP},
    {{0x80, 0x01}, {0}, 2, WF_CUT_UNFRAMED, WEFT_BINARY, 0},
    {{0x82, 0x01}, {0, 0xe0}, 2, WF_CUT_UNFRAMED, WEFT_COMPACT, 0},
    {{'P', 'R', 'I', ' '}, .len = 4, .guess = WF_GUESS_HTTP2},
    {{'S', 'S', 'H', '-'}, .len = 4, .guess = WF_GUESS_SSH},
    {{0x16, 0x03}, .len = 2, .guess = WF_GUESS_TLS},
    {{0xff, 0xaf}, .len = 2, .guess = WF_GUESS_MESH},
};

static const struct sign zlib = {.len = 2, ZLIB};

/* Signs that follow a length. */
static const struct sign seconds[] = {
    {{'['}, .len = 1, .mode = WF_CUT_FRAMED},
    {{0x80, 0x01}, .len = 2, .mode = WF_CUT_FRAMED},
    {{0x82, 0x01}, {0, 0xe0}, 2, WF_CUT_FRAMED, 0, 0},
    {{WF_THEADER_MAGIC >> 8, WF_THEADER_MAGIC & 0xff},
     .len = 2,
     .mode = WF_CUT_FRAMED},
    {{WF_TTHEADER_MAGIC >> 8, WF_TTHEADER_MAGIC & 0xff},
     .len = 2,
     .mode = WF_CUT_FRAMED},
};

static const struct sign old_framed = {.mode = WF_CUT_FRAMED};
static const struct sign old_unframed = {.mode = WF_CUT_UNFRAMED,
                                         .protocol = WEFT_OLD_BINARY};

static enum match
match_sign(const struct sign *sign, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < sign->len; i++) {
        if (i == n)
            return MAYBE;
        if ((b[i] & ~sign->loose[i]) != sign->bytes[i])
            return NO;
    }
    return YES;
}

/* The best match of a table; if the match is YES, *found receives its sign. */
static enum match
match_signs(const struct sign *signs, size_t n_signs, const uint8_t *b,
            size_t n, const struct sign **found)
{
    enum match best = NO;
    for (size_t i = 0; i < n_signs && best != YES; i++) {
        enum match match = match_sign(&signs[i], b, n);
        if (match == YES)
            *found = &signs[i];
        best = WF_MAX(best, match);
    }
    return best;
}

static size_t
count_space(const uint8_t *b, size_t n)
{
    size_t i = 0;
    while (i < n && memchr(" \t\n\r", b[i], 4))
        i++;
    return i;
}

/* The best match of a table after white space. */
static enum match
match_spaced(const struct sign *signs, size_t n_signs, const uint8_t *b,
             size_t n, const struct sign **found)
{
    size_t space = count_space(b, n);
    if (space == 0 || space > SPACE_MAX)
        return NO;
    return match_signs(signs, n_signs, b + space, n - space, found);
}

/* Match JSON after white space, or HTTP after an empty line. */
static enum match
match_text(const uint8_t *b, size_t n, const struct sign **found)
{
    bool is_line = count_space(b, n) == 2 && b[0] == '\r' && b[1] == '\n';
    return match_spaced(firsts, is_line ? AFTER_LINE : AFTER_SPACE, b, n,
                        found);
}

/* Check a zlib header (RFC 1950): method 8, a window of 4 to 32 KiB, and a
 * checksum over both bytes. Smaller windows are refused, because their first
 * byte may also be the first byte of a length. */
static enum match
match_zlib(const uint8_t *b, size_t n)
{
    if ((b[0] & 0x0f) != 8 || b[0] < 0x48 || b[0] > 0x78)
        return NO;
    if (n < 2)
        return MAYBE;
    return (b[0] << 8 | b[1]) % 31 == 0 ? YES : NO;
}

static bool
is_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':' ||
           c == '-';
}

/* Match the head of a message in old binary. At most `most` bytes are
 * examined. */
static enum match
match_old(const uint8_t *b, size_t n, size_t most, uint32_t name_size)
{
    uint8_t length[4] = {0};
    memcpy(length, b, WF_MIN(n, sizeof length));
    uint32_t len = weft_load_be32(length);
    if (len > name_size || (n >= 4 && len == 0))
        return NO;
    if (n < 4)
        return MAYBE;
    size_t type = (size_t)len + 4; /* offset of the type of the message */
    for (size_t i = 4; i < WF_MIN(n, most); i++) {
        if (i < type && !is_name(b[i]))
            return NO;
        if (i == type)
            return b[i] == WEFT_CALL || b[i] == WEFT_ONEWAY ? YES : NO;
    }
    return n >= most ? YES : MAYBE;
}

static enum match
match_length(const uint8_t *b, size_t n, uint32_t name_size,
             const struct sign **found)
{
    if (n <= 4)
        return MAYBE;
    enum match match = match_old(b, n, LOOK, name_size);
    if (match != NO) {
        *found = &old_unframed;
        return match;
    }
    if (weft_load_be32(b) < 4)
        return NO;
    match = match_signs(seconds, sizeof seconds / sizeof *seconds, b + 4, n - 4,
                        found);
    if (match == NO)
        match = match_spaced(seconds, AFTER_SPACE, b + 4, n - 4, found);
    if (match != NO)
        return match;
    *found = &old_framed;
    return match_old(b + 4, n - 4, LOOK - 4, name_size);
}

/* Match what the table `firsts` does not have. If the first bytes, as a length,
 * are above the limit, the bytes are more likely white space before text, so
 * match_text is tried before match_length. */
static enum match
match_others(const struct weft_limits *limits, const uint8_t *b, size_t n,
             const struct sign **found)
{
    bool is_long = (uint32_t)b[0] << 24 > limits->message_size;
    enum match match = match_zlib(b, n);
    if (match == YES)
        *found = &zlib;
    if (match == NO && is_long)
        match = match_text(b, n, found);
    if (match == NO && b[0] <= WF_LARGEST_FRAME >> 24)
        match = match_length(b, n, limits->name_size, found);
    if (match == NO && !is_long)
        match = match_text(b, n, found);
    return match;
}

weft_err
wf_sniff(struct wf_cutter *cutter, const struct weft_chain *in)
{
    uint8_t b[4 + SPACE_MAX + 1];
    const struct sign *found = NULL;
    size_t n = weft_chain_copy_out(in, 0, b, sizeof b);
    if (n >= 4 && weft_load_be32(b) == 0)
        return WEFT_ESIZE;
    enum match match =
        match_signs(firsts, sizeof firsts / sizeof *firsts, b, n, &found);
    if (match == NO)
        match = match_others(cutter->limits, b, n, &found);
    if (match == MAYBE)
        return WEFT_OK;
    if (match == NO)
        return WEFT_EUNKNOWNPROTO;
    cutter->mode = found->mode;
    cutter->protocol = found->protocol;
    cutter->guess = found->guess;
    return cutter->mode == WF_CUT_UNKNOWN ? WEFT_EUNKNOWNPROTO : WEFT_OK;
}
