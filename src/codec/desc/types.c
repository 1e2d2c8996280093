/* SPDX-License-Identifier: MIT */
/* The descriptors of the base types, such as i32 and string. All generated
 * files use these descriptors. */
#include "codec/codec.h"

#define BASE_TYPE(word, wire_type, c_type)                          \
    const struct weft_type weft_type_##word = {.wire = (wire_type), \
                                               .size = sizeof(c_type)}

BASE_TYPE(bool, WEFT_BOOL, bool);
BASE_TYPE(i8, WEFT_I8, int8_t);
BASE_TYPE(i16, WEFT_I16, int16_t);
BASE_TYPE(i32, WEFT_I32, int32_t);
BASE_TYPE(i64, WEFT_I64, int64_t);
BASE_TYPE(double, WEFT_DOUBLE, double);
BASE_TYPE(string, WEFT_STRING, struct weft_str);
BASE_TYPE(uuid, WEFT_UUID, struct weft_uuid);

const struct weft_type weft_type_binary = {
    .wire = WEFT_STRING, .is_binary = true, .size = sizeof(struct weft_str)};
