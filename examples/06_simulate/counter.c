/* SPDX-License-Identifier: MIT */
#include "counter_example.h"

#include "counter.h"

#include <weft/fiber.h>
#include <weft/sim.h>

#include <errno.h>

static weft_err
add(struct weft_call *call, const struct counter_add_args *args,
    struct counter_add_result *result)
{
    struct replica *replica = weft_call_user(call);
    if (args->id < 0 || args->id >= IDS)
        return -EINVAL;
    if (replica->forgetful || !replica->added[args->id]) {
        replica->value += args->amount;
        WEFT_SIM_RUNS((uint64_t)args->id);
    }
    replica->added[args->id] = true;
    result->success = replica->value;
    return WEFT_OK;
}

weft_err
replica_start(struct replica *replica, const char *address,
              struct weft_server **server)
{
    static const struct counter_Counter_service table = {.add = add};
    weft_err err = weft_server_new(NULL, server);
    if (!err)
        err = counter_Counter_register(*server, "Counter", &table, replica);
    if (!err)
        err = weft_server_listen(*server, address);
    return err ? err : weft_server_start(*server);
}

void
add_on(struct weft_client *replica, int64_t id, int64_t amount)
{
    struct counter_add_args args = {.id = id, .amount = amount};
    struct counter_add_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    while (counter_Counter_add(replica, &arena, &args, &result, NULL)) {
        weft_arena_reset(&arena);
        (void)weft_sleep_ms(50);
    }
    weft_arena_fini(&arena);
}
