/* SPDX-License-Identifier: MIT */
/* Makes one call to the inbox server, and prints the result: see `usage`. */
#include "inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: inbox_client ADDRESS create USER...\n"
    "       inbox_client ADDRESS send CONVERSATION AUTHOR TEXT\n"
    "       inbox_client ADDRESS inbox USER [CURSOR]\n"
    "       inbox_client ADDRESS conversation CONVERSATION [CURSOR]\n";

struct session {
    struct weft_client *client;
    struct weft_arena arena;
    int64_t numbers[64]; /* the arguments that are numbers */
    uint32_t n;
    const char *text; /* the last argument */
};

static void
print_page(const struct inbox_Page *page)
{
    for (uint32_t i = 0; i < page->messages.len; i++) {
        const struct inbox_Message *m = &page->messages.items[i];
        printf("%lld in %lld, %lld: %.*s\n", (long long)m->id,
               (long long)m->conversation, (long long)m->author,
               WEFT_FMT(m->text));
    }
    if (page->has.cursor)
        printf("older ones: cursor %lld\n", (long long)page->cursor);
}

static weft_err
create(struct session *s)
{
    struct inbox_CreateConversation_args args = {
        .members = {s->numbers, s->n, s->n}};
    struct inbox_CreateConversation_result result;
    weft_err err = inbox_Inbox_CreateConversation(s->client, &s->arena, &args,
                                                  &result, NULL);
    if (!err)
        printf("conversation %lld\n", (long long)result.success);
    return err;
}

static weft_err
send(struct session *s)
{
    struct inbox_SendMessage_args args = {
        s->numbers[0], s->numbers[1], weft_str_of(s->text), {1, 1, 1}};
    struct inbox_SendMessage_result result;
    weft_err err =
        inbox_Inbox_SendMessage(s->client, &s->arena, &args, &result, NULL);
    if (!err)
        printf("message %lld\n", (long long)result.success);
    if (err == WEFT_ETHROWN && result.which == inbox_SendMessage_too_long)
        printf("too long: %d bytes, the limit is %d\n", result.too_long.length,
               result.too_long.limit);
    if (err == WEFT_ETHROWN && result.which == inbox_SendMessage_missing)
        printf("no conversation %lld with that author\n",
               (long long)result.missing.conversation);
    return err;
}

static weft_err
inbox(struct session *s)
{
    struct inbox_LoadMorePerUserInbox_args args = {
        .user = s->numbers[0], .cursor = s->n > 1 ? s->numbers[1] : 0};
    struct inbox_LoadMorePerUserInbox_result result;
    weft_err err = inbox_Inbox_LoadMorePerUserInbox(s->client, &s->arena, &args,
                                                    &result, NULL);
    if (!err)
        print_page(&result.success);
    return err;
}

static weft_err
conversation(struct session *s)
{
    struct inbox_LoadMorePerConversationInbox_args args = {
        .conversation = s->numbers[0], .cursor = s->n > 1 ? s->numbers[1] : 0};
    struct inbox_LoadMorePerConversationInbox_result result;
    weft_err err = inbox_Inbox_LoadMorePerConversationInbox(
        s->client, &s->arena, &args, &result, NULL);
    if (!err)
        print_page(&result.success);
    if (err == WEFT_ETHROWN)
        printf("no conversation %lld\n",
               (long long)result.missing.conversation);
    return err;
}

static const struct command {
    const char *name;
    uint32_t min, max, text; /* fewest, most numbers; text 1: a text follows */
    weft_err (*run)(struct session *s);
} commands[] = {{"create", 1, 64, 0, create},
                {"send", 2, 2, 1, send},
                {"inbox", 1, 2, 0, inbox},
                {"conversation", 1, 2, 0, conversation}};

/* Find the command and read its arguments; NULL: they are wrong. */
static const struct command *
parse(int argc, char **argv, struct session *s)
{
    const struct command *c = commands, *end = commands + 4;
    while (argc > 3 && c < end && strcmp(argv[2], c->name) != 0)
        c++;
    if (argc <= 3 || c == end)
        return NULL;
    s->n = (uint32_t)argc - 3 - c->text;
    s->text = argv[argc - 1];
    if (s->n < c->min || s->n > c->max)
        return NULL;
    for (uint32_t i = 0; i < s->n; i++) {
        char *rest;
        s->numbers[i] = strtoll(argv[3 + i], &rest, 10);
        if (*rest || rest == argv[3 + i])
            return NULL;
    }
    return c;
}

int
main(int argc, char **argv)
{
    struct session s = {0};
    const struct command *command = parse(argc, argv, &s);
    if (!command)
        return fputs(usage, stderr), 2;
    weft_arena_init(&s.arena, 0);
    weft_err err = weft_client_new(argv[1], NULL, &s.client);
    if (!err)
        err = command->run(&s);
    if (err && err != WEFT_ETHROWN)
        fprintf(stderr, "inbox_client: %s: %s\n", argv[1], weft_err_text(err));
    weft_client_free(s.client);
    weft_arena_fini(&s.arena);
    return err != WEFT_OK;
}
