/* SPDX-License-Identifier: MIT */
/*
 * The module header of binary, the ground of codec: strict and old binary
 * (binary.c; its inline half is in <weft/codec.h>), compact (compact.h), the
 * cursors of reading and writing (reader.c, writer.c), passing over values
 * that nobody wants (skip.h), base values by wire type (value.h).
 */
#ifndef WEFT_CODEC_BINARY_H
#define WEFT_CODEC_BINARY_H

#include "codec/binary/compact.h"
#include "codec/binary/skip.h"
#include "codec/binary/value.h"

#endif
