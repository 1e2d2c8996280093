/* SPDX-License-Identifier: MIT */
/* Finds the member that a result has, and the value of this member. */
#include "idl/tables.h"

const struct weft_field *
wi_result_member(const struct weft_method *method,
                 const struct wi_result *result)
{
    const struct weft_struct *desc = method->result;
    for (uint32_t i = 0; desc && i < desc->n_fields; i++)
        if (desc->fields[i].id == result->which)
            return &desc->fields[i];
    return NULL;
}

void *
wi_result_value(const struct weft_field *field, struct wi_result *result)
{
    return field->boxed ? result->as.box : &result->as;
}

void
wi_apply_to_result(const struct weft_method *method, struct wi_result *result)
{
    const struct weft_field *field = wi_result_member(method, result);
    if (field && wi_result_value(field, result))
        wi_apply_to_value(field->type, wi_result_value(field, result));
}
