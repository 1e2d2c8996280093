/* SPDX-License-Identifier: MIT */
/* Usage: many TARGET, e.g. file:servers. For each line of standard input, makes
 * 30 calls, and prints which servers answered them. */
#include "hello.h"
#include <stdio.h>
#include <string.h>
#include <weft/upstream.h>

#define CALLS 30
#define SERVERS 8

static struct {
    char address[64];
    int n;
} answers[SERVERS];

static void
count(struct weft_str address)
{
    int i = 0;
    while (i < SERVERS - 1 && answers[i].n &&
           strcmp(answers[i].address, address.ptr) != 0)
        i++;
    snprintf(answers[i].address, sizeof answers[i].address, "%s", address.ptr);
    answers[i].n++;
}

/* One call. It may be executed twice, so if a server dies with it, another one
 * gets it. The last attempt is the one that was answered. */
static weft_err
greet(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    struct weft_str greeting;
    weft_err err =
        hello_greet(client, &arena, WEFT_STR("world"), &greeting, &options);
    if (err)
        printf("%.*s\n", WEFT_FMT(info.text));
    else
        count(info.attempts.items[info.attempts.len - 1].endpoint);
    weft_arena_fini(&arena);
    return err;
}

int
main(int argc, char **argv)
{
    const struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    if (weft_client_new(argv[argc - 1], &options, &client))
        return 1;
    for (int c; (c = getchar()) != EOF;) {
        if (c != '\n')
            continue;
        int failed = 0;
        memset(answers, 0, sizeof answers);
        for (int i = 0; i < CALLS; i++)
            failed += greet(client) != WEFT_OK;
        for (int i = 0; i < SERVERS && answers[i].n; i++)
            printf("%s: %d, ", answers[i].address, answers[i].n);
        printf("%d failed\n", failed);
        fflush(stdout);
    }
    weft_client_free(client);
    return 0;
}
