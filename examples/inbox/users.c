/* SPDX-License-Identifier: MIT */
/* What the users of the demo do, each on a fiber of its own. */
#include "crowd.h"

#include "words.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 20, BIG_PAGE = 100 };

static struct weft_client *
client_of(const struct crowd *c, uint32_t user)
{
    return c->clients[user % CROWD_CLIENTS];
}

static void
note(struct crowd *c, enum crowd_call call, uint64_t begin_ns)
{
    uint32_t i = c->n_us[call]++;
    c->us[call][i] = (uint32_t)((weft_now_ns() - begin_ns) / 1000);
}

/* ---- conversations ---- */

void
users_meet(struct crowd *c, uint32_t i)
{
    struct crowd_talk *talk = &c->talks[i];
    int64_t members[CROWD_MEMBERS];
    struct inbox_CreateConversation_args args = {
        .members = {members, talk->n_members, talk->n_members}};
    struct inbox_CreateConversation_result result;
    struct weft_arena arena;
    for (uint32_t k = 0; k < talk->n_members; k++)
        members[k] = c->first_user + talk->members[k];
    weft_arena_init(&arena, 0);
    weft_err err = inbox_Inbox_CreateConversation(client_of(c, i), &arena,
                                                  &args, &result, NULL);
    if (err)
        crowd_fail(c, "CreateConversation: %s", weft_err_text(err));
    else
        talk->id = result.success;
    c->steps++;
    weft_arena_fini(&arena);
}

/* ---- sending ---- */

static void
send(struct crowd *c, struct crowd_sent *sent)
{
    char text[WORDS_MAX + 1];
    int64_t author = c->first_user + sent->author;
    struct inbox_SendMessage_args args = {
        .conversation = c->talks[sent->talk].id,
        .author = author,
        .text = {text, words_say(text, author, sent->n)}};
    struct inbox_SendMessage_result result;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    uint64_t begin_ns = weft_now_ns();
    weft_err err = inbox_Inbox_SendMessage(client_of(c, sent->author), &arena,
                                           &args, &result, NULL);
    note(c, CROWD_SEND, begin_ns);
    if (err)
        crowd_fail(c, "SendMessage: %s", weft_err_text(err));
    else
        sent->id = result.success;
    weft_arena_fini(&arena);
}

/* Send a message that is too long, or one by an author who is no member: the
 * exception must arrive. */
static void
send_wrongly(struct crowd *c, uint32_t user, bool too_long)
{
    static const char much[inbox_MAX_TEXT + 1];
    struct inbox_SendMessage_args args = {
        .conversation = c->talks[c->users[user].talks[0]].id,
        .author = too_long ? c->first_user + user : -1,
        .text = {much, too_long ? sizeof much : 1}};
    struct inbox_SendMessage_result r;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err =
        inbox_Inbox_SendMessage(client_of(c, user), &arena, &args, &r, NULL);
    bool told = err == WEFT_ETHROWN;
    if (told && too_long)
        told = r.which == inbox_SendMessage_too_long &&
               r.too_long.length == sizeof much &&
               r.too_long.limit == inbox_MAX_TEXT;
    else if (told)
        told = r.which == inbox_SendMessage_missing &&
               r.missing.conversation == args.conversation;
    if (!told)
        crowd_fail(c, "a wrong message gave: %s", weft_err_text(err));
    weft_arena_fini(&arena);
}

/* ---- reading ---- */

struct page {
    struct weft_arena arena;
    struct inbox_Page content; /* in the arena */
};

static weft_err
read_inbox(struct crowd *c, uint32_t user, int64_t cursor, int32_t limit,
           struct page *page)
{
    struct inbox_LoadMorePerUserInbox_args more = {
        .user = c->first_user + user, .cursor = cursor, .limit = limit};
    struct inbox_LoadMorePerUserInbox_result older;
    struct inbox_GetMessagePerUserInbox_args get = {.user = more.user,
                                                    .limit = limit};
    struct inbox_GetMessagePerUserInbox_result newest;
    weft_err err;
    weft_arena_init(&page->arena, 0);
    if (cursor)
        err = inbox_Inbox_LoadMorePerUserInbox(client_of(c, user), &page->arena,
                                               &more, &older, NULL);
    else
        err = inbox_Inbox_GetMessagePerUserInbox(
            client_of(c, user), &page->arena, &get, &newest, NULL);
    if (err)
        crowd_fail(c, "reading an inbox: %s", weft_err_text(err));
    else
        page->content = cursor ? older.success : newest.success;
    return err;
}

static weft_err
read_talk(struct crowd *c, uint32_t i, int64_t cursor, int32_t limit,
          struct page *page)
{
    struct inbox_LoadMorePerConversationInbox_args args = {
        .conversation = c->talks[i].id, .cursor = cursor, .limit = limit};
    struct inbox_LoadMorePerConversationInbox_result result;
    weft_arena_init(&page->arena, 0);
    weft_err err = inbox_Inbox_LoadMorePerConversationInbox(
        client_of(c, i), &page->arena, &args, &result, NULL);
    if (err)
        crowd_fail(c, "reading a conversation: %s", weft_err_text(err));
    else
        page->content = result.success;
    return err;
}

/* Does the newest page show a message that was just sent? The page need not
 * have it if newer messages fill the page. */
static bool
shows(const struct crowd *c, const struct inbox_Page *page,
      const struct crowd_sent *sent)
{
    const struct inbox_Message *m = page->messages.items;
    const struct inbox_Message *end = m + page->messages.len;
    for (; m < end && m->id > sent->id; m++)
        if (m + 1 < end && m[1].id >= m->id)
            return false;
    return m == end ? page->has.cursor : crowd_is_same(c, m, sent);
}

/* ---- a user's day ---- */

static void
look(struct crowd *c, const struct crowd_sent *sent, bool at_talk)
{
    struct page page;
    uint64_t begin_ns = weft_now_ns();
    weft_err err = at_talk ? read_talk(c, sent->talk, 0, PAGE, &page)
                           : read_inbox(c, sent->author, 0, PAGE, &page);
    note(c, CROWD_READ, begin_ns);
    if (!err && !shows(c, &page.content, sent))
        crowd_fail(c, "message %lld was sent and is not there",
                   (long long)sent->id);
    weft_arena_fini(&page.arena);
}

void
users_chat(struct crowd *c, uint32_t user)
{
    const struct crowd_user *u = &c->users[user];
    uint64_t random = user;
    for (uint32_t n = 0; n < c->rounds && !c->failed; n++) {
        struct crowd_sent *sent = &c->sent[user * c->rounds + n];
        sent->author = user;
        sent->talk = u->talks[words_random(&random) % u->n_talks];
        sent->n = n;
        send(c, sent);
        look(c, sent, false);
        if (n % 2)
            look(c, sent, true);
        c->steps++;
    }
    if (user % 50 < 2)
        send_wrongly(c, user, user % 2);
}

/* ---- comparing everything ---- */

static bool
compare(struct crowd *c, const struct inbox_Page *page,
        const struct crowd_sent *expected, uint32_t n)
{
    bool ends = page->messages.len == n;
    bool same = page->messages.len <= n && ends != page->has.cursor;
    for (uint32_t i = 0; i < page->messages.len && same; i++)
        same = crowd_is_same(c, &page->messages.items[i], &expected[i]);
    c->compared += page->messages.len;
    return same;
}

/* Read all pages, and compare them with the n messages that are expected. */
static void
compare_all(struct crowd *c, bool of_user, uint32_t i,
            const struct crowd_sent *expected, uint32_t n)
{
    uint32_t at = 0;
    int64_t cursor = 0;
    do {
        struct page page;
        weft_err err = of_user ? read_inbox(c, i, cursor, BIG_PAGE, &page)
                               : read_talk(c, i, cursor, BIG_PAGE, &page);
        if (!err && !compare(c, &page.content, expected + at, n - at))
            crowd_fail(c, "%s %u is not what was sent to it",
                       of_user ? "inbox" : "conversation", i);
        if (!err) {
            at += page.content.messages.len;
            cursor = page.content.cursor;
        }
        weft_arena_fini(&page.arena);
    } while (at < n && !c->failed);
    c->steps++;
}

void
users_check_talk(struct crowd *c, uint32_t i)
{
    const struct crowd_talk *talk = &c->talks[i];
    compare_all(c, false, i, &c->sent[talk->first], talk->n_sent);
}

static int
newest_first(const void *left, const void *right)
{
    const struct crowd_sent *a = left, *b = right;
    return a->id > b->id ? -1 : a->id < b->id;
}

void
users_check_inbox(struct crowd *c, uint32_t user)
{
    const struct crowd_user *u = &c->users[user];
    uint32_t n = 0;
    for (uint32_t i = 0; i < u->n_talks; i++)
        n += c->talks[u->talks[i]].n_sent;
    struct crowd_sent *all = calloc(n + 1, sizeof *all);
    if (!all) {
        crowd_fail(c, "out of memory");
        return;
    }
    n = 0;
    for (uint32_t i = 0; i < u->n_talks; i++) {
        const struct crowd_talk *talk = &c->talks[u->talks[i]];
        memcpy(all + n, &c->sent[talk->first], talk->n_sent * sizeof *all);
        n += talk->n_sent;
    }
    qsort(all, n, sizeof *all, newest_first);
    compare_all(c, true, user, all, n);
    free(all);
}
