/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes base values by their wire type, for callers that know a type
 * only at run time. The functions of binary and compact have matching names, so
 * one macro defines the functions of both protocols.
 */
#include "codec/binary/value.h"

/* Load a string with memcpy, because a load through a typed pointer may break
 * C's aliasing rule. */
static struct weft_str
load_str(const void *value)
{
    struct weft_str v;
    memcpy(&v, value, sizeof v);
    return v;
}

#define DEFINE_READ_BASE(protocol)                                          \
    weft_err wf_##protocol##_read_base(struct weft_reader *r, uint8_t wire, \
                                       void *value)                         \
    {                                                                       \
        switch (wire) {                                                     \
        case WEFT_BOOL:                                                     \
            return weft_##protocol##_read_bool(r, value);                   \
        case WEFT_I8:                                                       \
            return weft_##protocol##_read_i8(r, value);                     \
        case WEFT_I16:                                                      \
            return weft_##protocol##_read_i16(r, value);                    \
        case WEFT_I32:                                                      \
            return weft_##protocol##_read_i32(r, value);                    \
        case WEFT_I64:                                                      \
            return weft_##protocol##_read_i64(r, value);                    \
        case WEFT_DOUBLE:                                                   \
            return weft_##protocol##_read_double(r, value);                 \
        case WEFT_STRING:                                                   \
            return weft_##protocol##_read_str(r, value);                    \
        case WEFT_UUID:                                                     \
            return weft_##protocol##_read_uuid(r, value);                   \
        default:                                                            \
            return WEFT_EWIRETYPE;                                          \
        }                                                                   \
    }

DEFINE_READ_BASE(bin)
DEFINE_READ_BASE(compact)

#define DEFINE_WRITE_BASE(protocol)                                            \
    void wf_##protocol##_write_base(struct weft_writer *w, uint8_t wire,       \
                                    const void *value)                         \
    {                                                                          \
        switch (wire) {                                                        \
        case WEFT_BOOL:                                                        \
            weft_##protocol##_write_bool(w, *(const bool *)value);             \
            break;                                                             \
        case WEFT_I8:                                                          \
            weft_##protocol##_write_i8(w, *(const int8_t *)value);             \
            break;                                                             \
        case WEFT_I16:                                                         \
            weft_##protocol##_write_i16(w, *(const int16_t *)value);           \
            break;                                                             \
        case WEFT_I32:                                                         \
            weft_##protocol##_write_i32(w, *(const int32_t *)value);           \
            break;                                                             \
        case WEFT_I64:                                                         \
            weft_##protocol##_write_i64(w, *(const int64_t *)value);           \
            break;                                                             \
        case WEFT_DOUBLE:                                                      \
            weft_##protocol##_write_double(w, *(const double *)value);         \
            break;                                                             \
        case WEFT_STRING:                                                      \
            weft_##protocol##_write_str(w, load_str(value));                   \
            break;                                                             \
        case WEFT_UUID:                                                        \
            weft_##protocol##_write_uuid(w, *(const struct weft_uuid *)value); \
            break;                                                             \
        default:                                                               \
            weft_writer_fail(w, WEFT_EWIRETYPE);                               \
        }                                                                      \
    }

DEFINE_WRITE_BASE(bin)
DEFINE_WRITE_BASE(compact)
