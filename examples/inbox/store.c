/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A message is stored once, and the inbox of every member has a row that refers
 * to it. So a page of an inbox is one range of an index. */
static const char schema[] =
    "PRAGMA journal_mode = WAL;" /* readers do not wait for the writer */
    "PRAGMA synchronous = FULL;" /* a commit returns when it is on disk */
    "PRAGMA busy_timeout = 10000;"
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS conversation("
    "  id INTEGER PRIMARY KEY);"
    "CREATE TABLE IF NOT EXISTS member("
    "  conversation INTEGER, user INTEGER,"
    "  PRIMARY KEY(conversation, user)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS message("
    "  id INTEGER PRIMARY KEY, conversation INTEGER, author INTEGER,"
    "  text TEXT, sent_us INTEGER);"
    "CREATE INDEX IF NOT EXISTS message_of_conversation"
    "  ON message(conversation, id);"
    "CREATE TABLE IF NOT EXISTS inbox("
    "  user INTEGER, message INTEGER,"
    "  PRIMARY KEY(user, message)) WITHOUT ROWID;"
    "COMMIT";

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    CREATE,
    JOIN,
    EXISTS,
    IS_MEMBER,
    WRITE,
    DELIVER,
    USER_PAGE,
    CONVERSATION_PAGE,
    STATEMENTS
};

#define COLUMNS "m.id, m.conversation, m.author, m.text, m.sent_us "

static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [CREATE] = "INSERT INTO conversation DEFAULT VALUES",
    [JOIN] = "INSERT OR IGNORE INTO member VALUES(?1, ?2)",
    [EXISTS] = "SELECT 1 FROM conversation WHERE id = ?1",
    [IS_MEMBER] = "SELECT 1 FROM member WHERE conversation = ?1 AND user = ?2",
    [WRITE] = "INSERT INTO message VALUES(NULL, ?1, ?2, ?3, ?4)",
    [DELIVER] = "INSERT INTO inbox "
                "SELECT user, ?2 FROM member WHERE conversation = ?1",
    [USER_PAGE] = "SELECT " COLUMNS "FROM inbox i JOIN message m "
                  "ON m.id = i.message WHERE i.user = ?1 AND i.message < ?2 "
                  "ORDER BY i.message DESC LIMIT ?3",
    [CONVERSATION_PAGE] = "SELECT " COLUMNS "FROM message m "
                          "WHERE m.conversation = ?1 AND m.id < ?2 "
                          "ORDER BY m.id DESC LIMIT ?3",
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
};

/* ---- life ---- */

bool
store_open(struct store **out, const char *path)
{
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    struct store *s = *out = calloc(1, sizeof *s);
    if (!s || sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK ||
        sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
        return false;
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &s->statements[i], NULL) != SQLITE_OK)
            return false;
    return true;
}

void
store_close(struct store *s)
{
    if (!s)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    free(s);
}

const char *
store_error(const struct store *s)
{
    return s ? sqlite3_errmsg(s->db) : "out of memory";
}

/* ---- running a statement ---- */

/* Bind the first parameters of a statement, two at most, to numbers. */
static sqlite3_stmt *
bind(struct store *s, enum statement which, int64_t first, int64_t second)
{
    sqlite3_stmt *st = s->statements[which];
    int n = sqlite3_bind_parameter_count(st);
    if (n >= 1)
        sqlite3_bind_int64(st, 1, first);
    if (n >= 2)
        sqlite3_bind_int64(st, 2, second);
    return st;
}

/* Run a statement to its first row or its end. Returns SQLITE_ROW, SQLITE_DONE
 * or an error. */
static int
step_once(sqlite3_stmt *st)
{
    int found = sqlite3_step(st);
    sqlite3_reset(st);
    return found;
}

static enum store_result
run(struct store *s, enum statement which, int64_t first, int64_t second)
{
    int found = step_once(bind(s, which, first, second));
    return found == SQLITE_DONE ? STORE_OK : STORE_FAILED;
}

static enum store_result
require(struct store *s, enum statement which, int64_t first, int64_t second)
{
    int found = step_once(bind(s, which, first, second));
    if (found == SQLITE_ROW)
        return STORE_OK;
    return found == SQLITE_DONE ? STORE_MISSING : STORE_FAILED;
}

/* ---- writing ---- */

enum store_result
store_begin(struct store *s)
{
    return run(s, BEGIN, 0, 0);
}

enum store_result
store_commit(struct store *s)
{
    return run(s, COMMIT, 0, 0);
}

void
store_rollback(struct store *s)
{
    (void)run(s, ROLLBACK, 0, 0);
}

enum store_result
store_create(struct store *s, const struct weft_vec_i64 *members, int64_t *id)
{
    enum store_result result = run(s, CREATE, 0, 0);
    *id = sqlite3_last_insert_rowid(s->db);
    for (uint32_t i = 0; i < members->len && result == STORE_OK; i++)
        result = run(s, JOIN, *id, members->items[i]);
    return result;
}

static int64_t
now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

enum store_result
store_send(struct store *s, int64_t conversation, int64_t author,
           struct weft_str text, int64_t *id)
{
    enum store_result result = require(s, IS_MEMBER, conversation, author);
    if (result != STORE_OK)
        return result;
    sqlite3_stmt *st = bind(s, WRITE, conversation, author);
    sqlite3_bind_text(st, 3, text.ptr ? text.ptr : "", (int)text.len,
                      SQLITE_STATIC); /* `text` lives until the step */
    sqlite3_bind_int64(st, 4, now_us());
    if (step_once(st) != SQLITE_DONE)
        return STORE_FAILED;
    *id = sqlite3_last_insert_rowid(s->db);
    return run(s, DELIVER, conversation, *id);
}

/* ---- reading ---- */

static bool
copy_row(sqlite3_stmt *st, struct weft_arena *arena, struct inbox_Message *m)
{
    inbox_Message_init(m);
    m->id = sqlite3_column_int64(st, 0);
    m->conversation = sqlite3_column_int64(st, 1);
    m->author = sqlite3_column_int64(st, 2);
    m->text = weft_arena_str(arena, sqlite3_column_text(st, 3),
                             (size_t)sqlite3_column_bytes(st, 3));
    m->sent_us = sqlite3_column_int64(st, 4);
    return m->text.ptr != NULL;
}

static int32_t
clamp(int32_t limit)
{
    if (limit <= 0)
        return inbox_DEFAULT_PAGE;
    return limit < inbox_MAX_PAGE ? limit : inbox_MAX_PAGE;
}

/* The query returns up to limit + 1 rows: the last one only shows that there
 * are older messages. */
static enum store_result
fill(sqlite3_stmt *st, uint32_t limit, struct weft_arena *arena,
     struct inbox_Page *page)
{
    int found;
    struct inbox_Message *items =
        weft_arena_alloc(arena, limit * sizeof *items);
    if (!items)
        return STORE_FAILED;
    page->messages.items = items;
    while ((found = sqlite3_step(st)) == SQLITE_ROW) {
        uint32_t n = page->messages.len;
        if (n == limit) {
            inbox_Page_set_cursor(page, items[n - 1].id);
            return STORE_OK;
        }
        if (!copy_row(st, arena, &items[n]))
            return STORE_FAILED;
        page->messages.len = page->messages.cap = n + 1;
    }
    return found == SQLITE_DONE ? STORE_OK : STORE_FAILED;
}

enum store_result
store_page(struct store *s, const struct store_query *q,
           struct weft_arena *arena, struct inbox_Page *page)
{
    int32_t limit = clamp(q->limit);
    inbox_Page_init(page);
    if (!q->of_user) {
        enum store_result result = require(s, EXISTS, q->key, 0);
        if (result != STORE_OK)
            return result;
    }
    sqlite3_stmt *st = bind(s, q->of_user ? USER_PAGE : CONVERSATION_PAGE,
                            q->key, q->cursor ? q->cursor : INT64_MAX);
    sqlite3_bind_int64(st, 3, limit + 1);
    enum store_result result = fill(st, (uint32_t)limit, arena, page);
    sqlite3_reset(st);
    return result;
}
