/* SPDX-License-Identifier: MIT */
/*
 * The module header of desc, which handles values by their descriptors.
 *
 *   desc.c           what users do with a descriptor: get, set, append
 *   record.h         access to a record by its descriptor
 *   types.c          descriptors of the base types, such as i32 and string
 *   table.h          the code that all protocols share when they read and write
 *                    without generated code; table_read.c and table_write.c
 *                    read and write binary and compact
 *   unique.c         drops repeated items of sets and repeated keys of maps
 *   unknown.c        keeps unknown fields
 *   copy.c           copies a record into another arena
 *   equal.c          compares two values
 *   hash.c           hashes a value
 *   print.c          prints a record for people
 *   utf8.c           measures characters, and escapes text
 */
#ifndef WEFT_CODEC_DESC_H
#define WEFT_CODEC_DESC_H

#include "codec/desc/record.h"
#include "codec/desc/table.h"

#endif
