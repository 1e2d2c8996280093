/* SPDX-License-Identifier: MIT */
/* What the files of TCP share. */
#ifndef WEFT_SIM_TCP_H
#define WEFT_SIM_TCP_H

#include "sim.h"

struct ws_place {
    uint32_t address; /* IPv4, host order; 0: any */
    uint16_t port;
};

enum ws_tcp_state {
    WS_FRESH,
    WS_LISTENING,
    WS_CONNECTING,
    WS_OPEN,
    WS_CLOSED, /* by a reset, an error, or both ends */
};

/* What the next connect(2) returns depends on it. */
enum ws_progress { WS_UNCONNECTED, WS_CONNECTS, WS_CONNECTED, WS_NEVER_AGAIN };

/* A socket: one end of a connection, or a listener. */
struct ws_tcp {
    struct ws_file file;
    struct wf_link of_all;
    int family;
    enum ws_tcp_state state;
    enum ws_progress progress;
    struct ws_place local, remote;
    /* Of a listener: connections that nobody has accepted. */
    struct wf_list backlog;
    uint32_t n_backlog, max_backlog;
    struct wf_link of_backlog;
    struct ws_tcp *listener; /* of one in a backlog */
    /* Of a connection: */
    struct ws_tcp *peer; /* the other end; NULL before connect(2) */
    uint32_t flying;     /* segments that are on their way to it, or stalled */
    struct wf_list flight;           /* of these: on their way */
    struct wf_list received, parked; /* readable; over the window */
    size_t n_received;
    struct wf_list stalled; /* segments that the link does not take */
    size_t unacked; /* bytes sent that the peer has not confirmed; an end
                       counts as one */
    size_t acked;   /* of these: confirmed at acks */
    uint64_t last_arrival_ns;
    uint64_t progress_ns;        /* when the peer last confirmed anything */
    struct ws_event acks, again; /* again: a retransmission */
    uint32_t tries;
    int error; /* an errno that the next call tells */
    bool fin_received, fin_sent, shut_read, shut_write, no_space, abort, gone;
    bool keeps_address, reuses, shares; /* bind(2), SO_REUSEADDR, ..PORT */
    uint32_t user_timeout_ms;
};

enum ws_segment_kind { WS_SYN, WS_SYN_ACK, WS_ACK, WS_DATA, WS_FIN, WS_RST };

struct ws_segment {
    struct wf_link link;
    struct ws_event arrival;
    struct ws_tcp *from, *to;
    enum ws_segment_kind kind;
    uint32_t len, taken;
    uint8_t bytes[];
};

/* address.c: an address of the program, as a place; which host has it; a
 * free port; the listener there. */
int ws_place_of(const struct sockaddr *a, socklen_t n, struct ws_place *place);
socklen_t ws_place_write(const struct ws_place *place, int family,
                         struct sockaddr *a, socklen_t room);
struct ws_host *ws_place_host(const struct ws_place *place,
                              struct ws_host *asking);
struct ws_tcp *ws_listener_at(const struct ws_host *host,
                              const struct ws_place *place);
bool ws_place_is_free(const struct ws_tcp *tcp, const struct ws_place *place);

/* The socket that connects in the opposite direction: from the address that the
 * connection of `child` goes to, to the one that it comes from; or NULL. */
struct ws_tcp *ws_tcp_dialling(const struct ws_tcp *child);
uint16_t ws_free_port(struct ws_host *host);

/* segment.c: from one end to the other, in order. */
void ws_send(struct ws_tcp *from, struct ws_tcp *to, enum ws_segment_kind kind,
             const struct iovec *iov, size_t skip, size_t len);
void ws_send_later(struct ws_segment *segment); /* the peer has not taken it */
void ws_segment_free(struct ws_segment *segment);

/* tcp.c */
struct ws_tcp *ws_tcp_new(struct ws_host *host, int family);
void ws_tcp_arrive(struct ws_segment *segment);
void ws_tcp_unpark(struct ws_tcp *tcp); /* the window is wider */
void ws_tcp_send_fin(struct ws_tcp *tcp);
void ws_tcp_leave_backlog(struct ws_tcp *child);
void ws_tcp_end_listener(struct ws_tcp *tcp);
void ws_tcp_disconnect(struct ws_tcp *tcp); /* only in state WS_CLOSED */
void ws_tcp_end(struct ws_file *file);

/* tcp_calls.c, tcp_io.c */
extern const struct ws_socket_ops ws_tcp_socket_ops;
extern const struct ws_file_ops ws_tcp_ops;

void ws_tcp_fail(struct ws_tcp *tcp, int error);
void ws_tcp_free_if_over(struct ws_tcp *tcp);

#endif
