/* SPDX-License-Identifier: MIT */
/* Skips compact fields, and reads the heads of compact containers. */
#include "codec/binary/compact.h"

weft_err
weft_compact_skip_field(struct weft_reader *r, uint32_t field)
{
    uint8_t wire = wf_compact_wire(field);
    return wire == WEFT_BOOL ? WEFT_OK : wf_compact_skip(r, wire);
}

weft_err
weft_compact_read_list(struct weft_reader *r, uint8_t wire, size_t item_size,
                       void *vec, bool *fits)
{
    struct wf_compact_items items;
    weft_err err = wf_compact_read_items(r, false, &items);
    if (err)
        return err;
    *fits = items.value == wire;
    if (!*fits)
        return wf_compact_skip_items(r, false, &items);
    return wf_take_items(r, items.count, wf_compact_min(wire), item_size, vec);
}

weft_err
weft_compact_read_map(struct weft_reader *r, uint8_t key, uint8_t value,
                      size_t item_size, void *vec, bool *fits)
{
    struct wf_compact_items items;
    weft_err err = wf_compact_read_items(r, true, &items);
    if (err)
        return err;
    *fits = items.count == 0 || (items.key == key && items.value == value);
    if (!*fits)
        return wf_compact_skip_items(r, true, &items);
    uint32_t min = wf_compact_min(key) + wf_compact_min(value);
    return wf_take_items(r, items.count, min, item_size, vec);
}
