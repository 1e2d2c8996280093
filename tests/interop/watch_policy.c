/* SPDX-License-Identifier: MIT */
/* watch_policy SOURCE: a client with this policy. After each line of its input
 * it tells the time-out of calls, how many documents were taken and refused,
 * and why the last one was refused. */
#include <weft/upstream.h>
#include <weft/weft.h>

#include <stdio.h>
#include <string.h>

static void
tell(struct weft_client *client)
{
    static const char mark[] = "\n* timeout_ms ";
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_policy_view view;
    if (weft_client_get_policy(client, NULL, &arena, &view))
        return;
    const char *at = strstr(view.text.ptr, mark);
    at = at ? at + sizeof mark - 1 : "?";
    printf("%.*s taken %u refused %u %s\n", (int)strcspn(at, " "), at,
           (unsigned)view.taken, (unsigned)view.refused,
           view.why.ptr ? view.why.ptr : "-");
    fflush(stdout);
    weft_arena_fini(&arena);
}

int
main(int argc, char **argv)
{
    struct weft_client *client;
    if (argc != 2 || weft_runtime_start(NULL))
        return 2;
    const struct weft_upstream_options upstream = {.policy = argv[1]};
    const struct weft_client_options options = {.upstream = &upstream};
    if (weft_client_new("list:", &options, &client))
        return 1;
    for (int c; (c = getchar()) != EOF;)
        if (c == '\n')
            tell(client);
    weft_client_free(client);
    return weft_runtime_stop() != WEFT_OK;
}
