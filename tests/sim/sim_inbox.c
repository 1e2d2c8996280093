/* SPDX-License-Identifier: MIT */
/*
 * The message service of examples/inbox, with an array as its store: committed
 * messages survive when the host is killed. If the author was told the id of a
 * message, the message is in the store once, under this id. If the author was
 * told nothing, the message is there once or not at all. Pages show the
 * messages in order.
 */
#include "handlers.h"

#include "desk.h"

#include <weft/fiber.h>
#include <weft/rpc.h>
#include <weft/sim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000u
#define USERS 3
#define MESSAGES 40 /* of each user */
#define ROWS (4 * USERS * MESSAGES)

/* ---- the store ---- */

/* A disk, which has the rows up to n_committed. */
static struct row {
    int64_t author, number;
} rows[ROWS];
static int64_t n_committed, n_written;

struct store {
    bool begun;
};

bool
store_open(struct store **store, const char *path)
{
    (void)path;
    *store = calloc(1, sizeof **store);
    n_written = n_committed; /* uncommitted rows are lost */
    return *store != NULL;
}

void
store_close(struct store *store)
{
    free(store);
}

const char *
store_error(const struct store *store)
{
    (void)store;
    return "the disk is bad";
}

enum store_result
store_begin(struct store *store)
{
    WEFT_SIM_CHECK(!store->begun && n_written == n_committed);
    store->begun = true;
    return STORE_OK;
}

/* By chance a commit fails. */
enum store_result
store_commit(struct store *store)
{
    if (WEFT_MAYBE("the disk is bad"))
        return STORE_FAILED;
    store->begun = false;
    n_committed = n_written;
    return STORE_OK;
}

void
store_rollback(struct store *store)
{
    store->begun = false;
    n_written = n_committed;
}

enum store_result
store_create(struct store *store, const struct weft_vec_i64 *members,
             int64_t *id)
{
    (void)store;
    (void)members;
    *id = 1;
    return STORE_OK;
}

enum store_result
store_send(struct store *store, int64_t conversation, int64_t author,
           struct weft_str text, int64_t *id)
{
    char number[24];
    WEFT_SIM_CHECK(store->begun);
    if (conversation != 1 || text.len >= sizeof number)
        return STORE_MISSING;
    if (n_written == ROWS)
        return STORE_FAILED;
    memcpy(number, text.ptr, text.len);
    number[text.len] = 0;
    rows[n_written++] = (struct row){author, atoll(number)};
    *id = n_written;
    return STORE_OK;
}

enum store_result
store_page(struct store *store, const struct store_query *query,
           struct weft_arena *arena, struct inbox_Page *page)
{
    int64_t from = query->cursor ? query->cursor - 1 : n_committed;
    uint32_t n = from < 20 ? (uint32_t)from : 20;
    (void)store;
    struct inbox_Message *items =
        weft_arena_alloc(arena, (n + 1) * sizeof *items);
    if (!items)
        return STORE_FAILED;
    memset(items, 0, (n + 1) * sizeof *items);
    for (uint32_t i = 0; i < n; i++) {
        items[i].id = from - i;
        items[i].author = rows[from - i - 1].author;
    }
    page->messages.items = items;
    page->messages.len = n;
    return STORE_OK;
}

/* ---- the server ---- */

static weft_sim_host server;
static uint32_t users_left;

static void
serve(struct desk *desk)
{
    const struct weft_server_options options = {.stop_timeout_ms = 1000};
    struct weft_server *s = NULL;
    WEFT_SIM_CHECK(!weft_server_new(&options, &s));
    WEFT_SIM_CHECK(!inbox_Inbox_register(s, "Inbox", &inbox_handlers, desk));
    WEFT_SIM_CHECK(!weft_server_listen(s, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(s));
    weft_sim_wait_for_others();
    (void)weft_server_stop(s);
    weft_server_free(s);
}

static void
be_server(void *arg)
{
    char why[128];
    (void)arg;
    struct desk *desk = desk_open("inbox.db", why, sizeof why);
    if (desk)
        serve(desk);
    else
        weft_sim_fail("no desk: %s", why);
    if (desk)
        desk_close(desk);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- users ---- */

static int64_t ids[USERS][MESSAGES]; /* as their authors were told; 0: not
                                      * told */

static void
look_at_page(struct weft_client *client, int64_t user)
{
    struct inbox_GetMessagePerUserInbox_args args = {.user = user};
    struct inbox_GetMessagePerUserInbox_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = inbox_Inbox_GetMessagePerUserInbox(client, &arena, &args,
                                                      &result, NULL);
    const struct inbox_Message *items = result.success.messages.items;
    for (uint32_t i = 1; !err && i < result.success.messages.len; i++)
        WEFT_SIM_CHECK(items[i].id == items[i - 1].id - 1);
    WEFT_SIM_SOMETIMES("a full page",
                       !err && result.success.messages.len == 20);
    weft_arena_fini(&arena);
}

static void
send_message(struct weft_client *client, int64_t user, int64_t number)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%d", (int)number);
    struct inbox_SendMessage_args args = {
        .conversation = 1, .author = user, .text = {text, (uint32_t)n}};
    struct inbox_SendMessage_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    const struct weft_call_options options = {
        .deadline_ns = weft_now_ns() + 1000 * (uint64_t)MS};
    weft_err err =
        inbox_Inbox_SendMessage(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(err != WEFT_ETHROWN);
    ids[user][number] = err ? 0 : result.success;
    WEFT_SIM_SOMETIMES("a message is not sent", err);
    weft_arena_fini(&arena);
}

static void
be_user(void *arg)
{
    int64_t user = (int64_t)(uintptr_t)arg;
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    for (int64_t i = 0; i < MESSAGES; i++) {
        send_message(client, user, i);
        if (weft_sim_random(4) == 0)
            look_at_page(client, user);
        (void)weft_sleep_ms((int64_t)weft_sim_random(100));
    }
    users_left--;
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
fail(void *arg)
{
    (void)arg;
    weft_sim_faults(WEFT_SIM_RESET | WEFT_SIM_SLOW | WEFT_SIM_INTERRUPTED |
                    WEFT_SIM_MAYBE);
    while (users_left) {
        (void)weft_sleep_ms((int64_t)weft_sim_random(1500));
        if (!users_left)
            break;
        weft_sim_kill(server);
        (void)weft_sleep_ms((int64_t)weft_sim_random(300));
        weft_sim_restart(server);
    }
    weft_sim_faults(0);
}

static void
set_up(void)
{
    static const char *const names[USERS] = {"u0", "u1", "u2"};
    users_left = USERS;
    server = weft_sim_host_new("server", be_server, NULL);
    for (int i = 0; i < USERS; i++)
        weft_sim_host_new(names[i], be_user, (void *)(uintptr_t)i);
    weft_sim_host_new("chaos", fail, NULL);
}

static void
check(void)
{
    static uint8_t times[USERS][MESSAGES];
    for (int64_t i = 0; i < n_committed; i++)
        if (times[rows[i].author][rows[i].number]++)
            weft_sim_fail("message %d of %d is there twice",
                          (int)rows[i].number, (int)rows[i].author);
    for (int64_t user = 0; user < USERS; user++)
        for (int64_t i = 0; i < MESSAGES; i++) {
            int64_t id = ids[user][i];
            if (id && (id > n_committed || rows[id - 1].author != user ||
                       rows[id - 1].number != i))
                weft_sim_fail("message %d of %d is lost: id %d of %d", (int)i,
                              (int)user, (int)id, (int)n_committed);
        }
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "inbox", .set_up = set_up, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
