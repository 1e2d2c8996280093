/* SPDX-License-Identifier: MIT */
/*
 * The module header of json: what every JSON has (scan.h, escape.h), and
 * Thrift's JSON protocol (tjson.h).
 */
#ifndef WEFT_CODEC_JSON_H
#define WEFT_CODEC_JSON_H

#include "codec/json/escape.h"
#include "codec/json/scan.h"
#include "codec/json/tjson.h"

#endif
