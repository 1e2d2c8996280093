/* SPDX-License-Identifier: MIT */
/* A server that plays a script, on a thread of its own with plain sockets, and
 * a client of weft/http.h. */
#ifndef WEFT_TESTS_RPC_HTTP_SCRIPT_H
#define WEFT_TESTS_RPC_HTTP_SCRIPT_H

#include "rpc_test.h"

#include "rpc/http.h"

#include <pthread.h>
#include <unistd.h>

/*
 * A script is a list of steps that ends with NULL:
 *   "accept"  accept a connection
 *   "take"    read a request, and append it to script.asked
 *   "close", "reset", "shut"  end the connection, or its output
 *   "drip"    send a byte again and again, until the client ends the connection
 *   "ends"    wait until the client has ended the connection
 *   "wait"    wait until the test calls script_go
 *   "~TEXT"   send the text, unless the client has ended the connection
 * Every other text is sent as it is.
 */
struct script {
    const char *const *steps;
    char address[32], asked[4000];
    int listener, fd;
    pthread_t thread;
    struct weft_http *http;
    struct weft_arena arena;
    struct weft_http_response r;
    _Atomic int going, waits; /* how often the test has called script_go; how
                                 often the script waited */
};

static inline void
script_take(struct script *s)
{
    char *at = s->asked + strlen(s->asked), *begin = at;
    do {
        MUST(at + 2 < s->asked + sizeof s->asked && wire_recv(s->fd, at, 1));
        *++at = '\0';
    } while (!strstr(begin, "\r\n\r\n"));
    const char *length = strstr(begin, "Content-Length: ");
    size_t n = length ? strtoul(length + 16, NULL, 10) : 0;
    MUST(at + n + 1 < s->asked + sizeof s->asked && wire_recv(s->fd, at, n));
    at[n] = '\0';
}

static inline void
script_step(struct script *s, const char *step)
{
    if (strcmp(step, "accept") == 0) {
        s->fd = wire_accept(s->listener);
    } else if (strcmp(step, "take") == 0) {
        script_take(s);
    } else if (strcmp(step, "close") == 0) {
        close(s->fd);
    } else if (strcmp(step, "reset") == 0) {
        wire_reset(s->fd);
    } else if (strcmp(step, "shut") == 0) {
        MUST(!shutdown(s->fd, SHUT_WR));
    } else if (strcmp(step, "ends") == 0) {
        MUST(wire_ends(s->fd));
        close(s->fd);
    } else if (strcmp(step, "drip") == 0) {
        while (wire_send(s->fd, "A", 1))
            (void)weft_sleep_ms(1);
        close(s->fd);
    } else if (strcmp(step, "wait") == 0) {
        int nth = wf_add(&s->waits, 1, acq_rel) + 1;
        AWAIT(wf_load(&s->going, acquire) >= nth);
    } else if (*step == '~') {
        (void)wire_send(s->fd, step + 1, strlen(step + 1));
    } else {
        MUST(wire_send(s->fd, step, strlen(step)));
    }
}

static inline void *
script_main(void *arg)
{
    struct script *s = arg;
    for (const char *const *step = s->steps; *step; step++)
        script_step(s, *step);
    return NULL;
}

static inline void
script_open(struct script *s, const struct weft_http_options *options,
            const char *const *steps)
{
    uint16_t port = 0;
    *s = (struct script){.steps = steps, .arena = WEFT_ARENA_INIT};
    s->listener = wire_listen(&port, 8);
    snprintf(s->address, sizeof s->address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_http_new(s->address, options, &s->http));
    MUST(!pthread_create(&s->thread, NULL, script_main, s));
}

static inline void
script_go(struct script *s)
{
    wf_add(&s->going, 1, release);
}

/* Wait for the end of the script, and free everything. */
static inline void
script_close(struct script *s)
{
    MUST(!pthread_join(s->thread, NULL));
    weft_http_free(s->http);
    weft_arena_fini(&s->arena);
    close(s->listener);
}

static inline weft_err
script_call(struct script *s, const struct weft_http_request *request)
{
    return weft_http_call_until(s->http, request, weft_after_ms(LONG_MS),
                                &s->arena, &s->r);
}

static inline weft_err
script_get(struct script *s)
{
    return script_call(s, &(struct weft_http_request){0});
}

#endif
