/* SPDX-License-Identifier: MIT */
/* Passes each call of the socket interface to the functions of the descriptor's
 * kind of socket. */
#include "sim.h"

#include <errno.h>

static int
find(int fd, struct ws_file **file)
{
    *file = ws_fd(fd, NULL);
    return !*file ? -EBADF : !(*file)->ops->socket ? -ENOTSOCK : 0;
}

int
ws_socket(int family, int type)
{
    if (family == AF_UNIX && (type & 15) == SOCK_STREAM)
        return ws_unix_socket();
    if ((family != AF_INET && family != AF_INET6) || (type & 15) != SOCK_STREAM)
        return -EAFNOSUPPORT;
    return ws_tcp_socket(family);
}

int
ws_bind(int fd, const struct sockaddr *a, socklen_t n)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->bind(file, a, n);
}

int
ws_listen(int fd, int backlog)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->listen(file, backlog);
}

int
ws_accept(int fd)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->accept(file);
}

int
ws_connect(int fd, const struct sockaddr *a, socklen_t n)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->connect(file, a, n);
}

int
ws_shutdown(int fd, int how)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->shutdown(file, how);
}

int
ws_name(int fd, struct sockaddr *a, socklen_t *n, bool peer)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->name(file, a, n, peer);
}

int
ws_setsockopt(int fd, int level, int name, const void *v, socklen_t n)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->set(file, level, name, v, n);
}

int
ws_getsockopt(int fd, int level, int name, void *v, socklen_t *n)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err ? err : file->ops->socket->get(file, level, name, v, n);
}

int
ws_ioctl(int fd, unsigned long request, int *value)
{
    struct ws_file *file;
    int err = find(fd, &file);
    return err == -ENOTSOCK ? -ENOTTY
           : err            ? err
                            : file->ops->socket->ioctl(file, request, value);
}
