/* SPDX-License-Identifier: MIT */
/* Prints how much memory each of 10,000 endpoints of a client takes that has
 * called none of them, in JSON. */
#include "process.h"

#include <weft/upstream.h>
#include <weft/weft.h>

#include <string.h>

#define N 10000

static char addresses[N][32];
static struct weft_endpoint endpoints[N];

static weft_err
measure(struct weft_client *client)
{
    for (int i = 0; i < N; i++) {
        snprintf(addresses[i], sizeof addresses[i], "10.0.%d.%d:9090", i / 256,
                 i % 256);
        endpoints[i] = (struct weft_endpoint){.address = addresses[i]};
    }
    double before = resident_bytes();
    weft_err err = weft_client_set_endpoints(client, endpoints, N);
    printf("{\"endpoint_bytes\":%.1f}\n", (resident_bytes() - before) / N);
    return err;
}

int
main(void)
{
    struct weft_client *client;
    weft_err err = weft_client_new("list:", NULL, &client);
    if (!err) {
        err = measure(client);
        weft_client_free(client);
    }
    if (err)
        fprintf(stderr, "endpoint_memory: %s\n", weft_err_text(err));
    return err != WEFT_OK;
}
