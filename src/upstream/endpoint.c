/* SPDX-License-Identifier: MIT */
/* One server, and what each worker knows of it. */
#include "upstream/upstream.h"

#include <errno.h>
#include <string.h>

/* After this time a latency counts half: 10 s * ln 2. */
#define HALF_NS 6931471806u
/* A failure counts as a latency: its own latency times FAILURE_FACTOR, but at
 * least FAILURE_NS. */
#define FAILURE_NS 10000000u
#define FAILURE_FACTOR 4u

weft_err
wf_endpoint_new(const char *address, const struct weft_client_options *options,
                struct wf_endpoint **out)
{
    *out = NULL;
    size_t size = strlen(address) + 1;
    struct wf_endpoint *endpoint = wf_sys_zalloc(sizeof *endpoint + size);
    if (!endpoint)
        return -ENOMEM;
    memcpy(endpoint->address, address, size);
    weft_err err = wf_client_new(address, options, &endpoint->client);
    if (err)
        wf_sys_free(endpoint);
    else
        *out = endpoint;
    return err;
}

void
wf_endpoint_free(struct wf_endpoint *endpoint)
{
    weft_client_free(endpoint->client);
    wf_parts_free(wf_load(&endpoint->loads, relaxed), sizeof(struct wf_load));
    wf_parts_free(wf_load(&endpoint->flows, relaxed), sizeof(struct wf_flow));
    wf_sys_free(endpoint);
}

/* Make the parts, unless they were made. NULL: no memory. */
static void *
get_parts(_Atomic(void *) *place, size_t size)
{
    void *parts = wf_load(place, acquire);
    if (WEFT_LIKELY(parts != NULL))
        return parts;
    void *made = wf_parts_new(size);
    if (!made || wf_cas(place, &parts, made, acq_rel))
        return made;
    wf_parts_free(made, size);
    return parts; /* another thread was faster */
}

struct wf_load *
wf_endpoint_loads(struct wf_endpoint *endpoint)
{
    return get_parts(&endpoint->loads, sizeof(struct wf_load));
}

struct wf_flow *
wf_endpoint_flows(struct wf_endpoint *endpoint)
{
    return get_parts(&endpoint->flows, sizeof(struct wf_flow));
}

uint64_t
wf_endpoint_in_flight(const struct wf_endpoint *endpoint)
{
    const struct wf_load *loads = wf_load(&endpoint->loads, acquire);
    uint64_t ended = 0, begun = 0;
    /* acquire: a thread that sees an attempt's end also sees its beginning */
    for (uint32_t i = 0; loads && i < wf_parts_count(); i++)
        ended += wf_load(&loads[i].ended, acquire);
    for (uint32_t i = 0; loads && i < wf_parts_count(); i++)
        begun += wf_load(&loads[i].begun, relaxed);
    return begun - ended;
}

uint64_t
wf_load_decayed(uint64_t ns, uint64_t since)
{
    uint64_t n = since / HALF_NS;
    if (n >= 64)
        return 0;
    ns >>= n;
    return ns - (uint64_t)((double)ns * (double)(since % HALF_NS) /
                           (2 * (double)HALF_NS));
}

uint64_t
wf_failure_ns(uint64_t took_ns)
{
    return WF_MAX(FAILURE_FACTOR * took_ns, FAILURE_NS);
}

/* A latency above the average becomes the average at once. So one call is
 * enough to notice that a server has become slow. A lower latency moves the
 * average down. This move is larger if more time has passed since the last
 * latency. Source: the peak EWMA of Finagle. */
void
wf_load_note(struct wf_load *load, uint64_t took_ns, bool failed, uint64_t now)
{
    /* relaxed: if two threads change `load` at the same time, one latency is
     * lost */
    uint64_t old = wf_load(&load->latency_ns, relaxed), next = took_ns;
    uint64_t since = now - wf_load(&load->seen_ns, relaxed);
    if (failed)
        next = wf_failure_ns(took_ns);
    if (old > next)
        next += wf_load_decayed(old - next, since);
    wf_store(&load->latency_ns, WF_MAX(next, 1), relaxed);
    wf_store(&load->seen_ns, now, relaxed);
}
