/* SPDX-License-Identifier: MIT */
/*
 * The module header of desc, which handles values by their descriptors.
 *
 *   desc.c           what users do with a descriptor: get, set, append
 *   record.h         access to a record by its descriptor
 *   types.c          descriptors of the types that have no parts
 *   table.h          reads and writes without generated code: what all
 *                    protocols share; table_read.c and table_write.c for binary
 *                    and compact
 *   unique.c         sets and maps without equal keys
 *   unknown.c        unknown fields that are kept
 *   copy.c, equal.c, hash.c, print.c   do so, with utf8.c
 */
#ifndef WEFT_CODEC_DESC_H
#define WEFT_CODEC_DESC_H

#include "codec/desc/record.h"
#include "codec/desc/table.h"

#endif
