/* SPDX-License-Identifier: MIT */
#include "sample.h"

#define N(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))
#define VEC(array)           \
    {                        \
        (array), N(array), 0 \
    }

static int32_t numbers[] = {0, 1, -1, INT32_MAX, INT32_MIN};
static struct weft_str words[] = {WEFT_STR_INIT("a"), WEFT_STR_INIT(""),
                                  WEFT_STR_INIT("gr\xc3\xbc\xc3\x9f")};
static struct everything_map_str_i64_item counts[] = {
    {WEFT_STR_INIT("min"), INT64_MIN}, {WEFT_STR_INIT("max"), INT64_MAX}};
static struct everything_Inner inners[] = {
    {.x = 1, .name = WEFT_STR_INIT("one"), .has = {1, 1}},
    {.x = -2, .name = WEFT_STR_INIT(""), .has = {1, 1}}};
static struct everything_map_i32_vec_str_item lines[] = {{7, VEC(words)},
                                                         {-7, {0}}};
static bool bits[] = {true, false, true};
static double reals[] = {0.0, -1.5, 1e300, 5e-324};
static int64_t bigs[] = {INT64_MIN, 0, INT64_MAX};
static struct everything_map_str_Inner_item pair[] = {
    {WEFT_STR_INIT("k"), {.x = 5, .name = WEFT_STR_INIT("v"), .has = {1, 1}}}};
static struct everything_map_str_Inner deep[] = {VEC(pair), {0}};
static struct weft_str blobs[] = {WEFT_STR_INIT("\0\xff\x80"),
                                  WEFT_STR_INIT("")};
static int16_t row[] = {INT16_MIN, -1, INT16_MAX};
static struct weft_vec_i16 grid[] = {VEC(row), {0}, VEC(row)};
static struct everything_map_i32_bool_item colors[] = {
    {everything_Color_RED, true}, {everything_Color_BLUE, false}};
static struct everything_Inner another = {
    .x = 9, .name = WEFT_STR_INIT("another"), .has = {1, 1}};

static void
fill_containers(struct everything_All *all)
{
    all->numbers = (struct weft_vec_i32)VEC(numbers);
    all->words = (struct weft_vec_str)VEC(words);
    all->counts = (struct everything_map_str_i64)VEC(counts);
    all->inners = (struct everything_vec_Inner)VEC(inners);
    all->lines = (struct everything_map_i32_vec_str)VEC(lines);
    all->bits = (struct weft_vec_bool)VEC(bits);
    all->reals = (struct weft_vec_double)VEC(reals);
    all->bigs = (struct weft_vec_i64)VEC(bigs);
    all->deep = (struct everything_vec_map_str_Inner)VEC(deep);
    all->blobs = (struct weft_vec_str)VEC(blobs);
    all->grid = (struct everything_vec_vec_i16)VEC(grid);
    all->colors = (struct everything_map_i32_bool)VEC(colors);
}

void
sample_all(struct everything_All *all)
{
    everything_All_init(all);
    all->yes = true;
    all->tiny = INT8_MIN;
    all->small = INT16_MIN;
    all->medium = INT32_MIN;
    all->big = INT64_MIN;
    all->real = 0.1;
    all->text = WEFT_STR("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80");
    all->bytes = WEFT_STR("\0\1\2\xff");
    all->color = everything_Color_BLUE;
    all->inner = inners[0];
    all->choice.which = 3;
    all->choice.inner = inners[1];
    all->present = -42;
    all->has.present = 1;
    all->another = &another;
    all->far = 127;
    fill_containers(all);
}
