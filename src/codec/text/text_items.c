/* SPDX-License-Identifier: MIT */
/* Reads lists, sets and maps from JSON text. */
#include "codec/json/json.h"
#include "codec/text/text.h"

/* A container while its items are read. */
struct items {
    const struct weft_type *type;
    void *vec;
    struct wf_text_keys keys; /* the keys of a map, or a set's items */
    struct wf_text_step step; /* leads to the item that is read */
};

static weft_err
push(struct wf_text *t, struct items *items, uint8_t **item)
{
    *item = weft_push(t->r.arena, items->vec, items->type->item_size);
    if (!*item)
        return wf_text_fail(t, t->r.at, WEFT_EBUDGET, "%s",
                            weft_err_text(WEFT_EBUDGET));
    return WEFT_OK;
}

/* Store only the position of the key in the text. The items move when the vec
 * grows, so check_keys sets the pointer `bytes` later, when all items have been
 * read. */
static weft_err
note_key(struct wf_text *t, struct items *items)
{
    return wf_text_add_key(t, &items->keys, (struct weft_str){NULL, 0},
                           t->r.at);
}

/* Read [key, value]. */
static weft_err
read_pair(struct wf_text *t, const struct weft_type *type, uint8_t *item)
{
    weft_err err = wf_text_expect(t, '[', "a pair [key, value]");
    if (err || (err = wf_text_read_value(t, type->key, item)))
        return err;
    if ((err = wf_text_expect(t, ',', "`,` and a value")))
        return err;
    if ((err = wf_text_read_value(t, type->element, item + type->value_offset)))
        return err;
    return wf_text_expect(t, ']', "`]`, the end of a pair,");
}

static weft_err
read_entry(struct wf_text *t, struct items *items, uint8_t *item)
{
    const struct weft_type *type = items->type;
    struct weft_str key;
    if (*t->r.at != '"')
        return wf_text_fail(t, t->r.at, WEFT_EPROTOCOL,
                            "a key in double quotes is expected here");
    weft_err err = wf_text_read_value(t, type->key, item);
    if (err)
        return err;
    memcpy(&key, item, sizeof key);
    if (!type->key->is_binary)
        items->step.name = key;
    if ((err = wf_text_expect(t, ':', "`:`")))
        return err;
    return wf_text_read_value(t, type->element, item + type->value_offset);
}

static weft_err
read_item(struct wf_text *t, struct items *items, bool is_object)
{
    const struct weft_type *type = items->type;
    uint8_t *item, c;
    weft_err err = wf_text_look(t, "an item", &c);
    if (err || (err = note_key(t, items)) || (err = push(t, items, &item)))
        return err;
    if (is_object)
        return read_entry(t, items, item);
    if (type->wire == WEFT_MAP)
        return read_pair(t, type, item);
    return wf_text_read_value(t, type->element, item);
}

/* Check that all keys of a base type differ. Keys of other types are not
 * checked here: such keys may be equal although their bytes differ. */
static weft_err
check_keys(struct wf_text *t, struct items *items)
{
    const struct weft_type *type = items->type;
    const struct weft_type *key =
        type->wire == WEFT_MAP ? type->key : type->element;
    if (type->wire == WEFT_LIST || wf_type_nests(key))
        return WEFT_OK;
    struct wf_vec v = wf_vec_load(items->vec);
    for (uint32_t i = 0; i < v.len; i++) {
        struct weft_str *bytes = &items->keys.items[i].bytes;
        const uint8_t *item = wf_vec_item(type, v, i);
        if (key->wire == WEFT_STRING)
            memcpy(bytes, item, sizeof *bytes);
        else
            *bytes = (struct weft_str){(const char *)item, key->size};
    }
    return wf_text_check_keys(t, &items->keys,
                              type->wire == WEFT_MAP ? "this key of a map"
                                                     : "this item of a set");
}

weft_err
wf_text_read_items(struct wf_text *t, const struct weft_type *type, void *vec)
{
    struct items items = {.type = type, .vec = vec};
    bool is_object = type->wire == WEFT_MAP && type->key->wire == WEFT_STRING;
    const char *open = is_object                ? "`{` of a map"
                       : type->wire == WEFT_MAP ? "`[` of pairs [key, value]"
                                                : "`[`";
    weft_vec_clear(vec);
    weft_err err = wf_text_expect(t, is_object ? '{' : '[', open);
    bool more = true;
    items.step = (struct wf_text_step){.up = t->step, .is_key = true};
    t->step = &items.step;
    while (!err) {
        items.step.name = (struct weft_str){NULL, 0};
        err = wf_text_more(t, is_object ? '}' : ']', items.step.index == 0,
                           &more);
        if (err || !more)
            break;
        err = read_item(t, &items, is_object);
        items.step.index++;
    }
    t->step = items.step.up;
    return err ? err : check_keys(t, &items);
}
