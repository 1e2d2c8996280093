/* SPDX-License-Identifier: MIT */
/* The files and unix sockets that the names of a host's disk stand for. */
#ifndef WEFT_SIM_DISK_H
#define WEFT_SIM_DISK_H

#include "sim.h"

struct ws_unix;

/* Bytes of a file. */
struct ws_content {
    uint8_t *bytes;
    size_t len, cap;
};

/* A change of a file; the change is not synced. */
struct ws_change {
    struct wf_link link;
    size_t at, len; /* offset and length */
    bool truncates; /* the change truncates to `len`; no bytes */
    uint8_t bytes[];
};

/* A file, or the name of a unix socket. */
struct ws_node {
    struct wf_link link; /* in the host's list while the name exists */
    struct ws_host *host;
    char *path;
    uint64_t number;
    uint32_t mode; /* as st_mode: type and permissions */
    uint32_t refs; /* held by the name and by each open file */
    /* `now`: what a read sees; `kept`: what is on the disk */
    struct ws_content now, kept;
    struct wf_list changes; /* not synced */
    bool name_is_kept;
    struct ws_unix *socket; /* NULL: a file, or the socket is closed */
};

struct ws_node *ws_node_new(struct ws_host *host, const char *path,
                            uint32_t mode);
struct ws_node *ws_node_at(struct ws_host *host, const char *path);
void ws_node_unref(struct ws_node *node);
void ws_node_unlink(struct ws_node *node); /* remove the name */
/* `node` NULL: /dev/null */
void ws_node_stat(const struct ws_node *node, struct stat *st);

/* Write the first `len` bytes of the buffers at offset `at`. Returns how many
 * bytes the disk had space for. */
size_t ws_node_write(struct ws_node *node, size_t at, const struct iovec *iov,
                     size_t len);
void ws_node_truncate(struct ws_node *node);
void ws_node_sync(struct ws_node *node);
void ws_node_sync_in_part(struct ws_node *node); /* a sync that fails */

/* disk_calls.c */
int ws_open(const char *path, int flags, mode_t mode);
int ws_stat(const char *path, struct stat *st);
int ws_unlink(const char *path);
int ws_fstat(int fd, struct stat *st);
ssize_t ws_pread(int fd, const struct iovec *iov, off_t at);
ssize_t ws_pwrite(int fd, const struct iovec *iov, off_t at);
int ws_fsync(int fd);

#endif
