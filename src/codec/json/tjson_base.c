/* SPDX-License-Identifier: MIT */
/* Reads the values of base types in Thrift's JSON. */
#include "codec/json/tjson.h"

static weft_err
read_int(struct weft_reader *r, uint8_t wire, bool is_key, void *value)
{
    static const struct {
        int64_t min, max;
    } ends[] = {
        [WEFT_BOOL] = {INT8_MIN, INT8_MAX}, /* any value except 0 is true */
        [WEFT_I8] = {INT8_MIN, INT8_MAX},
        [WEFT_I16] = {INT16_MIN, INT16_MAX},
        [WEFT_I32] = {INT32_MIN, INT32_MAX},
        [WEFT_I64] = {INT64_MIN, INT64_MAX},
    };
    int64_t v;
    weft_err err =
        wf_json_read_int(r, is_key, ends[wire].min, ends[wire].max, &v);
    if (err)
        return err;
    if (wire == WEFT_BOOL)
        *(bool *)value = v != 0;
    else if (wire == WEFT_I8)
        *(int8_t *)value = (int8_t)v;
    else if (wire == WEFT_I16)
        *(int16_t *)value = (int16_t)v;
    else if (wire == WEFT_I32)
        *(int32_t *)value = (int32_t)v;
    else
        *(int64_t *)value = v;
    return WEFT_OK;
}

weft_err
wf_tjson_read_base(struct weft_reader *r, uint8_t wire, bool is_key,
                   void *value)
{
    switch (wire) {
    case WEFT_BOOL:
    case WEFT_I8:
    case WEFT_I16:
    case WEFT_I32:
    case WEFT_I64:
        return read_int(r, wire, is_key, value);
    case WEFT_DOUBLE:
        return wf_json_read_double(r, is_key, value);
    case WEFT_UUID:
        return wf_json_read_uuid(r, value);
    default:
        return WEFT_EWIRETYPE;
    }
}
