/* SPDX-License-Identifier: MIT */
/*
 * Escapes in the strings of both JSON formats: Thrift's JSON, and the JSON that
 * people write. Source: RFC 8259. Private to codec.
 */
#ifndef WEFT_CODEC_ESCAPE_H
#define WEFT_CODEC_ESCAPE_H

#include "codec/codec.h"

/* The longest escape, two surrogates, has this many bytes after its first
 * backslash. */
#define WF_ESCAPE_MOST 11

/* Read the character that an escape means; s points after the backslash. *code
 * may be a second surrogate without a first surrogate before it. Returns where
 * the escape ends; NULL: there is no such escape. */
const uint8_t *wf_read_escape(const uint8_t *s, const uint8_t *end,
                              uint32_t *code);

static inline bool
wf_is_surrogate(uint32_t code)
{
    return code >= 0xd800 && code <= 0xdfff;
}

/* Write a character in UTF-8. The UTF-8 is never longer than the escape of the
 * character with its backslash. Returns the end of the UTF-8. */
uint8_t *wf_put_utf8(uint8_t *to, uint32_t code);

#endif
