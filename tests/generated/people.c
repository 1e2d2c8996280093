/* SPDX-License-Identifier: MIT */
#include "people.h"

struct bytes
encode(struct weft_arena *arena, const struct weft_struct *desc,
       const void *record, weft_err expected)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_struct_write(desc, WEFT_BINARY, &w, record);
    assert_int_equal(weft_writer_fini(&w), expected);
    struct bytes bytes = {weft_arena_alloc(arena, chain.len), chain.len};
    assert_non_null(bytes.ptr);
    weft_chain_copy_out(&chain, 0, bytes.ptr, bytes.len);
    weft_chain_clear(&chain);
    return bytes;
}

weft_err
decode(struct weft_arena *arena, const struct weft_struct *desc,
       struct bytes bytes, void *record)
{
    struct weft_reader r;
    weft_reader_init_flat(&r, bytes.ptr, bytes.len, arena, 0);
    weft_err err = weft_struct_read(desc, WEFT_BINARY, &r, record);
    if (!err && weft_reader_left(&r) > 0)
        return WEFT_ETRAILING;
    return err;
}

void *
push(struct weft_arena *arena, void *vec, size_t item_size)
{
    void *item = weft_push(arena, vec, item_size);
    assert_non_null(item);
    return item;
}

static void
push_str(struct weft_arena *arena, struct weft_vec_str *v, const char *text)
{
    *(struct weft_str *)PUSH(arena, v) = weft_str_of(text);
}

static void
push_i32(struct weft_arena *arena, struct weft_vec_i32 *v, int32_t n)
{
    *(int32_t *)PUSH(arena, v) = n;
}

static void *
box(struct weft_arena *arena, size_t size)
{
    void *p = weft_arena_zalloc(arena, size);
    assert_non_null(p);
    return p;
}

void
fill_person(struct weft_arena *arena, struct all_Person *p, int depth)
{
    all_Person_init(p);
    p->name = WEFT_STR("Ada");
    all_Person_set_age(p, 36);
    push_str(arena, &p->tags, "first");
    push_str(arena, &p->tags, "");
    struct all_map_str_i32_item *kv = PUSH(arena, &p->kv);
    *kv = (struct all_map_str_i32_item){WEFT_STR("k"), -1};
    p->home.city = WEFT_STR("London");
    all_Address_set_zip(&p->home, 12);
    all_Person_set_mood(p, all_Mood_ANGRY);
    p->where = box(arena, sizeof *p->where);
    *p->where = (struct shared_Point){.x = 1, .y = -1};
    p->odd = true;
    if (depth == 0)
        return;
    p->boss = box(arena, sizeof *p->boss);
    fill_person(arena, p->boss, depth - 1);
    fill_person(arena, PUSH(arena, &p->friends), depth - 1);
    struct all_map_str_vec_Person_item *group = PUSH(arena, &p->groups);
    group->key = WEFT_STR("team");
    fill_person(arena, PUSH(arena, &group->value), 0);
}

void
fill_required(struct weft_arena *arena, struct all_Required *q)
{
    all_Required_init(q);
    q->a = true;
    q->b = -8;
    q->c = -16;
    q->d = INT32_MIN;
    q->e = INT64_MIN;
    q->f = -0.5;
    q->g = WEFT_STR("g");
    q->h = WEFT_STR("h\0h");
    q->i.bytes[15] = 7;
    q->j = all_Mood_WORST;
    push_i32(arena, &q->k, 1);
    push_i32(arena, &q->k, 2);
    push_str(arena, &q->l, "l");
    struct all_map_i32_str_item *m = PUSH(arena, &q->m);
    *m = (struct all_map_i32_str_item){9, WEFT_STR("nine")};
    all_Address_init(&q->n);
}

void
fill_optional(struct weft_arena *arena, struct all_Optional *o)
{
    all_Optional_init(o);
    all_Optional_set_a(o, true);
    all_Optional_set_b(o, 8);
    all_Optional_set_c(o, 16);
    all_Optional_set_d(o, 32);
    all_Optional_set_e(o, 64);
    all_Optional_set_f(o, 1e300);
    all_Optional_set_g(o, WEFT_STR("g"));
    all_Optional_set_h(o, WEFT_STR("h"));
    all_Optional_set_i(o, all_ID);
    all_Optional_set_j(o, all_Mood_SAD);
    all_Optional_set_k(o, all_NUMBERS);
    all_Optional_set_l(o, all_WORDS);
    struct all_map_i32_str m = {NULL, 0, 0};
    struct all_map_i32_str_item *item = PUSH(arena, &m);
    *item = (struct all_map_i32_str_item){1, WEFT_STR("one")};
    all_Optional_set_m(o, m);
    o->n = box(arena, sizeof *o->n);
    all_Address_init(o->n);
    o->o = box(arena, sizeof *o->o);
    all_Shape_set_label(o->o, WEFT_STR("shape"));
}

static void
fill_shapes(struct weft_arena *arena, struct all_vec_Shape *v)
{
    struct all_Shape *inner = box(arena, sizeof *inner);
    all_Shape_set_side(inner, 5);
    all_Shape_set_side(PUSH(arena, v), 4);
    all_Shape_set_label(PUSH(arena, v), WEFT_STR("label"));
    all_Shape_set_place(PUSH(arena, v),
                        (struct all_Address){.city = WEFT_STR("x")});
    all_Shape_set_corners(PUSH(arena, v), all_NUMBERS);
    all_Shape_set_inner(PUSH(arena, v), inner);
    all_Shape_set_mood(PUSH(arena, v), all_Mood_HAPPY);
    struct all_map_str_Shape parts = {NULL, 0, 0};
    struct all_map_str_Shape_item *part = PUSH(arena, &parts);
    part->key = WEFT_STR("part");
    part->value = *inner;
    all_Shape_set_parts(PUSH(arena, v), parts);
    all_Shape_set_point(PUSH(arena, v), shared_ORIGIN);
    PUSH(arena, v); /* this Shape has no member */
}

static void
fill_nested_maps(struct weft_arena *arena, struct all_Nested *n)
{
    struct all_map_vec_i32_set_str_item *d = PUSH(arena, &n->d);
    d->key = all_NUMBERS;
    d->value = all_WORDS;
    struct all_map_i32_map_str_vec_double_item *e = PUSH(arena, &n->e);
    e->key = 1;
    struct all_map_str_vec_double_item *e2 = PUSH(arena, &e->value);
    e2->key = WEFT_STR("e");
    *(double *)PUSH(arena, &e2->value) = 1.5;
    struct all_map_i32_uuid_item *f =
        PUSH(arena, (struct all_map_i32_uuid *)PUSH(arena, &n->f));
    f->key = all_Mood_SAD;
    f->value = all_ID;
    struct all_map_Address_Person_item *g = PUSH(arena, &n->g);
    all_Address_init(&g->key);
    fill_person(arena, &g->value, 0);
    struct all_map_Shape_bool_item *h = PUSH(arena, &n->h);
    all_Shape_set_side(&h->key, 1);
    h->value = true;
    struct all_map_double_str_item *k = PUSH(arena, &n->k);
    *k = (struct all_map_double_str_item){0.5, WEFT_STR("half")};
    struct shared_map_Point_vec_i32_item *u = PUSH(arena, &n->u);
    u->key = shared_ORIGIN;
    push_i32(arena, &u->value, shared_Colour_BLUE);
}

void
fill_nested(struct weft_arena *arena, struct all_Nested *n)
{
    all_Nested_init(n);
    struct weft_vec_i32 *inner = PUSH(arena, &n->a);
    push_i32(arena, inner, 1);
    PUSH(arena, &n->a); /* an empty list */
    struct weft_vec_i32 *set = PUSH(arena, &n->b);
    push_i32(arena, set, 3);
    push_i32(arena, set, -3);
    *(struct weft_vec_i32 *)PUSH(arena, &n->c) = all_NUMBERS;
    fill_nested_maps(arena, n);
    push_i32(arena, &n->i, shared_Colour_GREEN);
    *(struct shared_Point *)PUSH(arena, &n->j) = shared_ORIGIN;
    n->l = shared_START;
    *(struct shared_map_str_i32 *)PUSH(arena, &n->m) = all_SCORES;
    *(int64_t *)PUSH(arena, &n->n) = INT64_MAX;
    fill_shapes(arena, &n->o);
    fill_person(arena, PUSH(arena, &n->p), 1);
    *(bool *)PUSH(arena, &n->q) = true;
    *(bool *)PUSH(arena, &n->q) = false;
    *(int8_t *)PUSH(arena, &n->r) = -1;
    *(int16_t *)PUSH(arena, &n->s) = -2;
    *(struct weft_uuid *)PUSH(arena, &n->t) = all_ID;
}
