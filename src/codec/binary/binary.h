/* SPDX-License-Identifier: MIT */
/*
 * The module header of binary, which the other folders of codec use.
 *
 *   reader.c         moves the reading cursor from one run of bytes to the next
 *   writer.c         reserves room for the writing cursor, and commits bytes
 *   value.h          field heads, and base values by wire type (value.c)
 *   vec.c            reads and writes lists and sets
 *   binary.c         reads and writes strict and old binary; the inline part is
 *                    in <weft/inline/codec.h>
 *   skip.h           skips binary values, and stops where the bytes end
 *   compact.h        reads and writes compact: compact.c reads values and the
 *                    heads of fields, compact_items.c reads the heads of
 *                    containers, compact_skip.c skips values, compact_write.c
 *                    writes values
 */
#ifndef WEFT_CODEC_BINARY_H
#define WEFT_CODEC_BINARY_H

#include "codec/binary/compact.h"
#include "codec/binary/skip.h"
#include "codec/binary/value.h"

#endif
