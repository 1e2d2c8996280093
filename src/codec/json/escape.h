/* SPDX-License-Identifier: MIT */
/*
 * Escapes in the strings of JSON, for the protocol and for text. Source: RFC
 * 8259. Private to codec.
 */
#ifndef WEFT_CODEC_ESCAPE_H
#define WEFT_CODEC_ESCAPE_H

#include "codec/codec.h"

/* Bytes of the longest escape after its backslash: two surrogates. */
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

/* Write a character in UTF-8, which is never longer than its escape with the
 * backslash. Returns the end of the character. */
uint8_t *wf_put_utf8(uint8_t *to, uint32_t code);

#endif
