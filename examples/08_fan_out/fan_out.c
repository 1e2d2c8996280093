/* SPDX-License-Identifier: MIT */
/* Asks three servers at the same time, and makes one list of their answers. The
 * second one fails, and the others' titles come back all the same. */
#include "shelves.h"
#include <stdio.h>
#include <weft/combine.h>

#define SHELVES 3

static const char *const books[SHELVES] = {"A Loom of Threads", NULL, "Dyes"};

static weft_err
titles(struct weft_call *call, const struct shelves_Shelf_titles_args *args,
       struct shelves_Shelf_titles_result *result)
{
    const char *const *shelf = weft_call_user(call);
    (void)args;
    if (!*shelf)
        return weft_call_fail(call, WEFT_EHANDLER, "the shelf is empty");
    result->success = weft_str_of(*shelf);
    return WEFT_OK;
}

/* Append the results of all servers that have answered. */
static weft_err
merge(const struct weft_fan_call *call, const struct weft_sub_call *subs,
      void *result)
{
    struct weft_str all = WEFT_STR("");
    for (uint32_t i = 0; i < call->n; i++) {
        const struct shelves_Shelf_titles_result *one = subs[i].result;
        if (subs[i].err)
            printf("shelf %d: %.*s\n", (int)i, WEFT_FMT(subs[i].info.text));
        else
            all =
                weft_arena_printf(call->arena, "%.*s%s%.*s", WEFT_FMT(all),
                                  all.len ? ", " : "", WEFT_FMT(one->success));
        if (!all.ptr)
            return WEFT_EBUDGET;
    }
    *(struct shelves_Shelf_titles_result *)result =
        (struct shelves_Shelf_titles_result){.success = all};
    return WEFT_OK;
}

int
main(void)
{
    static const struct shelves_Shelf_service table = {.titles = titles};
    const struct weft_fan_out_options options = {.merge = merge};
    struct weft_server *servers[SHELVES];
    struct weft_client *clients[SHELVES], *all;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str found;
    for (int i = 0; i < SHELVES; i++) /* they might be anywhere */
        if (weft_server_new(NULL, &servers[i]) ||
            shelves_Shelf_register(servers[i], "Shelf", &table,
                                   (void *)&books[i]) ||
            weft_client_local(servers[i], &clients[i]))
            return 1;
    if (weft_client_fan_out(clients, SHELVES, &options, &all) ||
        shelves_titles(all, &arena, &found, NULL))
        return 1;
    printf("%.*s\n", WEFT_FMT(found));
    int failed = !weft_str_eq(found, WEFT_STR("A Loom of Threads, Dyes"));
    weft_arena_fini(&arena);
    weft_client_free(all);
    for (int i = 0; i < SHELVES; i++)
        weft_server_free(servers[i]);
    return failed;
}
