/* SPDX-License-Identifier: MIT */
/* The raw echo on libevent's bufferevents. Run as libevent_echo PORT. */
#include "raw.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>

static uint32_t
size_of(struct evbuffer *in)
{
    uint8_t b[4];
    evbuffer_copyout(in, b, sizeof b);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

/* Answer the calls. Calls that are contiguous in memory are answered in place
 * and moved, not copied. */
static void
on_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    (void)arg;
    while (evbuffer_get_length(in) >= 4) {
        uint32_t size = size_of(in);
        if (size > RAW_SIZE) {
            bufferevent_free(bev);
            return;
        }
        if (evbuffer_get_length(in) - 4 < size)
            return;
        raw_answer(evbuffer_pullup(in, (ev_ssize_t)size + 4), size + 4);
        evbuffer_remove_buffer(in, bufferevent_get_output(bev), size + 4);
    }
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    (void)arg;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        bufferevent_free(bev);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
          struct sockaddr *from, int len, void *base)
{
    const int on = 1;
    struct bufferevent *bev =
        bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    (void)listener;
    (void)from;
    (void)len;
    if (!bev) {
        evutil_closesocket(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bufferevent_setcb(bev, on_read, NULL, on_event, NULL);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

int
main(int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(raw_port(argc, argv)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct event_base *base = event_base_new();
    signal(SIGPIPE, SIG_IGN);
    if (!base ||
        !evconnlistener_new_bind(base, on_accept, base,
                                 LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE,
                                 1024, (struct sockaddr *)&at, sizeof at)) {
        perror("libevent_echo");
        return 1;
    }
    return event_base_dispatch(base);
}
