/* SPDX-License-Identifier: MIT */
/*
 * Apache's side, in two forms. The usual form reads and writes through
 * TProtocol, with a new object for each message, as Apache's processors do. The
 * fastest form uses generated templates, so that binary and compact make no
 * virtual call, and one object that keeps the memory of its strings and
 * vectors. Both use one buffer and one protocol object for all messages, and do
 * not copy the bytes that they have written.
 */
#include "beside.h"
#include "codec_types.h"

#include <memory>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/TJSONProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <vector>

namespace
{

using apache::thrift::TException;
using apache::thrift::protocol::TProtocol;
using apache::thrift::transport::TMemoryBuffer;
using Binary = apache::thrift::protocol::TBinaryProtocolT<TMemoryBuffer>;
using Compact = apache::thrift::protocol::TCompactProtocolT<TMemoryBuffer>;
using Json = apache::thrift::protocol::TJSONProtocol;

std::vector<shop::Order> orders;

/* Call `use` with a protocol object over the buffer. */
template <typename Use>
bool
with(enum weft_protocol proto, const std::shared_ptr<TMemoryBuffer> &buffer,
     Use use)
{
    try {
        if (proto == WEFT_BINARY) {
            Binary protocol(buffer);
            use(&protocol);
        } else if (proto == WEFT_COMPACT) {
            Compact protocol(buffer);
            use(&protocol);
        } else {
            Json protocol(buffer);
            use(&protocol);
        }
        return true;
    } catch (const TException &e) {
        fprintf(stderr, "apache: %s\n", e.what());
        return false;
    }
}

uint32_t
size_of(const struct stream *in)
{
    return (uint32_t)in->ends[in->n - 1];
}

template <typename Protocol>
void
decode_fresh(Protocol *protocol, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        shop::Order order;
        order.read(protocol);
    }
}

template <typename Protocol>
void
decode_again(Protocol *protocol, size_t n)
{
    static shop::Order order;
    for (size_t i = 0; i < n; i++)
        order.read(protocol);
}

template <bool is_best>
bool
decode(enum weft_protocol proto, const struct stream *in, long passes)
{
    auto buffer = std::make_shared<TMemoryBuffer>();
    return with(proto, buffer, [&](auto *protocol) {
        for (; passes > 0; passes--) {
            buffer->resetBuffer(in->bytes, size_of(in));
            if constexpr (is_best)
                decode_again(protocol, in->n);
            else
                decode_fresh<TProtocol>(protocol, in->n);
        }
    });
}

template <typename Protocol>
void
encode_all(Protocol *protocol, TMemoryBuffer *buffer)
{
    for (const shop::Order &order : orders) {
        buffer->resetBuffer();
        order.write(protocol);
    }
}

template <bool is_best>
bool
encode(enum weft_protocol proto, long passes)
{
    auto buffer = std::make_shared<TMemoryBuffer>();
    return with(proto, buffer, [&](auto *protocol) {
        for (; passes > 0; passes--)
            if constexpr (is_best)
                encode_all(protocol, buffer.get());
            else
                encode_all<TProtocol>(protocol, buffer.get());
    });
}

bool
read_all(enum weft_protocol proto, const struct stream *in,
         std::vector<shop::Order> *to)
{
    auto buffer = std::make_shared<TMemoryBuffer>(in->bytes, size_of(in));
    to->assign(in->n, shop::Order());
    return with(proto, buffer, [&](auto *protocol) {
        for (shop::Order &order : *to)
            order.read(protocol);
    });
}

bool
convert(enum weft_protocol from, const struct stream *in, enum weft_protocol to,
        struct stream *out)
{
    std::vector<shop::Order> read;
    auto buffer = std::make_shared<TMemoryBuffer>();
    return read_all(from, in, &read) && with(to, buffer, [&](auto *protocol) {
               for (const shop::Order &order : read) {
                   uint8_t *bytes;
                   uint32_t len;
                   buffer->resetBuffer();
                   order.write(protocol);
                   buffer->getBuffer(&bytes, &len);
                   stream_add(out, bytes, len);
               }
           });
}

bool
load(const struct stream *in)
{
    return read_all(WEFT_BINARY, in, &orders);
}

} // namespace

const struct side apache_side = {convert, load, decode<false>, encode<false>};
const struct side apache_best_side = {convert, load, decode<true>,
                                      encode<true>};
