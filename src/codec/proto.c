/* SPDX-License-Identifier: MIT */
/* Calls the functions of the protocol that the caller chooses. */
#include "codec/binary/binary.h"
#include "codec/codec.h"
#include "codec/desc/desc.h"
#include "codec/json/json.h"

weft_err
weft_struct_read(const struct weft_struct *desc, enum weft_protocol proto,
                 struct weft_reader *r, void *record)
{
    switch (proto) {
    case WEFT_BINARY:
    case WEFT_OLD_BINARY:
        return desc->read_binary ? desc->read_binary(r, record)
                                 : wf_table_read(desc, false, r, record);
    case WEFT_COMPACT:
        return desc->read_compact ? desc->read_compact(r, record)
                                  : wf_table_read(desc, true, r, record);
    case WEFT_JSON:
        return wf_tjson_read(desc, r, record);
    }
    return WEFT_EUNKNOWNPROTO;
}

void
weft_struct_write(const struct weft_struct *desc, enum weft_protocol proto,
                  struct weft_writer *w, const void *record)
{
    switch (proto) {
    case WEFT_BINARY:
    case WEFT_OLD_BINARY:
        if (desc->write_binary)
            desc->write_binary(w, record);
        else
            wf_table_write(desc, false, w, record);
        return;
    case WEFT_COMPACT:
        if (desc->write_compact)
            desc->write_compact(w, record);
        else
            wf_table_write(desc, true, w, record);
        return;
    case WEFT_JSON:
        wf_tjson_write(desc, w, record);
        return;
    }
    weft_writer_fail(w, WEFT_EUNKNOWNPROTO);
}

weft_err
wf_struct_skip(enum weft_protocol proto, struct weft_reader *r)
{
    switch (proto) {
    case WEFT_BINARY:
    case WEFT_OLD_BINARY:
        return weft_bin_skip(r, WEFT_STRUCT);
    case WEFT_COMPACT:
        return wf_compact_skip(r, WEFT_STRUCT);
    case WEFT_JSON:
        return wf_tjson_skip(r, WEFT_STRUCT);
    }
    return WEFT_EUNKNOWNPROTO;
}

weft_err
wf_message_read(enum weft_protocol proto, struct weft_reader *r,
                uint32_t name_size, struct weft_message *m)
{
    switch (proto) {
    case WEFT_BINARY:
        return weft_bin_read_message(r, name_size, m);
    case WEFT_OLD_BINARY:
        return wf_old_read_message(r, name_size, m);
    case WEFT_COMPACT:
        return wf_compact_read_message(r, name_size, m);
    case WEFT_JSON:
        return wf_tjson_read_message(r, name_size, m);
    }
    return WEFT_EUNKNOWNPROTO;
}

weft_err
wf_message_read_end(enum weft_protocol proto, struct weft_reader *r)
{
    return proto == WEFT_JSON ? wf_tjson_read_message_end(r) : WEFT_OK;
}

void
wf_message_write(enum weft_protocol proto, struct weft_writer *w,
                 struct weft_str name, int32_t type, int32_t seqid)
{
    switch (proto) {
    case WEFT_BINARY:
        weft_bin_write_message(w, name, type, seqid);
        return;
    case WEFT_OLD_BINARY:
        wf_old_write_message(w, name, type, seqid);
        return;
    case WEFT_COMPACT:
        wf_compact_write_message(w, name, type, seqid);
        return;
    case WEFT_JSON:
        wf_tjson_write_message(w, name, type, seqid);
        return;
    }
    weft_writer_fail(w, WEFT_EUNKNOWNPROTO);
}

void
wf_message_write_end(enum weft_protocol proto, struct weft_writer *w)
{
    if (proto == WEFT_JSON)
        wf_tjson_write_message_end(w);
}
