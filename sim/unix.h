/* SPDX-License-Identifier: MIT */
/* What the files of unix sockets share. */
#ifndef WEFT_SIM_UNIX_H
#define WEFT_SIM_UNIX_H

#include "disk.h"
#include "tcp.h"

#include <sys/un.h>

#define ABSTRACT '\1' /* the first byte of a node whose name is abstract */

struct ws_unix {
    struct ws_file file;
    enum ws_tcp_state state; /* fresh, listening or open */
    struct ws_node *node;    /* the name that the socket is bound to, or NULL */
    struct sockaddr_un name, peer_name;
    socklen_t name_len, peer_len; /* 0: no name */
    /* NULL: not connected, or the peer is closed */
    struct ws_unix *peer;
    struct wf_list received;
    size_t n_received; /* bytes that can be read */
    size_t unread;     /* bytes written in pieces that the peer has not freed */
    struct wf_list backlog;
    struct wf_link of_backlog;
    uint32_t n_backlog, max_backlog;
    int error;
    bool shut_read, shut_write;
};

/* Connect `u` to a new socket in the backlog of the listener. */
int ws_unix_join(struct ws_unix *u, struct ws_unix *listener);

extern const struct ws_file_ops ws_unix_ops;
extern const struct ws_socket_ops ws_unix_socket_ops;

#endif
