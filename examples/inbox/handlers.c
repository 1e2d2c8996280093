/* SPDX-License-Identifier: MIT */
#include "handlers.h"

#include "desk.h"

/* ---- errors ---- */

static weft_err
broken(struct weft_call *call, const char *why)
{
    return weft_call_fail(call, WEFT_EHANDLER, "the store failed: %s", why);
}

static struct inbox_NoSuchConversation
missing(int64_t conversation)
{
    return (struct inbox_NoSuchConversation){.conversation = conversation};
}

/* ---- writing ---- */

static weft_err
create(struct weft_call *call, const struct inbox_CreateConversation_args *args,
       struct inbox_CreateConversation_result *result)
{
    struct write w = {.members = &args->members};
    weft_err err = desk_write(weft_call_user(call), &w);
    if (err)
        return err;
    if (w.result != STORE_OK)
        return broken(call, w.why);
    result->success = w.id;
    return WEFT_OK;
}

static weft_err
send(struct weft_call *call, const struct inbox_SendMessage_args *args,
     struct inbox_SendMessage_result *result)
{
    struct write w = {.conversation = args->conversation,
                      .author = args->author,
                      .text = args->text};
    if (args->text.len > inbox_MAX_TEXT)
        return inbox_SendMessage_throw_too_long(
            result,
            (struct inbox_MessageTooLong){.length = (int32_t)args->text.len,
                                          .limit = inbox_MAX_TEXT});
    weft_err err = desk_write(weft_call_user(call), &w);
    if (err)
        return err;
    if (w.result == STORE_MISSING)
        return inbox_SendMessage_throw_missing(result,
                                               missing(args->conversation));
    if (w.result != STORE_OK)
        return broken(call, w.why);
    result->success = w.id;
    return WEFT_OK;
}

/* ---- reading ---- */

/* Returns WEFT_ETHROWN if there is no such conversation. */
static weft_err
read_page(struct weft_call *call, struct store_query query,
          struct inbox_Page *page)
{
    struct read r = {
        .query = query, .arena = weft_call_arena(call), .page = page};
    weft_err err = desk_read(weft_call_user(call), &r);
    if (err)
        return err;
    if (r.result == STORE_MISSING)
        return WEFT_ETHROWN;
    return r.result == STORE_OK ? WEFT_OK : broken(call, r.why);
}

static weft_err
get_user(struct weft_call *call,
         const struct inbox_GetMessagePerUserInbox_args *args,
         struct inbox_GetMessagePerUserInbox_result *result)
{
    struct store_query query = {
        .of_user = true, .key = args->user, .limit = args->limit};
    return read_page(call, query, &result->success);
}

static weft_err
more_of_user(struct weft_call *call,
             const struct inbox_LoadMorePerUserInbox_args *args,
             struct inbox_LoadMorePerUserInbox_result *result)
{
    struct store_query query = {.of_user = true,
                                .key = args->user,
                                .cursor = args->cursor,
                                .limit = args->limit};
    return read_page(call, query, &result->success);
}

static weft_err
more_of_conversation(struct weft_call *call,
                     const struct inbox_LoadMorePerConversationInbox_args *args,
                     struct inbox_LoadMorePerConversationInbox_result *result)
{
    struct store_query query = {.key = args->conversation,
                                .cursor = args->cursor,
                                .limit = args->limit};
    weft_err err = read_page(call, query, &result->success);
    if (err == WEFT_ETHROWN)
        return inbox_LoadMorePerConversationInbox_throw_missing(
            result, missing(args->conversation));
    return err;
}

const struct inbox_Inbox_service inbox_handlers = {
    .CreateConversation = create,
    .SendMessage = send,
    .GetMessagePerUserInbox = get_user,
    .LoadMorePerUserInbox = more_of_user,
    .LoadMorePerConversationInbox = more_of_conversation,
};
