/* SPDX-License-Identifier: MIT */
/*
 * Reads HTTP twice: the whole input at once, and in pieces. Both must find the
 * same bodies, the same headers and the same error, and keep to the limits. The
 * first byte of the input chooses requests or responses, the limits and the
 * size of the pieces.
 */
#include "fuzz.h"
#include "codec/codec.h"

#include <stdlib.h>

struct result {
    struct weft_chain bodies;
    size_t messages, continues, headers, header_bytes;
    weft_err err;
    bool is_last;
};

static struct weft_limits limits;
static uint64_t seed;

static void
count_headers(struct wf_http *http, struct result *result)
{
    struct weft_arena arena;
    struct weft_headers headers = {0};
    weft_arena_init(&arena, 0);
    check(!wf_http_headers(http, &arena, &headers));
    result->headers += headers.len;
    for (uint32_t i = 0; i < headers.len; i++) {
        check(headers.items[i].key.len > 0);
        check(!wf_http_check(&headers.items[i]));
        result->header_bytes +=
            headers.items[i].key.len + headers.items[i].value.len;
    }
    check(headers.len == 0 || result->header_bytes > 0);
    weft_arena_fini(&arena);
}

static void
take(struct wf_http *http, struct weft_chain *in, struct result *result)
{
    enum wf_http_event event;
    do {
        size_t before = result->bodies.len;
        result->err = wf_http_read(http, in, &result->bodies, &event);
        check(result->bodies.len - before <= limits.message_size + 4);
        if (result->err)
            break;
        if (event == WF_HTTP_MESSAGE) {
            result->messages++;
            result->is_last = wf_http_is_last(http);
            count_headers(http, result);
        }
        result->continues += event == WF_HTTP_CONTINUE;
    } while (event != WF_HTTP_MORE && !result->is_last);
}

static struct result
run(bool of_requests, const uint8_t *data, size_t size, size_t piece)
{
    struct result result = {.messages = 0};
    struct weft_chain in = {0};
    struct wf_http *http = wf_http_new(of_requests, &limits);
    while (http && size > 0 && !result.err && !result.is_last) {
        size_t n = 1 + draw(&seed, piece);
        n = n < size ? n : size;
        check(!weft_chain_append(&in, data, n));
        take(http, &in, &result);
        data += n;
        size -= n;
    }
    weft_chain_clear(&in);
    wf_http_free(http);
    return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    bool of_requests = data[0] & 1;
    limits = wf_limits_of(&(struct weft_limits){
        .message_size = data[0] & 2 ? 40 : 0,
        .header_size = data[0] & 4 ? 200 : 0,
    });
    seed = data[0];
    struct result whole = run(of_requests, data + 1, size - 1, size);
    struct result parts =
        run(of_requests, data + 1, size - 1, 1 + (data[0] >> 4));
    check(whole.messages == parts.messages);
    check(!whole.err == !parts.err);
    check(whole.headers == parts.headers);
    check(whole.header_bytes == parts.header_bytes);
    check(whole.continues == parts.continues);
    check(whole.err || whole.bodies.len == parts.bodies.len);
    weft_chain_clear(&whole.bodies);
    weft_chain_clear(&parts.bodies);
    return 0;
}
