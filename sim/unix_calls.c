/* SPDX-License-Identifier: MIT */
/* Simulates the socket interface for unix stream sockets. */
#include "unix.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>

#define PATH offsetof(struct sockaddr_un, sun_path)

/* *name receives the address; `path` receives the path of the node that the
 * address stands for. */
static int
path_of(const struct sockaddr *a, socklen_t n, struct sockaddr_un *name,
        char path[sizeof name->sun_path + 1])
{
    if (n <= PATH || n > sizeof *name || a->sa_family != AF_UNIX)
        return -EINVAL;
    memset(name, 0, sizeof *name);
    memcpy(name, a, n);
    memset(path, 0, sizeof name->sun_path + 1);
    memcpy(path, name->sun_path, n - PATH);
    if (!path[0])
        path[0] = ABSTRACT;
    return 0;
}

static int
unix_bind(struct ws_file *file, const struct sockaddr *a, socklen_t n)
{
    struct ws_unix *u = (void *)file;
    struct sockaddr_un name;
    char path[sizeof name.sun_path + 1];
    int err = path_of(a, n, &name, path);
    if (err)
        return err;
    bool is_taken = ws_node_at(ws_self(), path) != NULL;
    if (is_taken && path[0] != ABSTRACT)
        return -EADDRINUSE; /* Linux makes the node first */
    if (u->name_len)
        return -EINVAL;
    if (is_taken)
        return -EADDRINUSE;
    u->node = ws_node_new(ws_self(), path, S_IFSOCK | 0755);
    u->node->refs++;
    u->node->socket = u;
    u->name = name;
    u->name_len =
        path[0] == ABSTRACT ? n : (socklen_t)(PATH + strlen(name.sun_path) + 1);
    return 0;
}

static int
unix_name(struct ws_file *file, struct sockaddr *a, socklen_t *n, bool peer)
{
    struct ws_unix *u = (void *)file;
    struct sockaddr_un name = peer ? u->peer_name : u->name;
    socklen_t len = peer ? u->peer_len : u->name_len;
    if (peer && u->state != WS_OPEN)
        return -ENOTCONN;
    name.sun_family = AF_UNIX;
    len = len ? len : (socklen_t)PATH;
    memcpy(a, &name, WF_MIN(*n, len));
    *n = len;
    return 0;
}

static int
unix_listen(struct ws_file *file, int backlog)
{
    struct ws_unix *u = (void *)file;
    if (!u->name_len || u->state == WS_OPEN)
        return -EINVAL;
    u->state = WS_LISTENING;
    u->max_backlog = backlog < 0 ? 4096 : WF_MIN((uint32_t)backlog, 4096u);
    return 0;
}

static int
unix_accept(struct ws_file *file)
{
    struct ws_unix *u = (void *)file;
    if (u->state != WS_LISTENING)
        return -EINVAL;
    struct wf_link *link = wf_list_pop(&u->backlog);
    if (!link)
        return -EAGAIN;
    u->n_backlog--;
    return ws_fd_new(&WF_CONTAINER(link, struct ws_unix, of_backlog)->file);
}

static int
unix_connect(struct ws_file *file, const struct sockaddr *a, socklen_t n)
{
    struct ws_unix *u = (void *)file;
    struct sockaddr_un name;
    char path[sizeof name.sun_path + 1];
    int err = path_of(a, n, &name, path);
    if (err)
        return err;
    const struct ws_node *node = ws_node_at(ws_self(), path);
    if (!node)
        return path[0] == ABSTRACT ? -ECONNREFUSED : -ENOENT;
    if (!node->socket || node->socket->state != WS_LISTENING ||
        node->socket->shut_read)
        return -ECONNREFUSED;
    if (node->socket->n_backlog > node->socket->max_backlog)
        return -EAGAIN;
    if (u->state != WS_FRESH)
        return u->state == WS_OPEN ? -EISCONN : -EINVAL;
    return ws_unix_join(u, node->socket);
}

static int
unix_shutdown(struct ws_file *file, int how)
{
    struct ws_unix *u = (void *)file;
    if (how < SHUT_RD || how > SHUT_RDWR)
        return -EINVAL;
    bool reads = how != SHUT_WR, writes = how != SHUT_RD;
    u->shut_read = u->shut_read || reads;
    u->shut_write = u->shut_write || writes;
    ws_file_changed(&u->file, WS_ANY);
    if (u->peer) {
        u->peer->shut_read = u->peer->shut_read || writes;
        u->peer->shut_write = u->peer->shut_write || reads;
        ws_file_changed(&u->peer->file, WS_ANY);
    }
    return 0;
}

static int
unix_set(struct ws_file *file, int level, int name, const void *v, socklen_t n)
{
    (void)file;
    (void)v;
    if (level != SOL_SOCKET)
        return -EOPNOTSUPP;
    return n < (name == SO_LINGER ? sizeof(struct linger) : sizeof(int))
               ? -EINVAL
               : 0;
}

static int
unix_get(struct ws_file *file, int level, int name, void *v, socklen_t *n)
{
    struct ws_unix *u = (void *)file;
    int value;
    if (level != SOL_SOCKET)
        return -EOPNOTSUPP;
    if (name == SO_ERROR) {
        value = u->error;
        u->error = 0;
    } else if (name == SO_DOMAIN) {
        value = AF_UNIX;
    } else if (name == SO_TYPE) {
        value = SOCK_STREAM;
    } else {
        return -ENOPROTOOPT;
    }
    *n = WF_MIN(*n, (socklen_t)sizeof value);
    memcpy(v, &value, *n);
    return 0;
}

static int
unix_ioctl(struct ws_file *file, unsigned long request, int *value)
{
    struct ws_unix *u = (void *)file;
    if (request != SIOCINQ && request != SIOCOUTQ)
        return -ENOTTY;
    if (u->state == WS_LISTENING)
        return -EINVAL;
    *value = (int)(request == SIOCINQ ? u->n_received : u->unread);
    return 0;
}

const struct ws_socket_ops ws_unix_socket_ops = {
    .bind = unix_bind,
    .name = unix_name,
    .listen = unix_listen,
    .accept = unix_accept,
    .connect = unix_connect,
    .shutdown = unix_shutdown,
    .set = unix_set,
    .get = unix_get,
    .ioctl = unix_ioctl,
};
