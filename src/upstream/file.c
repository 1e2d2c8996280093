/* SPDX-License-Identifier: MIT */
/*
 * The resolver of `file:PATH`: reads the file again and again, and publishes
 * its list when the bytes have changed. A reader by time needs no watch of the
 * kernel, so it also works if the file is replaced by a rename, is a link that
 * changes, or lies on a disk of another host.
 *
 * A writer that does not rename may be in the middle of its work when the file
 * is read. So new bytes count only if they read the same again at once, and, if
 * their last line has no end, at the next look, too.
 */
#include "upstream/upstream.h"

#include <weft/os.h>

#include <errno.h>
#include <string.h>

#define POLL_MS 500
#define MOST_BYTES (8u << 20) /* 65,536 lines of 128 bytes */

/* What the file held. */
struct seen {
    char *bytes; /* NULL: nothing yet */
    size_t len;
    bool taken; /* the list of these bytes was published */
};

static bool
is_same(const struct seen *seen, struct weft_str bytes)
{
    return seen->bytes && seen->len == bytes.len &&
           memcmp(seen->bytes, bytes.ptr, bytes.len) == 0;
}

static weft_err
keep(struct seen *seen, struct weft_str bytes)
{
    char *copy = wf_sys_malloc((size_t)bytes.len + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, bytes.ptr, bytes.len);
    wf_sys_free(seen->bytes);
    *seen = (struct seen){.bytes = copy, .len = bytes.len};
    return WEFT_OK;
}

/* The bytes are the arena's, with a NUL after them. */
static weft_err
publish(struct weft_resolver *resolver, struct weft_str bytes)
{
    struct wf_entries entries;
    char why[WF_WHY] = "";
    if (memchr(bytes.ptr, '\0', bytes.len)) {
        weft_resolver_explain(resolver, "the file has a NUL byte");
        return WEFT_EADDRESS;
    }
    weft_err err = wf_entries_read((char *)bytes.ptr, '\n', &entries, why);
    if (*why)
        weft_resolver_explain(resolver, "%s", why);
    if (!err)
        err = weft_resolver_publish(resolver, entries.items, entries.n);
    wf_entries_free(&entries);
    return err;
}

/* The bytes are new: keep them, and read the file again. *counts receives
 * whether the bytes count now. */
static weft_err
read_again(const char *path, struct seen *seen, struct weft_arena *arena,
           struct weft_str bytes, bool *counts)
{
    struct weft_str again;
    weft_err err = keep(seen, bytes);
    if (!err)
        err = weft_file_load(path, MOST_BYTES, arena, &again);
    if (err)
        return err;
    bool is_whole = bytes.len == 0 || bytes.ptr[bytes.len - 1] == '\n';
    *counts = is_whole && is_same(seen, again);
    return WEFT_OK;
}

/* Look at the file once. */
static weft_err
look(struct weft_resolver *resolver, const char *path, struct seen *seen,
     struct weft_arena *arena)
{
    struct weft_str bytes;
    bool counts = true;
    weft_err err = weft_file_load(path, MOST_BYTES, arena, &bytes);
    if (err)
        return err;
    if (!is_same(seen, bytes))
        err = read_again(path, seen, arena, bytes, &counts);
    if (err || !counts || seen->taken)
        return err;
    err = publish(resolver, bytes);
    seen->taken = !err;
    return err;
}

weft_err
wf_resolve_file(struct weft_resolver *resolver, const char *path, void *user)
{
    struct seen seen = {0};
    weft_err err = WEFT_OK;
    (void)user;
    while (!err) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        err = look(resolver, path, &seen, &arena);
        weft_arena_fini(&arena);
        if (!err)
            err = weft_sleep_ms(POLL_MS);
    }
    wf_sys_free(seen.bytes);
    return err;
}
