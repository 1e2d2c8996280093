/* SPDX-License-Identifier: MIT */
#include "echo_calls.h"

#include <string.h>

#define TEXT_SIZE 1024
#define MOST_AT_ONCE 64

static char text[TEXT_SIZE];

static weft_err
plain_echo(struct weft_call *call, const struct trial_echo_args *args,
           struct trial_echo_result *result)
{
    (void)call;
    result->success = args->item;
    return WEFT_OK;
}

void
echo_open(struct echo_place *place,
          weft_err (*echo)(struct weft_call *call,
                           const struct trial_echo_args *args,
                           struct trial_echo_result *result))
{
    static struct trial_Trial_service served;
    struct weft_runtime_options options = {.workers = 1};
    char address[32];
    memset(place, 0, sizeof *place);
    memset(text, 'x', sizeof text);
    served = trial_table;
    served.echo = echo ? echo : plain_echo;
    MUST(!weft_runtime_start(&options));
    MUST(!weft_server_new(NULL, &place->server));
    MUST(!trial_Trial_register(place->server, "Trial", &served, &place->trial));
    MUST(!weft_server_listen(place->server, "127.0.0.1:0"));
    MUST(!weft_server_start(place->server));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_server_port(place->server));
    MUST(!weft_client_new(address, NULL, &place->client));
    place->fd = wire_dial(weft_server_port(place->server));
    put_echo(&place->call, 7, TEXT_SIZE);
}

void
echo_close(struct echo_place *place)
{
    close(place->fd);
    weft_client_free(place->client);
    bytes_free(&place->call);
    MUST(!weft_server_stop_until(place->server, weft_after_ms(LONG_MS)));
    weft_server_free(place->server);
    MUST(!weft_runtime_stop());
}

static void
put_text(struct bytes *b, uint8_t fill, size_t len)
{
    char *ptr = malloc(len);
    MUST(ptr);
    memset(ptr, fill, len);
    put8(b, WEFT_STRING);
    put16(b, 3);
    put32(b, (uint32_t)len);
    put(b, ptr, len);
    free(ptr);
}

void
put_echo(struct bytes *b, int32_t seqid, size_t len)
{
    size_t from = frame_begin(b);
    put_head(b, WEFT_CALL, "echo", seqid);
    put8(b, WEFT_STRUCT);
    put16(b, 1);
    put_text(b, 'x', len);
    put8(b, 0);
    put8(b, 0);
    frame_end(b, from);
}

/* Read n replies. Each is longer than the text of its call. */
static void
take_replies(int fd, int n)
{
    static uint8_t reply[TEXT_SIZE + 256];
    for (int i = 0; i < n; i++) {
        uint8_t head[4];
        MUST(wire_recv(fd, head, 4));
        size_t len = (size_t)head[2] << 8 | head[3];
        MUST(!head[0] && !head[1] && len < sizeof reply && len > TEXT_SIZE);
        MUST(wire_recv(fd, reply, len));
        MUST(reply[3] == WEFT_REPLY && memchr(reply, 'x', len));
    }
}

void
wire_calls(struct echo_place *place, int rounds, int at_once)
{
    struct bytes b = {0};
    for (int i = 0; i < at_once; i++)
        put(&b, place->call.ptr, place->call.len);
    for (int i = 0; i < rounds; i++) {
        MUST(wire_send(place->fd, b.ptr, b.len));
        take_replies(place->fd, at_once);
    }
    bytes_free(&b);
}

struct often {
    struct weft_client *client;
    int rounds;
};

static void
call_often(void *arg)
{
    const struct often *o = arg;
    struct weft_str sent = {text, sizeof text};
    struct trial_echo_args args = {.item.text = sent};
    struct trial_echo_result result;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    for (int i = 0; i < o->rounds; i++) {
        MUST(!trial_Trial_echo(o->client, &arena, &args, &result, NULL));
        MUST(weft_str_eq(result.success.text, sent));
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

void
fiber_calls(struct echo_place *place, int rounds, int at_once)
{
    weft_fiber fibers[MOST_AT_ONCE];
    struct often often = {place->client, rounds};
    MUST(at_once <= MOST_AT_ONCE);
    for (int i = 0; i < at_once; i++)
        MUST(!weft_fiber_start(call_often, &often, &fibers[i]));
    for (int i = 0; i < at_once; i++)
        MUST(!weft_fiber_join(fibers[i]));
}

struct begun {
    struct weft_arena arena;
    struct trial_echo_result result;
};

static void
begin(struct weft_client *client, struct begun *b, struct weft_pending *call)
{
    static const struct trial_echo_args args = {
        .item.text = {text, sizeof text}};
    trial_Trial_echo_begin(client, &b->arena, &args, &b->result, NULL, call);
}

static void
take_any(struct weft_client *client, struct begun *begun,
         struct weft_pending *calls, int at_once, bool more)
{
    int i = weft_await_any(calls, (uint32_t)at_once);
    MUST(i >= 0 && !weft_await(&calls[i]));
    MUST(begun[i].result.success.text.len == sizeof text);
    weft_arena_reset(&begun[i].arena);
    if (more)
        begin(client, &begun[i], &calls[i]);
}

struct many {
    struct weft_client *client;
    int rounds, at_once;
};

static void
call_many(void *arg)
{
    const struct many *m = arg;
    struct weft_pending calls[MOST_AT_ONCE];
    struct begun *begun = calloc((size_t)m->at_once, sizeof *begun);
    int n_calls = m->rounds * m->at_once;
    MUST(begun);
    for (int i = 0; i < m->at_once; i++) {
        weft_arena_init(&begun[i].arena, 0);
        begin(m->client, &begun[i], &calls[i]);
    }
    for (int n = m->at_once; n < n_calls + m->at_once; n++)
        take_any(m->client, begun, calls, m->at_once, n < n_calls);
    for (int i = 0; i < m->at_once; i++)
        weft_arena_fini(&begun[i].arena);
    free(begun);
}

void
begun_calls(struct echo_place *place, int rounds, int at_once)
{
    struct many many = {place->client, rounds, at_once};
    weft_fiber fiber;
    MUST(at_once <= MOST_AT_ONCE);
    MUST(!weft_fiber_start(call_many, &many, &fiber));
    MUST(!weft_fiber_join(fiber));
}
