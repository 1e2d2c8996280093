/* SPDX-License-Identifier: MIT */
/*
 * The module header of desc: values through their descriptors. How a record is
 * looked at (record.h); copy, equal, hash, print; reading and writing without
 * generated code (table.h); fields that nobody knows (unknown.c).
 */
#ifndef WEFT_CODEC_DESC_H
#define WEFT_CODEC_DESC_H

#include "codec/desc/record.h"
#include "codec/desc/table.h"

#endif
