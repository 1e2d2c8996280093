/* SPDX-License-Identifier: MIT */
/*
 * The demo: some thousand users talk over an inbox server that runs already,
 * each on a fiber of its own, over two connections. The demo compares every
 * page with the messages that were sent.
 */
#include "crowd.h"
#include "report.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <weft/fiber.h>

static const char usage[] =
    "usage: inbox_demo [--port N] [--users N] [--rounds N]\n"
    "  --port N    of a server on 127.0.0.1 (9090)\n"
    "  --users N   who talk at the same time, up to 100000 (4000)\n"
    "  --rounds N  messages of each, up to 1000 (10)\n";

struct options {
    uint32_t port, users, rounds;
};

static bool
parse_number(const char *text, uint32_t max, uint32_t *n)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *n = (uint32_t)value;
    return *text >= '0' && *text <= '9' && !*end && value >= 1 && value <= max;
}

static bool
parse(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'},
        {"users", required_argument, NULL, 'u'},
        {"rounds", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0}};
    int c;
    bool good = true;
    while (good && (c = getopt_long(argc, argv, "", names, NULL)) != -1)
        if (c == 'p')
            good = parse_number(optarg, 65535, &o->port);
        else if (c == 'u')
            good = parse_number(optarg, 100000, &o->users);
        else if (c == 'r')
            good = parse_number(optarg, 1000, &o->rounds);
        else
            good = false;
    return good && optind == argc;
}

/* ---- the server ---- */

/* Find user ids that no demo has used on this server: their inboxes are
 * empty. */
static weft_err
find_new_users(struct crowd *c)
{
    struct weft_arena arena;
    weft_err err;
    bool is_used;
    do {
        struct inbox_GetMessagePerUserInbox_args args = {.user = c->first_user,
                                                         .limit = 1};
        struct inbox_GetMessagePerUserInbox_result result;
        weft_arena_init(&arena, 0);
        err = inbox_Inbox_GetMessagePerUserInbox(c->clients[0], &arena, &args,
                                                 &result, NULL);
        is_used = !err && result.success.messages.len > 0;
        c->first_user += is_used ? 100000 : 0;
        weft_arena_fini(&arena);
    } while (is_used);
    return err;
}

static bool
connect(struct crowd *c, uint32_t port)
{
    static const struct weft_client_options options = {.call_timeout_ms = 60000,
                                                       .max_calls = 65536};
    char address[32];
    weft_err err = WEFT_OK;
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    for (int i = 0; i < CROWD_CLIENTS && !err; i++)
        err = weft_client_new(address, &options, &c->clients[i]);
    if (!err)
        err = find_new_users(c);
    if (err)
        fprintf(stderr,
                "inbox_demo: no inbox server on %s (%s): start one "
                "with `make serve`, or name its port with --port\n",
                address, weft_err_text(err));
    return !err;
}

/* ---- the demo ---- */

static bool
play(struct crowd *c)
{
    printf("%u users, each on a fiber, in %u conversations, over %d "
           "connections\n",
           c->n_users, c->n_talks, CROWD_CLIENTS);
    fflush(stdout);
    report_progress_start(c);
    crowd_each(c, c->n_talks, users_meet);
    uint64_t begin_ns = weft_now_ns();
    crowd_each(c, c->n_users, users_chat);
    double seconds = (double)(weft_now_ns() - begin_ns) / 1e9;
    crowd_sort(c);
    crowd_each(c, c->n_talks, users_check_talk);
    crowd_each(c, c->n_users, users_check_inbox);
    report_progress_stop();
    if (c->failed) {
        fprintf(stderr, "inbox_demo: FAILED: %s\n", c->why);
        return false;
    }
    printf("\n%-14s %7s %10s %9s %8s %8s  ms\n", "", "", "", "median", "99 %",
           "worst");
    report_calls(c, CROWD_SEND, seconds);
    report_calls(c, CROWD_READ, seconds);
    printf("then every inbox and conversation was read again, page by page:\n"
           "%u messages, each exactly as it was sent\n\n",
           c->compared);
    report_talk(c);
    return true;
}

int
main(int argc, char **argv)
{
    static struct crowd crowd;
    struct options o = {.port = 9090, .users = 4000, .rounds = 10};
    if (!parse(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    bool good = false;
    if (crowd_init(&crowd, o.users, o.rounds))
        good = connect(&crowd, o.port) && play(&crowd);
    crowd_fini(&crowd);
    weft_runtime_stop();
    return good ? 0 : 1;
}
