/* SPDX-License-Identifier: MIT */
#include "rpc/result_check.h"

#include <string.h>

struct look {
    /* how many more levels are checked; the writer refuses deeper values */
    uint32_t depth;
    const void *frame; /* the stack below this address is no longer used */
};

static bool value_dangles(struct look look, const struct weft_type *type,
                          const void *value);

static bool
field_dangles(struct look look, const struct weft_field *f, const void *value)
{
    if (f->boxed && wf_stack_is_dead(value, look.frame))
        return true;
    return value_dangles(look, f->type, value);
}

static bool
record_dangles(struct look look, const struct weft_struct *desc,
               const void *record)
{
    for (uint32_t i = 0; i < desc->n_fields; i++) {
        const struct weft_field *f = &desc->fields[i];
        const void *value = weft_field_get(desc, f, record);
        if (value && field_dangles(look, f, value))
            return true;
    }
    return false;
}

static bool
items_dangle(struct look look, const struct weft_type *type, const void *value)
{
    struct {
        const uint8_t *items;
        uint32_t len, cap;
    } vec;
    memcpy(&vec, value, sizeof vec);
    if (vec.len == 0)
        return false;
    if (wf_stack_is_dead(vec.items, look.frame))
        return true;
    for (uint32_t i = 0; i < vec.len; i++) {
        const uint8_t *item = vec.items + (size_t)i * type->item_size;
        if (type->wire == WEFT_MAP) {
            if (value_dangles(look, type->key, item))
                return true;
            item += type->value_offset;
        }
        if (value_dangles(look, type->element, item))
            return true;
    }
    return false;
}

static bool
value_dangles(struct look look, const struct weft_type *type, const void *value)
{
    struct weft_str str;
    if (look.depth-- == 0)
        return false;
    switch (type->wire) {
    case WEFT_STRING:
        memcpy(&str, value, sizeof str);
        return str.len > 0 && wf_stack_is_dead(str.ptr, look.frame);
    case WEFT_STRUCT:
        return record_dangles(look, type->record, value);
    case WEFT_MAP:
    case WEFT_SET:
    case WEFT_LIST:
        return items_dangle(look, type, value);
    default:
        return false;
    }
}

bool
wf_result_dangles(const struct weft_struct *desc, const void *result,
                  const void *frame)
{
    struct look look = {WEFT_DEPTH, frame};
    const struct weft_result *r = result;
    const struct weft_field *success = desc->fields;
    /* A handler that has set `success` need not set `which`. */
    if (r->which == WEFT_RESULT_NONE && desc->n_fields > 0 &&
        success->id == 0 && !success->boxed)
        return field_dangles(look, success,
                             (const char *)result + success->offset);
    return record_dangles(look, desc, result);
}
