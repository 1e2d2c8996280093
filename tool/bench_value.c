/* SPDX-License-Identifier: MIT */
/* Where the value of a result lies. */
#include "bench.h"

const struct weft_field *
wb_member(const struct weft_method *m, const struct wi_result *result)
{
    for (uint32_t i = 0; m->result && i < m->result->n_fields; i++)
        if (m->result->fields[i].id == result->which)
            return &m->result->fields[i];
    return NULL;
}

void *
wb_value(const struct weft_field *field, struct wi_result *result)
{
    return field->boxed ? result->as.box : &result->as;
}
