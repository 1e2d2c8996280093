/* SPDX-License-Identifier: MIT */
/* Whole messages as peers write them, and what they mean. Those of Thrift call
 * add(1: i32 a, 2: i32 b), those of Kitex call the method of its example. */
#ifndef WEFT_TESTS_UNIT_CODEC_KNOWN_H
#define WEFT_TESTS_UNIT_CODEC_KNOWN_H

#include "codec/codec.h"
#include "unit/codec/vectors.h"

/* ---- Kitex' example: Echo(1: Request{1: string, 2: string}) ---- */

struct request {
    struct weft_str message, text;
    uint32_t has[1];
};

static const struct weft_field request_fields[] = {
    {"message", &type_str, offsetof(struct request, message), 0, 1,
     WEFT_DEFAULT, false, false},
    {"text", &type_str, offsetof(struct request, text), 1, 2, WEFT_DEFAULT,
     false, false},
};

static const struct weft_struct request_desc = {
    .name = "Request",
    .fields = request_fields,
    .n_fields = 2,
    .size = sizeof(struct request),
    .has_offset = offsetof(struct request, has),
};

static const struct weft_type type_request = {.wire = WEFT_STRUCT,
                                              .size = sizeof(struct request),
                                              .record = &request_desc};

struct echo {
    struct request request;
    uint32_t has[1];
};

static const struct weft_field echo_fields[] = {
    {"request", &type_request, offsetof(struct echo, request), 0, 1,
     WEFT_DEFAULT, false, false},
};

static const struct weft_struct echo_desc = {
    .name = "EchoArgs",
    .fields = echo_fields,
    .n_fields = 1,
    .size = sizeof(struct echo),
    .has_offset = offsetof(struct echo, has),
};

/* ---- what the messages mean ---- */

static const struct add five = {5, -3, {3}};
static const struct sum two = {0, 2};
static const struct echo echo = {
    {WEFT_STR_INIT("echo"), WEFT_STR_INIT("hi"), {3}}, {1}};
static const struct wf_app_exception unknown = {
    WEFT_STR_INIT("the method x is unknown."), 1, {{3}}};
static const struct wf_app_exception no_echo = {
    WEFT_STR_INIT("unknown method Echo"), 1, {{3}}};

#define A_TAIL                                                              \
    "80 01 00 01 00 00 00 04 45 63 68 6F 00 00 00 01 0C 00 01 0B 00 01 00 " \
    "00 00 04 65 63 68 6F 0B 00 02 00 00 00 02 68 69 00 00"
#define ADD_TAIL                                             \
    "80 01 00 01 00 00 00 03 61 64 64 00 00 00 07 08 00 01 " \
    "00 00 00 05 08 00 02 ff ff ff fd 00"
#define JSON_CALL                                                           \
    "5b 31 2c 22 61 64 64 22 2c 31 2c 37 2c 7b 22 31 22 3a 7b 22 69 33 32 " \
    "22 3a 35 7d 2c 22 32 22 3a 7b 22 69 33 32 22 3a 2d 33 7d 7d 5d"
#define JSON_REPLY                                                    \
    "5b 31 2c 22 61 64 64 22 2c 32 2c 37 2c 7b 22 30 22 3a 7b 22 69 " \
    "33 32 22 3a 32 7d 7d 5d"

struct vector {
    const char *hex;
    const char *frame; /* what tell() returns, without the message */
    const char *name;
    int32_t type, seqid;
    const struct weft_struct *desc;
    const void *record;
    bool is_other; /* weft writes other bytes with the same meaning */
};

static const struct vector vectors[] = {
    /* strict and old binary */
    {ADD_TAIL, "unframed binary | ", "add", WEFT_CALL, 7, &add_desc, &five,
     false},
    {"00 00 00 03 61 64 64 01 00 00 00 07 08 00 01 00 00 00 05 08 00 02 ff ff"
     "ff fd 00",
     "unframed old | ", "add", WEFT_CALL, 7, &add_desc, &five, false},
    {"80 01 00 02 00 00 00 03 61 64 64 00 00 00 07 08 00 00 00 00 00 02 00",
     "unframed binary | ", "add", WEFT_REPLY, 7, &sum_desc, &two, false},
    {"80 01 00 03 00 00 00 01 78 00 00 00 07 0b 00 01 00 00 00 18 74 68 65 20"
     "6d 65 74 68 6f 64 20 78 20 69 73 20 75 6e 6b 6e 6f 77 6e 2e 08 00 02 00"
     "00 00 01 00",
     "unframed binary | ", "x", WEFT_EXCEPTION, 7, &wf_app_exception_desc,
     &unknown, false},
    /* compact */
    {"82 21 07 03 61 64 64 15 0a 15 05 00", "unframed compact | ", "add",
     WEFT_CALL, 7, &add_desc, &five, false},
    {"82 41 07 03 61 64 64 05 00 04 00", "unframed compact | ", "add",
     WEFT_REPLY, 7, &sum_desc, &two, false},
    /* JSON */
    {JSON_CALL, "unframed json | ", "add", WEFT_CALL, 7, &add_desc, &five,
     false},
    {JSON_REPLY, "unframed json | ", "add", WEFT_REPLY, 7, &sum_desc, &two,
     false},
    /* frames */
    {"00 00 00 1e" ADD_TAIL, "framed binary | ", "add", WEFT_CALL, 7, &add_desc,
     &five, false},
    {"00 00 00 0c 82 21 07 03 61 64 64 15 0a 15 05 00", "framed compact | ",
     "add", WEFT_CALL, 7, &add_desc, &five, false},
    {"00 00 00 1b 00 00 00 03 61 64 64 01 00 00 00 07 08 00 01 00 00 00 05 08"
     "00 02 ff ff ff fd 00",
     "framed old | ", "add", WEFT_CALL, 7, &add_desc, &five, false},
    {"00 00 00 2c" JSON_CALL, "framed json | ", "add", WEFT_CALL, 7, &add_desc,
     &five, false},
    /* THeader: plain compact; binary with a header; compact in zlib, whose
     * bytes depend on the settings of zlib */
    {"00 00 00 1a 0f ff 00 00 00 00 00 07 00 01 02 00 00 00 82 21 07 03 61 64"
     "64 15 0a 15 05 00",
     "theader compact flags 0 seq 7 | ", "add", WEFT_CALL, 7, &add_desc, &five,
     false},
    {"00 00 00 34 0f ff 00 00 00 00 00 07 00 03 00 00 01 01 05 74 72 61 63 65"
     "01 31" ADD_TAIL,
     "theader binary flags 0 seq 7 trace=1 | ", "add", WEFT_CALL, 7, &add_desc,
     &five, false},
    {"00 00 00 2e 0f ff 00 00 00 00 00 07 00 04 02 01 01 01 01 05 74 72 61 63"
     "65 01 31 00 00 00 78 9c 6b 52 64 67 4e 4c 49 11 e5 12 65 65 00 00 10 e6"
     "02 10",
     "theader compact zlib flags 0 seq 7 trace=1 | ", "add", WEFT_CALL, 7,
     &add_desc, &five, true},
    /* Kitex: buffered, framed, TTHeader, and the frame in it */
    {A_TAIL, "unframed binary | ", "Echo", WEFT_CALL, 1, &echo_desc, &echo,
     false},
    {"00 00 00 29" A_TAIL, "framed binary | ", "Echo", WEFT_CALL, 1, &echo_desc,
     &echo, false},
    {"00 00 00 37 10 00 00 00 00 00 00 01 00 01 00 00 00 00" A_TAIL,
     "ttheader binary flags 0 seq 1 | ", "Echo", WEFT_CALL, 1, &echo_desc,
     &echo, false},
    {"00 00 00 7F 10 00 00 00 00 00 00 01 00 12 00 00 01 00 01 00 03 69 73 6E"
     "00 0A 45 63 68 6F 53 65 72 76 65 72 10 00 06 00 03 00 03 63 6C 69 00 06"
     "00 03 73 76 72 00 09 00 04 45 63 68 6F 00 16 00 01 31 00 01 00 06 66 72"
     "61 6D 65 64 00 0C 00 03 35 30 30 00 00 00 00 00 00 29" A_TAIL,
     "ttheader-framed binary flags 0 seq 1 isn=EchoServer :from_service=cli "
     ":to_service=svr :to_method=Echo :message_type=1 :transport_type=framed "
     ":rpc_timeout=500 | ",
     "Echo", WEFT_CALL, 1, &echo_desc, &echo, false},
    /* the frame of Kitex' test of its encoder, with a message after it */
    {"00 00 00 9f 10 00 00 00 00 00 00 01 00 1B 00 00 11 00 13 67 64 70 72 5F"
     "74 6F 6B 65 6E 5F 78 78 78 78 78 78 78 78 01 00 02 00 03 69 73 6E 00 05"
     "61 2E 62 2E 63 00 02 74 69 00 06 74 6F 5F 69 64 63 10 00 04 00 02 00 09"
     "78 78 78 78 78 78 78 78 78 00 06 00 0A 74 6F 2E 73 65 72 76 69 63 65 00"
     "07 00 0A 74 6F 2E 63 6C 75 73 74 65 72 00 09 00 06 6D 65 74 68 6F 64 00"
     "00 00" A_TAIL,
     "ttheader binary flags 0 seq 1 RPC_TRANSIT_gdpr-token=gdpr_token_xxxxxxxx "
     "isn=a.b.c ti=to_idc :log_id=xxxxxxxxx :to_service=to.service "
     ":to_cluster=to.cluster :to_method=method | ",
     "Echo", WEFT_CALL, 1, &echo_desc, &echo, false},
    {"80 01 00 03 00 00 00 04 45 63 68 6F 00 00 00 01 0B 00 01 00 00 00 13 75"
     "6e 6b 6e 6f 77 6e 20 6d 65 74 68 6f 64 20 45 63 68 6f 08 00 02 00 00 00"
     "01 00",
     "unframed binary | ", "Echo", WEFT_EXCEPTION, 1, &wf_app_exception_desc,
     &no_echo, false},
};

#endif
