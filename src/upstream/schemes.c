/* SPDX-License-Identifier: MIT */
#include "upstream/upstream.h"

#include <errno.h>
#include <string.h>

/* ---- tags ---- */

/* Read a number below 10,000, and move *text after it. */
static bool
read_number(const char **text, uint32_t *number)
{
    uint32_t n_digits = 0;
    *number = 0;
    for (; **text >= '0' && **text <= '9' && n_digits < 4; n_digits++)
        *number = *number * 10 + (uint32_t)(*(*text)++ - '0');
    return n_digits > 0;
}

/* Read "INDEX/N", up to a blank or the end. Returns 0 if the text is no such
 * tag. */
static uint32_t
read_tag(const char *text)
{
    uint32_t index, n;
    if (!read_number(&text, &index) || *text++ != '/' ||
        !read_number(&text, &n) || (*text && *text != ' '))
        return 0;
    if (index >= n || n > WF_PARTITIONS_MAX)
        return 0;
    return WF_PARTITION(index, n);
}

static bool
has(const uint32_t *partitions, uint32_t n, uint32_t partition)
{
    for (uint32_t i = 0; i < n; i++)
        if (partitions[i] == partition)
            return true;
    return false;
}

uint32_t
wf_tags_read(const char *text, uint32_t partitions[WF_TAGS_MAX])
{
    uint32_t n = 0;
    while (text && n < WF_TAGS_MAX) {
        text += strspn(text, " ");
        uint32_t partition = read_tag(text);
        if (partition && !has(partitions, n, partition))
            partitions[n++] = partition;
        text = strchr(text, ' ');
    }
    return n;
}

weft_err
wf_tags_take(struct wf_snapshot *list, const struct weft_endpoint *endpoints)
{
    uint32_t unused[WF_TAGS_MAX], n = 0;
    for (uint32_t i = 0; i < list->n; i++)
        n += wf_tags_read(endpoints[i].tag, unused);
    if (n == 0)
        return WEFT_OK;
    /* so that each item has room for as many as there may be */
    list->tags = wf_sys_malloc((n + WF_TAGS_MAX) * sizeof *list->tags);
    if (!list->tags)
        return -ENOMEM;
    n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        struct wf_item *item = &list->items[i];
        item->first_tag = n;
        /* WF_TAGS_MAX fits into the 5 bits, as the mask tells the compiler */
        item->n_tags = wf_tags_read(endpoints[i].tag, list->tags + n) & 31u;
        n += item->n_tags;
    }
    return WEFT_OK;
}

weft_err
wf_tags_view(const struct wf_snapshot *list, const struct wf_item *item,
             struct weft_arena *arena, struct weft_str *text)
{
    *text = (struct weft_str){0};
    for (uint32_t i = 0; i < item->n_tags; i++) {
        uint32_t partition = list->tags[item->first_tag + i];
        *text = weft_arena_printf(
            arena, "%.*s%s%u/%u", WEFT_FMT(*text), i > 0 ? " " : "",
            (unsigned)partition & 0xffff, (unsigned)partition >> 16);
        if (!text->ptr)
            return WEFT_EBUDGET;
    }
    return WEFT_OK;
}

void
wf_schemes_tell(struct wf_upstream *up, const struct wf_snapshot *list)
{
    const char *first = NULL;
    uint32_t n = 0;
    if (!up->options.by_tag)
        return;
    for (uint32_t i = list->n; i-- > 0;)
        if (list->items[i].n_tags == 0) {
            first = list->items[i].endpoint->address;
            n++;
        }
    if (n > 0 && n != wf_load(&up->n_untagged, relaxed))
        wf_log_limited(WEFT_LOG_WARN,
                       "%u of %u servers get no calls, because they have no "
                       "tag such as `0/2`; the first of them is %s",
                       (unsigned)n, (unsigned)list->n, first);
    wf_store(&up->n_untagged, n, relaxed); /* only told */
}

/* ---- making ---- */

/* A partition that an item of the list has. */
struct place {
    uint32_t partition;
    uint32_t index; /* of the item */
};

static int
by_partition(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->partition != y->partition)
        return x->partition < y->partition ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* How much of a scheme is there: `found` partitions of n. */
struct extent {
    uint32_t found, n;
};

/* Returns where the scheme ends that begins at `from`. */
static uint32_t
scheme_end(const struct place *places, uint32_t n, uint32_t from,
           struct extent *extent)
{
    uint32_t i = from;
    *extent = (struct extent){.n = places[from].partition >> 16};
    for (; i < n && places[i].partition >> 16 == extent->n; i++)
        extent->found +=
            i == from || places[i].partition != places[i - 1].partition;
    if (WF_MUTANT(torn_scheme_called))
        extent->found = extent->n;
    return i;
}

/* Negative, 0, positive: a smaller part of `a` is there, the same, a larger
 * one. */
static int64_t
compare(struct extent a, struct extent b)
{
    return (int64_t)a.found * b.n - (int64_t)b.found * a.n;
}

/* Returns the largest part that is there of any scheme, and how many schemes
 * have it. */
static struct extent
largest(const struct place *places, uint32_t n, uint32_t *n_schemes)
{
    struct extent best = {.found = 0, .n = 1}, extent;
    *n_schemes = 0;
    for (uint32_t i = 0; i < n;) {
        i = scheme_end(places, n, i, &extent);
        if (compare(extent, best) > 0) {
            best = extent;
            *n_schemes = 0;
        }
        *n_schemes += compare(extent, best) == 0;
    }
    return best;
}

/* Make the list of a partition, to which n places belong. An endpoint of it is
 * counted as one of the whole list, which lives as long. */
static weft_err
make_list(const struct wf_upstream *up, const struct wf_snapshot *whole,
          const struct place *places, uint32_t n, struct wf_snapshot **out,
          struct wf_turn *turn)
{
    struct wf_snapshot *list =
        wf_sys_zalloc(sizeof *list + n * sizeof list->items[0]);
    *out = list;
    if (!list)
        return -ENOMEM;
    list->n = n;
    list->n_listed = whole->n;
    for (uint32_t i = 0; i < n; i++)
        list->items[i] = whole->items[places[i].index];
    wf_turn_step(turn);
    return wf_list_prepare(up, list, turn);
}

/* Make the scheme to which n places belong. */
static weft_err
make_scheme(const struct wf_upstream *up, const struct wf_snapshot *whole,
            const struct place *places, uint32_t n, struct wf_scheme *scheme,
            struct wf_turn *turn)
{
    weft_err err = WEFT_OK;
    scheme->n = places[0].partition >> 16;
    scheme->lists = wf_sys_zalloc(scheme->n * sizeof(struct wf_snapshot *));
    if (!scheme->lists)
        return -ENOMEM;
    for (uint32_t i = 0, end; i < n && !err; i = end) {
        uint32_t index = places[i].partition & 0xffff;
        for (end = i; end < n && places[end].partition == places[i].partition;)
            end++;
        err = make_list(up, whole, places + i, end - i, &scheme->lists[index],
                        turn);
        if (!err)
            scheme->weight += scheme->lists[index]->weight;
    }
    return err;
}

static weft_err
make_schemes(const struct wf_upstream *up, struct wf_snapshot *list,
             const struct place *places, uint32_t n, struct wf_turn *turn)
{
    uint32_t n_schemes;
    const struct extent best = largest(places, n, &n_schemes);
    struct wf_schemes *s =
        wf_sys_zalloc(sizeof *s + n_schemes * sizeof s->items[0]);
    weft_err err = s ? WEFT_OK : -ENOMEM;
    list->schemes = s;
    for (uint32_t i = 0, end; i < n && !err; i = end) {
        struct extent extent;
        end = scheme_end(places, n, i, &extent);
        if (compare(extent, best) != 0)
            continue;
        struct wf_scheme *scheme = &s->items[s->n++];
        err = make_scheme(up, list, places + i, end - i, scheme, turn);
        s->weight += scheme->weight;
    }
    return err;
}

weft_err
wf_schemes_make(const struct wf_upstream *up, struct wf_snapshot *list,
                struct wf_turn *turn)
{
    uint32_t n = 0, n_tags = 0;
    for (uint32_t i = 0; i < list->n; i++)
        n_tags += list->items[i].n_tags;
    struct place *places = wf_sys_malloc(n_tags * sizeof *places + 1);
    if (!places)
        return -ENOMEM;
    for (uint32_t i = 0; i < list->n; i++)
        for (uint32_t k = 0; k < list->items[i].n_tags; k++)
            places[n++] =
                (struct place){list->tags[list->items[i].first_tag + k], i};
    weft_err err = wf_sort(places, n, sizeof *places, by_partition, turn);
    if (!err)
        err = make_schemes(up, list, places, n, turn);
    wf_sys_free(places);
    return err;
}

static void
free_list(struct wf_snapshot *list)
{
    if (!list)
        return;
    wf_sys_free(list->order);
    wf_sys_free(list->table);
    wf_sys_free(list);
}

void
wf_schemes_free(struct wf_schemes *schemes)
{
    for (uint32_t i = 0; schemes && i < schemes->n; i++) {
        const struct wf_scheme *scheme = &schemes->items[i];
        for (uint32_t k = 0; scheme->lists && k < scheme->n; k++)
            free_list(scheme->lists[k]);
        wf_sys_free(scheme->lists);
    }
    wf_sys_free(schemes);
}

/* ---- for calls ---- */

static const struct wf_scheme *
find(const struct wf_snapshot *list, uint32_t n)
{
    const struct wf_schemes *s = list->schemes;
    for (uint32_t i = 0; s && i < s->n; i++)
        if (s->items[i].n == n)
            return &s->items[i];
    return NULL;
}

const struct wf_snapshot *
wf_schemes_list(const struct wf_snapshot *list, uint32_t partition)
{
    const struct wf_scheme *scheme = find(list, partition >> 16);
    return scheme ? scheme->lists[partition & 0xffff] : NULL;
}

uint32_t
wf_schemes_choose(const struct wf_snapshot *list, uint32_t random)
{
    const struct wf_schemes *s = list->schemes;
    if (!s || s->n == 0)
        return 0;
    uint64_t at = (uint64_t)((double)random * 0x1p-32 * (double)s->weight);
    uint32_t i = 0;
    if (WF_MUTANT(schemes_share_evenly))
        return s->items[random % s->n].n;
    while (i + 1 < s->n && at >= s->items[i].weight)
        at -= s->items[i++].weight;
    return s->items[i].n;
}

bool
wf_schemes_have(const struct wf_snapshot *list, uint32_t n)
{
    return find(list, n) != NULL;
}
