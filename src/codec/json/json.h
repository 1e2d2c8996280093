/* SPDX-License-Identifier: MIT */
/*
 * The module header of json: Thrift's JSON protocol, and what every JSON has.
 *
 *   scan.h       reads white space, strings and numbers, with str.c
 *   escape.h     escapes in strings
 *   double.c     doubles in decimal
 *   put.c        writes what JSON values are made of
 *   tjson.h      Thrift's protocol: tjson_head.c what surrounds values,
 *                tjson_base.c base values, tjson_read.c and tjson_write.c
 *                records, tjson_skip.c values that nobody wants, tjson_pass.c
 *                the end of a message while its bytes arrive
 */
#ifndef WEFT_CODEC_JSON_H
#define WEFT_CODEC_JSON_H

#include "codec/json/escape.h"
#include "codec/json/scan.h"
#include "codec/json/tjson.h"

#endif
