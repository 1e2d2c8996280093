/* SPDX-License-Identifier: MIT */
/*
 * Writes, for --embed-idl, the text of a file and of all files that it
 * includes, so that a server can send these texts (weft_service.idl). Each line
 * becomes a string literal, and a long line becomes several literals, because a
 * C compiler need not accept literals above 4,095 bytes.
 */
#include "emit/put.h"

#include <string.h>

#define LITERAL_MAX 1000u /* bytes; with escapes at most 4000 */

static const char *
escape(struct wc *c, const char *at, uint32_t len)
{
    struct wc_text out = {NULL, 0, 0};
    for (uint32_t i = 0; i < len; i++) {
        unsigned char b = (unsigned char)at[i];
        char text[5] = {(char)b};
        if (b == '"' || b == '\\')
            snprintf(text, sizeof text, "\\%c", b);
        else if (b == '\n')
            snprintf(text, sizeof text, "\\n");
        else if (b < ' ' || b > '~' || b == '?') /* no trigraphs */
            snprintf(text, sizeof text, "\\%03o", b);
        wc_text_add(c, &out, text, strlen(text));
    }
    return wc_format(c, "%.*s", (int)out.len, out.ptr);
}

static void
put_parts(struct wc_emit *e, const struct wc_file *file, uint32_t number)
{
    wc_put(e, "\nstatic const char *const idl_parts_%u[] = {\n", number);
    for (uint32_t at = 0; at < file->len;) {
        const char *begin = file->text + at;
        const char *feed = memchr(begin, '\n', file->len - at);
        uint32_t len = feed ? (uint32_t)(feed - begin) + 1 : file->len - at;
        if (len > LITERAL_MAX)
            len = LITERAL_MAX;
        wc_put(e, "    \"%s\",\n", escape(e->c, begin, len));
        at += len;
    }
    wc_put(e, "    NULL,\n};\n");
}

struct seen {
    struct wc_map ids;
    const struct wc_file **files;
    uint32_t n;
};

/* Collect a file and its includes, each once. The recursion is at most
 * WC_MAX_INCLUDES deep. */
static void
collect(struct wc_emit *e, struct seen *seen, const struct wc_file *file)
{
    if (wc_map_get(&seen->ids, file->id) != NULL)
        return;
    wc_map_put(e->c, &seen->ids, file->id, seen);
    seen->files[seen->n++] = file;
    for (const struct wc_include *i = file->includes; i; i = i->next) {
        if (i->file != NULL)
            collect(e, seen, i->file);
    }
}

uint32_t
wc_put_idl(struct wc_emit *e)
{
    struct seen seen = {.n = 0};
    seen.files = wc_alloc(e->c, e->c->n_files * sizeof *seen.files);
    collect(e, &seen, e->file);
    for (uint32_t i = 0; i < seen.n; i++)
        put_parts(e, seen.files[i], i);
    wc_put(e, "\nstatic const struct weft_idl_file idl_files[] = {\n");
    for (uint32_t i = 0; i < seen.n; i++)
        wc_put(e, "    {\"%s.thrift\", idl_parts_%u},\n", seen.files[i]->stem,
               i);
    wc_put(e, "};\n");
    return seen.n;
}
