/* SPDX-License-Identifier: MIT */
/* Whole messages: frame, head and struct, written together and read back. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define NAME WEFT_STR("m")
#define SEQID 7

static const struct wf_app_exception sorry = {
    .text = WEFT_STR_INIT("no"), .type = 6, .has.w = {3}};

static struct wf_envelope
envelope_of(const struct wf_frame *frame, const struct wf_app_exception *x)
{
    return (struct wf_envelope){.frame = frame,
                                .head = {NAME, SEQID, WEFT_EXCEPTION},
                                .desc = &wf_app_exception_desc,
                                .record = x};
}

/* ---- the bytes ---- */

#define TEXT "6e 6f" /* "no" */
#define BINARY                                                   \
    "80 01 00 03 0000 0001 6d 0000 0007 0b 0001 0000 0002 " TEXT \
    " 08 0002 0000 0006 00"
#define OLD                                                         \
    "0000 0001 6d 03 0000 0007 0b 0001 0000 0002 " TEXT " 08 0002 " \
    "0000 0006 00"
#define COMPACT "82 61 07 01 6d 18 02 " TEXT " 15 0c 00"
/* [1,"m",3,7,{"1":{"str":"no"},"2":{"i32":6}}] */
#define JSON                                               \
    "5b312c226d222c332c372c7b2231223a7b22737472223a226e6f" \
    "227d2c2232223a7b22693332223a367d7d5d"

static const struct {
    struct weft_dialect dialect;
    const char *hex;
} rows[] = {
    {{.framing = WEFT_FRAMED}, "0000 001e" BINARY},
    {{.framing = WEFT_UNFRAMED}, BINARY},
    {{.framing = WEFT_FRAMED, .protocol = WEFT_OLD_BINARY}, "0000 001b" OLD},
    {{.framing = WEFT_UNFRAMED, .protocol = WEFT_OLD_BINARY}, OLD},
    {{.framing = WEFT_FRAMED, .protocol = WEFT_COMPACT}, "0000 000c" COMPACT},
    {{.framing = WEFT_UNFRAMED, .protocol = WEFT_COMPACT}, COMPACT},
    {{.framing = WEFT_FRAMED, .protocol = WEFT_JSON}, "0000 002c" JSON},
    {{.framing = WEFT_UNFRAMED, .protocol = WEFT_JSON}, JSON},
    {{.framing = WEFT_THEADER, .protocol = WEFT_COMPACT},
     "0000 001a 0fff 0000 0000 0007 0001 02 00 0000" COMPACT},
};

static void
each_dialect_has_its_bytes(void **state)
{
    (void)state;
    uint8_t wanted[256];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_frame frame = {.dialect = rows[i].dialect, .seqid = SEQID};
        struct wf_envelope e = envelope_of(&frame, &sorry);
        struct weft_chain out = {0};
        size_t len = unhex(rows[i].hex, wanted);
        assert_int_equal(weft_chain_append(&out, "before", 6), WEFT_OK);
        assert_int_equal(wf_envelope_write(&e, &out), WEFT_OK);
        assert_int_equal(out.len, 6 + len);
        uint8_t *got = flatten(&out);
        assert_memory_equal(got, "before", 6);
        assert_memory_equal(got + 6, wanted, len);
        free(got);
        weft_chain_clear(&out);
    }
}

/* ---- there and back ---- */

struct reading {
    struct weft_arena arena;
    struct wf_frame frame;
    struct weft_message head;
    struct wf_app_exception record;
};

/* Read a message whose length is taken off; the caller frees the arena. */
static weft_err
read_message(struct weft_chain *message, struct weft_dialect dialect,
             struct reading *got)
{
    struct weft_reader r;
    struct weft_limits limits = wf_limits_of(NULL);
    struct wf_cutter cutter = {.limits = &limits,
                               .mode = dialect.framing == WEFT_UNFRAMED
                                           ? WF_CUT_UNFRAMED
                                           : WF_CUT_FRAMED,
                               .protocol = dialect.protocol};
    weft_arena_init(&got->arena, 0);
    memset(&got->frame, 0xaa, sizeof got->frame);
    weft_err err = wf_envelope_open(&cutter, message, &got->arena, &got->frame);
    if (err)
        return err;
    enum weft_protocol protocol = got->frame.dialect.protocol;
    weft_reader_init(&r, message, &got->arena, 0);
    err = wf_message_read(protocol, &r, limits.name_size, &got->head);
    return err ? err
               : wf_envelope_read(&wf_app_exception_desc, protocol, &r,
                                  &got->record);
}

static void
each_dialect_comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < WEFT_HTTP * 4; i++) {
        struct reading got;
        struct weft_chain out = {0};
        struct wf_frame frame = {.seqid = SEQID};
        frame.dialect.framing = (uint8_t)(i / 4);
        frame.dialect.protocol = (uint8_t)(i % 4);
        struct wf_envelope e = envelope_of(&frame, &sorry);
        bool is_ttheader = frame.dialect.framing >= WEFT_TTHEADER;
        if (is_ttheader && frame.dialect.protocol == WEFT_JSON)
            continue; /* has no number there */
        assert_int_equal(wf_envelope_write(&e, &out), WEFT_OK);
        if (frame.dialect.framing != WEFT_UNFRAMED)
            weft_chain_drop(&out, 4);
        assert_int_equal(read_message(&out, frame.dialect, &got), WEFT_OK);
        assert_int_equal(got.frame.dialect.framing, frame.dialect.framing);
        assert_int_equal(got.frame.dialect.protocol, frame.dialect.protocol);
        assert_int_equal(got.frame.headers.len, 0);
        assert_true(weft_str_eq(got.head.name, NAME));
        assert_int_equal(got.head.type, WEFT_EXCEPTION);
        assert_int_equal(got.head.seqid, SEQID);
        assert_true(weft_str_eq(got.record.text, sorry.text));
        assert_int_equal(got.record.type, 6);
        assert_int_equal(got.record.has.w[0], 3);
        weft_chain_clear(&out);
        weft_arena_fini(&got.arena);
    }
}

static weft_err
read_hex(const char *hex, enum weft_protocol protocol)
{
    uint8_t bytes[256];
    struct reading got;
    size_t len = unhex(hex, bytes);
    struct weft_chain message = chain_of(bytes, len, len);
    struct weft_dialect dialect = {.framing = WEFT_UNFRAMED,
                                   .protocol = (uint8_t)protocol};
    weft_err err = read_message(&message, dialect, &got);
    weft_chain_clear(&message);
    weft_arena_fini(&got.arena);
    return err;
}

/* A message ends with its struct, or in JSON with a bracket. */
static void
the_end_is_the_end(void **state)
{
    (void)state;
    assert_int_equal(read_hex(BINARY, WEFT_BINARY), WEFT_OK);
    assert_int_equal(read_hex(BINARY "00", WEFT_BINARY), WEFT_ETRAILING);
    assert_int_equal(read_hex(COMPACT "00", WEFT_COMPACT), WEFT_ETRAILING);
    assert_int_equal(read_hex(JSON, WEFT_JSON), WEFT_OK);
    assert_int_equal(read_hex(JSON "20 0a", WEFT_JSON), WEFT_OK);
    assert_int_equal(read_hex(JSON "5d", WEFT_JSON), WEFT_ETRAILING);
    char cut[] = JSON;
    cut[sizeof cut - 3] = '\0'; /* without the bracket */
    assert_int_equal(read_hex(cut, WEFT_JSON), WEFT_ETRUNC);
    assert_int_equal(
        read_hex("80 01 00 03 0000 0001 6d 0000 0007 0b 0001", WEFT_BINARY),
        WEFT_ETRUNC);
}

/* ---- what cannot be written ---- */

/* The text of the error names the field. Nothing is left over. */
static void
a_lack_is_named(void **state)
{
    (void)state;
    char text[64];
    const struct wf_app_exception silent = {.type = 6, .has.w = {3}};
    struct weft_field fields[2] = {wf_app_exception_desc.fields[0],
                                   wf_app_exception_desc.fields[1]};
    struct weft_struct desc = wf_app_exception_desc;
    fields[0].requiredness = WEFT_REQUIRED;
    desc.fields = fields;
    for (int framing = WEFT_FRAMED; framing <= WEFT_THEADER; framing++) {
        struct weft_chain out = {0};
        struct weft_refused refused = {NULL, NULL};
        struct wf_frame frame = {.dialect.framing = (uint8_t)framing};
        struct wf_envelope e = envelope_of(&frame, &silent);
        e.desc = &desc;
        assert_int_equal(wf_envelope_write(&e, &out), WEFT_EREQUIRED);
        weft_chain_clear(&out);
        e.refused = &refused;
        assert_int_equal(wf_envelope_write(&e, &out), WEFT_EREQUIRED);
        weft_chain_clear(&out);
        wf_refused_text(text, sizeof text, &refused);
        assert_string_equal(
            text, "field `message` of `TApplicationException` is not set");
        e.record = &sorry;
        refused = (struct weft_refused){NULL, NULL};
        assert_int_equal(wf_envelope_write(&e, &out), WEFT_OK);
        assert_null(refused.in);
        weft_chain_clear(&out);
    }
}

/* ---- whose memory ---- */

static void
count_up(void *owner)
{
    ++*(int *)owner;
}

static void
count_down(void *owner)
{
    --*(int *)owner;
}

/* A large text stays where it is if the envelope has an owner, which is held
 * until the bytes are gone. Else it is copied. */
static void
an_owner_keeps_a_large_text(void **state)
{
    (void)state;
    static char text[2 * WEFT_REF_MIN];
    const struct wf_app_exception x = {
        .text = {text, sizeof text}, .type = 6, .has.w = {3}};
    for (int framing = WEFT_FRAMED; framing <= WEFT_TTHEADER; framing++) {
        for (int owned = 0; owned < 2; owned++) {
            int holds = 0;
            struct weft_chain out = {0};
            struct wf_frame frame = {.dialect.framing = (uint8_t)framing};
            struct wf_envelope e = envelope_of(&frame, &x);
            e.owner = owned ? &holds : NULL;
            e.ref = count_up;
            e.unref = count_down;
            memset(text, 'a', sizeof text);
            assert_int_equal(wf_envelope_write(&e, &out), WEFT_OK);
            assert_int_equal(holds, owned);
            memset(text, 'b', sizeof text);
            uint8_t *bytes = flatten(&out);
            assert_int_equal(memchr(bytes, 'b', out.len) != NULL, owned);
            free(bytes);
            weft_chain_clear(&out);
            assert_int_equal(holds, 0);
        }
    }
}

/* ---- copies ---- */

static uint64_t
count_copies(void)
{
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    return stats.large_copies;
}

/* A large text is copied once when it is written without an owner, whether or
 * not the chain has room for it. It is not copied when it is read, unless it
 * lies in two slices. */
static void
a_large_text_is_copied_once(void **state)
{
    (void)state;
    static char text[2 * WF_LARGE_COPY];
    const struct wf_app_exception x = {
        .text = {text, sizeof text}, .type = 6, .has.w = {3}};
    memset(text, 'a', sizeof text);
    for (int i = 0; i < 8; i++) {
        bool has_room = i & 1, is_split = i & 2;
        struct reading got;
        size_t room;
        struct weft_chain out = {0};
        struct wf_frame frame = {.dialect.framing = WEFT_UNFRAMED};
        frame.dialect.protocol = i & 4 ? WEFT_JSON : WEFT_BINARY;
        struct wf_envelope e = envelope_of(&frame, &x);
        if (has_room)
            assert_non_null(weft_chain_reserve(&out, 4 * sizeof text, &room));
        uint64_t before = count_copies();
        assert_int_equal(wf_envelope_write(&e, &out), WEFT_OK);
        assert_int_equal(count_copies() - before, 1);
        uint8_t *bytes = flatten(&out);
        struct weft_chain in =
            chain_of_two(bytes, out.len, is_split ? sizeof text : out.len - 1);
        before = count_copies();
        assert_int_equal(read_message(&in, frame.dialect, &got), WEFT_OK);
        assert_int_equal(count_copies() - before, is_split);
        assert_true(weft_str_eq(got.record.text, x.text));
        free(bytes);
        weft_chain_clear(&out);
        weft_chain_clear(&in);
        weft_arena_fini(&got.arena);
    }
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_dialect_has_its_bytes),  TEST(each_dialect_comes_back),
        TEST(the_end_is_the_end),          TEST(a_lack_is_named),
        TEST(an_owner_keeps_a_large_text), TEST(a_large_text_is_copied_once),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
