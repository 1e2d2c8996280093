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
    WS_CLOSED, /* after a reset, an error, or the end of both sides */
};

/* The progress of connect(2), on which the result of the next connect(2)
 * depends. */
enum ws_progress { WS_UNCONNECTED, WS_CONNECTS, WS_CONNECTED, WS_NEVER_AGAIN };

/* A socket: one end of a connection, or a listener. */
struct ws_tcp {
    struct ws_file file;
    struct wf_link of_all;
    int family;
    enum ws_tcp_state state;
    enum ws_progress progress;
    struct ws_place local, remote;
    /* Fields of a listener. `backlog`: connections that were not accepted
     * yet. */
    struct wf_list backlog;
    uint32_t n_backlog, max_backlog;
    struct wf_link of_backlog;
    /* the listener whose backlog this connection is in */
    struct ws_tcp *listener;
    /* Fields of a connection: */
    struct ws_tcp *peer; /* the other end; NULL before connect(2) */
    /* number of segments to this end, under way or stalled */
    uint32_t flying;
    struct wf_list flight; /* the segments to this end that are under way */
    /* segments that can be read; segments beyond the window */
    struct wf_list received, parked;
    size_t n_received;
    struct wf_list stalled; /* segments that the link does not take */
    size_t unacked; /* bytes sent that the peer has not confirmed; an end
                       counts as one */
    size_t acked;   /* bytes of `unacked` that `acks` will confirm */
    uint64_t last_arrival_ns;
    uint64_t progress_ns;        /* when the peer last confirmed anything */
    uint64_t heard_ns;           /* when a segment of the peer last arrived */
    struct ws_event acks, again; /* again: a retransmission */
    uint32_t tries;              /* since the peer last confirmed anything */
    int error;                   /* an errno that the next call returns */
    bool fin_received, fin_sent, shut_read, shut_write, no_space, abort, gone;
    bool keeps_address, reuses, shares; /* bind(2), SO_REUSEADDR, ..PORT */
    bool no_delay, keeps_alive;         /* TCP_NODELAY, SO_KEEPALIVE */
    bool starved;   /* the peer closed with bytes beyond the window */
    bool cut_short; /* bytes are missing, so later segments are dropped */
    bool vanished;  /* the host lost power and forgot the connection */
    bool ack_lost;  /* an acknowledgement was lost; see confirm */
    uint32_t user_timeout_ms;
    uint32_t idle_s, interval_s, max_probes; /* TCP_KEEPIDLE, ..INTVL, ..CNT */
    struct ws_event probe;                   /* the next check of keepalive */
    uint32_t n_probes;       /* probes that the peer has not answered */
    struct ws_event persist; /* the end of the wait for a wider window */
};

enum ws_segment_kind {
    WS_SYN,
    WS_SYN_ACK,
    WS_ACK,
    WS_DATA,
    WS_FIN,
    WS_RST,
    WS_PROBE, /* asks for an answer */
};

struct ws_segment {
    struct wf_link link;
    struct ws_event arrival;
    struct ws_tcp *from, *to;
    enum ws_segment_kind kind;
    uint32_t len, taken;
    uint8_t bytes[];
};

/* address.c: reads and writes addresses, finds the host and the listener of an
 * address, and free ports. */
int ws_place_of(const struct sockaddr *a, socklen_t n, struct ws_place *place);
socklen_t ws_place_write(const struct ws_place *place, int family,
                         struct sockaddr *a, socklen_t room);
struct ws_host *ws_place_host(const struct ws_place *place,
                              struct ws_host *asking);
struct ws_tcp *ws_listener_at(const struct ws_host *host,
                              const struct ws_place *place);
bool ws_place_is_free(const struct ws_tcp *tcp, const struct ws_place *place);

/* The socket of the same host that connects in the opposite direction, and so
 * has the two addresses of `child`; or NULL. */
struct ws_tcp *ws_tcp_dialling(const struct ws_tcp *child);
uint16_t ws_free_port(struct ws_host *host);

/* segment.c: sends a segment to the other end, in order. */
void ws_send(struct ws_tcp *from, struct ws_tcp *to, enum ws_segment_kind kind,
             const struct iovec *iov, size_t skip, size_t len);
/* Send a segment again later, because it cannot be received now. */
void ws_send_later(struct ws_segment *segment);
void ws_segment_free(struct ws_segment *segment);

/* Send a segment without bytes to the peer, once: the segment may be lost, and
 * is not sent again. */
void ws_send_once(struct ws_tcp *from, enum ws_segment_kind kind);

/* Return to their sender the segments that are under way to `to` and cannot
 * arrive. */
void ws_flight_return(struct ws_tcp *to);

/* True if the peer has confirmed nothing for too long. */
bool ws_tcp_gives_up(const struct ws_tcp *tcp);

/* tcp_timer.c: ends connections whose peer is silent. */
void ws_keepalive_start(struct ws_tcp *tcp); /* if `tcp` has SO_KEEPALIVE */
void ws_keepalive_set_idle(struct ws_tcp *tcp);
void ws_persist_start(struct ws_tcp *tcp); /* the peer's window is closed */
void ws_persist_end(struct ws_tcp *tcp);   /* the window is wider */
void ws_persist_set(struct ws_tcp *tcp);   /* TCP_USER_TIMEOUT has changed */
void ws_timers_init(struct ws_tcp *tcp);
void ws_timers_cancel(struct ws_tcp *tcp);

/* tcp.c */
extern struct wf_list ws_tcp_all; /* of all hosts */
struct ws_tcp *ws_tcp_new(struct ws_host *host, int family);
void ws_tcp_arrive(struct ws_segment *segment);
void ws_tcp_unpark(struct ws_tcp *tcp); /* the window is wider */
void ws_tcp_send_fin(struct ws_tcp *tcp);
void ws_tcp_leave_backlog(struct ws_tcp *child);
void ws_tcp_end_listener(struct ws_tcp *tcp);
void ws_tcp_disconnect(struct ws_tcp *tcp); /* only in state WS_CLOSED */
void ws_tcp_end(struct ws_file *file);

void ws_tcp_close(struct ws_tcp *tcp, int error); /* without a segment */

/* tcp_options.c */
int ws_tcp_set(struct ws_file *file, int level, int name, const void *v,
               socklen_t n);
int ws_tcp_get(struct ws_file *file, int level, int name, void *v,
               socklen_t *n);

/* tcp_calls.c, tcp_io.c */
extern const struct ws_socket_ops ws_tcp_socket_ops;
extern const struct ws_file_ops ws_tcp_ops;

void ws_tcp_fail(struct ws_tcp *tcp, int error);
void ws_tcp_free_if_over(struct ws_tcp *tcp);

#endif
