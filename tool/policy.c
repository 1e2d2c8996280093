/* SPDX-License-Identifier: MIT */
/* weft policy check: tells what is wrong with the document of a policy, or
 * which values it has. */
#include "tool.h"

#include <weft/os.h>
#include <weft/upstream.h>

#include <errno.h>
#include <string.h>

#define MOST_BYTES (2u << 20) /* more than a document may have */

static enum wt_code
fail_words(void)
{
    wt_error("`weft policy` checks one document");
    wt_help("weft policy check FILE");
    return WT_USAGE;
}

static enum wt_code
check(struct weft_str text, struct weft_arena *arena)
{
    struct weft_json_error why = {0};
    struct weft_str values;
    weft_err err = weft_policy_check(text, arena, &values, &why);
    if (err && why.line > 0)
        return wt_report_json(text.ptr, text.len, why.offset, &why, 0);
    if (err) {
        wt_error("%s", weft_err_text(err));
        return WT_BROKEN;
    }
    fputs("ok\n", stdout);
    fwrite(values.ptr, 1, values.len, stdout);
    return wt_flush();
}

static bool
is_source(const char *word)
{
    static const char *const kinds[] = {"file:", "etcd:", "consul:", "zk:"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(word, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

/* A file that cannot be read is bad input; a registry is a server. */
static enum wt_code
code_of(const char *word, weft_err err)
{
    if (err == -EINVAL)
        return WT_USAGE;
    if (err == -ENOENT || !is_source(word) || strncmp(word, "file:", 5) == 0)
        return WT_INPUT;
    if (err == WEFT_EHTTP || err == -EPERM)
        return WT_PEER;
    if (err == WEFT_EPROTOCOL)
        return WT_BROKEN;
    return err == WEFT_ETIMEOUT ? WT_TIMEOUT : WT_CONNECT;
}

/* Read a file, or what the option `policy` may name. */
static enum wt_code
load(const char *word, struct weft_arena *arena, struct weft_str *text)
{
    struct weft_str why = {0};
    weft_err err = is_source(word)
                       ? weft_policy_load(word, arena, text, &why)
                       : weft_file_load(word, MOST_BYTES, arena, text);
    if (!err)
        return WT_OK;
    if (err != -EINVAL) /* of which weft has told */
        wt_error("cannot read `%s`: %s", word,
                 why.ptr ? why.ptr : weft_err_text(err));
    return code_of(word, err);
}

enum wt_code
wp_main(char **words)
{
    struct weft_arena arena;
    struct weft_str text;
    if (!words[0] || strcmp(words[0], "check") != 0 || !words[1] || words[2])
        return fail_words();
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    enum wt_code code = load(words[1], &arena, &text);
    if (!code)
        code = check(text.ptr ? text : weft_str_of(""), &arena);
    weft_arena_fini(&arena);
    return code;
}
