/* SPDX-License-Identifier: MIT */
/* The call that is made again and again, and the check of its replies. */
#include "bench.h"

#include <stdlib.h>

/* ---- results ---- */

static bool
is_expected(const struct wb_target *t, struct wi_result *result)
{
    if (!t->is_checked)
        return true;
    if (result->which != t->expected.which)
        return false;
    /* A peer can omit fields that have their default. */
    wi_apply_to_result(t->method, result);
    return weft_struct_equal(t->method->result, result, &t->expected);
}

/* ---- one call ---- */

struct wb_outcome
wb_call(const struct wb_target *t, struct weft_client *client,
        struct weft_arena *arena, struct wb_failures *failures)
{
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    struct wi_result result = {.which = WEFT_RESULT_NONE};
    if (t->o->headers.len > 0)
        options.headers = &t->o->headers;
    weft_err err =
        weft_client_call(client, t->method, arena, t->args, &result, &options);
    bool is_reply = !err || err == WEFT_ETHROWN || weft_err_is_peer(err);
    struct wb_outcome out = {
        .err = err,
        .is_right = !err && (t->method->oneway || is_expected(t, &result)),
        .is_timed = is_reply || err == WEFT_ETIMEOUT,
        .is_broken = !is_reply && err != WEFT_ETIMEOUT};
    if (!out.is_right && failures && err != WEFT_ECANCEL)
        wb_count_failure(failures, t, err, &info, &result);
    weft_arena_reset(arena);
    return out;
}

/* ---- the expected reply ---- */

/* `json` is the value of the result alone. The library reads only structs, so
 * put a struct around the value. */
static enum wt_code
read_expected(struct wb_target *t, const char *json)
{
    static const char before[] = "{\"success\": ";
    const struct weft_method *m = t->method;
    struct weft_json_error why;
    if (m->oneway) {
        wt_error("%s is oneway: there is no reply to expect", t->name);
        return WT_USAGE;
    }
    if (m->is_void && strcmp(json, "null") == 0) {
        t->expected.which = 0;
        return WT_OK;
    }
    struct weft_str text = weft_arena_printf(&t->arena, "%s%s}", before, json);
    weft_err err = !text.ptr ? WEFT_EBUDGET
                             : weft_struct_from_json(m->result, text, &t->arena,
                                                     &t->expected, &why);
    if (!err && t->expected.which == 0) {
        wi_apply_to_result(m, &t->expected);
        return WT_OK;
    }
    if (!err || !text.ptr) {
        wt_error("--expect `%s` is no result of %s", json, t->name);
        return WT_INPUT;
    }
    size_t shift = why.offset < sizeof before - 1 ? 0 : sizeof before - 1;
    why.offset -= shift;
    why.column -= why.line == 1 ? (uint32_t)shift : 0;
    return wt_report_json(json, strlen(json), why.offset, &why, 0);
}

/* Keep a copy of the first reply as the expected one. */
static enum wt_code
keep_reply(struct wb_target *t, struct wi_result *reply)
{
    if (t->method->oneway || t->b->any_reply)
        return WT_OK;
    t->is_checked = true;
    if (t->b->expect)
        return WT_OK; /* read_expected has set t->expected */
    wi_apply_to_result(t->method, reply);
    if (weft_struct_copy(t->method->result, &t->arena, &t->expected, reply)) {
        wt_error("there is no memory for the reply");
        return WT_BROKEN;
    }
    return WT_OK;
}

/* A declared exception is a reply, too. */
static enum wt_code
call_first(struct wb_target *t)
{
    struct weft_arena arena;
    struct weft_call_info info = {.app_type = -1};
    struct weft_call_options options = {.info = &info};
    struct wi_result reply = {.which = WEFT_RESULT_NONE};
    if (t->o->headers.len > 0)
        options.headers = &t->o->headers;
    weft_arena_init(&arena, 0);
    weft_err err = weft_client_call(t->clients[0], t->method, &arena, t->args,
                                    &reply, &options);
    enum wt_code code = err && err != WEFT_ETHROWN
                            ? wt_report_call(t->o, t->name, err, &info)
                            : keep_reply(t, &reply);
    weft_arena_fini(&arena);
    return code;
}

/* ---- the target ---- */

static enum wt_code
read_arguments(struct wb_target *t)
{
    struct weft_json_error why;
    struct weft_str json = weft_str_of(t->json);
    void *args;
    if (weft_idl_args_from_json(t->method, json, &t->arena, &args, &why))
        return wt_report_json(t->json, json.len, why.offset, &why, 0);
    t->args = args;
    return t->b->expect ? read_expected(t, t->b->expect) : WT_OK;
}

static enum wt_code
make_clients(struct wb_target *t)
{
    enum wt_code code = WT_OK;
    t->clients = calloc(t->b->connections, sizeof(struct weft_client *));
    if (!t->clients) {
        wt_error("there is no memory for the connections");
        return WT_BROKEN;
    }
    for (uint32_t i = 0; i < t->b->connections && !code; i++)
        code = wt_new_client(t->o, &t->clients[i]);
    return code;
}

enum wt_code
wb_target_init(struct wb_target *t, struct wc *c, struct wt_options *o)
{
    struct wi_tables tables;
    struct wt_method method;
    *t = (struct wb_target){.o = o,
                            .b = o->bench,
                            .json = o->n_words > 1 ? o->words[1] : "{}",
                            .expected = {.which = WEFT_RESULT_NONE}};
    weft_arena_init(&t->arena, 0);
    enum wt_code code = wt_find_method(c, o->words[0], &method);
    if (code)
        return code;
    wi_tables_init(&tables, c);
    t->method = wi_make_method(&tables, method.function, NULL);
    wi_finish(&tables);
    t->name = method.name;
    code = read_arguments(t);
    if (!code)
        code = make_clients(t);
    return code ? code : call_first(t);
}

void
wb_target_fini(struct wb_target *t)
{
    for (uint32_t i = 0; t->clients && i < t->b->connections; i++)
        weft_client_free(t->clients[i]);
    free(t->clients);
    weft_arena_fini(&t->arena);
}
