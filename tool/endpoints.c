/* SPDX-License-Identifier: MIT */
/* The command `weft endpoints`. */
#include "endpoints.h"

#include <stdlib.h>
#include <unistd.h>

#define TIMEOUT_MS 2000u
#define ROUND_NS 1000000000u /* from one round to the next */
#define SHOW_NS 500000000u
#define LOOK_MS 100 /* how often to check for a key or a signal */

/* ---- options ---- */

static enum wt_code
take_once(struct wt_options *o, const char *value)
{
    (void)value;
    o->once = true;
    return WT_OK;
}

static enum wt_code
take_json(struct wt_options *o, const char *value)
{
    (void)value;
    o->json = true;
    return WT_OK;
}

const struct wt_option we_options[] = {
    {"--once", take_once, true},
    {"--json", take_json, true},
    {NULL, NULL, false},
};

/* ---- once ---- */

static enum wt_code
print(struct we_watch *watch, bool json)
{
    struct weft_arena arena;
    struct we_rows rows;
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    enum wt_code code = we_rows_get(watch, &arena, &rows);
    if (!code && json)
        code = we_print_json(&rows);
    else if (!code) {
        we_put_table(stdout, &rows, SIZE_MAX);
        code = wt_flush();
    }
    weft_arena_fini(&arena);
    return code;
}

static enum wt_code
print_once(struct we_watch *watch, bool json)
{
    enum wt_code code = we_round_begin(watch);
    if (code)
        return code;
    we_round_await(watch);
    code = print(watch, json);
    return code ? code : we_worst(watch);
}

/* ---- live ---- */

static enum wt_code
show(struct we_watch *watch)
{
    struct weft_arena arena;
    struct we_rows rows;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return WT_BROKEN;
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    enum wt_code code = we_rows_get(watch, &arena, &rows);
    if (!code)
        we_put_table(out, &rows, we_screen_columns());
    fputs("q or Ctrl-C ends\n", out);
    weft_arena_fini(&arena);
    if (fclose(out) == 0 && !code)
        we_screen_show(text, len);
    free(text);
    return code;
}

static enum wt_code
watch_live(struct we_watch *watch)
{
    uint64_t round_ns = 0, show_ns = 0;
    enum wt_code code = WT_OK;
    we_screen_begin();
    do {
        uint64_t now = weft_now_ns();
        if (now >= round_ns && we_round_is_over(watch)) {
            code = we_round_begin(watch);
            round_ns = now + ROUND_NS;
        }
        if (!code && now >= show_ns) {
            code = show(watch);
            show_ns = now + SHOW_NS;
        }
    } while (!code && !we_screen_wait(LOOK_MS));
    if (!code)
        code = show(watch);
    we_screen_end();
    return code;
}

/* ---- the command ---- */

static enum wt_code
check_words(const struct wt_options *o)
{
    if (o->address && o->n_words == 0)
        return WT_OK;
    if (!o->address && o->n_words > 0)
        wt_error("`%s` is no target", o->words[0]);
    else if (!o->address)
        wt_error("there is no target");
    else
        wt_error("`weft endpoints` takes no `%s`", o->words[0]);
    wt_help("weft endpoints dns:HOST:PORT");
    return WT_USAGE;
}

enum wt_code
we_main(char **words)
{
    struct wt_options o;
    struct we_watch *watch;
    enum wt_code code = wt_parse_options(&o, words, we_options, NULL);
    if (!code)
        code = check_words(&o);
    if (code)
        return code;
    if (o.timeout_ms == 0)
        o.timeout_ms = TIMEOUT_MS;
    struct weft_runtime_options runtime = {.workers = 1};
    weft_err err = weft_runtime_start(&runtime);
    if (err) {
        wt_error("cannot start: %s", weft_err_text(err));
        return WT_BROKEN;
    }
    code = we_watch_new(&o, &watch);
    if (code)
        return code;
    code = o.once || o.json || !isatty(STDOUT_FILENO)
               ? print_once(watch, o.json)
               : watch_live(watch);
    we_watch_free(watch);
    return code;
}
