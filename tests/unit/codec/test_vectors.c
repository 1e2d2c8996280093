/* SPDX-License-Identifier: MIT */
/* Whole messages whose bytes are known, as peers write them: weft reads the
 * right values, and writes the same bytes. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/frames.h"
#include "unit/codec/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The memory that the values of a received message may point into. */
struct got {
    struct weft_arena arena;
    struct wf_frame frame;
};

/* Cut the message from the connection and open its frame. */
static void
receive(const struct vector *v, struct weft_chain *in, struct got *got,
        struct weft_chain *message)
{
    struct weft_limits limits = wf_limits_of(NULL);
    struct wf_cutter cutter;
    struct wf_cut cut;
    wf_cutter_init(&cutter, &limits);
    assert_int_equal(wf_cut(&cutter, in, &cut), 0);
    assert_true(cut.whole);
    assert_int_equal(cut.head + cut.body, in->len);
    weft_chain_drop(in, cut.head);
    weft_chain_splice(in, message);
    got->frame = (struct wf_frame){
        .dialect = {.framing = WEFT_UNFRAMED, .protocol = cutter.protocol}};
    weft_err err = WEFT_OK;
    if (cutter.mode == WF_CUT_FRAMED)
        err = wf_frame_open(message, &limits, &got->arena, &got->frame);
    if (err)
        fail_msg("%s: %s", v->hex, weft_err_name(err));
    wf_cutter_fini(&cutter);
}

static void
expect_message(const struct vector *v, struct got *got,
               const struct weft_chain *message)
{
    struct weft_chain nothing = {0};
    char *frame = tell(&got->frame, &nothing);
    assert_string_equal(frame, v->frame);
    free(frame);

    enum weft_protocol protocol = got->frame.dialect.protocol;
    struct weft_reader r;
    struct weft_message m;
    union {
        struct add add;
        struct sum sum;
        struct echo echo;
        struct wf_app_exception app;
    } record;
    memset(&record, 0, sizeof record);
    weft_reader_init(&r, message, &got->arena, 0);
    assert_int_equal(wf_message_read(protocol, &r, 0, &m), 0);
    assert_true(weft_str_eq(m.name, weft_str_of(v->name)));
    assert_int_equal(m.type, v->type);
    assert_int_equal(m.seqid, v->seqid);
    assert_int_equal(weft_struct_read(v->desc, protocol, &r, &record), 0);
    assert_int_equal(wf_message_read_end(protocol, &r), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    assert_true(weft_struct_equal(v->desc, &record, v->record));
}

static void
send_message(const struct vector *v, const struct wf_frame *frame,
             struct weft_chain *out)
{
    struct weft_writer w;
    struct weft_chain message = {0};
    enum weft_protocol protocol = frame->dialect.protocol;
    weft_writer_init(&w, &message);
    wf_message_write(protocol, &w, weft_str_of(v->name), v->type, v->seqid);
    weft_struct_write(v->desc, protocol, &w, v->record);
    wf_message_write_end(protocol, &w);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_int_equal(wf_frame_close(frame, &message, out), 0);
}

static void
expect_known(const struct vector *v)
{
    uint8_t bytes[256];
    size_t len = unhex(v->hex, bytes);
    struct weft_chain in = chain_of(bytes, len, 7), message = {0}, out = {0};
    struct got got;
    weft_arena_init(&got.arena, 0);
    receive(v, &in, &got, &message);
    expect_message(v, &got, &message);
    send_message(v, &got.frame, &out);
    uint8_t *again = flatten(&out);
    if (!v->is_other && (out.len != len || memcmp(again, bytes, len) != 0))
        fail_msg("%s: written otherwise", v->hex);
    free(again);
    if (v->is_other) {
        weft_chain_clear(&message);
        receive(v, &out, &got, &message);
        expect_message(v, &got, &message);
    }
    weft_chain_clear(&message);
    weft_chain_clear(&out);
    weft_arena_fini(&got.arena);
}

static void
known_bytes_are_read_and_written(void **state)
{
    (void)state;
    struct wf_inflater *inflater;
    bool has_zlib = wf_inflater_new(&inflater) == WEFT_OK;
    wf_inflater_free(inflater);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        if (has_zlib || !strstr(vectors[i].frame, "zlib"))
            expect_known(&vectors[i]);
}

/* ---- a struct with fields of many types ---- */

/* The bytes of mixed_value(). */
static const struct {
    enum weft_protocol protocol;
    const char *hex;
} mixed_rows[] = {
    {WEFT_COMPACT,
     "11 12 18 02 68 69 09 28 35 02 01 ac 02 1b 01 81 01 6b 02 17 00 00 00 00"
     "00 00 f8 3f 1b 00 00"},
    {WEFT_BINARY,
     "02 00 01 01 02 00 02 00 0b 00 03 00 00 00 02 68 69 0f 00 14 08 00 00 00"
     "03 00 00 00 01 ff ff ff ff 00 00 00 96 0d 00 15 0b 02 00 00 00 01 00 00"
     "00 01 6b 00 04 00 16 3f f8 00 00 00 00 00 00 0d 00 17 08 08 00 00 00"
     "00 00"},
};

static void
expect_struct(enum weft_protocol protocol, struct mixed *value,
              const uint8_t *bytes, size_t len)
{
    struct weft_chain out = {0};
    struct weft_writer w;
    weft_writer_init(&w, &out);
    weft_struct_write(&mixed_desc, protocol, &w, value);
    assert_int_equal(weft_writer_fini(&w), 0);
    uint8_t *got = flatten(&out);
    assert_int_equal(out.len, len);
    assert_memory_equal(got, bytes, len);
    free(got);
    weft_chain_clear(&out);

    struct weft_arena arena;
    struct weft_reader r;
    struct mixed read = {0};
    weft_arena_init(&arena, 0);
    weft_reader_init_flat(&r, bytes, len, &arena, 0);
    assert_int_equal(weft_struct_read(&mixed_desc, protocol, &r, &read), 0);
    assert_int_equal(weft_reader_left(&r), 0);
    /* a reader sets the bits of fields of default requiredness, too */
    read.has[0] &= value->has[0];
    assert_true(weft_struct_equal(&mixed_desc, &read, value));
    weft_arena_fini(&arena);
}

static void
a_mixed_struct_has_known_bytes(void **state)
{
    (void)state;
    static const char json[] = "{\"1\":{\"tf\":1},\"3\":{\"str\":\"hi\"},"
                               "\"20\":{\"lst\":[\"i32\",3,1,-1,150]},"
                               "\"21\":{\"map\":[\"str\",\"tf\",1,{\"k\":0}]},"
                               "\"23\":{\"map\":[\"i32\",\"i32\",0,{}]}}";
    struct mixed value = mixed_value();
    for (size_t i = 0; i < sizeof mixed_rows / sizeof *mixed_rows; i++) {
        uint8_t bytes[128];
        size_t len = unhex(mixed_rows[i].hex, bytes);
        expect_struct(mixed_rows[i].protocol, &value, bytes, len);
    }
    value.has[0] = HAS(0); /* the JSON lacks the other optional fields */
    value.real = 0;
    expect_struct(WEFT_JSON, &value, (const uint8_t *)json, strlen(json));
}

/* ---- headers without a message ---- */

static void
headers_alone_are_read_but_are_no_message(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *frame;
    } rows[] = {
        {"00 00 00 0E 10 00 00 00 00 00 00 01 00 01 00 00 00 00",
         "ttheader binary flags 0 seq 1 | "},
        {"00 00 00 76 10 00 00 00 00 00 00 01 00 1B 00 00 11 00 13 67 64 70 72"
         "5F 74 6F 6B 65 6E 5F 78 78 78 78 78 78 78 78 01 00 02 00 03 69 73 6E"
         "00 05 61 2E 62 2E 63 00 02 74 69 00 06 74 6F 5F 69 64 63 10 00 04 00"
         "02 00 09 78 78 78 78 78 78 78 78 78 00 06 00 0A 74 6F 2E 73 65 72 76"
         "69 63 65 00 07 00 0A 74 6F 2E 63 6C 75 73 74 65 72 00 09 00 06 6D 65"
         "74 68 6F 64 00 00 00",
         "ttheader binary flags 0 seq 1 "
         "RPC_TRANSIT_gdpr-token=gdpr_token_xxxxxxxx isn=a.b.c ti=to_idc "
         ":log_id=xxxxxxxxx :to_service=to.service :to_cluster=to.cluster "
         ":to_method=method | "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct opened o;
        assert_int_equal(open_hex(&o, rows[i].hex), WEFT_EUNKNOWNPROTO);
        assert_int_equal(o.frame.guess, WF_GUESS_UNKNOWN);
        char *frame = tell(&o.frame, &o.message);
        assert_string_equal(frame, rows[i].frame);
        free(frame);
        uint8_t bytes[128];
        size_t len = unhex(rows[i].hex, bytes);
        struct weft_chain out = {0};
        assert_int_equal(close_again(&o.frame, &o.message, &out), 0);
        uint8_t *again = flatten(&out);
        assert_int_equal(out.len, len);
        assert_memory_equal(again, bytes, len);
        free(again);
        weft_chain_clear(&out);
        opened_free(&o);
    }
}

/* Kitex counts the block in words, with 16 bits. Its older versions miscount
 * blocks of more than 65,532 bytes, so weft refuses these. */
static void
the_size_of_a_block_is_counted_in_words(void **state)
{
    (void)state;
    static const struct {
        uint32_t words;
        weft_err err;
    } rows[] = {
        {0, WEFT_EFRAME},      {1, WEFT_OK},          {16, WEFT_OK},
        {16383, WEFT_OK},      {16384, WEFT_ETOOBIG}, {16385, WEFT_ETOOBIG},
        {32768, WEFT_ETOOBIG}, {65535, WEFT_ETOOBIG},
    };
    static uint8_t bytes[10 + 262140 + 64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = unhex("10 00 00 00 00 00 00 01", bytes);
        bytes[len++] = (uint8_t)(rows[i].words >> 8);
        bytes[len++] = (uint8_t)rows[i].words;
        len += 4 * (size_t)rows[i].words;
        len += unhex(A_TAIL, bytes + len);
        struct opened o;
        open_bytes(&o, bytes, len, 60000, NULL);
        assert_int_equal(o.err, rows[i].err);
        if (!o.err)
            assert_int_equal(o.message.len, 41);
        opened_free(&o);
        memset(bytes, 0, sizeof bytes);
    }
}

/* ---- protocols of peers that weft does not speak ---- */

static const struct {
    const char *hex;
    uint8_t guess;
    bool is_framed; /* refused only when weft opens the frame */
} foreign[] = {
    /* Kitex' protobuf: a call and an error */
    {"00 00 00 1A 90 01 00 01 00 00 00 04 45 63 68 6F 00 00 00 01 0A 04 65"
     "63 68 6F 12 02 68 69",
     WF_GUESS_UNKNOWN, false},
    {"00 00 00 22 90 01 00 03 00 00 00 04 45 63 68 6F 00 00 00 01 08 01 12"
     "0E 75 6e 6b 6e 6f 77 6e 20 6d 65 74 68 6f 64",
     WF_GUESS_UNKNOWN, false},
    /* the mesh header */
    {"FF AF 00 14 00 01 00 03 72 69 70 00 0B 31 30 2e 30 2e 30 2e 31 3a 38"
     "30",
     WF_GUESS_MESH, false},
    {"50 52 49 20 2a 20 48 54 54 50 2f 32 2e 30", WF_GUESS_HTTP2, false},
    /* streaming: header, data, trailer */
    {"00 00 00 32 10 00 00 02 00 00 00 07 00 0A 10 00 01 00 01 00 03 69 73"
     "6E 00 0C 53 74 72 65 61 6d 53 65 72 76 65 72 10 00 02 00 09 00 04 45"
     "63 68 6F 00 1B 00 01 32",
     WF_GUESS_STREAM, true},
    {"00 00 00 33 10 00 00 02 00 00 00 07 00 05 10 00 10 00 02 00 09 00 04"
     "45 63 68 6F 00 1B 00 01 33 00 00 0B 00 01 00 00 00 04 65 63 68 6F 0B"
     "00 02 00 00 00 02 68 69 00",
     WF_GUESS_STREAM, true},
    {"00 00 00 1E 10 00 00 02 00 00 00 07 00 05 10 00 10 00 02 00 09 00 04"
     "45 63 68 6F 00 1B 00 01 34 00 00",
     WF_GUESS_STREAM, true},
};

static void
the_rest_is_known_for_what_it_is(void **state)
{
    (void)state;
    struct weft_limits limits = wf_limits_of(NULL);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        uint8_t bytes[128];
        size_t len = unhex(foreign[i].hex, bytes);
        struct weft_chain in = chain_of(bytes, len, len);
        struct wf_cutter cutter;
        struct wf_cut cut;
        wf_cutter_init(&cutter, &limits);
        weft_err err = wf_cut(&cutter, &in, &cut);
        weft_chain_clear(&in);
        if (foreign[i].is_framed) {
            struct opened o;
            assert_true(!err && cut.whole);
            assert_int_equal(open_hex(&o, foreign[i].hex), WEFT_EUNKNOWNPROTO);
            assert_int_equal(o.frame.guess, foreign[i].guess);
            assert_int_equal(o.frame.seqid, 7);
            opened_free(&o);
            continue;
        }
        assert_int_equal(err, WEFT_EUNKNOWNPROTO);
        assert_int_equal(cutter.guess, foreign[i].guess);
    }
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(known_bytes_are_read_and_written),
        TEST(a_mixed_struct_has_known_bytes),
        TEST(headers_alone_are_read_but_are_no_message),
        TEST(the_size_of_a_block_is_counted_in_words),
        TEST(the_rest_is_known_for_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
