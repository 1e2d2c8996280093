/* SPDX-License-Identifier: MIT */
/* Finds equal items of a constant set or map: writes each item as a text that
 * only equal constants share. */
#include "check/eval.h"

#include <inttypes.h>

static void print(struct wc *c, struct wc_text *out,
                  const struct wc_const *value);

static void
print_items(struct wc *c, struct wc_text *out, const struct wc_const *value,
            uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (value->items[i] != NULL)
            print(c, out, value->items[i]);
        wc_text_add(c, out, ",", 1);
    }
}

/* Write the text of a constant. The text is a key and is never printed.
 * Different constants of one type have different texts. The IDL cannot express
 * NaN; -0.0 and 0.0 get one text because they are equal. */
static void
print(struct wc *c, struct wc_text *out, const struct wc_const *value)
{
    switch (value->type->kind) {
    case WC_DOUBLE:
        wc_text_printf(c, out, "%a", value->real + 0.0);
        break;
    case WC_STRING:
    case WC_BINARY:
        wc_text_printf(c, out, "%u:", value->len);
        wc_text_add(c, out, value->text, value->len);
        break;
    case WC_UUID:
        for (int i = 0; i < 16; i++)
            wc_text_printf(c, out, "%02x", (uint8_t)value->text[i]);
        break;
    case WC_LIST:
    case WC_SET:
    case WC_MAP:
        wc_text_printf(c, out, "%u(", value->n);
        print_items(c, out, value,
                    value->type->kind == WC_MAP ? 2 * value->n : value->n);
        break;
    default:
        wc_text_printf(c, out, "%" PRId64, value->integer);
        if (value->items != NULL)
            print_items(c, out, value, value->n);
    }
}

const char *
wc_const_text(struct wc *c, const struct wc_const *value)
{
    struct wc_text text = {NULL, 0, 0};
    print(c, &text, value);
    return text.ptr;
}

/* The index of an item, or of the key of a map, among the items that stay.
 * `seen` maps the text of each item that stays to the index of the item. */
static uint32_t
place_of(struct wc *c, struct wc_map *seen, const struct wc_const *key,
         uint32_t next, uint32_t *places)
{
    const char *text = wc_const_text(c, key);
    /* A key of wc_map ends at NUL. A NUL byte in a string is an error (E001),
     * so no text is cut short. */
    uint32_t *place = wc_map_get(seen, text);
    if (place != NULL)
        return *place;
    places[next] = next;
    wc_map_put(c, seen, text, &places[next]);
    return next;
}

void
wc_eval_dedupe(struct wc *c, struct wc_const *made, bool is_map)
{
    struct wc_map seen = {NULL, 0, 0};
    uint32_t *places = wc_alloc(c, made->n * sizeof *places);
    uint32_t step = is_map ? 2 : 1, n = 0;
    for (uint32_t i = 0; i < made->n; i++) {
        struct wc_const *key = made->items[step * i];
        uint32_t place = place_of(c, &seen, key, n, places);
        bool is_new = place == n;
        n += is_new;
        if (is_new)
            made->items[step * place] = key;
        if (is_map)
            made->items[2 * place + 1] = made->items[2 * i + 1];
    }
    made->n = n;
}
