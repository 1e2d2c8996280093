/* SPDX-License-Identifier: MIT */
/* The orders that are measured. Sets and maps are in the order of their keys,
 * as std::set and std::map have them, so that both sides write the same
 * bytes. */
#include "beside.h"
#include "codec.h"

#include <stdlib.h>

/* ---- the fixed sample ---- */

static struct shop_Address home = {
    .street = WEFT_STR_INIT("17 Weavers Row, flat"),
    .city = WEFT_STR_INIT("Norwich"),
    .code = WEFT_STR_INIT("NR3 1AB"),
    .country = WEFT_STR_INIT("United Kingdom"),
};

static struct shop_Item items[] = {
    {.key = WEFT_STR_INIT("LNN-0042-NAT"),
     .title = WEFT_STR_INIT("Linen, natural, 150 cm"),
     .pieces = 12,
     .price = 18.95},
    {.key = WEFT_STR_INIT("SHT-0007"),
     .title = WEFT_STR_INIT("Boat shuttle, beech"),
     .pieces = 1,
     .price = 32.5},
};

static struct weft_str tags[] = {WEFT_STR_INIT("wholesale"),
                                 WEFT_STR_INIT("fragile"),
                                 WEFT_STR_INIT("gift")};

static struct shop_map_str_str_item labels[] = {
    {WEFT_STR_INIT("channel"), WEFT_STR_INIT("web")},
    {WEFT_STR_INIT("trace"), WEFT_STR_INIT("4bf92f3577b34da6a3ce929d0e0e4736")},
};

void
sample_fixed(struct weft_arena *arena, struct shop_Order *order)
{
    (void)arena;
    shop_Order_init(order);
    order->number = 1000000007;
    order->placed_ms = 1735689600000;
    order->status = shop_Status_PAID;
    order->buyer = (struct shop_Person){
        .name = WEFT_STR_INIT("Ada Thistlewood"),
        .mail = WEFT_STR_INIT("ada.thistlewood@example.com"),
        .phone = WEFT_STR_INIT("+44 1603 555017"),
        .home = &home};
    order->items.items = items;
    order->items.len = 2;
    order->tags.items = tags;
    order->tags.len = 3;
    order->labels.items = labels;
    order->labels.len = 2;
}

/* ---- the mixed samples ---- */

struct dice {
    struct weft_arena *arena;
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint32_t
roll(struct dice *d, uint32_t sides)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) >> 32) % sides;
}

static void *
take(struct dice *d, size_t n, size_t size)
{
    void *p = weft_arena_zalloc(d->arena, n * size);
    if (!p)
        abort();
    return p;
}

static struct weft_str
text(struct dice *d, uint32_t least, uint32_t most)
{
    static const char letters[] =
        "etaoinshrdlu cmfwypvbgkjqxz-ETAOIN0123456789";
    uint32_t len = least + roll(d, most - least + 1);
    char *s = take(d, len, 1);
    for (uint32_t i = 0; i < len; i++)
        s[i] = letters[roll(d, sizeof letters - 1)];
    return (struct weft_str){s, len};
}

static void
roll_buyer(struct dice *d, struct shop_Person *p)
{
    p->name = text(d, 3, 16);
    p->mail = text(d, 8, 16);
    p->phone = text(d, 0, 10);
    if (roll(d, 6) > 0)
        return;
    p->home = take(d, 1, sizeof *p->home);
    p->home->street = text(d, 5, 30);
    p->home->city = text(d, 3, 12);
    p->home->code = text(d, 4, 8);
    p->home->country = text(d, 2, 2);
}

static void
roll_containers(struct dice *d, struct shop_Order *o)
{
    o->items.len = roll(d, 3);
    o->items.items = take(d, o->items.len, sizeof *o->items.items);
    for (uint32_t i = 0; i < o->items.len; i++) {
        struct shop_Item *item = &o->items.items[i];
        item->key = text(d, 4, 8);
        item->title = text(d, 4, 12);
        item->pieces = (int32_t)roll(d, 100);
        item->price = roll(d, 100000) / 100.0;
        if (roll(d, 4) == 0)
            shop_Item_set_gift(item, roll(d, 2));
    }
    o->tags.len = roll(d, 2);
    o->tags.items = take(d, o->tags.len, sizeof *o->tags.items);
    for (uint32_t i = 0; i < o->tags.len; i++)
        o->tags.items[i] = text(d, 2, 10);
    o->labels.len = roll(d, 2);
    o->labels.items = take(d, o->labels.len, sizeof *o->labels.items);
    for (uint32_t i = 0; i < o->labels.len; i++) {
        struct weft_str key = text(d, 2, 6);
        *(char *)(uintptr_t)key.ptr = (char)('a' + i);
        o->labels.items[i] = (struct shop_map_str_str_item){key, text(d, 0, 8)};
    }
}

static struct shop_Payment *
roll_payment(struct dice *d)
{
    struct shop_Payment *p = take(d, 1, sizeof *p);
    uint32_t what = roll(d, 3);
    if (what == 0)
        shop_Payment_set_card(
            p, (struct shop_Card){.number = text(d, 16, 16),
                                  .month = (int16_t)(1 + roll(d, 12)),
                                  .year = (int16_t)(2025 + roll(d, 9))});
    else if (what == 1)
        shop_Payment_set_account(p, text(d, 10, 22));
    else
        shop_Payment_set_voucher(p, (int64_t)roll(d, 1u << 30) << 20);
    return p;
}

static void
roll_part(struct dice *d, struct shop_Part *part, uint32_t depth)
{
    part->number = (int32_t)roll(d, 10000);
    part->has.parts = depth > 0;
    part->parts.len = depth > 0 ? 1 + roll(d, 2) : 0;
    part->parts.items = take(d, part->parts.len, sizeof *part);
    for (uint32_t i = 0; i < part->parts.len; i++)
        roll_part(d, &part->parts.items[i], depth - 1);
}

static void
roll_stores(struct dice *d, struct shop_Order *o)
{
    o->has.stores = true;
    o->stores.len = roll(d, 6);
    o->stores.items = take(d, o->stores.len, sizeof *o->stores.items);
    for (uint32_t i = 0, last = 0; i < o->stores.len; i++)
        o->stores.items[i] = (int32_t)(last += 1 + roll(d, 500));
}

void
sample_mixed(struct weft_arena *arena, uint32_t i, struct shop_Order *o)
{
    struct dice d = {arena, i};
    shop_Order_init(o);
    o->number = (int64_t)roll(&d, 1u << 31) << roll(&d, 30);
    o->placed_ms = 1735689600000 + roll(&d, 1u << 31);
    o->status = (int32_t)(1 + roll(&d, 3));
    roll_buyer(&d, &o->buyer);
    roll_containers(&d, o);
    if (roll(&d, 3) == 0)
        shop_Order_set_discount(o, roll(&d, 1000) / 1000.0);
    if (roll(&d, 2) == 0)
        o->payment = roll_payment(&d);
    if (roll(&d, 4) == 0)
        roll_stores(&d, o);
    if (roll(&d, 8) == 0) {
        o->part = take(&d, 1, sizeof *o->part);
        roll_part(&d, o->part, roll(&d, 5));
    }
    if (roll(&d, 8) == 0)
        shop_Order_set_seal(o, text(&d, 20, 32));
    if (roll(&d, 2) == 0)
        shop_Order_set_boxes(o, (int8_t)(1 + roll(&d, 9)));
}
