/* SPDX-License-Identifier: MIT */
/* A store whose keys are divided between three servers. A call with a key goes
 * to the server of this key, one without a key to all. */
#include "store.h"
#include <stdio.h>
#include <string.h>
#include <weft/combine.h>

#define SERVERS 3
#define KEYS 100

static struct shelf {
    int64_t values[KEYS];
    int n;
} shelves[SERVERS];

static weft_err
put(struct weft_call *call, const struct store_put_args *args,
    struct store_put_result *result)
{
    struct shelf *shelf = weft_call_user(call);
    (void)result;
    shelf->values[args->key % KEYS] = args->value;
    shelf->n++;
    return WEFT_OK;
}

static weft_err
get(struct weft_call *call, const struct store_get_args *args,
    struct store_get_result *result)
{
    const struct shelf *shelf = weft_call_user(call);
    result->success = shelf->values[args->key % KEYS];
    return WEFT_OK;
}

static weft_err
clear(struct weft_call *call, const struct store_clear_args *args,
      struct store_clear_result *result)
{
    (void)args;
    (void)result;
    memset(weft_call_user(call), 0, sizeof(struct shelf));
    return WEFT_OK;
}

int
main(void)
{
    static const struct store_Store_service table = {put, get, clear};
    struct weft_server *servers[SERVERS];
    struct weft_client *clients[SERVERS], *store;
    int64_t got = 0, failed = 0;
    for (int i = 0; i < SERVERS; i++) /* they might be anywhere */
        if (weft_server_new(NULL, &servers[i]) ||
            store_Store_register(servers[i], "Store", &table, &shelves[i]) ||
            weft_client_local(servers[i], &clients[i]))
            return 1;
    if (weft_client_partition(clients, SERVERS, NULL, &store))
        return 1;
    struct weft_arena arena = WEFT_ARENA_INIT;
    for (int i = 0; i < KEYS && !failed; i++) {
        struct weft_str key = weft_arena_printf(&arena, "key %d", i);
        const struct weft_call_options by_key = {.hash_key = key};
        failed = store_put(store, &arena, i, i + 1, &by_key) ||
                 store_get(store, &arena, i, &got, &by_key) || got != i + 1;
    }
    for (int i = 0; i < SERVERS; i++)
        printf("server %d has %d keys\n", i, shelves[i].n);
    failed |= store_clear(store, &arena, NULL);
    for (int i = 0; i < SERVERS; i++)
        failed |= shelves[i].n;
    weft_arena_fini(&arena);
    weft_client_free(store);
    for (int i = 0; i < SERVERS; i++)
        weft_server_free(servers[i]);
    return failed != 0;
}
