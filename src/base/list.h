/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked list; the link is a member of the item. A link that is in no
 * list has next == NULL, so that one load tells whether an item is queued.
 */
#ifndef WEFT_BASE_LIST_H
#define WEFT_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct wf_link {
    struct wf_link *next, *prev;
};

struct wf_list {
    struct wf_link head; /* next: the first link; prev: the last link */
};

/* Initialises a static list as empty. `list` is the list, not a pointer to the
 * list. */
#define WF_LIST_EMPTY(list)            \
    {                                  \
        {                              \
            &(list).head, &(list).head \
        }                              \
    }

static inline void
wf_list_init(struct wf_list *list)
{
    list->head.next = list->head.prev = &list->head;
}

static inline bool
wf_list_is_empty(const struct wf_list *list)
{
    return list->head.next == &list->head;
}

static inline bool
wf_link_queued(const struct wf_link *link)
{
    return link->next != NULL;
}

static inline void
wf_list_push(struct wf_list *list, struct wf_link *link)
{
    link->next = &list->head;
    link->prev = list->head.prev;
    list->head.prev->next = link;
    list->head.prev = link;
}

static inline void
wf_list_remove(struct wf_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

/* Move all links of `from` to the end of `to`. */
static inline void
wf_list_splice(struct wf_list *from, struct wf_list *to)
{
    struct wf_link *first = from->head.next, *last = from->head.prev;
    if (first == &from->head)
        return;
    first->prev = to->head.prev;
    to->head.prev->next = first;
    last->next = &to->head;
    to->head.prev = last;
    wf_list_init(from);
}

/* Remove and return the first link. NULL: the list is empty. */
static inline struct wf_link *
wf_list_pop(struct wf_list *list)
{
    struct wf_link *first = list->head.next;
    if (first == &list->head)
        return NULL;
    wf_list_remove(first);
    return first;
}

/* As wf_list_pop, but for the last link. */
static inline struct wf_link *
wf_list_pop_last(struct wf_list *list)
{
    struct wf_link *last = list->head.prev;
    if (last == &list->head)
        return NULL;
    wf_list_remove(last);
    return last;
}

#endif
