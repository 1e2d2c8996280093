/* SPDX-License-Identifier: MIT */
/*
 * The module header of desc: values through their descriptors.
 *
 *   desc.c           what a user does with a descriptor: get, set, append
 *   record.h         a record as its descriptor shows it
 *   types.c          descriptors of the types that have no parts
 *   table.h          reads and writes without generated code: what all
 *                    protocols share; table_read.c and table_write.c for binary
 *                    and compact
 *   unique.c         sets and maps without equal keys
 *   unknown.c        unknown fields that are kept
 *   copy.c, equal.c, hash.c, print.c   what their names say, with utf8.c
 */
#ifndef WEFT_CODEC_DESC_H
#define WEFT_CODEC_DESC_H

#include "codec/desc/record.h"
#include "codec/desc/table.h"

#endif
