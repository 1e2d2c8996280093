/* SPDX-License-Identifier: MIT */
/*
 * The module header of desc: values through their descriptors. The view of a
 * record (record.h); copy, equal, hash, print; reading and writing without
 * generated code (table.h); unknown fields that are kept (unknown.c).
 */
#ifndef WEFT_CODEC_DESC_H
#define WEFT_CODEC_DESC_H

#include "codec/desc/record.h"
#include "codec/desc/table.h"

#endif
