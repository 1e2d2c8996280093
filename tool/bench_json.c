/* SPDX-License-Identifier: MIT */
/* Writes and reads runs as JSON, by the descriptors of bench_run.thrift. */
#include "bench.h"

#include <errno.h>

#define MAX_FILE ((size_t)64 << 20)

/* ---- writing ---- */

static bool
put_chain(FILE *f, const struct weft_chain *chain)
{
    char part[4096];
    size_t n;
    for (size_t at = 0; at < chain->len; at += n) {
        n = weft_chain_copy_out(chain, at, part, sizeof part);
        if (fwrite(part, 1, n, f) != n)
            return false;
    }
    return true;
}

static weft_err
save(const struct weft_chain *chain, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return -errno;
    weft_err err = put_chain(f, chain) ? WEFT_OK : -errno;
    if (fclose(f) != 0 && !err)
        err = -errno;
    return err;
}

enum wt_code
wb_write_json(const struct bench_Run *run, const char *path)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_struct_to_json(&bench_Run_desc, &w, run, 1);
    weft_write_bytes_slow(&w, "\n", 1);
    weft_err err = weft_writer_fini(&w);
    if (!err)
        err = save(&chain, path);
    weft_chain_clear(&chain);
    if (!err)
        return WT_OK;
    wt_error("cannot write %s: %s", path, weft_err_text(err));
    return WT_BROKEN;
}

/* ---- reading ---- */

static weft_err
load(const char *path, struct weft_arena *arena, struct weft_str *text)
{
    FILE *f = fopen(path, "r");
    *text = (struct weft_str){NULL, 0};
    if (!f)
        return -errno;
    weft_err err = WEFT_OK;
    char *bytes = weft_arena_alloc(arena, MAX_FILE + 1);
    size_t len = bytes ? fread(bytes, 1, MAX_FILE + 1, f) : 0;
    if (!bytes)
        err = -ENOMEM;
    else if (ferror(f))
        err = -EIO;
    else if (len > MAX_FILE)
        err = -EFBIG;
    fclose(f); /* an error does not matter after reading */
    *text = (struct weft_str){bytes, (uint32_t)len};
    return err;
}

enum wt_code
wb_read_json(const char *path, struct weft_arena *arena, struct bench_Run *run)
{
    struct weft_str text;
    struct weft_json_error why;
    weft_err err = load(path, arena, &text);
    if (err) {
        wt_error("cannot read %s: %s", path, weft_err_text(err));
        return WT_INPUT;
    }
    if (weft_struct_from_json(&bench_Run_desc, text, arena, run, &why)) {
        wt_error("%s is no result of weft bench", path);
        return wt_report_json(text.ptr, text.len, why.offset, &why, 0);
    }
    if (run->format != bench_FORMAT) {
        wt_error("%s has format %d, and this tool reads %d", path,
                 (int)run->format, bench_FORMAT);
        return WT_INPUT;
    }
    return WT_OK;
}
