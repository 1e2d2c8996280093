/* SPDX-License-Identifier: MIT */
/*
 * The disk of a host: names, and the bytes of files. It outlives the host's
 * process. Changes that were not synced are in the memory of the kernel. They
 * outlive the process, too, but after a loss of power each of them is there,
 * there in part, or gone.
 *
 * A sync of a file also syncs its name, as with ext4, XFS and btrfs. Folders
 * are not simulated: a file of any name can be made.
 */
#include "disk.h"

#include <stdlib.h>
#include <string.h>

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
    memcpy(c->bytes + change->at, change->bytes, len);
}

/* ---- nodes ---- */

struct ws_node *
ws_node_new(struct ws_host *host, const char *path, uint32_t mode)
{
    struct ws_node *node = ws_alloc(sizeof *node);
    node->path = ws_alloc(strlen(path) + 1);
    memcpy(node->path, path, strlen(path));
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

void
ws_node_write(struct ws_node *node, size_t at, const struct iovec *iov, int n)
{
    size_t len = ws_iov_size(iov, n), done = 0;
    struct ws_change *change = change_new(node, at, len, len);
    for (int i = 0; i < n; i++) {
        if (iov[i].iov_len)
            memcpy(change->bytes + done, iov[i].iov_base, iov[i].iov_len);
        done += iov[i].iov_len;
    }
    apply(&node->now, change, len);
}

void
ws_node_truncate(struct ws_node *node)
{
    struct ws_change *change = change_new(node, 0, 0, 0);
    change->truncates = true;
    apply(&node->now, change, 0);
}

void
ws_node_sync(struct ws_node *node)
{
    drop_changes(node);
    copy(&node->kept, &node->now);
    node->name_is_kept = true;
}

/* Each change may have reached the disk, in part or as a whole, also where an
 * earlier change has not. Of two changes of the same bytes, the later one
 * wins. */
static void
lose(struct ws_node *node)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&node->changes))) {
        struct ws_change *change = WF_CONTAINER(link, struct ws_change, link);
        if (ws_chance(2))
            apply(&node->kept, change,
                  ws_chance(2) ? change->len : ws_below(change->len + 1));
        free(change);
    }
    copy(&node->now, &node->kept);
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
