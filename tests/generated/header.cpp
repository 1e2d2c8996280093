// SPDX-License-Identifier: MIT
// Generated headers are also valid C++.
#include "all.h"

int all_header_is_cxx(const all_Person *person);

int
all_header_is_cxx(const all_Person *person)
{
    all_Shape shape{};
    shape.which = all_Shape_side;
    shape.side = all_SOON;
    const int32_t *mark = all_map_str_i32_get(&person->kv, WEFT_STR("k"));
    if (mark != nullptr)
        return *mark;
    return person->has.age ? person->age : shape.side;
}
