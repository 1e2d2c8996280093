/* SPDX-License-Identifier: MIT */
/* A server of HTTP made of plain sockets. */
#ifndef WEFT_TESTS_RPC_HTTP_PEER_H
#define WEFT_TESTS_RPC_HTTP_PEER_H

#include "peer.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n"

/* Read one request, whose first line must start with `begin`; returns its
 * sequence id. */
static inline int32_t
take_post(int fd, const char *begin)
{
    char head[2048];
    size_t len = 0;
    uint8_t body[256];
    do {
        MUST(len + 1 < sizeof head && wire_recv(fd, head + len, 1));
        head[++len] = '\0';
    } while (!strstr(head, "\r\n\r\n"));
    MUST(strncmp(head, begin, strlen(begin)) == 0);
    const char *size = strstr(head, "Content-Length: ");
    MUST(size);
    size_t n = strtoul(size + strlen("Content-Length: "), NULL, 10);
    MUST(n < sizeof body && wire_recv(fd, body, n));
    return (int32_t)weft_load_be32(body + 8 + body[7]);
}

static inline void
put_text(struct bytes *b, const char *text)
{
    put(b, text, strlen(text));
}

/* Append a response: this head, a Content-Length if `sized` (else the close of
 * the connection ends the body), and the body. */
static inline void
put_response(struct bytes *b, const char *head, bool sized, const char *body,
             size_t len)
{
    char line[64];
    put_text(b, head);
    snprintf(line, sizeof line, "Content-Length: %zu\r\n", len);
    if (sized)
        put_text(b, line);
    put_text(b, "\r\n");
    put(b, body, len);
}

#endif
