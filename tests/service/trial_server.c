/* SPDX-License-Identifier: MIT */
#include "trial_server.h"

#include <errno.h>
#include <string.h>

void
must_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    abort();
}

/* ---- handlers ---- */

static struct trial *
begin(struct weft_call *call)
{
    struct trial *t = weft_call_user(call);
    wf_add(&t->executed, 1, relaxed);
    return t;
}

static void
enter(struct trial *t)
{
    uint32_t n = wf_add(&t->inside, 1, seq_cst) + 1;
    uint32_t most = wf_load(&t->most_inside, relaxed);
    while (n > most && !wf_cas(&t->most_inside, &most, n, acq_rel))
        ;
}

static weft_err
leave(struct trial *t, weft_err err)
{
    if (err == WEFT_ECANCEL)
        wf_add(&t->cancelled, 1, relaxed);
    wf_sub(&t->inside, 1, seq_cst);
    return err;
}

int64_t
trial_digest(struct weft_str text)
{
    uint64_t h = 14695981039346656037u;
    for (uint32_t i = 0; i < text.len; i++)
        h = (h ^ (uint8_t)text.ptr[i]) * 1099511628211u;
    return (int64_t)h;
}

static weft_err
do_echo(struct weft_call *call, const struct trial_echo_args *args,
        struct trial_echo_result *result)
{
    begin(call);
    result->success = args->item;
    result->success.digest = trial_digest(args->item.text);
    return WEFT_OK;
}

static weft_err
do_add(struct weft_call *call, const struct trial_add_args *args,
       struct trial_add_result *result)
{
    begin(call);
    result->success = (int64_t)((uint64_t)args->a + (uint64_t)args->b);
    return WEFT_OK;
}

static weft_err
do_nothing(struct weft_call *call, const struct trial_nothing_args *args,
           struct trial_nothing_result *result)
{
    (void)args;
    (void)result;
    begin(call);
    return WEFT_OK;
}

static weft_err
do_slow(struct weft_call *call, const struct trial_slow_args *args,
        struct trial_slow_result *result)
{
    struct trial *t = begin(call);
    enter(t);
    result->success = args->number;
    return leave(t, weft_sleep_ms(args->ms));
}

static weft_err
do_hog(struct weft_call *call, const struct trial_hog_args *args,
       struct trial_hog_result *result)
{
    struct trial *t = begin(call);
    struct timespec left = {args->ms / 1000, args->ms % 1000 * 1000000L};
    enter(t);
    while (args->ms < 0 && !wf_load(&t->let_go, acquire))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    while (args->ms > 0 && nanosleep(&left, &left) && errno == EINTR)
        ;
    result->success = args->number;
    return leave(t, WEFT_OK);
}

struct later {
    struct weft_call *call;
    struct trial_later_result *result;
    int64_t number;
    int32_t ms;
};

static void
answer_later(void *arg)
{
    struct later *l = arg;
    if (l->ms)
        (void)weft_sleep_ms(l->ms);
    l->result->success = l->number;
    weft_call_finish(l->call, WEFT_OK);
}

static weft_err
do_later(struct weft_call *call, const struct trial_later_args *args,
         struct trial_later_result *result)
{
    begin(call);
    struct later *l = weft_arena_alloc(weft_call_arena(call), sizeof *l);
    if (!l)
        return -ENOMEM;
    *l = (struct later){call, result, args->number, args->ms};
    weft_call_detach(call);
    if (weft_fiber_start(answer_later, l, NULL))
        weft_call_finish(call, WEFT_EFIBERS);
    return WEFT_OK;
}

static weft_err
do_gate(struct weft_call *call, const struct trial_gate_args *args,
        struct trial_gate_result *result)
{
    struct trial *t = begin(call);
    enter(t);
    result->success = args->number;
    return leave(t, weft_sem_take(&t->gate));
}

static weft_err
do_refuse(struct weft_call *call, const struct trial_refuse_args *args,
          struct trial_refuse_result *result)
{
    begin(call);
    struct trial_Refused thrown;
    trial_Refused_init(&thrown);
    thrown.why = WEFT_STR("as you wish");
    thrown.code = args->code;
    return trial_refuse_throw_refused(result, thrown);
}

static weft_err
do_fail(struct weft_call *call, const struct trial_fail_args *args,
        struct trial_fail_result *result)
{
    (void)result;
    begin(call);
    if (args->why.len == 0)
        return args->err;
    return weft_call_fail(call, args->err, "%.*s", WEFT_FMT(args->why));
}

static weft_err
do_note(struct weft_call *call, const struct trial_note_args *args)
{
    struct trial *t = begin(call);
    wf_add(&t->noted_sum, (uint64_t)args->number, relaxed);
    wf_add(&t->noted, 1, release);
    return WEFT_OK;
}

static weft_err
do_relay(struct weft_call *call, const struct trial_relay_args *args,
         struct trial_relay_result *result)
{
    struct trial *t = begin(call);
    weft_err err = call_gate(t->next, args->number, NULL, &result->success);
    return weft_call_fail(call, err, "%s: relayed", weft_err_name(err));
}

static weft_err
do_large(struct weft_call *call, const struct trial_large_args *args,
         struct trial_large_result *result)
{
    begin(call);
    uint32_t size = (uint32_t)args->size;
    char *bytes = weft_arena_alloc(weft_call_arena(call), size);
    if (!bytes)
        return -ENOMEM;
    memset(bytes, 'x', size);
    result->success = (struct weft_str){bytes, size};
    return WEFT_OK;
}

static weft_err
do_left(struct weft_call *call, const struct trial_left_args *args,
        struct trial_left_result *result)
{
    (void)args;
    begin(call);
    uint64_t deadline = weft_call_deadline(call), now = weft_now_ns();
    result->success = -1;
    if (deadline != WEFT_NEVER)
        result->success =
            deadline > now ? (int64_t)((deadline - now) / 1000000) : 0;
    return WEFT_OK;
}

static weft_err
do_who(struct weft_call *call, const struct trial_who_args *args,
       struct trial_who_result *result)
{
    (void)args;
    begin(call);
    struct weft_str peer = weft_call_peer(call);
    result->success =
        weft_arena_printf(weft_call_arena(call), "%.*s of %.*s",
                          WEFT_FMT(weft_call_method(call)), WEFT_FMT(peer));
    return result->success.ptr ? WEFT_OK : -ENOMEM;
}

static weft_err
put_seen(struct weft_call *call, struct trial_map_str_str *map,
         struct weft_str key, struct weft_str value)
{
    struct trial_map_str_str_item *item =
        weft_push(weft_call_arena(call), map, sizeof *item);
    if (!item)
        return -ENOMEM;
    *item = (struct trial_map_str_str_item){key, value};
    return WEFT_OK;
}

static weft_err
do_seen(struct weft_call *call, const struct trial_seen_args *args,
        struct trial_seen_result *result)
{
    const struct weft_headers *headers = weft_call_headers(call);
    struct weft_dialect d = weft_call_dialect(call);
    (void)args;
    begin(call);
    weft_err err = put_seen(call, &result->success, WEFT_STR("dialect"),
                            weft_arena_printf(weft_call_arena(call), "%d %d %d",
                                              d.framing, d.protocol, d.zlib));
    for (uint32_t i = 0; i < headers->len && !err; i++)
        err = put_seen(call, &result->success, headers->items[i].key,
                       headers->items[i].value);
    return err;
}

static weft_err
do_seen_next(struct weft_call *call, const struct trial_seen_next_args *args,
             struct trial_seen_next_result *result)
{
    struct trial *t = begin(call);
    struct trial_seen_args none = {0};
    struct trial_seen_result seen;
    (void)args;
    weft_err err =
        trial_Trial_seen(t->next, weft_call_arena(call), &none, &seen, NULL);
    if (!err)
        result->success = seen.success;
    return err;
}

static weft_err
do_tell(struct weft_call *call, const struct trial_tell_args *args,
        struct trial_tell_result *result)
{
    (void)result;
    begin(call);
    /* This memory is freed before the call ends: weft copies the header. */
    struct weft_str key = args->key, value = args->value;
    size_t len = (size_t)key.len + value.len;
    char *brief = malloc(len + 1);
    MUST(brief);
    key.ptr = memcpy(brief, key.ptr, key.len);
    value.ptr = memcpy(brief + key.len, value.ptr, value.len);
    weft_err err = weft_call_set_header(call, key, value);
    memset(brief, '#', len);
    free(brief);
    return err;
}

static weft_err
do_business(struct weft_call *call, const struct trial_business_args *args,
            struct trial_business_result *result)
{
    begin(call);
    result->success = 5; /* a call with a business status has no result */
    return weft_call_business(call, args->status, "%.*s", WEFT_FMT(args->why));
}

const struct trial_Trial_service trial_table = {
    .echo = do_echo,
    .add = do_add,
    .nothing = do_nothing,
    .slow = do_slow,
    .hog = do_hog,
    .later = do_later,
    .gate = do_gate,
    .refuse = do_refuse,
    .fail = do_fail,
    .note = do_note,
    .relay = do_relay,
    .large = do_large,
    .left = do_left,
    .who = do_who,
    .seen = do_seen,
    .seen_next = do_seen_next,
    .tell = do_tell,
    .business = do_business,
};

static weft_err
do_twice(struct weft_call *call, const struct trial_Extra_twice_args *args,
         struct trial_Extra_twice_result *result)
{
    begin(call);
    result->success = (int64_t)(2 * (uint64_t)args->number);
    return WEFT_OK;
}

static weft_err
do_extra_add(struct weft_call *call, const struct trial_Extra_add_args *args,
             struct trial_Extra_add_result *result)
{
    begin(call);
    result->success = (int64_t)((uint64_t)args->a - (uint64_t)args->b);
    return WEFT_OK;
}

static weft_err
do_needs(struct weft_call *call, const struct trial_Extra_needs_args *args,
         struct trial_Extra_needs_result *result)
{
    begin(call);
    result->success = args->number;
    return WEFT_OK;
}

const struct trial_Extra_service trial_extra_table = {
    .twice = do_twice,
    .add = do_extra_add,
    .needs = do_needs,
};

/* ---- house ---- */

struct weft_server *
trial_server(struct trial *trial, const struct weft_server_options *options)
{
    struct weft_server *server;
    MUST(!weft_server_new(options, &server));
    MUST(!trial_Trial_register(server, "Trial", &trial_table, trial));
    MUST(!trial_Extra_register(server, "Extra", &trial_extra_table, trial));
    return server;
}

static void
open_at(struct house *house, const char *address,
        const struct weft_client_options *client)
{
    MUST(!weft_server_listen(house->server, address ? address : "127.0.0.1:0"));
    MUST(!weft_server_start(house->server));
    const char *host = address && address[0] == '[' ? "[::1]" : "127.0.0.1";
    if (house_port(house))
        snprintf(house->address, sizeof house->address, "%s:%u", host,
                 (unsigned)house_port(house));
    else
        snprintf(house->address, sizeof house->address, "%s", address);
    MUST(!weft_client_new(house->address, client, &house->client));
}

void
house_open(struct house *house, const char *address,
           const struct weft_server_options *server,
           const struct weft_client_options *client)
{
    memset(house, 0, sizeof *house);
    house->server = trial_server(&house->trial, server);
    open_at(house, address, client);
}

void
house_open_with(struct house *house, const struct trial_Trial_service *table,
                const struct weft_server_options *server)
{
    memset(house, 0, sizeof *house);
    MUST(!weft_server_new(server, &house->server));
    MUST(!trial_Trial_register(house->server, "Trial", table, &house->trial));
    open_at(house, NULL, NULL);
}

void
house_close(struct house *house)
{
    weft_client_free(house->client);
    MUST(!weft_server_stop(house->server));
    weft_server_free(house->server);
}

uint16_t
house_port(const struct house *house)
{
    return weft_server_port(house->server);
}

/* ---- calls ---- */

weft_err
call_add(struct weft_client *client, int64_t a, int64_t b, int64_t *sum)
{
    struct weft_arena arena;
    struct trial_add_args args = {.a = a, .b = b};
    struct trial_add_result result;
    weft_arena_init(&arena, 0);
    weft_err err = trial_Trial_add(client, &arena, &args, &result, NULL);
    if (!err)
        *sum = result.success;
    weft_arena_fini(&arena);
    return err;
}

weft_err
call_gate(struct weft_client *client, int64_t number,
          const struct weft_call_options *options, int64_t *out)
{
    struct weft_arena arena;
    struct trial_gate_args args = {.number = number};
    struct trial_gate_result result;
    weft_arena_init(&arena, 0);
    weft_err err = trial_Trial_gate(client, &arena, &args, &result, options);
    if (!err)
        *out = result.success;
    weft_arena_fini(&arena);
    return err;
}

weft_err
call_slow(struct weft_client *client, int64_t number, int32_t ms,
          const struct weft_call_options *options, int64_t *out)
{
    struct weft_arena arena;
    struct trial_slow_args args = {.number = number, .ms = ms};
    struct trial_slow_result result;
    weft_arena_init(&arena, 0);
    weft_err err = trial_Trial_slow(client, &arena, &args, &result, options);
    if (!err)
        *out = result.success;
    weft_arena_fini(&arena);
    return err;
}

void
must_fail_unsent(struct weft_client *client, weft_err err, uint64_t deadline_ns,
                 const char *text)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info,
                                              .deadline_ns = deadline_ns};
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result result;
    MUST(trial_Trial_add(client, &arena, &args, &result, &options) == err);
    MUST(info.reach == WEFT_CALL_NOT_SENT);
    if (!info.text.ptr || !strstr(info.text.ptr, text))
        fprintf(stderr, "`%.*s` lacks `%s`\n", WEFT_FMT(info.text), text);
    MUST(info.text.ptr && strstr(info.text.ptr, text));
    weft_arena_fini(&arena);
}

void
must_work(struct house *house)
{
    int64_t sum = 0;
    weft_err err = call_add(house->client, 40, 2, &sum);
    if (err)
        fprintf(stderr, "add: %s\n", weft_err_text(err));
    MUST(!err && sum == 42);
}

static void
call(void *arg)
{
    struct caller *c = arg;
    uint64_t begun = weft_now_ns();
    c->err = call_gate(c->client, c->number, &c->options, &c->result);
    c->took_ns = weft_now_ns() - begun;
    wf_add(&c->ends, 1, release);
}

void
caller_start(struct caller *caller)
{
    wf_store(&caller->ends, 0, relaxed);
    caller->result = -1;
    MUST(!weft_fiber_start(call, caller, &caller->fiber));
}

void
caller_join(struct caller *caller)
{
    MUST(!weft_fiber_join_until(caller->fiber, weft_after_ms(LONG_MS)));
    MUST(wf_load(&caller->ends, acquire) == 1);
}
