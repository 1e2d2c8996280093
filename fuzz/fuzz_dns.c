/* SPDX-License-Identifier: MIT */
/*
 * Answers of a name server with SRV records, or, if the first byte is `t`, the
 * texts of the targets `dns:` and `srv:`. Each server has a host, a port and a
 * weight, and an answer is valid for at most 2^31 - 1 seconds. Row 68 of
 * docs/threats.md.
 */
#include "fuzz.h"
#include "upstream/dns.h"

#include <stdlib.h>
#include <string.h>

static void
read_text(const uint8_t *data, size_t size)
{
    struct wf_dns_name name;
    char *text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (!wf_dns_read_name(text, &name)) {
        check(strlen(name.servers) < sizeof name.servers);
        check(name.name >= text && name.name <= text + size);
    }
    (void)!wf_dns_check(text);
    (void)!wf_srv_check(text);
    free(text);
}

static void
read_records(const uint8_t *data, size_t size)
{
#if WF_CARES
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_srv_records records = {0};
    uint32_t ttl_s;
    if (!wf_srv_read(data, size, &arena, &records, &ttl_s)) {
        check(records.len > 0 && ttl_s <= INT32_MAX);
        for (uint32_t i = 0; i < records.len; i++)
            check(*records.items[i].host && records.items[i].port > 0 &&
                  records.items[i].weight > 0);
    }
    weft_arena_fini(&arena);
#else
    (void)data;
    (void)size;
#endif
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    weft_log_set_level(WEFT_LOG_NONE);
    if (size > 0 && data[0] == 't')
        read_text(data + 1, size - 1);
    else
        read_records(data, size);
    return 0;
}
