/* SPDX-License-Identifier: MIT */
/*
 * Fills in the defaults of the limits for messages, and reads the head of a
 * message without consuming its bytes.
 */
#include "codec/binary/binary.h"
#include "codec/codec.h"

#define MAX_MESSAGE ((size_t)INT32_MAX)
#define SPARE_MEMORY ((size_t)1 << 20)

struct weft_limits
wf_limits_of(const struct weft_limits *asked)
{
    struct weft_limits l = asked ? *asked : (struct weft_limits){0};
    if (l.message_size == 0)
        l.message_size = WEFT_MESSAGE_SIZE;
    l.message_size = WF_MIN(l.message_size, MAX_MESSAGE);
    if (l.memory == 0)
        l.memory = 8 * l.message_size + SPARE_MEMORY;
    if (l.depth == 0 || l.depth > WEFT_DEPTH)
        l.depth = WEFT_DEPTH;
    if (l.name_size == 0)
        l.name_size = WEFT_NAME_SIZE;
    if (l.header_size == 0 || l.header_size > WEFT_HEADER_SIZE)
        l.header_size = WEFT_HEADER_SIZE;
    if (l.inflate_ratio == 0)
        l.inflate_ratio = WEFT_INFLATE_RATIO;
    l.inflate_ratio = WF_MIN(l.inflate_ratio, WEFT_INFLATE_MOST);
    return l;
}

weft_err
wf_message_peek(const struct weft_chain *in, size_t off, uint32_t name_size,
                struct weft_arena *arena, struct weft_message *m)
{
    if (off > in->len)
        return WEFT_ETRUNC;
    uint8_t first = 0;
    struct weft_reader r;
    (void)weft_chain_copy_out(in, off, &first, 1);
    enum weft_protocol protocol = first == 0x82  ? WEFT_COMPACT
                                  : first == '[' ? WEFT_JSON
                                  : first == 0   ? WEFT_OLD_BINARY
                                                 : WEFT_BINARY;
    weft_reader_init(&r, in, arena, 0);
    wf_reader_pass(&r, off);
    return wf_message_read(protocol, &r, name_size, m);
}
