/* SPDX-License-Identifier: MIT */
/*
 * The module header of binary, on which the rest of codec stands.
 *
 *   reader.c         the reading cursor, where a run of bytes ends
 *   writer.c         the writing cursor, where its reserved space ends
 *   value.h          field heads and base values by wire type, with value.c
 *   vec.c            lists and sets of base types and of structs
 *   binary.c         strict and old binary; the inline part is in
 *                    <weft/codec.h>
 *   skip.h           skips binary values, and stops where the bytes end
 *   compact.h        compact: compact.c reads values, compact_items.c fields
 *                    and containers, compact_skip.c skips, compact_write.c
 *                    writes
 */
#ifndef WEFT_CODEC_BINARY_H
#define WEFT_CODEC_BINARY_H

#include "codec/binary/compact.h"
#include "codec/binary/skip.h"
#include "codec/binary/value.h"

#endif
