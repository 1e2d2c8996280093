/* SPDX-License-Identifier: MIT */
/*
 * Names in C. A name belongs to the file that claims it. A file sees its own
 * names and the names of all files that it includes, directly or through other
 * files. The tag of a struct must differ from all names, because the tag is an
 * ordinary name in C++. The tag of a container must differ only from other
 * tags.
 */
#include "emit/plan.h"

/* A file that has claimed a name. */
struct wc_owner {
    struct wc_owner *next;
    const struct wc_file *file;
};

static const char *const words[] = {
#include "emit/words.def"
#include "emit/macros.def"
};

/* True if a macro of weft's headers may have this name: such macros begin with
 * WEFT_ and do not end in an underscore. */
static bool
is_reserved(const char *name)
{
    return strncmp(name, "WEFT_", 5) == 0 && name[strlen(name) - 1] != '_';
}

static bool
is_word(struct wc *c, const char *name)
{
    static char yes;
    if (c->words.n == 0) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            wc_map_put(c, &c->words, words[i], &yes);
    }
    return is_reserved(name) || wc_map_get(&c->words, name) != NULL;
}

/* ---- what a file sees ---- */

static void
see(struct wc_file *file, uint32_t look)
{
    if (file->seen_in == look)
        return;
    file->seen_in = look;
    for (struct wc_include *i = file->includes; i; i = i->next) {
        if (i->file != NULL)
            see(i->file, look);
    }
}

void
wc_look_from(struct wc *c, struct wc_file *file)
{
    see(file, ++c->n_looks);
}

bool
wc_sees(const struct wc *c, const struct wc_file *file)
{
    return file->seen_in == c->n_looks;
}

static const char *
key_of(struct wc *c, enum wc_space space, const char *name)
{
    return wc_format(c, "%c %s", space, name);
}

static bool
is_taken(const struct wc *c, const struct wc_file *file, const char *key)
{
    const struct wc_owner *o = wc_map_get(&c->globals, key);
    for (; o; o = o->next) {
        if (wc_sees(c, o->file))
            return true;
    }
    return wc_map_get(&file->locals, key) != NULL;
}

/* Claim a name for a file. If another file has claimed the name, record the
 * clash: two included files that do not see each other can claim the same
 * name. */
static void
claim(struct wc *c, struct wc_file *file, const char *key)
{
    struct wc_owner *owner = WC_NEW(c, struct wc_owner);
    owner->file = file;
    owner->next = wc_map_get(&c->globals, key);
    wc_map_put(c, &c->globals, key, owner);
    if (owner->next != NULL) {
        struct wc_clash *clash = WC_NEW(c, struct wc_clash);
        clash->name = key + 2;
        clash->owners = owner;
        *c->clashes_end = clash;
        c->clashes_end = &clash->next;
    }
}

/* True if the current file sees two files that claim the name; `paths` receives
 * the paths of these files. */
static bool
sees_both(const struct wc *c, const struct wc_clash *clash,
          const char *paths[2])
{
    int n = 0;
    for (const struct wc_owner *o = clash->owners; o && n < 2; o = o->next) {
        if (wc_sees(c, o->file))
            paths[n++] = o->file->path;
    }
    return n == 2;
}

/* Report names that two files claim, once per pair of files: two files that
 * share one name often share many names. */
static void
report_clashes(struct wc *c, struct wc_file *file)
{
    const char *paths[2] = {NULL, NULL}, *before[2] = {NULL, NULL};
    for (const struct wc_clash *k = c->clashes; k; k = k->next) {
        if (!sees_both(c, k, paths))
            continue;
        if (paths[0] == before[0] && paths[1] == before[1])
            continue;
        wc_report(c, WC_C_CLASH, file->includes->span, k->name, NULL);
        wc_help(c, "%s and %s need different `namespace c`", paths[1],
                paths[0]);
        before[0] = paths[0];
        before[1] = paths[1];
    }
}

/* ---- prefixes ---- */

const char *
wc_c_prefix(struct wc *c, const struct wc_file *file)
{
    const char *name = file->namespace_c ? file->namespace_c : file->fallback;
    if (name == NULL)
        name = file->prefix_by_path ? file->stem : file->base;
    char *prefix = wc_alloc(c, strlen(name) + 2);
    size_t n = 0;
    if (*name >= '0' && *name <= '9')
        prefix[n++] = 'n';
    for (const char *p = name; *p; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        prefix[n++] = letter || (*p >= '0' && *p <= '9') ? *p : '_';
    }
    return prefix;
}

void
wc_open_names(struct wc *c, struct wc_file *file)
{
    file->prefix = wc_c_prefix(c, file);
    if (strcmp(file->prefix, "weft") == 0 ||
        strncmp(file->prefix, "weft_", 5) == 0) {
        wc_report(c, WC_C_PREFIX, file->namespace_span, file->prefix, NULL);
        wc_help(c, "give the file another `namespace c`");
    }
    wc_look_from(c, file);
    report_clashes(c, file);
}

/* ---- claims ---- */

static bool
is_free(struct wc *c, const struct wc_file *file, const char *name)
{
    return !is_word(c, name) &&
           !is_taken(c, file, key_of(c, WC_ORDINARY, name));
}

static bool
are_free(struct wc *c, const struct wc_file *file, const char *name,
         const char *const *suffixes)
{
    for (; *suffixes; suffixes++) {
        if (!is_free(c, file, wc_format(c, "%s%s", name, *suffixes)))
            return false;
    }
    return true;
}

bool
wc_is_free_family(struct wc *c, const struct wc_file *file, const char *name,
                  const struct wc_family *family)
{
    if (is_word(c, name) || (family->has_tag && !is_free(c, file, name)))
        return false;
    return are_free(c, file, name, family->suffixes) &&
           are_free(c, file, name, family->static_suffixes);
}

/* Claim a static name. Other files do not see this name, so other files can
 * claim the same name. */
static void
claim_static(struct wc *c, struct wc_file *file, const char *name)
{
    static char yes;
    wc_map_put(c, &file->locals, key_of(c, WC_ORDINARY, name), &yes);
}

const char *
wc_claim_family(struct wc *c, struct wc_file *file, const char *name,
                const struct wc_family *family, struct wc_span span)
{
    const char *wanted = name;
    while (!wc_is_free_family(c, file, name, family))
        name = wc_format(c, "%s_", name);
    if (family->has_tag) {
        claim(c, file, key_of(c, WC_TAG, name));
        claim(c, file, key_of(c, WC_ORDINARY, name));
    }
    for (const char *const *s = family->suffixes; *s; s++)
        claim(c, file, key_of(c, WC_ORDINARY, wc_format(c, "%s%s", name, *s)));
    for (const char *const *s = family->static_suffixes; *s; s++)
        claim_static(c, file, wc_format(c, "%s%s", name, *s));
    if (name != wanted && span.file != NULL)
        wc_report(c, WC_C_NAME, span, wanted, name);
    return name;
}

static const char *const none[] = {NULL}, *const itself[] = {"", NULL};

const char *
wc_claim_name(struct wc *c, struct wc_file *file, const char *name,
              struct wc_span span)
{
    static const struct wc_family alone = {false, itself, none};
    return wc_claim_family(c, file, name, &alone, span);
}

bool
wc_is_free_name(struct wc *c, const struct wc_file *file, const char *name)
{
    return is_free(c, file, name);
}

const char *
wc_claim_static(struct wc *c, struct wc_file *file, const char *name)
{
    static const struct wc_span nowhere = {NULL, 0, 0};
    static const struct wc_family alone = {false, none, itself};
    return wc_claim_family(c, file, name, &alone, nowhere);
}

bool
wc_keep_member(struct wc *c, const char *name, struct wc_map *members)
{
    static char yes;
    if (is_word(c, name) || wc_map_get(members, name))
        return false;
    wc_map_put(c, members, name, &yes);
    return true;
}

const char *
wc_member_name(struct wc *c, const char *name, struct wc_map *members,
               struct wc_span span)
{
    const char *wanted = name;
    while (!wc_keep_member(c, name, members))
        name = wc_format(c, "%s_", name);
    if (name != wanted && span.file != NULL)
        wc_report(c, WC_C_NAME, span, wanted, name);
    return name;
}

bool
wc_is_taken_tag(const struct wc *c, const struct wc_file *file,
                const char *name)
{
    char key[256];
    int len = snprintf(key, sizeof key, "%c %s", WC_TAG, name);
    return len > 0 && (size_t)len < sizeof key && is_taken(c, file, key);
}
