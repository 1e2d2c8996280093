/* SPDX-License-Identifier: MIT */
/* weft call: arguments from JSON, the call, and its result as JSON. */
#include "tool.h"

#include "idl/idl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_LINE ((size_t)16 << 20) /* bytes of one call of standard input */

struct caller {
    struct wt_options *o;
    struct wi_tables tables;
    struct weft_client *client;
    struct wc_map methods; /* "Service.method" -> struct made */
    bool is_batch;         /* several calls; each result is one line */
    unsigned line;         /* number of a line of standard input */
    const char *text;      /* of that line, or the JSON argument */
    size_t len;
};

/* A method whose tables have been made. */
struct made {
    struct wt_method method;
    const struct weft_method *table;
};

/* ---- the reply ---- */

static void
show_headers(const struct weft_headers *headers)
{
    for (uint32_t i = 0; i < headers->len; i++) {
        fputs("header: ", stderr);
        wt_put_safe(stderr, headers->items[i].key);
        fputs(": ", stderr);
        wt_put_safe(stderr, headers->items[i].value);
        fputc('\n', stderr);
    }
}

static enum wt_code
print_result(const struct caller *caller, const struct made *made,
             struct wi_result *result)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_idl_result_to_json(made->table, &w, result, caller->is_batch ? 0 : 2);
    weft_write_bytes_slow(&w, "\n", 1);
    weft_err failed = weft_writer_fini(&w);
    enum wt_code code = WT_BROKEN;
    if (failed)
        wt_error("%s: cannot print the result: %s", made->method.name,
                 weft_err_text(failed));
    else
        code = wt_print(&chain);
    weft_chain_clear(&chain);
    return code;
}

static enum wt_code
report_thrown(const struct made *made, const struct wi_result *result)
{
    const struct weft_field *field = wi_result_member(made->table, result);
    if (field)
        fprintf(stderr, "weft: error: %s threw %s (%s)\n", made->method.name,
                field->type->record->name, field->name);
    return WT_THROWN;
}

/* ---- one call ---- */

/* Does the error mean that the server serves only one service? Such a server
 * has no method "Service:method", so no handler ran. */
static bool
is_not_multiplexed(weft_err err)
{
    return err == WEFT_ENOMETHOD - WEFT_PEER ||
           err == WEFT_ENOSERVICE - WEFT_PEER;
}

static enum wt_code
call(struct caller *caller, const struct made *made, const void *args,
     struct weft_arena *arena)
{
    struct weft_call_info info = {.app_type = -1};
    struct weft_call_options options = {.info = &info};
    struct wi_result result = {.which = WEFT_RESULT_NONE};
    if (caller->o->headers.len > 0)
        options.headers = &caller->o->headers;
    if (made->method.is_ambiguous && !caller->o->service)
        options.service = made->method.service->name;
    weft_err err = weft_client_call(caller->client, made->table, arena, args,
                                    &result, &options);
    if (options.service && is_not_multiplexed(err)) {
        options.service = NULL;
        err = weft_client_call(caller->client, made->table, arena, args,
                               &result, &options);
    }
    if (caller->o->show_headers)
        show_headers(&info.headers);
    if (err && err != WEFT_ETHROWN)
        return wt_report_call(caller->o, made->method.name, err, &info);
    enum wt_code code = err ? report_thrown(made, &result) : WT_OK;
    enum wt_code printed = print_result(caller, made, &result);
    return printed > code ? printed : code;
}

static enum wt_code
call_json(struct caller *caller, const struct made *made, const char *json,
          size_t len)
{
    struct weft_arena arena;
    struct weft_json_error why;
    void *args;
    weft_arena_init(&arena, 0);
    struct weft_str text = {json, (uint32_t)len};
    weft_err err =
        weft_idl_args_from_json(made->table, text, &arena, &args, &why);
    enum wt_code code =
        err ? wt_report_json(caller->text, caller->len,
                             (size_t)(json - caller->text) + why.offset, &why,
                             caller->is_batch ? caller->line : 0)
            : call(caller, made, args, &arena);
    weft_arena_fini(&arena);
    return code;
}

/* Find a method and make its tables, once for each method. */
static enum wt_code
make(struct caller *caller, const char *name, const struct made **out)
{
    struct wc *c = caller->tables.c;
    struct made *made = wc_map_get(&caller->methods, name);
    if (!made) {
        struct wt_method method;
        enum wt_code code = wt_find_method(c, name, &method);
        if (code)
            return code;
        made = WC_NEW(c, struct made);
        made->method = method;
        made->table =
            wi_make_method(&caller->tables, made->method.function, NULL);
        wi_finish(&caller->tables);
        wc_map_put(c, &caller->methods, wc_copy(c, name, strlen(name)), made);
    }
    *out = made;
    return WT_OK;
}

static enum wt_code
call_named(struct caller *caller, const char *name, const char *json,
           size_t len)
{
    const struct made *made;
    enum wt_code code = make(caller, name, &made);
    return code ? code : call_json(caller, made, json, len);
}

/* ---- calls of standard input ---- */

static size_t
skip_blanks(const char *text, size_t len, size_t at)
{
    while (at < len && strchr(" \t\r\n", text[at]))
        at++;
    return at;
}

/* Make the call of the line "Service.method {json}", or of the line "{json}" if
 * the method is fixed. */
static enum wt_code
call_line(struct caller *caller, const char *fixed, char *line, size_t len)
{
    size_t begin = skip_blanks(line, len, 0), end = begin;
    const char *name = fixed;
    if (!fixed) {
        while (end < len && !strchr(" \t\r\n{", line[end]))
            end++;
        name = wc_copy(caller->tables.c, line + begin, end - begin);
    }
    size_t json = skip_blanks(line, len, end);
    if (json == len) {
        caller->text = "{}";
        caller->len = 2;
        return call_named(caller, name, caller->text, caller->len);
    }
    return call_named(caller, name, line + json, len - json);
}

/* Make the call of one line of input, and print one line on standard output. */
static enum wt_code
read_line(struct caller *caller, const char *fixed, char *line, size_t len)
{
    size_t begin = skip_blanks(line, len, 0);
    while (len > begin && strchr(" \t\r\n", line[len - 1]))
        len--;
    caller->line++;
    caller->text = line;
    caller->len = len;
    if (begin == len || line[begin] == '#')
        return WT_OK;
    enum wt_code code = WT_INPUT;
    if (len > MAX_LINE || memchr(line, '\0', len))
        wt_error("line %u: it is too long or has a NUL", caller->line);
    else
        code = call_line(caller, fixed, line, len);
    if (code > WT_THROWN) {
        printf("{\"error\":%d}\n", (int)code);
        if (fflush(stdout) != 0)
            return WT_BROKEN;
    }
    return code;
}

static enum wt_code
call_lines(struct caller *caller, const char *fixed)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    enum wt_code worst = WT_OK;
    caller->is_batch = true;
    while (!ferror(stdout) && (len = getline(&line, &cap, stdin)) >= 0) {
        enum wt_code code = read_line(caller, fixed, line, (size_t)len);
        worst = code > worst ? code : worst;
    }
    if (ferror(stdin)) {
        wt_error("cannot read standard input: %s", strerror(errno));
        worst = WT_BROKEN;
    }
    free(line);
    return worst;
}

/* ---- the command ---- */

static enum wt_code
run(struct caller *caller)
{
    const struct wt_options *o = caller->o;
    const char *name = o->n_words > 0 ? o->words[0] : "-";
    const char *json = o->n_words > 1 ? o->words[1] : "{}";
    if (strcmp(name, "-") == 0)
        return call_lines(caller, NULL);
    if (strcmp(json, "-") == 0)
        return call_lines(caller, name);
    caller->text = json;
    caller->len = strlen(json);
    return call_named(caller, name, json, caller->len);
}

enum wt_code
wt_call(struct wc *c, struct wt_options *o)
{
    struct caller caller = {.o = o};
    if (o->n_words > 2) {
        wt_error("one word too many: `%s`", o->words[2]);
        wt_help("put the JSON in single quotes");
        return WT_USAGE;
    }
    wi_tables_init(&caller.tables, c);
    enum wt_code code = wt_new_client(o, &caller.client);
    if (code)
        return code;
    code = run(&caller);
    weft_client_free(caller.client);
    return code;
}
