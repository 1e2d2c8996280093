/* SPDX-License-Identifier: MIT */
/* Calls Everything of a peer with weft: weft_client DIALECT PORT [QUIRK...]. */
#include "dialect.h"
#include "sample.h"
#include "weft_client.h"

#include <string.h>

static struct session session;

static void
connect_again(void)
{
    weft_client_free(session.client);
    OK(weft_client_new(session.address, &session.options, &session.client));
}

static void
fill(struct everything_All *all)
{
    sample_all(all);
    if (session.quirks.no_bools)
        all->bits.len = all->colors.len = 0;
}

static void
echo_all(void)
{
    struct everything_echo_args args;
    struct everything_echo_result result;
    everything_echo_args_init(&args);
    if (session.quirks.no_empty_union)
        args.all.choice.which = 1;
    if (session.quirks.strict_enums)
        args.all.color = everything_Color_RED;
    OK(everything_Everything_echo(session.client, &session.arena, &args,
                                  &result, NULL));
    CHECK(everything_All_equal(&args.all, &result.success));
    fill(&args.all);
    OK(everything_Everything_echo(session.client, &session.arena, &args,
                                  &result, NULL));
    CHECK(everything_All_equal(&args.all, &result.success));
    CHECK(!result.success.has.missing);
}

static void
numbers(void)
{
    struct everything_sum_args args = {
        .a = INT8_MIN, .b = INT16_MIN, .c = INT32_MIN, .d = -1};
    struct everything_sum_result result;
    OK(everything_Everything_sum(session.client, &session.arena, &args, &result,
                                 NULL));
    CHECK(result.success == (int64_t)INT8_MIN + INT16_MIN + INT32_MIN - 1);
    struct everything_flip_args no = {.yes = false};
    struct everything_flip_result yes;
    OK(everything_Everything_flip(session.client, &session.arena, &no, &yes,
                                  NULL));
    CHECK(yes.success);
    struct everything_half_args one = {.real = 1e-300};
    struct everything_half_result half;
    OK(everything_Everything_half(session.client, &session.arena, &one, &half,
                                  NULL));
    CHECK(half.success == 0.5e-300);
    struct everything_nothing_args none = {0};
    struct everything_nothing_result nothing;
    OK(everything_Everything_nothing(session.client, &session.arena, &none,
                                     &nothing, NULL));
}

static void
a_megabyte(void)
{
    uint32_t size = session.quirks.slow ? 1 << 16 : 1 << 20;
    char *text = malloc(size);
    CHECK(text);
    for (uint32_t i = 0; i < size; i++)
        text[i] = (char)('a' + i % 26);
    struct everything_large_args args = {.text = {text, size}};
    struct everything_large_result result;
    OK(everything_Everything_large(session.client, &session.arena, &args,
                                   &result, NULL));
    CHECK(weft_str_eq(args.text, result.success));
    free(text);
}

static weft_err
trouble(int32_t kind, struct everything_trouble_result *result,
        struct weft_call_info *info)
{
    struct everything_trouble_args args = {.kind = kind};
    struct weft_call_options options = {.info = info};
    return everything_Everything_trouble(session.client, &session.arena, &args,
                                         result, &options);
}

static void
exceptions(void)
{
    struct everything_trouble_result result;
    struct weft_call_info info;
    OK(trouble(0, &result, &info));
    CHECK(result.success == 0);
    CHECK(trouble(1, &result, &info) == WEFT_ETHROWN);
    CHECK(result.which == everything_trouble_wrong);
    CHECK(weft_str_eq(result.wrong.why, WEFT_STR("all wrong")));
    CHECK(weft_str_eq(result.wrong.all.text, WEFT_STR("inside")));
    CHECK(trouble(2, &result, &info) == WEFT_ETHROWN);
    CHECK(result.which == everything_trouble_late);
    CHECK(result.late.ms == INT64_MAX);
    CHECK(weft_err_is_peer(trouble(3, &result, &info)));
    CHECK(info.app_type == 0 || info.app_type == 6);
    OK(trouble(0, &result, &info));
}

/* A sample for peers that skip it. Apache's Python skips binary as if it were
 * text, so all bytes must be text. */
static void
sample_text(struct everything_All *all)
{
    sample_all(all);
    all->bytes = WEFT_STR("text");
    all->blobs.len = 0;
}

static void
an_unknown_method(void)
{
    struct everything_Future_only_here_args args;
    struct everything_Future_only_here_result result;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    everything_Future_only_here_args_init(&args);
    sample_text(&args.all);
    weft_err err = everything_Future_only_here(session.client, &session.arena,
                                               &args, &result, &options);
    if (err != WEFT_ENOMETHOD - WEFT_PEER)
        fprintf(stderr, "%s: type %d, %.*s\n", weft_err_name(err),
                (int)info.app_type, WEFT_FMT(info.text));
    /* Kitex sends 20 for a method that no service has. */
    CHECK(err == WEFT_ENOMETHOD - WEFT_PEER || info.app_type == 20 ||
          (session.quirks.no_type && weft_err_is_peer(err)));
    if (session.quirks.closes)
        connect_again();
}

static void
oneway(void)
{
    struct everything_remembered_args none = {0};
    struct everything_remembered_result before, after;
    OK(everything_Everything_remembered(session.client, &session.arena, &none,
                                        &before, NULL));
    for (int32_t i = 1; i <= 10; i++) {
        struct everything_forget_args args = {.number = i};
        OK(everything_Everything_forget(session.client, &session.arena, &args,
                                        NULL));
    }
    uint64_t deadline = weft_after_ms(10000);
    do
        OK(everything_Everything_remembered(session.client, &session.arena,
                                            &none, &after, NULL));
    while (after.success != before.success + 55 && weft_now_ns() < deadline);
    CHECK(after.success == before.success + 55);
}

static void
lists_of_structs(void)
{
    struct everything_All all[3];
    struct everything_collect_args args = {.alls = {all, 3, 0}};
    struct everything_collect_result result;
    for (int i = 0; i < 3; i++)
        fill(&all[i]);
    all[1].tiny = 1;
    OK(everything_Everything_collect(session.client, &session.arena, &args,
                                     &result, NULL));
    CHECK(result.success.len == 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct everything_vec_All *v = &result.success.items[i].value;
        CHECK(v->len == 3);
        for (uint32_t k = 0; k < 3; k++)
            CHECK(everything_All_equal(&v->items[k], &all[k]));
    }
}

/* The peer has an older version of the IDL: it skips the new fields, and its
 * reply does not have them. */
static void
unknown_fields(void)
{
    struct everything_Future_grow_args args;
    struct everything_Future_grow_result result;
    struct everything_All more[2];
    everything_Future_grow_args_init(&args);
    sample_text(&args.grow.all);
    sample_text(&args.unknown);
    sample_text(&more[0]);
    sample_text(&more[1]);
    args.grow.more = (struct everything_vec_All){more, 2, 0};
    args.grow.name = WEFT_STR("first");
    args.grow.tail = 1234567890123;
    args.grow.last = 5;
    OK(everything_Future_grow(session.client, &session.arena, &args, &result,
                              NULL));
    CHECK(weft_str_eq(result.success.name, args.grow.name));
    CHECK(result.success.tail == args.grow.tail);
    CHECK(!result.success.has.more && result.success.last == 0);
}

static void
know(const char *quirk)
{
    struct quirks *q = &session.quirks;
    const struct {
        const char *name;
        bool *known;
    } all[] = {
        {"no-empty-union", &q->no_empty_union},
        {"strict-enums", &q->strict_enums},
        {"no-bools", &q->no_bools},
        {"no-type", &q->no_type},
        {"serial", &q->serial},
        {"no-headers", &q->no_headers},
        {"closes", &q->closes},
        {"slow", &q->slow},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(quirk, all[i].name) == 0) {
            *all[i].known = true;
            return;
        }
    fprintf(stderr, "no such quirk: %s\n", quirk);
    exit(2);
}

int
main(int argc, char **argv)
{
    char address[64];
    CHECK(argc >= 3);
    CHECK(dialect_parse(argv[1], &session.options.dialect, &session.mux));
    if (session.mux)
        session.options.service = "Everything";
    for (int i = 3; i < argc; i++)
        know(argv[i]);
    session.options.call_timeout_ms = 30000; /* peers may be slow to start */
    snprintf(address, sizeof address, "127.0.0.1:%s", argv[2]);
    session.address = address;
    connect_again();
    weft_arena_init(&session.arena, 0);
    echo_all();
    numbers();
    a_megabyte();
    exceptions();
    an_unknown_method();
    oneway();
    lists_of_structs();
    unknown_fields();
    check_calls(&session);
    weft_arena_fini(&session.arena);
    weft_client_free(session.client);
    CHECK(!weft_runtime_stop());
    return 0;
}
