/* SPDX-License-Identifier: MIT */
/* Reads the answer to a question for SRV records. c-ares reads the records, but
 * does not tell how long they are valid. */
#include "upstream/dns.h"

#if WF_CARES

#define CARES_NO_DEPRECATED /* newer versions warn of what 1.18 has */
#include <ares.h>
#include <errno.h>
#include <string.h>

/* ---- how long an answer is valid ---- */

struct input {
    const uint8_t *at, *end;
};

static bool
skip(struct input *in, size_t n)
{
    if ((size_t)(in->end - in->at) < n)
        return false;
    in->at += n;
    return true;
}

static uint32_t
number_at(const uint8_t *at, size_t n)
{
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | at[i];
    return value;
}

/* A name is labels up to an empty label, or up to two bytes that refer to the
 * rest. */
static bool
skip_name(struct input *in)
{
    while (in->at < in->end) {
        uint8_t n = *in->at++;
        if (n == 0)
            return true;
        if (n >= 0xc0)
            return skip(in, 1);
        if (!skip(in, n))
            return false;
    }
    return false;
}

/* A record: a name, its type and class (2 bytes each), how long it is valid (4,
 * in seconds), and its data with the length (2) before. */
static bool
read_record(struct input *in, uint32_t *ttl_s)
{
    if (!skip_name(in) || !skip(in, 10))
        return false;
    uint32_t ttl = number_at(in->at - 6, 4);
    if (ttl > INT32_MAX)
        ttl = 0; /* RFC 2181 */
    *ttl_s = WF_MIN(*ttl_s, ttl);
    return skip(in, number_at(in->at - 2, 2));
}

/* The numbers of questions and answers are in the header, which has 12
 * bytes. */
static bool
read_ttl(const uint8_t *bytes, size_t n, uint32_t *ttl_s)
{
    struct input in = {bytes, bytes + n};
    *ttl_s = INT32_MAX;
    if (!skip(&in, 12))
        return false;
    for (uint32_t k = number_at(bytes + 4, 2); k > 0; k--)
        if (!skip_name(&in) || !skip(&in, 4))
            return false;
    for (uint32_t k = number_at(bytes + 6, 2); k > 0; k--)
        if (!read_record(&in, ttl_s))
            return false;
    return true;
}

/* ---- the records ---- */

static uint32_t
lowest_priority(const struct ares_srv_reply *found)
{
    uint32_t lowest = UINT32_MAX;
    for (; found; found = found->next)
        lowest = WF_MIN(lowest, found->priority);
    return lowest;
}

static weft_err
add(struct wf_srv_records *records, struct weft_arena *arena,
    const struct ares_srv_reply *found)
{
    struct weft_str host =
        weft_arena_str(arena, found->host, strlen(found->host));
    struct wf_srv_record *record =
        host.ptr ? weft_push(arena, records, sizeof *record) : NULL;
    if (!record)
        return WEFT_EBUDGET;
    *record = (struct wf_srv_record){.host = host.ptr,
                                     .weight = WF_MAX(found->weight, 1u),
                                     .port = found->port};
    return WEFT_OK;
}

/* An empty host says that there is no such service; port 0 is none. */
static weft_err
keep(const struct ares_srv_reply *found, struct weft_arena *arena,
     struct wf_srv_records *records)
{
    uint32_t lowest = lowest_priority(found);
    bool is_any = WF_MUTANT(srv_every_priority);
    weft_err err = WEFT_OK;
    for (; found && !err; found = found->next)
        if ((is_any || found->priority == lowest) && *found->host &&
            found->port)
            err = add(records, arena, found);
    return err || records->len > 0 ? err : WEFT_EADDRESS;
}

weft_err
wf_srv_read(const uint8_t *bytes, size_t n, struct weft_arena *arena,
            struct wf_srv_records *records, uint32_t *ttl_s)
{
    struct ares_srv_reply *found = NULL;
    if (n > UINT16_MAX || !read_ttl(bytes, n, ttl_s))
        return WEFT_EPROTOCOL;
    int status = ares_parse_srv_reply(bytes, (int)n, &found);
    weft_err err = status == ARES_SUCCESS   ? WEFT_OK
                   : status == ARES_ENODATA ? WEFT_EADDRESS
                   : status == ARES_ENOMEM  ? -ENOMEM
                                            : WEFT_EPROTOCOL;
    if (!err)
        err = keep(found, arena, records);
    if (found)
        ares_free_data(found);
    return err;
}

#endif
