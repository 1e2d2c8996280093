/* SPDX-License-Identifier: MIT */
/*
 * The module header of binary, on which the rest of codec stands: strict and
 * old binary (binary.c; the inline part is in <weft/codec.h>), compact
 * (compact.h), the reading and writing cursors (reader.c, writer.c), skipping
 * unwanted values (skip.h), base values by wire type (value.h).
 */
#ifndef WEFT_CODEC_BINARY_H
#define WEFT_CODEC_BINARY_H

#include "codec/binary/compact.h"
#include "codec/binary/skip.h"
#include "codec/binary/value.h"

#endif
