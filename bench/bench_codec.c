/* SPDX-License-Identifier: MIT */
/*
 * What the codec costs per message: struct {1: string action, 2: string msg}
 * with 1 KiB in msg, in one process and with warm caches. First straight-line
 * code for strict binary, as weftc makes it; then the engine that goes by
 * descriptor, in every protocol.
 *
 *   bench_codec [rounds]
 */
#include <weft/codec.h>

#include <stdio.h>
#include <stdlib.h>

struct echo {
    struct weft_str action, msg;
};

static weft_err
read_echo(struct weft_reader *r, struct echo *e)
{
    weft_err err = weft_read_enter(r);
    while (!err) {
        uint32_t field;
        if ((err = weft_bin_read_field(r, &field)) || field == WEFT_STOP)
            break;
        if (field == WEFT_FIELD(1, WEFT_STRING))
            err = weft_bin_read_str(r, &e->action);
        else if (field == WEFT_FIELD(2, WEFT_STRING))
            err = weft_bin_read_str(r, &e->msg);
        else
            err = weft_bin_skip(r, (uint8_t)field);
    }
    weft_read_leave(r);
    return err;
}

static void
write_echo(struct weft_writer *w, const struct echo *e)
{
    if (!weft_write_enter(w))
        return;
    weft_bin_write_field(w, WEFT_STRING, 1);
    weft_bin_write_str(w, e->action);
    weft_bin_write_field(w, WEFT_STRING, 2);
    weft_bin_write_str(w, e->msg);
    weft_bin_write_stop(w);
    weft_write_leave(w);
}

static weft_err
encode(struct weft_chain *chain, const struct echo *e)
{
    struct weft_writer w;
    weft_writer_init(&w, chain);
    weft_bin_write_message(&w, WEFT_STR("echo"), WEFT_CALL, 1);
    write_echo(&w, e);
    return weft_writer_fini(&w);
}

static weft_err
decode(const struct weft_chain *chain, struct weft_arena *arena, struct echo *e)
{
    struct weft_reader r;
    struct weft_message m;
    weft_reader_init(&r, chain, arena, 0);
    weft_err err = weft_bin_read_message(&r, 0, &m);
    return err ? err : read_echo(&r, e);
}

static weft_err
skip(const struct weft_chain *chain, struct weft_arena *arena)
{
    struct weft_reader r;
    struct weft_message m;
    weft_reader_init(&r, chain, arena, 0);
    weft_err err = weft_bin_read_message(&r, 0, &m);
    return err ? err : weft_bin_skip(&r, WEFT_STRUCT);
}

static void
tell(const char *what, uint64_t since_ns, long rounds)
{
    double ns = (double)(weft_now_ns() - since_ns) / (double)rounds;
    printf("%-20s %7.1f ns\n", what, ns);
}

/* ---- by descriptor ---- */

static const struct weft_type type_string = {.wire = WEFT_STRING,
                                             .size = sizeof(struct weft_str)};

static const struct weft_field echo_fields[] = {
    {.name = "action",
     .type = &type_string,
     .offset = offsetof(struct echo, action),
     .id = 1,
     .requiredness = WEFT_REQUIRED},
    {.name = "msg",
     .type = &type_string,
     .offset = offsetof(struct echo, msg),
     .id = 2,
     .requiredness = WEFT_REQUIRED},
};

static const struct weft_struct echo_desc = {.name = "Echo",
                                             .fields = echo_fields,
                                             .n_fields = 2,
                                             .size = sizeof(struct echo)};

static weft_err
encode_as(struct weft_chain *chain, enum weft_protocol proto,
          const struct echo *e)
{
    struct weft_writer w;
    weft_writer_init(&w, chain);
    weft_struct_write(&echo_desc, proto, &w, e);
    return weft_writer_fini(&w);
}

static weft_err
measure_table(enum weft_protocol proto, const char *name, struct echo e,
              long rounds)
{
    char what[32];
    struct weft_chain in = {0}, out = {0};
    struct weft_arena arena;
    weft_err err = encode_as(&in, proto, &e);
    weft_arena_init(&arena, 0);
    uint64_t since = weft_now_ns();
    for (long i = 0; i < rounds && !err; i++) {
        struct weft_reader r;
        weft_reader_init(&r, &in, &arena, 0);
        err = weft_struct_read(&echo_desc, proto, &r, &e);
    }
    snprintf(what, sizeof what, "%s decode", name);
    tell(what, since, rounds);
    since = weft_now_ns();
    for (long i = 0; i < rounds && !err; i++) {
        err = encode_as(&out, proto, &e);
        weft_chain_clear(&out);
    }
    snprintf(what, sizeof what, "%s encode", name);
    tell(what, since, rounds);
    weft_chain_clear(&in);
    weft_arena_fini(&arena);
    return err;
}

static weft_err
measure_tables(struct echo e, long rounds)
{
    weft_err err = measure_table(WEFT_BINARY, "table binary", e, rounds);
    if (!err)
        err = measure_table(WEFT_COMPACT, "table compact", e, rounds);
    if (!err)
        err = measure_table(WEFT_JSON, "table JSON", e, rounds / 10);
    return err;
}

int
main(int argc, char **argv)
{
    static char text[1024];
    long rounds = argc > 1 ? atol(argv[1]) : 5000000;
    struct echo e = {WEFT_STR("echo"), {text, sizeof text}};
    struct weft_chain in = {0}, out = {0};
    struct weft_arena arena;
    memset(text, 'x', sizeof text);
    weft_err err = encode(&in, &e);
    weft_arena_init(&arena, 0);

    uint64_t since = weft_now_ns();
    for (long i = 0; i < rounds && !err; i++)
        err = decode(&in, &arena, &e);
    tell("decode", since, rounds);

    since = weft_now_ns();
    for (long i = 0; i < rounds && !err; i++) {
        err = encode(&out, &e);
        weft_chain_clear(&out);
    }
    tell("encode", since, rounds);

    since = weft_now_ns();
    for (long i = 0; i < rounds && !err; i++) {
        if (!(err = decode(&in, &arena, &e)))
            err = encode(&out, &e);
        weft_chain_clear(&out);
        weft_arena_reset(&arena);
    }
    tell("decode and encode", since, rounds);

    since = weft_now_ns();
    for (long i = 0; i < rounds && !err; i++)
        err = skip(&in, &arena);
    tell("skip", since, rounds);
    if (!err)
        err = measure_tables(e, rounds);

    weft_chain_clear(&in);
    weft_arena_fini(&arena);
    if (err)
        fprintf(stderr, "bench_codec: %s\n", weft_err_text(err));
    return err != 0;
}
