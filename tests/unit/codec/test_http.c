/* SPDX-License-Identifier: MIT */
/* HTTP messages that RFC 9110 and RFC 9112 allow or forbid, as rows. Each row
 * is read whole, byte by byte, and in pieces of three bytes. Row 16 of
 * docs/threats.md. */
#include "unit/codec/bytes.h"
#include "unit/codec/http_rows.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

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

/* How many bytes of repeated `text` the parser accepts after `beginning`,
 * before the error `err`. */
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

/* The error does not depend on the pieces in which the bytes come. */
static void
too_much_in_one_piece(void **state)
{
    static const struct {
        const char *beginning;
        weft_err err;
    } rows[] = {{"POST /", WEFT_ESIZE},
                {POST "A: ", WEFT_EHEADER},
                {CHUNKED "1\r\na\r\n0\r\nT: ", WEFT_EHEADER}};
    enum { N = 1 << 20 };
    char *much = malloc(N);
    (void)state;
    assert_non_null(much);
    memset(much, 'a', N);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reading r;
        begin(&r);
        give(&r, rows[i].beginning);
        assert_int_equal(weft_chain_append_ref(&r.in, much, N, NULL, NULL), 0);
        read_all(&r);
        assert_int_equal(r.err, rows[i].err);
        end(&r);
    }
    free(much);
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
        {WEFT_ENOSERVICE, "404 Not Found\r\n"},
        {WEFT_EOVERLOAD, "503 Service Unavailable\r\n"},
        {WEFT_ESTOPPING, "503 Service Unavailable\r\n"},
        {WEFT_ETOOMANYCONNS, "503 Service Unavailable\r\n"},
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

static void
so_many_headers_fit(void **state)
{
    const struct weft_dialect http = {.framing = WEFT_HTTP};
    const struct weft_dialect theader = {.framing = WEFT_THEADER};
    (void)state;
    assert_true(wf_headers_have_room(&http, 248, 1000));
    assert_false(wf_headers_have_room(&http, 249, 1000));
    assert_true(wf_headers_have_room(&theader, 249, 1000));
    size_t most = 0;
    while (wf_headers_have_room(&theader, 1, most + 1))
        most++;
    assert_in_range(most, 60000, WEFT_HEADER_SIZE);
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

/* The head may have as many bytes as a reader takes, and no more. */
static void
the_greatest_head_is_exact(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 3; n++) {
        struct weft_chain out = {0};
        assert_int_equal(write_headers(n, 1, &out), 0);
        size_t around = out.len - strlen("abc") - n; /* without values */
        weft_chain_clear(&out);
        uint32_t size = (uint32_t)(WEFT_HEADER_SIZE - around) / n;
        assert_int_equal(write_headers(n, size, &out), 0);
        assert_in_range(out.len - strlen("abc"), WEFT_HEADER_SIZE - n + 1,
                        WEFT_HEADER_SIZE);
        weft_chain_clear(&out);
        assert_int_equal(write_headers(n, size + 1, &out), WEFT_EHEADER);
    }
}

static void
http_owns_some_headers(void **state)
{
    static const char *const own[] = {
        "Accept",           "Connection", "Content-Length", "Content-Type",
        "Expect",           "Host",       "HTTP2-Settings", "Keep-Alive",
        "Proxy-Connection", "TE",         "Trailer",        "Transfer-Encoding",
        "Upgrade"};
    static const char *const others[] = {
        "", "t", "tee", "hos", "host2", "accept-encoding", "trailers"};
    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_true(wf_http_owns(weft_str_of(own[i])));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(wf_http_owns(weft_str_of(others[i])));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_requests),
        cmocka_unit_test(rows_of_responses),
        cmocka_unit_test(nothing_is_endless),
        cmocka_unit_test(too_much_in_one_piece),
        cmocka_unit_test(tiny_chunks_keep_what_they_are),
        cmocka_unit_test(an_idle_parser_keeps_nothing),
        cmocka_unit_test(heads_are_bounded_when_they_are_written),
        cmocka_unit_test(so_many_headers_fit),
        cmocka_unit_test(the_greatest_head_is_exact),
        cmocka_unit_test(http_owns_some_headers),
        cmocka_unit_test(each_error_has_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
