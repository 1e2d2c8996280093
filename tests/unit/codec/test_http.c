/* SPDX-License-Identifier: MIT */
/* HTTP messages that RFC 9110 and RFC 9112 allow or forbid, as rows. Each row
 * is read whole, byte by byte, and in pieces of three bytes. Row 16 of
 * docs/threats.md. */
#include "unit/codec/bytes.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define POST "POST / HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define POST1 POST "Content-Length: 1\r\n\r\n"
#define AFTER "\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
#define REST11 "HTTP/1.1" AFTER
#define HOST(host) \
    "POST / HTTP/1.1\r\nHost:" host "\r\nContent-Length: 1\r\n\r\na"
#define TRAILER(lines) CHUNKED "1\r\na\r\n0\r\n" lines "\r\n"
#define ONE_AND_B "a;host=x\nb;host=x\n"
#define EXTENDED(ext) CHUNKED "3" ext "\r\nabc\r\n0" ext "\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n"
#define ROW(text) (text), sizeof(text) - 1

struct row {
    const char *bytes;
    size_t len;
    weft_err err;
    const char *told; /* "body;key=value;... last" of each message, NULL: "" */
};

static const struct row requests[] = {
    /* the body's end */
    {ROW(POST "Content-Length: 3\r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "Content-Length:  3 \r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "content-LENGTH: 3\r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "Content-Length: 003\r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "Content-Length: 0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length:\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: +3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: -3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 0x3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3, 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3,4\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3;a\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 18446744073709551619\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 101\r\n\r\n"), WEFT_ETOOBIG, NULL},
    {ROW(POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
     WEFT_EPROTOCOL, NULL},

    /* both lengths */
    {ROW(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
              "0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
              "0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},

    /* transfer codings */
    {ROW(CHUNKED "3\r\nabc\r\n0\r\n\r\n"), 0, "abc;host=x\n"},
    {ROW(POST "Transfer-Encoding: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 0,
     "abc;host=x\n"},
    {ROW(POST "Transfer-Encoding: \tchunked \r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 0,
     "abc;host=x\n"},
    {ROW(POST "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
     WEFT_ETRANSFORM, NULL},
    {ROW(POST "Transfer-Encoding: gzip;q=1,chunked\r\n\r\n0\r\n\r\n"),
     WEFT_ETRANSFORM, NULL},
    {ROW(POST "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n"),
     WEFT_ETRANSFORM, NULL},
    {ROW(POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: gzip\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: identity\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding:\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
              "\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
              "\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},

    /* chunks */
    {ROW(CHUNKED "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"), 0, "abc;host=x\n"},
    {ROW(CHUNKED "0003\r\nabc\r\n000\r\n\r\n"), 0, "abc;host=x\n"},
    {ROW(CHUNKED "3;a\r\nabc\r\n0;b=c\r\n\r\n"), 0, "abc;host=x\n"},
    {ROW(CHUNKED "3;a=\"b c\"\r\nabc\r\n0\r\n\r\n"), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=b")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=b;c=d")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=b;c;d=\"e\";f")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=\"b\";c=d")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=\"\"")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=\"\\\"\"")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=\"\\\\\"")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";a=\"\\ \t;=\xe4\"")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(" ;a")), 0, "abc;host=x\n"},
    {ROW(EXTENDED("\t;a")), 0, "abc;host=x\n"},
    {ROW(EXTENDED("; a")), 0, "abc;host=x\n"},
    {ROW(EXTENDED("; a = b")), 0, "abc;host=x\n"},
    {ROW(EXTENDED("\t;\ta\t=\tb\t;\tc = \"d\" ; e")), 0, "abc;host=x\n"},
    {ROW(EXTENDED("; a ;b")), 0, "abc;host=x\n"},
    {ROW(EXTENDED(";")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";;a")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a;")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";=b")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=;b")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=b=c")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=b\"c\"")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"b\"c")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"b")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"b\\\"")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a b")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a =")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(" ")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED("\t")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a ")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=b ")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"b\" ")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED("; ;a")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"\x01\"")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"\x7f\"")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"\\\x01\"")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\"\0\"")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";\xe4")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=\xe4")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a,b")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a=b,c")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(" 3")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED("3 ;\r")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED("x")), WEFT_EPROTOCOL, NULL},
    {ROW(EXTENDED(";a\x0b")), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), 0,
     "01234567890123456789;host=x\n"},
    {ROW(CHUNKED "0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabcAB0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\r0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\rX0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabcd\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\rXabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\rX\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\n\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\n\rX"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3;a\rb\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3;\x01\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3 a\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED " 3\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "+3\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "-3\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "0x3\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3_\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "g\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "10000000000000003\r\nabc\r\n0\r\n\r\n"), WEFT_EPROTOCOL,
     NULL},
    {ROW(CHUNKED "65\r\n"), WEFT_ETOOBIG, NULL},
    {ROW(CHUNKED "64\r\n"
                 "0123456789012345678901234567890123456789"
                 "0123456789012345678901234567890123456789"
                 "01234567890123456789\r\n1\r\n"),
     WEFT_ETOOBIG, NULL},

    /* trailers are dropped */
    {ROW(CHUNKED "3\r\nabc\r\n0\r\nA: b\r\n\r\n"), 0, "abc;host=x\n"},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\nHost: evil\r\nclient_timeout: 1\r\n\r\n"), 0,
     "abc;host=x\n"},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\nA: b\r\n c\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\n A: b\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\nA: b\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\nA: b\r\rc: d\r\n\r\n"), WEFT_EPROTOCOL,
     NULL},
    {ROW(CHUNKED "3\r\nabc\r\n0\r\nA\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A:\r\nB-9_~:\tc \xe4\r\n") POST1 "b"), 0, ONE_AND_B},
    {ROW(TRAILER("Connection: close\r\n") POST1 "b"), 0, ONE_AND_B},
    {ROW(TRAILER("Transfer-Encoding: chunked\r\n") POST1 "b"), 0, ONE_AND_B},
    {ROW(TRAILER("Transfer-Encoding: x\r\n") POST1 "b"), 0, ONE_AND_B},
    {ROW(TRAILER("Content-Length: 9\r\n") POST1 "b"), 0, ONE_AND_B},
    {ROW(TRAILER("Content-Length: x\r\n") POST1 "b"), 0, ONE_AND_B},
    {ROW(TRAILER("Upgrade: x\r\nConnection: upgrade\r\n") POST1 "b"), 0,
     ONE_AND_B},
    {ROW(TRAILER(": b\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A B: c\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A : c\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A\xe4: c\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A@: c\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A: b\r\nB\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A: \0\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A: \x1f\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A: \x7f\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("A: b\r\r\n")), WEFT_EPROTOCOL, NULL},
    {ROW(TRAILER("\n")), WEFT_EPROTOCOL, NULL},

    /* lines */
    {ROW("\r\n" POST "Content-Length: 3\r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "A:  b \t \r\nContent-Length: 3\r\n\r\nabc"), 0,
     "abc;host=x;a=b\n"},
    {ROW(POST "A:\r\nContent-Length: 3\r\n\r\nabc"), 0, "abc;host=x;a=\n"},
    {ROW(POST "A: b\tc d\r\nContent-Length: 3\r\n\r\nabc"), 0,
     "abc;host=x;a=b\tc d\n"},
    {ROW(POST "A:\t\tb:\t \tc\t\t\r\nContent-Length: 3\r\n\r\nabc"), 0,
     "abc;host=x;a=b:\t \tc\n"},
    {ROW(POST "Content-Length:\t3\r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "Content-Length: 3\t\r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "Content-Length:\t \t3\t\t \r\n\r\nabc"), 0, "abc;host=x\n"},
    {ROW(POST "Content-Length: 3\t3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3,\t3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length:\t+3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length:\t\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length:3\t\r\nContent-Length:\t3\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length\t:3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-\tLength:3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding:\tchunked\t \r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 0,
     "abc;host=x\n"},
    {ROW(POST "Transfer-Encoding: chunked\tx\r\n\r\n0\r\n\r\n"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "Transfer-Encoding: chunked\t,\tgzip\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding: gzip\t,\tchunked\r\n\r\n0\r\n\r\n"),
     WEFT_ETRANSFORM, NULL},
    {ROW(POST "Connection: x,\tclose\t\r\nContent-Length: 1\r\n\r\na"), 0,
     "a;host=x last\n"},
    {ROW(POST "Connection:\tclose\t, x\r\nContent-Length: 1\r\n\r\na"), 0,
     "a;host=x last\n"},
    {ROW("POST / HTTP/1.0\r\nConnection: keep-alive\t\r\n"
         "Content-Length: 1\r\n\r\na"),
     0, "a\n"},
    {ROW(POST "A: \xe4\r\nContent-Length: 3\r\n\r\nabc"), 0,
     "abc;host=x;a=\xe4\n"},
    {ROW(POST "A: b\r\n c\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "A: b\r\n\tc\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "A:\r\n \r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length:\r\n 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.1\r\n Host: x\r\nContent-Length: 3\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},
    {ROW(POST "A : b\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "A\t: b\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "A b: c\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "A\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST ": b\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "A: b\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "A: b\rC: d\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "A: b\0c\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "A: b\x1f\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "A: b\x7f\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "A\xe4: b\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL,
     NULL},
    {ROW(POST "Content-Length: 3\r\n\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "Content-Length: 3\r\n\rabc"), WEFT_EPROTOCOL, NULL},

    /* hosts */
    {ROW("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL,
     NULL},
    {ROW("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"), 0, "abc last\n"},
    {ROW(POST "Host: x\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(POST "hOST: y\r\nContent-Length: 3\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.1\r\nHost: [::1]:8080\r\nContent-Length: 3\r\n\r\nabc"),
     0, "abc;host=[::1]:8080\n"},
    {ROW("POST / HTTP/1.1\r\nHost:\r\nContent-Length: 3\r\n\r\nabc"), 0,
     "abc;host=\n"},
    {ROW("POST / HTTP/1.1\r\nHost: x y\r\nContent-Length: 3\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.1\r\nHost: x,y\r\nContent-Length: 3\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.1\r\nHost: x/y\r\nContent-Length: 3\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.1\r\nHost: a@x\r\nContent-Length: 3\r\n\r\nabc"),
     WEFT_EPROTOCOL, NULL},

    {ROW(HOST("a:b")), WEFT_EPROTOCOL, NULL},
    {ROW(HOST("x:80:81")), WEFT_EPROTOCOL, NULL},
    {ROW(HOST("[::1")), WEFT_EPROTOCOL, NULL},
    {ROW(HOST("[::1]8")), WEFT_EPROTOCOL, NULL},
    {ROW(HOST("::1")), WEFT_EPROTOCOL, NULL},
    {ROW(HOST("%zz")), WEFT_EPROTOCOL, NULL},
    {ROW(HOST("x:")), 0, "a;host=x:\n"},
    {ROW(HOST("\tx:80 ")), 0, "a;host=x:80\n"},

    /* the first line */
    {ROW("POST * " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("GET * " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("OPTIONS * " REST11), WEFT_EMSGTYPE, NULL},
    {ROW("OPTIONS *x " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST /#a " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST /?a#b " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST /\" " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST /?| " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST /%4 " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST x:80 " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST http:///y " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST http://x:y/ " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST http://a@x/ " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST http://x/#a " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST http://x:80 " REST11), 0, "a;host=x\n"},
    {ROW("POST http://[::1]:80?a " REST11), 0, "a;host=x\n"},
    {ROW("POST /a-._~!$&'()*+,;=:@%2f/?:@/? " REST11), 0, "a;host=x\n"},
    {ROW("POST http://x/y?z HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     0, "a;host=x\n"},
    {ROW("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), WEFT_EMSGTYPE, NULL},
    {ROW("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EMSGTYPE, NULL},
    {ROW("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"), WEFT_EMSGTYPE, NULL},
    {ROW("POST / HTTP/2.0\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EVERSION, NULL},
    {ROW("POST / HTTP/0.9\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EVERSION, NULL},
    {ROW("POST / HTTP/1.2\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EVERSION, NULL},
    {ROW("POST / HTTP/9.9\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EVERSION, NULL},
    {ROW("POST / HTTP/1.10\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / http/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / ICE/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.1 \r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/1.1\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST /\r\n\r\n"), WEFT_EVERSION, NULL},
    {ROW("POST HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST  / " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST /  " REST11), WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTP/ 1.1" AFTER), WEFT_EVERSION, NULL},
    {ROW("POST / HTTP/1.1  " AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("POST /\tHTTP/1.1" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("POST / \r\nHost: x\r\n\r\n"), WEFT_EPROTOCOL, NULL},
    {ROW("POST / RTSP/1.0" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("POST / RTSP/1.1" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("GET / RTSP/1.0" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("SOURCE / ICE/1.1" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTTPS/1.1" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("POST / HTT/1.1" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("POST / XHTTP/1.1" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("\r\nPOST / RTSP/1.0" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("\r\nPOST / " REST11), 0, "a;host=x\n"},
    {ROW(POST1 "aPOST / RTSP/1.0" AFTER), WEFT_EPROTOCOL, "a;host=x\n"},
    {ROW(POST1 "aPOST  / " REST11), WEFT_EPROTOCOL, "a;host=x\n"},
    {ROW("POST / x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST\t/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST /\0 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("POST /\x7f HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},
    {ROW("post / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"),
     WEFT_EPROTOCOL, NULL},

    /* the next message */
    {ROW(POST "Content-Length: 1\r\n\r\na" POST "Content-Length: 1\r\n\r\nb"),
     0, "a;host=x\nb;host=x\n"},
    {ROW(CHUNKED "1\r\na\r\n0\r\nB: c\r\n\r\n" POST
                 "Content-Length: 1\r\n\r\nb"),
     0, "a;host=x\nb;host=x\n"},
    {ROW(POST "Connection: close\r\nContent-Length: 1\r\n\r\na"), 0,
     "a;host=x last\n"},
    {ROW(POST "Connection: x, Close\r\nContent-Length: 1\r\n\r\na"), 0,
     "a;host=x last\n"},
    {ROW("POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n"
         "\r\na"),
     0, "a\n"},
    {ROW(POST "Proxy-Connection: close\r\nContent-Length: 1\r\n\r\na" POST1
              "b"),
     0, "a;host=x;proxy-connection=close\nb;host=x\n"},
    {ROW("POST / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n"
         "Content-Length: 1\r\n\r\na"),
     0, "a;proxy-connection=keep-alive last\n"},
    {ROW(POST "Connection: closed, xclose, close x\r\nContent-Length: 1\r\n\r\n"
              "a"),
     0, "a;host=x\n"},
    {ROW(POST "Connection: CLOSE\r\nConnection: keep-alive\r\n"
              "Content-Length: 1\r\n\r\na"),
     0, "a;host=x last\n"},
    {ROW("POST / HTTP/1.0\r\nConnection: x\r\nConnection: y, Keep-Alive\r\n"
         "Content-Length: 1\r\n\r\naPOST / HTTP/1.0\r\nContent-Length: "
         "1\r\n\r\na"),
     0, "a\na last\n"},
    {ROW("POST / HTTP/1.0\r\nContent-Length: 1\r\n"
         "Connection: keep-alive, close\r\n\r\na"),
     0, "a last\n"},
    {ROW(POST "Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 1\r\n"
              "\r\na" POST "Content-Length: 1\r\n\r\nb"),
     0, "a;host=x;upgrade=h2c\nb;host=x\n"},

    /* "100 Continue" is sent if the peer waits for it */
    {ROW(POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na"), 0,
     "continue\na;host=x\n"},
    {ROW(POST "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
              "1\r\na\r\n0\r\n\r\n"),
     0, "continue\na;host=x\n"},
    {ROW(POST "Expect: x\r\nContent-Length: 1\r\n\r\na"), 0, "a;host=x\n"},
    {ROW("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n"
         "\r\na"),
     0, "a last\n"},
    {ROW(POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
};

#define BODY101 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "x"
#define TEN "0123456789"

static const struct row responses[] = {
    {ROW(OK "Content-Length: 1\r\n\r\na"), 0, "a\n"},
    {ROW(OK "Content-Length: 0\r\n\r\n"), 0, "\n"},
    {ROW(OK "Content-Length:\t1\t\r\n\r\na"), 0, "a\n"},
    {ROW(OK "Connection: close\t\r\nContent-Length: 1\r\n\r\na"), 0,
     "a last\n"},
    {ROW("HTTP/1.1 200 OK:\tb\r\nContent-Length: 1\r\n\r\na"), 0, "a\n"},
    {ROW(OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nB: c\r\n\r\n"), 0,
     "a\n"},
    {ROW(OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
            "Connection: close\r\nTransfer-Encoding: x\r\n\r\n" OK
            "Content-Length: 1\r\n\r\nb"),
     0, "a\nb\n"},
    {ROW("HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\na"), 0,
     "a\n"},
    {ROW("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK
         "Content-Length: 1\r\n\r\na"),
     0, "a\n"},
    {ROW(OK "Connection: close\r\nContent-Length: 1\r\n\r\na"), 0, "a last\n"},
    {ROW("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"), 0, "a last\n"},
    {ROW(OK "\r\nabc"), 0, "abc last\n"}, /* to the end of the connection */
    {ROW(OK "Content-Length: 2\r\n\r\na"), WEFT_EEOF, NULL},
    {ROW(OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"), WEFT_EEOF, NULL},
    {ROW("HTTP/1.1 200"), WEFT_EEOF, NULL},
    {ROW(OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
     WEFT_ETRANSFORM, NULL},
    {ROW(OK "Transfer-Encoding: gzip\r\n\r\nabc"), WEFT_EPROTOCOL, NULL},
    {ROW(OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
     WEFT_EPROTOCOL, NULL},
    {ROW(OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"), WEFT_EPROTOCOL,
     NULL},
    {ROW(OK "A: b\r\n c\r\nContent-Length: 1\r\n\r\na"), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 101 Switching Protocols\r\n\r\n"), WEFT_EMSGTYPE, NULL},
    {ROW("HTTP/2.0 200 OK\r\nContent-Length: 1\r\n\r\na"), WEFT_EVERSION, NULL},
    {ROW("HTTP/1.1  200 OK" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 20 OK" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 \r\nContent-Length: 1\r\n\r\na"), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 200x OK" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 200\tOK" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 200 O\x01K" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 200 O\0K" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 200 O\x7fK" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("RTSP/1.0 200 OK" AFTER), WEFT_EPROTOCOL, NULL},
    {ROW("HTTP/1.1 200" AFTER), 0, "a;host=x\n"},
    {ROW("HTTP/1.1 200 " AFTER), 0, "a;host=x\n"},
    {ROW("HTTP/1.1 200 \t\xe4  b" AFTER), 0, "a;host=x\n"},
    {ROW("HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\na"), WEFT_EPROTOCOL,
     NULL},
    {ROW("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\na"), 0, "a 404\n"},
    {ROW("HTTP/1.1 500 Oops\r\n\r\n"), 0, " 500 last\n"},
    {ROW("HTTP/1.1 204 No Content\r\n\r\n" OK "Content-Length: 1\r\n\r\na"), 0,
     " 204\na\n"},
    {ROW(OK "Content-Length: 101\r\n\r\n" BODY101 OK
            "Content-Length: 1\r\n\r\na"),
     0, " too big\na\n"},
    {ROW(OK "Transfer-Encoding: chunked\r\n\r\n65\r\n" BODY101
            "\r\n0\r\n\r\n" OK "Content-Length: 1\r\n\r\na"),
     0, " too big\na\n"},
    {ROW(OK "\r\n" BODY101), 0, " too big last\n"},
};

struct reading {
    struct weft_limits limits;
    struct wf_http *http;
    struct weft_chain in, out;
    weft_err err;
    FILE *told;
};

static void
tell_message(struct reading *r)
{
    struct weft_arena arena;
    struct weft_headers headers = {0};
    uint8_t *body = flatten(&r->out);
    if (r->out.len > 0) {
        assert_int_equal(weft_load_be32(body), r->out.len - 4);
        fwrite(body + 4, 1, r->out.len - 4, r->told);
    }
    free(body);
    weft_chain_clear(&r->out);
    weft_arena_init(&arena, 0);
    assert_int_equal(wf_http_headers(r->http, &arena, &headers), 0);
    for (uint32_t i = 0; i < headers.len; i++)
        fprintf(r->told, ";%s=%s", headers.items[i].key.ptr,
                headers.items[i].value.ptr);
    weft_arena_fini(&arena);
    uint32_t status = wf_http_status(r->http);
    if (status != 0 && status != 200)
        fprintf(r->told, " %u", (unsigned)status);
    if (wf_http_is_too_big(r->http))
        fputs(" too big", r->told);
    fputs(wf_http_is_last(r->http) ? " last\n" : "\n", r->told);
}

static void
read_all(struct reading *r)
{
    enum wf_http_event event = WF_HTTP_CONTINUE;
    while (!r->err && event != WF_HTTP_MORE) {
        r->err = wf_http_read(r->http, &r->in, &r->out, &event);
        if (!r->err && event == WF_HTTP_CONTINUE)
            fputs("continue\n", r->told);
        if (!r->err && event == WF_HTTP_MESSAGE)
            tell_message(r);
    }
}

/* Read a row in pieces, and then the end of the connection. */
static char *
read_row(const struct row *row, bool of_requests, size_t piece, weft_err *err)
{
    char *text;
    size_t size;
    struct reading r = {.told = open_memstream(&text, &size)};
    r.limits = wf_limits_of(&(struct weft_limits){.message_size = 100});
    r.http = wf_http_new(of_requests, &r.limits);
    assert_non_null(r.http);
    for (size_t at = 0; at < row->len && !r.err; at += piece) {
        size_t n = row->len - at < piece ? row->len - at : piece;
        add_slice(&r.in, (const uint8_t *)row->bytes + at, n);
        read_all(&r);
        assert_true(r.err || r.in.len == 0);
    }
    enum wf_http_event event;
    if (!r.err && (r.err = wf_http_end(r.http, &r.out, &event)) == 0 &&
        event == WF_HTTP_MESSAGE)
        tell_message(&r);
    *err = r.err;
    weft_chain_clear(&r.in);
    weft_chain_clear(&r.out);
    wf_http_free(r.http);
    fclose(r.told);
    return text;
}

static int
check_row(const struct row *row, bool of_requests, size_t piece)
{
    weft_err err;
    char *text = read_row(row, of_requests, piece, &err);
    bool right =
        err == row->err && strcmp(text, row->told ? row->told : "") == 0;
    if (!right)
        fprintf(stderr, "in pieces of %zu: error %x, not %x, %s\n%s\n\n", piece,
                (unsigned)-err, (unsigned)-row->err, text, row->bytes);
    free(text);
    return !right;
}

static void
check_rows(const struct row *rows, size_t n, bool of_requests)
{
#if !WF_HTTP
    skip();
#endif
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        wrong += check_row(&rows[i], of_requests, rows[i].len);
        wrong += check_row(&rows[i], of_requests, 1);
        wrong += check_row(&rows[i], of_requests, 3);
    }
    assert_int_equal(wrong, 0);
}

static void
rows_of_requests(void **state)
{
    (void)state;
    check_rows(requests, sizeof requests / sizeof *requests, true);
}

static void
rows_of_responses(void **state)
{
    (void)state;
    check_rows(responses, sizeof responses / sizeof *responses, false);
}

/* ---- heads and bodies that never end ---- */

static void
begin(struct reading *r)
{
#if !WF_HTTP
    skip();
#endif
    *r = (struct reading){.told = fopen("/dev/null", "w")};
    assert_non_null(r->told);
    r->limits = wf_limits_of(NULL);
    r->http = wf_http_new(true, &r->limits);
    assert_non_null(r->http);
}

static void
end(struct reading *r)
{
    weft_chain_clear(&r->in);
    weft_chain_clear(&r->out);
    wf_http_free(r->http);
    fclose(r->told);
}

static void
give(struct reading *r, const char *text)
{
    assert_int_equal(weft_chain_append(&r->in, text, strlen(text)), 0);
    read_all(r);
}

/* How many bytes of repeated `text` are accepted after a beginning. */
static size_t
refused_after(const char *beginning, const char *text, weft_err err)
{
    struct reading r;
    size_t n = 0;
    begin(&r);
    give(&r, beginning);
    for (; !r.err && n < (1 << 20); n += strlen(text))
        give(&r, text);
    assert_int_equal(r.err, err);
    end(&r);
    return n;
}

static void
nothing_is_endless(void **state)
{
    (void)state;
    size_t head = WEFT_HEADER_SIZE;
    assert_in_range(refused_after(POST "A: ", "a", WEFT_EHEADER), head - 100,
                    head);
    assert_in_range(refused_after("", "\r\n", WEFT_EHEADER), head - 100,
                    head + 2);
    assert_in_range(refused_after("POST /", "a", WEFT_ESIZE), 8000, 8192);
    assert_in_range(refused_after(POST, "A: b\r\n", WEFT_EHEADER), 256 * 6,
                    257 * 6);
    assert_in_range(refused_after(CHUNKED "1;", "a", WEFT_EPROTOCOL), 16000,
                    16384);
    assert_in_range(refused_after(CHUNKED "1;a=\"", "b", WEFT_EPROTOCOL), 16000,
                    16384);
    assert_in_range(refused_after(CHUNKED, "0", WEFT_EPROTOCOL), 16000, 16385);
    assert_in_range(
        refused_after(CHUNKED "1\r\na\r\n0\r\nT: ", "a", WEFT_EHEADER),
        head - 100, head);
    assert_in_range(
        refused_after(CHUNKED "1\r\na\r\n0\r\n", "a: b\r\n", WEFT_EHEADER),
        head - 100, head + 6);
}

static size_t
host_bytes(void)
{
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    return stats.bytes;
}

static size_t
count_slices(const struct weft_chain *chain)
{
    size_t n = 0;
    for (const struct weft_slice *s = chain->head; s; s = s->next)
        n++;
    return n;
}

/* Read a body in pieces. The memory for it is in proportion to the body, not to
 * the input. */
static void
keeps_little(const char *chunk, size_t data, size_t piece)
{
    struct reading r;
    size_t n = 40000, len = strlen(chunk), before;
    char *bytes = malloc(n * len), *to = bytes;
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++, to += len)
        memcpy(to, chunk, len);
    begin(&r);
    give(&r, CHUNKED);
    before = host_bytes();
    for (size_t at = 0; at < n * len; at += piece) {
        size_t m = n * len - at < piece ? n * len - at : piece;
        assert_int_equal(weft_chain_append(&r.in, bytes + at, m), 0);
        read_all(&r);
    }
    assert_int_equal(r.err, 0);
    assert_in_range(host_bytes() - before, 0, 2 * n * data + (256 << 10));
    give(&r, "0\r\n");
    enum wf_http_event event;
    assert_int_equal(weft_chain_append(&r.in, "\r\n", 2), 0);
    assert_int_equal(wf_http_read(r.http, &r.in, &r.out, &event), 0);
    assert_int_equal(event, WF_HTTP_MESSAGE);
    assert_int_equal(r.out.len, n * data + 4);
    assert_in_range(count_slices(&r.out), 1, n * data / 1024 + 8);
    free(bytes);
    end(&r);
}

static void
tiny_chunks_keep_what_they_are(void **state)
{
    (void)state;
    keeps_little("1\r\nx\r\n", 1, 60000);
    keeps_little("1\r\nx\r\n", 1, 6);
    keeps_little("1\r\nx\r\n", 1, 1);
    keeps_little("10;a=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
                 "\r\n0123456789abcdef\r\n",
                 16, 60000);
}

/* After the headers were taken, the parser keeps no memory for a head. */
static void
an_idle_parser_keeps_nothing(void **state)
{
    (void)state;
    struct reading r;
    begin(&r);
    give(&r, POST "A: b\r\nContent-Length: 1\r\n\r\na");
    struct weft_arena arena;
    struct weft_headers headers = {0};
    weft_arena_init(&arena, 0);
    assert_int_equal(wf_http_headers(r.http, &arena, &headers), 0);
    assert_int_equal(headers.len, 0);
    weft_arena_fini(&arena);
    end(&r);
}

/* ---- refusals ---- */

static void
each_error_has_its_status(void **state)
{
    (void)state;
    static const struct {
        weft_err err;
        const char *status;
    } rows[] = {
        {WEFT_EPROTOCOL, "400 Bad Request\r\n"},
        {WEFT_EMSGTYPE, "405 Method Not Allowed\r\nAllow: POST\r\n"},
        {WEFT_ETOOBIG, "413 Content Too Large\r\n"},
        {WEFT_ESIZE, "414 URI Too Long\r\n"},
        {WEFT_EHEADER, "431 Request Header Fields Too Large\r\n"},
        {WEFT_ETRANSFORM, "501 Not Implemented\r\n"},
        {WEFT_EOVERLOAD, "503 Service Unavailable\r\n"},
        {WEFT_EVERSION, "505 HTTP Version Not Supported\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_chain out = {0};
        assert_int_equal(wf_http_refuse(rows[i].err, &out), 0);
        char *text = (char *)flatten(&out);
        text[out.len] = 0;
        assert_memory_equal(text, "HTTP/1.1 ", 9);
        assert_memory_equal(text + 9, rows[i].status, strlen(rows[i].status));
        assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
        free(text);
        weft_chain_clear(&out);
    }
}

/* ---- writing ---- */

/* Write one request with n headers whose values have `size` bytes. */
static weft_err
write_headers(uint32_t n, uint32_t size, struct weft_chain *out)
{
    struct weft_chain message = {0};
    struct weft_header *items = calloc(n, sizeof *items);
    char *text = malloc(size);
    assert_true(items && text);
    memset(text, 'a', size);
    for (uint32_t i = 0; i < n; i++)
        items[i] = (struct weft_header){WEFT_STR("a"), {text, size}};
    struct wf_frame frame = {.flags = WF_HTTP_REQUEST,
                             .headers = {.items = items, .len = n}};
    assert_int_equal(weft_chain_append(&message, "abc", 3), 0);
    weft_err err = wf_http_close(&frame, &message, out);
    assert_int_equal(message.len, 0);
    free(items);
    free(text);
    return err;
}

/* A head that is written can be read. One that a reader would refuse is refused
 * by the writer. */
static void
heads_are_bounded_when_they_are_written(void **state)
{
    (void)state;
    struct reading r;
    static const struct {
        uint32_t n, size;
        weft_err err;
    } rows[] = {
        {1, 65000, 0}, {1, 65500, WEFT_EHEADER}, {2, 40000, WEFT_EHEADER},
        {248, 1, 0},   {249, 1, WEFT_EHEADER},   {60000, 1, WEFT_EHEADER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(&r);
        struct weft_chain out = {0};
        assert_int_equal(write_headers(rows[i].n, rows[i].size, &out),
                         rows[i].err);
        if (rows[i].err)
            assert_int_equal(out.len, 0);
        char *text = (char *)flatten(&out);
        text[out.len] = 0;
        const char *line = strstr(text, "\r\n");
        if (!rows[i].err) {
            assert_int_equal(
                weft_chain_append(&r.in, text, (size_t)(line - text)), 0);
            give(&r, "\r\nHost: x");
            assert_int_equal(
                weft_chain_append(&r.in, line, out.len - (size_t)(line - text)),
                0);
            read_all(&r);
            assert_int_equal(r.err, 0);
            assert_int_equal(r.in.len, 0);
        }
        free(text);
        weft_chain_clear(&out);
        end(&r);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_requests),
        cmocka_unit_test(rows_of_responses),
        cmocka_unit_test(nothing_is_endless),
        cmocka_unit_test(tiny_chunks_keep_what_they_are),
        cmocka_unit_test(an_idle_parser_keeps_nothing),
        cmocka_unit_test(heads_are_bounded_when_they_are_written),
        cmocka_unit_test(each_error_has_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
