/* SPDX-License-Identifier: MIT */
/*
 * The module header of json: Thrift's JSON protocol, and the parts that both
 * JSON formats share.
 *
 *   scan.h       reads white space, numbers and strings (str.c)
 *   escape.h     reads escapes in strings
 *   double.c     reads and writes doubles in decimal
 *   put.c        writes strings, whole numbers, base64 and UUIDs
 *   walk.c       walks through the JSON of other programs (codec.h)
 *   tjson.h      Thrift's protocol. tjson_head.c reads heads, tjson_base.c
 *                reads base values, tjson_read.c reads records, tjson_write.c
 *                writes records, tjson_skip.c skips values, and tjson_pass.c
 *                finds the end of a message while its bytes arrive
 */
#ifndef WEFT_CODEC_JSON_H
#define WEFT_CODEC_JSON_H

#include "codec/json/escape.h"
#include "codec/json/scan.h"
#include "codec/json/tjson.h"

#endif
