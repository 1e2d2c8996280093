/* SPDX-License-Identifier: MIT */
/* The smallest simulation: one server, one client, faults, and a check. */
#include "hello.h"
#include <weft/fiber.h>
#include <weft/sim.h>

static weft_err
greet(struct weft_call *call, const struct hello_greet_args *args,
      struct hello_greet_result *result)
{
    result->success = weft_arena_printf(weft_call_arena(call), "Hello, %.*s!",
                                        WEFT_FMT(args->name));
    return result->success.ptr ? WEFT_OK : WEFT_EBUDGET;
}

static void
serve(void *address)
{
    static const struct hello_Hello_service table = {.greet = greet};
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!hello_Hello_register(server, "Hello", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, address));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    weft_server_free(server); /* stops it first */
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
use(void *address)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_client *client;
    struct weft_str greeting;
    weft_sim_faults(WEFT_SIM_RESET | WEFT_SIM_SLOW | WEFT_SIM_CUT);
    WEFT_SIM_CHECK(!weft_client_new(address, NULL, &client));
    while (hello_greet(client, &arena, WEFT_STR("world"), &greeting, NULL))
        (void)weft_sleep_ms(100);
    WEFT_SIM_CHECK(weft_str_eq(greeting, WEFT_STR("Hello, world!")));
    weft_client_free(client);
    weft_arena_fini(&arena);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("server", serve, ":9090");
    weft_sim_host_new("client", use, "server:9090");
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "hello",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
