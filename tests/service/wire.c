/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include "trial_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

/* ---- bytes ---- */

void
bytes_free(struct bytes *b)
{
    free(b->ptr);
    *b = (struct bytes){0};
}

void
put(struct bytes *b, const void *ptr, size_t len)
{
    if (len == 0)
        return;
    while (b->len + len > b->cap) {
        b->cap = b->cap ? 2 * b->cap : 256;
        b->ptr = realloc(b->ptr, b->cap);
        MUST(b->ptr);
    }
    memcpy(b->ptr + b->len, ptr, len);
    b->len += len;
}

void
put8(struct bytes *b, unsigned v)
{
    put(b, &(uint8_t){(uint8_t)v}, 1);
}

void
put16(struct bytes *b, unsigned v)
{
    put8(b, v >> 8 & 255);
    put8(b, v & 255);
}

void
put32(struct bytes *b, uint32_t v)
{
    put16(b, v >> 16);
    put16(b, v & 0xffff);
}

void
put64(struct bytes *b, uint64_t v)
{
    put32(b, (uint32_t)(v >> 32));
    put32(b, (uint32_t)v);
}

size_t
frame_begin(struct bytes *b)
{
    put32(b, 0);
    return b->len;
}

void
frame_end(struct bytes *b, size_t from)
{
    uint32_t len = (uint32_t)(b->len - from);
    for (int i = 0; i < 4; i++)
        b->ptr[from - 4 + (size_t)i] = (uint8_t)(len >> (24 - 8 * i));
}

void
put_head(struct bytes *b, unsigned type, const char *name, int32_t seqid)
{
    put32(b, 0x80010000u | type);
    put32(b, (uint32_t)strlen(name));
    put(b, name, strlen(name));
    put32(b, (uint32_t)seqid);
}

static void
put_i64_field(struct bytes *b, unsigned id, int64_t v)
{
    put8(b, WEFT_I64);
    put16(b, id);
    put64(b, (uint64_t)v);
}

static void
put_i32_field(struct bytes *b, unsigned id, int32_t v)
{
    put8(b, WEFT_I32);
    put16(b, id);
    put32(b, (uint32_t)v);
}

void
put_add(struct bytes *b, bool framed, int32_t seqid, int64_t x, int64_t y)
{
    size_t from = framed ? frame_begin(b) : 0;
    put_head(b, WEFT_CALL, "add", seqid);
    put_i64_field(b, 1, x);
    put_i64_field(b, 2, y);
    put8(b, 0);
    if (framed)
        frame_end(b, from);
}

void
put_number(struct bytes *b, bool framed, unsigned type, const char *name,
           int32_t seqid, int64_t number)
{
    size_t from = framed ? frame_begin(b) : 0;
    put_head(b, type, name, seqid);
    put_i64_field(b, 1, number);
    put8(b, 0);
    if (framed)
        frame_end(b, from);
}

void
put_hog(struct bytes *b, int32_t seqid, int32_t ms)
{
    size_t from = frame_begin(b);
    put_head(b, WEFT_CALL, "hog", seqid);
    put_i64_field(b, 1, seqid);
    put_i32_field(b, 2, ms);
    put8(b, 0);
    frame_end(b, from);
}

void
put_large(struct bytes *b, int32_t seqid, int32_t size)
{
    size_t from = frame_begin(b);
    put_head(b, WEFT_CALL, "large", seqid);
    put_i32_field(b, 1, size);
    put8(b, 0);
    frame_end(b, from);
}

/* ---- sockets ---- */

static int
new_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval t = {.tv_sec = LONG_MS / 1000};
    MUST(fd >= 0);
    MUST(!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    MUST(!setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
    return fd;
}

static struct sockaddr_in
local(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int
wire_dial(uint16_t port)
{
    int fd = new_socket(AF_INET);
    struct sockaddr_in a = local(port);
    if (connect(fd, (struct sockaddr *)&a, sizeof a))
        fprintf(stderr, "port %u: %s\n", port, strerror(errno));
    MUST(!getpeername(fd, (struct sockaddr *)&a, &(socklen_t){sizeof a}));
    return fd;
}

int
wire_dial_unix(const char *path)
{
    int fd = new_socket(AF_UNIX);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    MUST(strlen(path) < sizeof a.sun_path);
    memcpy(a.sun_path, path, strlen(path));
    MUST(!connect(fd, (struct sockaddr *)&a, sizeof a));
    return fd;
}

int
wire_listen(uint16_t *port, int backlog)
{
    int fd = new_socket(AF_INET), on = 1;
    struct sockaddr_in a = local(*port);
    socklen_t len = sizeof a;
    MUST(!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    MUST(!bind(fd, (struct sockaddr *)&a, sizeof a));
    MUST(!listen(fd, backlog));
    MUST(!getsockname(fd, (struct sockaddr *)&a, &len));
    *port = ntohs(a.sin_port);
    return fd;
}

int
wire_accept(int fd)
{
    int got;
    while ((got = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) < 0 && errno == EINTR)
        ;
    MUST(got >= 0);
    struct timeval t = {.tv_sec = LONG_MS / 1000};
    MUST(!setsockopt(got, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    MUST(!setsockopt(got, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
    return got;
}

bool
wire_send(int fd, const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

ssize_t
wire_some(int fd, void *ptr, size_t len)
{
    ssize_t n;
    while ((n = recv(fd, ptr, len, 0)) < 0 && errno == EINTR)
        ;
    return n;
}

bool
wire_recv(int fd, void *ptr, size_t len)
{
    uint8_t *at = ptr;
    while (len > 0) {
        ssize_t n = wire_some(fd, at, len);
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool
wire_ends(int fd)
{
    uint8_t byte;
    ssize_t n = wire_some(fd, &byte, 1);
    return n == 0 || (n < 0 && (errno == ECONNRESET || errno == EPIPE));
}

void
wire_reset(int fd)
{
    struct linger l = {.l_onoff = 1, .l_linger = 0};
    MUST(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l));
    close(fd);
}

/* ---- replies ---- */

static uint32_t
get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

/* Read the struct of an exception (1: text, 2: code), as weft writes it. */
static bool
read_exception(int fd, struct reply *r)
{
    uint8_t b[7];
    if (!wire_recv(fd, b, 7) || b[0] != WEFT_STRING || b[2] != 1)
        return false;
    uint32_t len = get32(b + 3);
    if (len >= sizeof r->text || !wire_recv(fd, r->text, len))
        return false;
    uint8_t rest[8];
    if (!wire_recv(fd, rest, 8) || rest[0] != WEFT_I32 || rest[7] != 0)
        return false;
    r->code = (int32_t)get32(rest + 3);
    return true;
}

/* Read an empty struct, or one with an i64 of id 0. */
static bool
read_value(int fd, struct reply *r)
{
    uint8_t type, b[11];
    if (!wire_recv(fd, &type, 1) || type == 0)
        return type == 0;
    if (type != WEFT_I64 || !wire_recv(fd, b, 11) || b[10] != 0)
        return false;
    r->value = (int64_t)((uint64_t)get32(b + 2) << 32 | get32(b + 6));
    return true;
}

bool
wire_reply(int fd, bool framed, struct reply *r)
{
    uint8_t b[12];
    memset(r, 0, sizeof *r);
    if (framed && !wire_recv(fd, b, 4))
        return false;
    if (!wire_recv(fd, b, 8) || get32(b) >> 16 != 0x8001)
        return false;
    r->type = get32(b) & 255;
    uint32_t len = get32(b + 4);
    if (len >= sizeof r->name || !wire_recv(fd, r->name, len) ||
        !wire_recv(fd, b, 4))
        return false;
    r->seqid = (int32_t)get32(b);
    return r->type == WEFT_EXCEPTION ? read_exception(fd, r)
                                     : read_value(fd, r);
}
