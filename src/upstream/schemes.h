/* SPDX-License-Identifier: MIT */
/*
 * Divides a list into partitions, by the tags of its endpoints. A tag such as
 * "2/8" says that an endpoint has partition 2 of 8; one with the tags "2/8 1/4"
 * has partitions of two schemes. All partitions with the same second number are
 * a scheme. A scheme is whole if each of its partitions has an endpoint. Only
 * whole schemes are used. If none is whole, the one is used of which the
 * largest part is there, so that only the calls of missing partitions fail. A
 * snapshot has, for each partition of a scheme that is used, a list of its
 * endpoints, from which an attempt chooses as it does from the whole list.
 *
 * A call is given a scheme when it begins: in proportion to the weights of the
 * schemes' endpoints. Sources of the tag and of the proportion:
 * PartitionChannel and DynamicPartitionChannel of bRPC.
 */
#ifndef WEFT_UPSTREAM_SCHEMES_H
#define WEFT_UPSTREAM_SCHEMES_H

#include "base/base.h"

struct weft_arena;
struct weft_endpoint;
struct wf_item;
struct wf_snapshot;
struct wf_turn;
struct wf_upstream;

#define WF_PARTITIONS_MAX 1024u /* of a scheme */

/* A partition of a scheme in one number. 0 is none. */
#define WF_PARTITION(index, n) ((uint32_t)(n) << 16 | (uint32_t)(index))

/* One scheme that is used. */
struct wf_scheme {
    uint32_t n;                 /* partitions */
    uint64_t weight;            /* the sum of the weights of its endpoints */
    struct wf_snapshot **lists; /* one for each partition, NULL: it is missing;
                                   owned */
};

struct wf_schemes {
    uint32_t n;
    uint64_t weight;          /* of all of them */
    struct wf_scheme items[]; /* sorted by the number of partitions */
};

#define WF_TAGS_MAX 16u /* of an endpoint */

/* Read tags with blanks between them. Returns how many different partitions
 * they name. `text` may be NULL. */
uint32_t wf_tags_read(const char *text, uint32_t partitions[WF_TAGS_MAX]);

/* Set `tags` of a list, and what its items say of them. endpoints[i] belongs to
 * item i. -ENOMEM. */
weft_err wf_tags_take(struct wf_snapshot *list,
                      const struct weft_endpoint *endpoints) WEFT_CHECKED;

/* Returns the tags of an item as text, in the arena, or an absent text if there
 * is none. WEFT_EBUDGET. */
weft_err wf_tags_view(const struct wf_snapshot *list,
                      const struct wf_item *item, struct weft_arena *arena,
                      struct weft_str *text) WEFT_CHECKED;

/* Make `schemes` of a list. -ENOMEM; the list then has a part of them. */
weft_err wf_schemes_make(const struct wf_upstream *up, struct wf_snapshot *list,
                         struct wf_turn *turn) WEFT_CHECKED;
void wf_schemes_free(struct wf_schemes *schemes);

/* Count the endpoints of a new list that belong to no partition. Log their
 * number if it is another one than that of the last list. */
void wf_schemes_tell(struct wf_upstream *up, const struct wf_snapshot *list);

/* Returns the endpoints of a partition. NULL: there is none, or its
 * scheme is not used. */
const struct wf_snapshot *wf_schemes_list(const struct wf_snapshot *list,
                                          uint32_t partition);

/* Returns how many partitions the scheme has that gets a call, chosen by the
 * random number. 0: no endpoint has a partition. */
uint32_t wf_schemes_choose(const struct wf_snapshot *list, uint32_t random);

/* True if the scheme of n partitions is used. */
bool wf_schemes_have(const struct wf_snapshot *list, uint32_t n);

#endif
