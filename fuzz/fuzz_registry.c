/* SPDX-License-Identifier: MIT */
/*
 * Lists of servers that a registry sends. The first byte chooses the registry.
 * Each server of a list has an address that a client accepts, and a weight.
 * Rows 112 and 113 of docs/threats.md.
 */
#include "fuzz.h"
#include "upstream/consul.h"
#include "upstream/etcd.h"

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
    } else {
        weft_err err = wf_etcd_read(text, &arena, &list, &revision);
        check(err || revision > 0);
    }
    for (uint32_t i = 0; i < list.len; i++) {
        check(!wf_address_check(list.items[i].address));
        check(list.items[i].weight > 0);
    }
    weft_arena_fini(&arena);
    return 0;
}
