/* SPDX-License-Identifier: MIT */
/*
 * Lists of servers that a registry sends, answers of etcd about a lease,
 * answers of ZooKeeper, and tags of a server. The first byte chooses which.
 * Each server of a list has an address that a client accepts, a weight, and
 * only tags that name a partition; a lease has an id. Rows 112,
 * 113, 116 and 117 of docs/threats.md.
 */
#include "fuzz.h"
#include "upstream/consul.h"
#include "upstream/etcd.h"
#include "upstream/register.h"
#include "upstream/zk.h"

#include <string.h>

/* An answer, read in each way. */
static void
read_zk(struct weft_str frame, struct weft_arena *arena,
        struct wf_registry_list *list)
{
    struct wf_zk_session session;
    struct wf_zk_header header;
    struct wf_zk_names names = {0};
    struct weft_str data;
    struct weft_endpoint endpoint;
    check(wf_zk_read_hello(frame, &session) || session.id == 0 ||
          (session.timeout_ms > 0 && session.timeout_ms <= INT32_MAX));
    if (wf_zk_read_header(frame, &header))
        return;
    (void)!wf_zk_read_names(header.rest, arena, &names);
    for (uint32_t i = 0; i < names.len; i++)
        check(names.items[i].len > 0 &&
              !memchr(names.items[i].ptr, '/', names.items[i].len));
    if (!wf_zk_read_data(header.rest, &data) &&
        !wf_registry_read_value(data, arena, &endpoint))
        (void)!wf_registry_add(list, arena, &endpoint);
}

/* Returns how many partitions the tags name. */
static uint32_t
read_tags(const char *text)
{
    uint32_t partitions[WF_TAGS_MAX];
    uint32_t n = wf_tags_read(text, partitions);
    check(n <= WF_TAGS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t index = partitions[i] & 0xffff, of = partitions[i] >> 16;
        check(index < of && of <= WF_PARTITIONS_MAX);
    }
    return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_registry_list list = {0};
    uint64_t revision = 0;
    if (size == 0)
        return 0;
    struct weft_str text = {(const char *)data + 1, (uint32_t)size - 1};
    weft_log_set_level(WEFT_LOG_NONE);
    if (data[0] == 'c') {
        (void)!wf_consul_read(text, &arena, &list);
    } else if (data[0] == 'z') {
        read_zk(text, &arena, &list);
    } else if (data[0] == 't') {
        struct weft_str copy = weft_arena_str(&arena, text.ptr, text.len);
        if (copy.ptr)
            (void)read_tags(copy.ptr);
    } else if (data[0] == 'l') {
        uint64_t id, ttl_s;
        weft_err err = wf_etcd_read_lease(text, &arena, &id, &ttl_s);
        check(err || (id > 0 && id <= INT64_MAX && ttl_s <= INT64_MAX));
    } else {
        struct weft_str value;
        weft_err err = wf_etcd_read(text, &arena, &list, &revision);
        check(err || revision > 0);
        check(err || !wf_etcd_read_value(text, &arena, &value, &revision));
    }
    for (uint32_t i = 0; i < list.len; i++) {
        check(!wf_address_check(list.items[i].address));
        check(list.items[i].weight > 0);
        check(!list.items[i].tag || read_tags(list.items[i].tag) > 0);
    }
    weft_arena_fini(&arena);
    return 0;
}
