/* SPDX-License-Identifier: MIT */
/*
 * Runs the whole compiler in memory, from a text to C or diagnostics. Each
 * include finds the same small file, and an include of "self" the input itself.
 * Generated files must end in a line feed, errors must be shown if the compiler
 * fails, and only then, and equal input must give equal output. Formatting a
 * formatted file must not change it, and formatting must keep the file's
 * meaning.
 *
 * The first byte of the input chooses the options: its low four bits are flags,
 * its high four bits choose the mode (generate, format and others).
 */
#include "fuzz.h"
#include "../compiler/wc.h"

#include <stdlib.h>
#include <string.h>

struct world {
    const char *text;
    size_t size;
    size_t n_saved, n_errors;
    uint64_t hash; /* of all output */
    char *printed; /* owned */
    size_t n_printed;
};

static const char included[] =
    "namespace c inc\n"
    "enum E { A = 1 } struct S { 1: i32 x = 3, 2: list<S> y }\n"
    "typedef map<string, S> M exception X {} const i32 C = 5\n"
    "service P { void f(1: S s) throws (1: X x) }\n";

static void
note(struct world *w, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        w->hash = (w->hash ^ (uint8_t)text[i]) * 1099511628211u;
}

static bool
load(void *user, struct weft_arena *arena, const char *name, const char *from,
     struct wc_source *source)
{
    const struct world *w = user;
    bool own = from == NULL || strncmp(name, "self", 4) == 0;
    if (strlen(name) > 100)
        return false;
    source->text = own ? w->text : included;
    source->len = own ? w->size : sizeof included - 1;
    struct weft_str id = weft_arena_printf(arena, "%s", name);
    check(id.ptr != NULL);
    source->id = source->path = id.ptr;
    return true;
}

static bool
save(void *user, const char *name, const char *text, size_t len)
{
    struct world *w = user;
    check(len > 0 && text[len - 1] == '\n' && strlen(text) == len);
    note(w, name, strlen(name));
    note(w, text, len);
    w->n_saved++;
    return true;
}

static void
print(void *user, const char *text, size_t len)
{
    struct world *w = user;
    check(len > 0 && text[len - 1] == '\n');
    w->printed = realloc(w->printed, w->n_printed + len);
    check(w->printed != NULL);
    memcpy(w->printed + w->n_printed, text, len);
    w->n_printed += len;
    note(w, text, len);
}

static void
report(void *user, const char *text, size_t len)
{
    struct world *w = user;
    check(len > 0 && text[len - 1] == '\n');
    w->n_errors += strstr(text, "error: ") != NULL;
    note(w, text, len);
}

static int
compile(struct world *w, const struct wc_options *options)
{
    static const char *const names[] = {"input.thrift", "other.thrift"};
    struct wc_host host = {w, load, NULL, save, print, report};
    size_t n = options->mode == WC_BREAKING ? 2 : 1;
    int code = wc_compile(options, &host, names, n);
    bool generates = options->mode == WC_GENERATE && code == 0;
    check(code == 0 || code == 1 || (code == 2 && n == 2));
    check((w->n_errors > 0) == (code == 1));
    check(generates ? w->n_saved >= 2 : w->n_saved == 0);
    return code;
}

/* Format the result once more, and compile it. */
static void
check_format(const struct world *w, struct wc_options options)
{
    struct world again = {.text = w->printed, .size = w->n_printed};
    struct world plain = {.text = w->text, .size = w->size};
    struct world formatted = {.text = w->printed, .size = w->n_printed};
    check(compile(&again, &options) == 0);
    check(again.n_printed == w->n_printed);
    check(w->n_printed == 0 ||
          memcmp(again.printed, w->printed, w->n_printed) == 0);
    options.mode = WC_GENERATE;
    options.no_warnings = true;
    options.strict = false;
    if (compile(&plain, &options) == 0) {
        check(compile(&formatted, &options) == 0);
        check(plain.hash == formatted.hash);
    }
    free(again.printed);
}

static uint64_t
run(const uint8_t *data, size_t size)
{
    struct world w = {.text = (const char *)data + 1, .size = size - 1};
    struct wc_options options = {
        .allow_neg_keys = data[0] & 1,
        .strict = data[0] & 2,
        .recurse = data[0] & 4,
        .no_warnings = data[0] & 8,
        .mode = (data[0] >> 4) % (WC_BREAKING + 1),
    };
    int code = compile(&w, &options);
    if (code == 0 && options.mode == WC_FMT)
        check_format(&w, options);
    free(w.printed);
    return w.hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    check(run(data, size) == run(data, size));
    return 0;
}
