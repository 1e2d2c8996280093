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
    wt_error("`weft policy` checks one file");
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

enum wt_code
wp_main(char **words)
{
    struct weft_arena arena;
    struct weft_str text;
    if (!words[0] || strcmp(words[0], "check") != 0 || !words[1] || words[2])
        return fail_words();
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    weft_err err = weft_file_load(words[1], MOST_BYTES, &arena, &text);
    enum wt_code code = WT_INPUT;
    if (err)
        wt_error("cannot read `%s`: %s", words[1], weft_err_text(err));
    else
        code = check(text.ptr ? text : weft_str_of(""), &arena);
    weft_arena_fini(&arena);
    return code;
}
