/* SPDX-License-Identifier: MIT */
/*
 * Simulates the disk of a host: names, and the bytes of files. The disk
 * outlives the host's process. Changes that were not synced are in the memory
 * of the kernel, and outlive the process, too. But after a loss of power, or
 * after a sync that fails, the disk has all of a change, a part of it, or
 * nothing.
 *
 * A sync of a file also syncs its name, as with ext4, XFS and btrfs. Folders
 * are not simulated: a file of any name can be made.
 */
#include "disk.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MAX 4096u /* free bytes that a full disk may have */

/* ---- bytes ---- */

static void
grow(struct ws_content *c, size_t len)
{
    if (len > c->cap) {
        size_t cap = WF_MAX(len, c->cap * 2);
        c->bytes = realloc(c->bytes, cap);
        if (!c->bytes)
            ws_die("no memory for a file of %zu bytes", len);
        memset(c->bytes + c->cap, 0, cap - c->cap);
        c->cap = cap;
    }
    c->len = WF_MAX(c->len, len);
}

static void
truncate_to(struct ws_content *c, size_t len)
{
    if (c->len > len)
        memset(c->bytes + len, 0, c->len - len);
    c->len = WF_MIN(c->len, len);
}

static void
copy(struct ws_content *to, const struct ws_content *from)
{
    truncate_to(to, 0);
    grow(to, from->len);
    if (from->len)
        memcpy(to->bytes, from->bytes, from->len);
}

static void
apply(struct ws_content *c, const struct ws_change *change, size_t len)
{
    if (change->truncates) {
        truncate_to(c, change->len);
        return;
    }
    grow(c, change->at + len);
    if (len > 0) /* else `bytes` may be NULL */
        memcpy(c->bytes + change->at, change->bytes, len);
}

/* ---- nodes ---- */

struct ws_node *
ws_node_new(struct ws_host *host, const char *path, uint32_t mode)
{
    struct ws_node *node = ws_alloc(sizeof *node);
    node->path = ws_alloc(strlen(path) + 1);
    memcpy(node->path, path, strlen(path));
    node->host = host;
    node->number = ++host->n_nodes;
    node->mode = mode;
    node->refs = 1;
    wf_list_init(&node->changes);
    wf_list_push(&host->disk, &node->link);
    return node;
}

struct ws_node *
ws_node_at(struct ws_host *host, const char *path)
{
    struct wf_link *link = host->disk.head.next;
    for (; link != &host->disk.head; link = link->next) {
        struct ws_node *node = WF_CONTAINER(link, struct ws_node, link);
        if (strcmp(node->path, path) == 0)
            return node;
    }
    return NULL;
}

/* Update the free bytes of the disk, because the size of a file was `before`
 * and is now `after`. */
static void
give_room(struct ws_host *host, size_t before, size_t after)
{
    if (host->disk_room == SIZE_MAX)
        return;
    host->disk_room += before;
    host->disk_room -= WF_MIN(host->disk_room, after);
}

static void
drop_changes(struct ws_node *node)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&node->changes)))
        free(WF_CONTAINER(link, struct ws_change, link));
}

void
ws_node_unref(struct ws_node *node)
{
    if (--node->refs > 0)
        return;
    give_room(node->host, node->now.len, 0);
    drop_changes(node);
    free(node->now.bytes);
    free(node->kept.bytes);
    free(node->path);
    free(node);
}

void
ws_node_unlink(struct ws_node *node)
{
    wf_list_remove(&node->link);
    ws_node_unref(node);
}

void
ws_node_stat(const struct ws_node *node, struct stat *st)
{
    memset(st, 0, sizeof *st);
    st->st_dev = 1;
    st->st_mode = S_IFCHR | 0666;
    if (!node)
        return;
    st->st_ino = node->number;
    st->st_mode = node->mode;
    st->st_nlink = wf_link_queued(&node->link);
    st->st_size = (off_t)node->now.len;
}

/* ---- changes ---- */

static struct ws_change *
change_new(struct ws_node *node, size_t at, size_t len, size_t n_bytes)
{
    struct ws_change *change = ws_alloc(sizeof *change + n_bytes);
    change->at = at;
    change->len = len;
    wf_list_push(&node->changes, &change->link);
    return change;
}

/* The offset at which a write has to end because the disk is full. A hole takes
 * space, too. */
static size_t
last_place(const struct ws_node *node)
{
    size_t len = node->now.len, room = node->host->disk_room;
    return room < SIZE_MAX - len ? len + room : SIZE_MAX;
}

size_t
ws_node_write(struct ws_node *node, size_t at, const struct iovec *iov,
              size_t len)
{
    size_t before = node->now.len, done = 0, last = last_place(node);
    if (at >= last)
        return 0;
    len = WF_MIN(len, last - at);
    struct ws_change *change = change_new(node, at, len, len);
    for (int i = 0; done < len; i++) {
        size_t part = WF_MIN(iov[i].iov_len, len - done);
        if (part)
            memcpy(change->bytes + done, iov[i].iov_base, part);
        done += part;
    }
    apply(&node->now, change, len);
    give_room(node->host, before, node->now.len);
    return len;
}

void
ws_node_truncate(struct ws_node *node)
{
    struct ws_change *change = change_new(node, 0, 0, 0);
    change->truncates = true;
    give_room(node->host, node->now.len, 0);
    apply(&node->now, change, 0);
}

/* Apply the changes to `kept`, instead of copying `now`: `now` may have changes
 * that an earlier sync failed to write, and a later sync does not write such
 * changes either. */
void
ws_node_sync(struct ws_node *node)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&node->changes))) {
        struct ws_change *change = WF_CONTAINER(link, struct ws_change, link);
        apply(&node->kept, change, change->len);
        free(change);
    }
    node->name_is_kept = true;
}

/* Write some of the changes to the disk, each in part or as a whole, and drop
 * the others: a change may reach the disk even if an earlier change does not.
 * If two changes of the same bytes reach the disk, the later change counts. */
static void
keep_some(struct ws_node *node)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&node->changes))) {
        struct ws_change *change = WF_CONTAINER(link, struct ws_change, link);
        if (ws_chance(2))
            apply(&node->kept, change,
                  ws_chance(2) ? change->len : ws_below(change->len + 1));
        free(change);
    }
}

/* A sync that fails. The kernel forgets the changes, as Linux does: a later
 * sync does not write these changes either, but a read still sees them. */
void
ws_node_sync_in_part(struct ws_node *node)
{
    keep_some(node);
    node->name_is_kept = node->name_is_kept || ws_chance(2);
}

static void
lose(struct ws_node *node)
{
    size_t before = node->now.len;
    keep_some(node);
    copy(&node->now, &node->kept);
    give_room(node->host, before, node->now.len);
}

void
ws_disk_lose(struct ws_host *host)
{
    struct wf_link *link = host->disk.head.next, *next;
    for (; link != &host->disk.head; link = next) {
        next = link->next;
        struct ws_node *node = WF_CONTAINER(link, struct ws_node, link);
        if (node->name_is_kept || ws_chance(2)) {
            lose(node);
            node->name_is_kept = true;
        } else {
            ws_node_unlink(node);
        }
    }
}

/* ---- what fails ---- */

void
weft_sim_disk_full(weft_sim_host id, bool on)
{
    struct ws_host *host = ws_host_of(id);
    if (on == (host->disk_room < SIZE_MAX) || (on && !ws_fault_may_happen()))
        return;
    host->disk_room = on ? ws_below(ROOM_MAX) : SIZE_MAX;
    if (on)
        ws_say("the disk of %s has room for %zu bytes", host->name,
               host->disk_room);
    else
        ws_say("the disk of %s has room again", host->name);
}

void
weft_sim_disk_error(weft_sim_host id, bool on)
{
    struct ws_host *host = ws_host_of(id);
    if (on == host->disk_fails || (on && !ws_fault_may_happen()))
        return;
    ws_say("the disk of %s %s", host->name, on ? "fails" : "works again");
    host->disk_fails = on;
}
