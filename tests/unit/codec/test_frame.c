/* SPDX-License-Identifier: MIT */
/* What surrounds a message: frames with headers, opened and closed. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/frames.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MESSAGE "80 01 00 01 00 00 00 01 6d 00 00 00 07 00" /* m(), 14 bytes */
#define MESSAGE_TEXT "\\80\\01\\00\\01\\00\\00\\00\\01m\\00\\00\\00\\07\\00"
#define COMPACT "82 21 07 01 6d 00"
#define COMPACT_TEXT "\\82!\\07\\01m\\00"
#define OLD "00 00 00 01 6d 01 00 00 00 07 00"
#define OLD_TEXT "\\00\\00\\00\\01m\\01\\00\\00\\00\\07\\00"
#define JSON "5b 31 2c 22 6d 22 2c 31 2c 37 2c 7b 7d 5d"
#define JSON_TEXT "[1,\"m\",1,7,{}]"
#define DOUBLE_FRAMED "ttheader-framed binary flags 0 seq 1 | " MESSAGE_TEXT

/* Put the length before the bytes of a frame, so that the rows need none. */
static size_t
frame_of(const char *hex, uint8_t *bytes)
{
    size_t len = unhex(hex, bytes + 4);
    weft_store_be32(bytes, (uint32_t)len);
    return len + 4;
}

struct row {
    const char *hex; /* without its length */
    const char *text;
    bool is_other; /* weft writes other bytes with the same meaning */
};

static const struct row good[] = {
    {MESSAGE, "framed binary | " MESSAGE_TEXT, false},
    {COMPACT, "framed compact | " COMPACT_TEXT, false},
    {OLD, "framed old | " OLD_TEXT, false},
    {JSON, "framed json | " JSON_TEXT, false},
    {"20 0a" JSON, "framed json | \\20\\0a" JSON_TEXT, false},
    /* THeader */
    {"0fff 0000 00000007 0001 02 00 0000" COMPACT,
     "theader compact flags 0 seq 7 | " COMPACT_TEXT, false},
    {"0fff 1234 ffffffff 0001 00 00 0000" MESSAGE,
     "theader binary flags 1234 seq -1 | " MESSAGE_TEXT, false},
    {"0fff 0000 00000007 0001 00 00 0000" OLD,
     "theader old flags 0 seq 7 | " OLD_TEXT, false},
    {"0fff 0000 00000007 0001 01 00 0000" JSON,
     "theader json flags 0 seq 7 | " JSON_TEXT, false},
    {"0fff 0000 00000007 0003 00 00 01 01 05 7472616365 01 31" MESSAGE,
     "theader binary flags 0 seq 7 trace=1 | " MESSAGE_TEXT, false},
    {"0fff 0000 00000007 0003 00 00 01 02 01 61 01 31 01 61 00 00" MESSAGE,
     "theader binary flags 0 seq 7 a=1 a= | " MESSAGE_TEXT, false},
    /* C++ may add a word of padding. An unknown info id ends the infos. */
    {"0fff 0000 00000007 0002 00 00 0000 00000000" MESSAGE,
     "theader binary flags 0 seq 7 | " MESSAGE_TEXT, true},
    {"0fff 0000 00000007 0003 00 00 01 01 01 61 01 31 63 ffff ff" MESSAGE,
     "theader binary flags 0 seq 7 a=1 | " MESSAGE_TEXT, true},
    {"0fff 0000 00000007 0004 00 00 01 01 01 61 01 31 01 01 00 01 32 "
     "000000" MESSAGE,
     "theader binary flags 0 seq 7 a=1 | " MESSAGE_TEXT, true},
    /* TTHeader */
    {"1000 0000 00000001 0001 00 00 0000" MESSAGE,
     "ttheader binary flags 0 seq 1 | " MESSAGE_TEXT, false},
    {"1000 0009 ffffffff 0001 02 00 0000" COMPACT,
     "ttheader compact flags 9 seq -1 | " COMPACT_TEXT, false},
    {"1000 0000 00000001 0001 00 00 0000" OLD,
     "ttheader old flags 0 seq 1 | " OLD_TEXT, false},
    {"1000 0000 00000001 0001 03 00 0000" MESSAGE,
     "ttheader binary flags 0 seq 1 | " MESSAGE_TEXT, true},
    {"1000 0000 00000001 0001 04 00 0000" MESSAGE,
     "ttheader binary flags 0 seq 1 | " MESSAGE_TEXT, true},
    {"1000 0000 00000001 0001 00 00 0000 0000000e" MESSAGE, DOUBLE_FRAMED,
     false},
    {"1000 0000 00000001 0001 02 00 0000 00000006" COMPACT,
     "ttheader-framed compact flags 0 seq 1 | " COMPACT_TEXT, false},
    {"1000 0000 00000001 0001 00 00 0000 0000000b" OLD,
     "ttheader-framed old flags 0 seq 1 | " OLD_TEXT, false},
    {"1000 0000 00000001 0007 00 00 11 0001 78 01 0001 0001 61 0000"
     "10 0002 000c 0001 35 001c 0000 0000" MESSAGE,
     "ttheader binary flags 0 seq 1 RPC_TRANSIT_gdpr-token=x a= "
     ":rpc_timeout=5 :28= | " MESSAGE_TEXT,
     false},
    /* Padding in any place; info blocks in any order, and repeated. */
    {"1000 0000 00000001 0009 00 00 00 10 0001 000c 0001 35 00"
     "01 0001 0001 61 0001 62 00 11 0001 78 10 0001 0000 0000 00 00 00" MESSAGE,
     "ttheader binary flags 0 seq 1 :rpc_timeout=5 a=b "
     "RPC_TRANSIT_gdpr-token=x :mesh_version= | " MESSAGE_TEXT,
     true},
    {"1000 0000 00000001 0003 00 00 01 0001 0000 0001 78 00 00" MESSAGE,
     "ttheader binary flags 0 seq 1 | " MESSAGE_TEXT, true},
};

static void
what_comes_is_told_and_goes_as_it_came(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (size_t piece = 1; piece < 70; piece += 1 + piece / 4) {
            uint8_t bytes[256];
            struct opened o;
            size_t len = frame_of(good[i].hex, bytes);
            open_bytes(&o, bytes + 4, len - 4, piece, NULL);
            if (o.err)
                fail_msg("%s: %s", good[i].hex, weft_err_name(o.err));
            char *text = tell(&o.frame, &o.message);
            assert_string_equal(text, good[i].text);
            free(text);

            struct weft_chain out = {0};
            assert_int_equal(close_again(&o.frame, &o.message, &out), 0);
            uint8_t *again = flatten(&out);
            bool is_same = out.len == len && memcmp(again, bytes, out.len) == 0;
            if (is_same == good[i].is_other)
                fail_msg("%s: closed to other bytes", good[i].hex);
            free(again);
            weft_chain_clear(&out);
            opened_free(&o);
        }
}

/* ---- checksums ---- */

static const struct weft_str plain = {
    "\x80\x01\x00\x01\x00\x00\x00\x01m\x00\x00\x00\x07\x00", 14};

static struct weft_chain
chain_of_str(struct weft_str s)
{
    return chain_of((const uint8_t *)s.ptr, s.len, 5);
}

static void
a_checksum_is_made_and_checked(void **state)
{
    (void)state;
    for (uint8_t framing = WEFT_TTHEADER; framing <= WEFT_TTHEADER_FRAMED;
         framing++) {
        struct weft_chain message = chain_of_str(plain), out = {0};
        struct wf_frame f = {.dialect.framing = framing, .has_crc = true};
        assert_int_equal(wf_frame_close(&f, &message, &out), 0);
        assert_int_equal(message.len, 0);
        uint8_t *bytes = flatten(&out);
        for (size_t bit = 0; bit <= 8 * plain.len; bit++) {
            struct opened o;
            size_t at = out.len - 1 - (bit > 0 ? bit - 1 : 0) / 8;
            if (bit > 0)
                bytes[at] = (uint8_t)(bytes[at] ^ 1u << bit % 8);
            open_bytes(&o, bytes + 4, out.len - 4, out.len, NULL);
            assert_int_equal(o.err, bit ? WEFT_ECHECKSUM : WEFT_OK);
            if (bit > 0)
                bytes[at] = (uint8_t)(bytes[at] ^ 1u << bit % 8);
            else
                assert_true(o.frame.has_crc && o.frame.headers.len == 0);
            opened_free(&o);
        }
        free(bytes);
        weft_chain_clear(&out);
    }
}

/* ---- frames that cannot be written ---- */

static void
fails_to_close(const struct wf_frame *f, weft_err err)
{
    struct weft_chain message = chain_of_str(plain), out = {0};
    assert_int_equal(weft_chain_append(&out, "x", 1), 0);
    assert_int_equal(wf_frame_close(f, &message, &out), err);
    assert_int_equal(message.len, 0);
    assert_int_equal(out.len, 1);
    weft_chain_clear(&out);
}

static void
what_a_dialect_cannot_carry_is_refused(void **state)
{
    (void)state;
    struct weft_header h = {WEFT_STR("k"), WEFT_STR("v")};
    struct wf_frame f = {.headers = {&h, 1, 1}};
    fails_to_close(&f, WEFT_EHEADER);
    f.dialect.framing = WEFT_UNFRAMED;
    fails_to_close(&f, WEFT_EHEADER);
    f.dialect.framing = WEFT_HTTP;
    fails_to_close(&f, WEFT_EUNKNOWNPROTO);
    h.key = WEFT_STR("");
    for (uint8_t i = WEFT_THEADER; i <= WEFT_TTHEADER_FRAMED; i++) {
        f.dialect.framing = i;
        fails_to_close(&f, WEFT_EHEADER);
    }
    h.key = WEFT_STR("crc32c");
    fails_to_close(&f, WEFT_EHEADER);
    f.headers.len = 0;
    f.dialect.protocol = WEFT_JSON;
    fails_to_close(&f, WEFT_EUNKNOWNPROTO);
    f.dialect =
        (struct weft_dialect){WEFT_TTHEADER, WEFT_BINARY, true, WEFT_ALONE};
    fails_to_close(&f, WEFT_ETRANSFORM);
}

/* Headers of the greatest size are written and read back; one byte more is
 * refused. */
static void
the_size_of_headers_is_exact(void **state)
{
    (void)state;
    static char value[70000];
    static const struct {
        uint8_t framing;
        uint32_t around; /* bytes of the block without the value */
    } rows[] = {
        {WEFT_THEADER, 2 + 2 + 2 + 3},
        {WEFT_TTHEADER, 2 + 3 + 2 + 1 + 2},
        {WEFT_TTHEADER_FRAMED, 2 + 3 + 2 + 1 + 2},
    };
    memset(value, 'v', sizeof value);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t most = WEFT_HEADER_SIZE - rows[i].around;
        struct weft_header h = {WEFT_STR("k"), {value, most}};
        struct wf_frame f = {.dialect.framing = rows[i].framing,
                             .headers = {&h, 1, 1}};
        struct weft_chain message = chain_of_str(plain), out = {0};
        assert_int_equal(wf_frame_close(&f, &message, &out), 0);
        uint8_t *bytes = flatten(&out);
        struct opened o;
        open_bytes(&o, bytes + 4, out.len - 4, 1000, NULL);
        assert_int_equal(o.err, 0);
        assert_int_equal(o.frame.headers.len, 1);
        assert_true(weft_str_eq(o.frame.headers.items[0].value, h.value));
        opened_free(&o);

        struct weft_limits less = {.header_size = WEFT_HEADER_SIZE - 1};
        open_bytes(&o, bytes + 4, out.len - 4, 1000, &less);
        assert_int_equal(o.err, WEFT_ETOOBIG);
        opened_free(&o);
        free(bytes);
        weft_chain_clear(&out);
        h.value.len++;
        fails_to_close(&f, WEFT_EHEADER);
        h.value.len = sizeof value;
        fails_to_close(&f, WEFT_EHEADER);
    }
}

/* The bytes of a message are never copied, whatever its framing. */
static void
a_message_is_moved(void **state)
{
    (void)state;
    for (uint8_t i = WEFT_FRAMED; i <= WEFT_TTHEADER_FRAMED; i++) {
        struct weft_chain message = chain_of_str(plain), out = {0};
        const struct weft_slice *first = message.head;
        struct wf_frame f = {.dialect.framing = i};
        assert_int_equal(wf_frame_close(&f, &message, &out), 0);
        const struct weft_slice *at = out.head;
        assert_ptr_equal(i == WEFT_UNFRAMED ? at : at->next, first);
        weft_chain_clear(&out);
    }
}

/* ---- keys that are numbers ---- */

static void
numbers_have_names_and_back(void **state)
{
    (void)state;
    enum { STRING = 1, NUMBER = 16, KIND_AT = 16 };
    static const struct {
        const char *given, *got;
        uint8_t kind;
    } rows[] = {
        {":rpc_timeout", ":rpc_timeout", NUMBER},
        {":12", ":rpc_timeout", NUMBER},
        {":0", ":mesh_version", NUMBER},
        {":mesh_version", ":mesh_version", NUMBER},
        {":27", ":frame_type", NUMBER},
        {":frame_type", ":frame_type", NUMBER},
        {":28", ":28", NUMBER},
        {":65535", ":65535", NUMBER},
        {":0028", ":28", NUMBER},
        {":65536", ":65536", STRING},
        {":99999999999999999999", ":99999999999999999999", STRING},
        {":", ":", STRING},
        {":x", ":x", STRING},
        {":1x", ":1x", STRING},
        {":-1", ":-1", STRING},
        {"rpc_timeout", "rpc_timeout", STRING},
        {"12", "12", STRING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_header h = {weft_str_of(rows[i].given), WEFT_STR("v")};
        struct wf_frame f = {.dialect.framing = WEFT_TTHEADER,
                             .headers = {&h, 1, 1}};
        struct weft_chain message = chain_of_str(plain), out = {0};
        assert_int_equal(wf_frame_close(&f, &message, &out), 0);
        uint8_t *bytes = flatten(&out);
        struct opened o;
        assert_int_equal(bytes[KIND_AT], rows[i].kind);
        open_bytes(&o, bytes + 4, out.len - 4, 3, NULL);
        assert_int_equal(o.err, 0);
        assert_int_equal(o.frame.headers.len, 1);
        assert_true(weft_str_eq(o.frame.headers.items[0].key,
                                weft_str_of(rows[i].got)));
        assert_true(weft_str_eq(o.frame.headers.items[0].value, h.value));
        opened_free(&o);
        free(bytes);
        weft_chain_clear(&out);
    }
}

#define TEST(f) cmocka_unit_test_teardown(f, balance_check)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_comes_is_told_and_goes_as_it_came),
        TEST(a_checksum_is_made_and_checked),
        TEST(what_a_dialect_cannot_carry_is_refused),
        TEST(the_size_of_headers_is_exact),
        TEST(a_message_is_moved),
        TEST(numbers_have_names_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
