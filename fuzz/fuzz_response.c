/* SPDX-License-Identifier: MIT */
/*
 * Reads a response of HTTP, as a client of weft/http.h does: lines, and bytes
 * of the body. The body must not depend on the sizes of the pieces, the limits
 * must hold, and if llhttp reads the same bytes without an error, it must find
 * the same body: otherwise a proxy could be made to see another response. The
 * first byte of the input chooses the limit and the sizes.
 */
#include "fuzz.h"
#include "codec/codec.h"

#include <string.h>

struct result {
    struct weft_chain body;
    uint32_t status;
    bool is_whole, stays;
    size_t taken, headers;
    weft_err err;
};

static uint64_t seed;

static void
take_line(struct wf_http_response *r, const uint8_t *at, size_t left,
          struct result *result)
{
    struct weft_header h;
    const uint8_t *end = left > 0 ? memchr(at, '\n', left) : NULL;
    size_t n = end ? (size_t)(end - at) + 1 : 0;
    size_t before = r->left_size;
    if (n == 0) {
        result->err = WEFT_EEOF;
        return;
    }
    result->err = wf_http_response_line(
        r, (struct weft_str){(const char *)at, (uint32_t)n}, &h);
    result->taken += n;
    check(result->err || r->left_size <= before);
    if (!result->err && h.key.len > 0) {
        check(!wf_http_check(&h));
        result->headers++;
    }
}

static struct result
run(const uint8_t *data, size_t size, size_t head_size, size_t piece)
{
    struct result result = {.status = 0};
    struct wf_http_response r;
    wf_http_response_init(&r, false, head_size);
    while (!result.err && r.want != WF_HTTP_WANTS_NOTHING) {
        const uint8_t *at = data + result.taken;
        size_t left = size - result.taken, n = 1 + draw(&seed, piece);
        n = n < left ? n : left;
        if (r.want == WF_HTTP_WANTS_LINE) {
            take_line(&r, at, left, &result);
            continue;
        }
        if (r.want == WF_HTTP_WANTS_DATA)
            n = n < r.left ? n : (size_t)r.left;
        else if (n == 0)
            break;
        result.err = n == 0 ? WEFT_EEOF : WEFT_OK;
        check(!weft_chain_append(&result.body, at, n));
        wf_http_response_data(&r, n);
        result.taken += n;
    }
    result.status = r.status;
    result.stays = r.has_head && r.stays;
    result.is_whole = !result.err;
    check(result.err || r.has_head);
    check(result.headers <= WF_HTTP_HEADERS * (1 + size / 12));
    return result;
}

/* Let llhttp read the bytes that were taken, and compare. */
static void
compare(const uint8_t *data, const struct result *mine)
{
    struct weft_limits limits = wf_limits_of(NULL);
    struct wf_http *http = wf_http_new(false, &limits);
    struct weft_chain in = {0}, out = {0};
    enum wf_http_event event = WF_HTTP_MORE;
    if (!http)
        return;
    check(!weft_chain_append(&in, data, mine->taken));
    weft_err err = wf_http_read(http, &in, &out, &event);
    if (!err && event == WF_HTTP_MORE)
        err = wf_http_end(http, &out, &event);
    if (!err && event == WF_HTTP_MESSAGE) {
        check(wf_http_status(http) == mine->status);
        check(in.len == 0);
        check(out.len == (mine->body.len > 0 ? mine->body.len + 4 : out.len));
        check(mine->body.len > 0 || out.len <= 4);
    }
    weft_chain_clear(&in);
    weft_chain_clear(&out);
    wf_http_free(http);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    size_t head_size = data[0] & 1 ? 200 : 65536;
    seed = data[0];
    struct result whole = run(data + 1, size - 1, head_size, size);
    struct result parts =
        run(data + 1, size - 1, head_size, 1 + (data[0] >> 4));
    check(whole.err == parts.err && whole.status == parts.status);
    check(whole.stays == parts.stays && whole.headers == parts.headers);
    check(whole.body.len == parts.body.len && whole.taken == parts.taken);
    if (whole.is_whole)
        compare(data + 1, &whole);
    weft_chain_clear(&whole.body);
    weft_chain_clear(&parts.body);
    return 0;
}
