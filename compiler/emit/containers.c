/* SPDX-License-Identifier: MIT */
/*
 * C types of containers. A name depends only on the parts of the type, so that
 * every file gives a type the same name, and an #ifndef around the definition
 * prevents that two headers define the type twice:
 *
 *   list<i32>, set<i32>         weft_vec_i32, of codec.h
 *   list<Person>                demo_vec_Person
 *   list<list<i32>>             demo_vec_vec_i32
 *   list<set<i32>>              demo_vec_set_i32
 *   map<string, other.Person>   other_map_str_Person
 *
 * The name begins with the prefix of the last struct in the type. A type
 * without a struct has the prefix of the file in which the type is written. The
 * length of a struct's name stands before this name if the struct has another
 * prefix, or if the whole name would be ambiguous: demo_map_9other_Key_i32.
 */
#include "emit/plan.h"

static const char *
base_word(enum wc_type_kind kind)
{
    switch (kind) {
    case WC_BOOL:
        return "bool";
    case WC_I8:
        return "i8";
    case WC_I16:
        return "i16";
    case WC_I64:
        return "i64";
    case WC_DOUBLE:
        return "double";
    case WC_STRING:
    case WC_BINARY:
        return "str";
    case WC_UUID:
        return "uuid";
    default:
        return "i32"; /* also for enums */
    }
}

/* The last record in the type of a container, or NULL. */
static const struct wc_def *
last_named(const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *def = NULL;
    if (real->element)
        def = last_named(real->element);
    if (def == NULL && real->key)
        def = last_named(real->key);
    return def ? def : wc_record_of(real);
}

static bool
is_ambiguous(const char *name, bool is_last)
{
    static const char *const taken[] = {"bool", "i8",     "i16", "i32",
                                        "i64",  "double", "str", "uuid"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (strcmp(name, taken[i]) == 0)
            return true;
    }
    return (!is_last && strchr(name, '_')) || name[strlen(name) - 1] == '_' ||
           !strncmp(name, "vec_", 4) || !strncmp(name, "set_", 4) ||
           !strncmp(name, "map_", 4);
}

static const char *
record_word(struct wc *c, const struct wc_def *def, const char *prefix,
            bool is_last)
{
    size_t len = strlen(prefix);
    const char *rest = def->c_name + len + 1;
    if (strcmp(def->file->prefix, prefix) != 0 || is_ambiguous(rest, is_last))
        return wc_format(c, "%zu%s", strlen(def->c_name), def->c_name);
    return rest;
}

static const char *
word_of(struct wc *c, const struct wc_type *type, const char *prefix,
        bool is_last, bool top)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *def = wc_record_of(real);
    if (def != NULL)
        return record_word(c, def, prefix, is_last);
    if (real->kind == WC_MAP)
        return wc_format(c, "map_%s_%s",
                         word_of(c, real->key, prefix, false, false),
                         word_of(c, real->element, prefix, is_last, false));
    if (real->kind == WC_LIST || real->kind == WC_SET)
        return wc_format(c, "%s_%s",
                         top || real->kind == WC_LIST ? "vec" : "set",
                         word_of(c, real->element, prefix, is_last, false));
    return base_word(real->kind);
}

static bool
is_builtin(const struct wc_type *real)
{
    if (real->kind == WC_MAP)
        return false;
    return wc_enum_of(real->element) || wc_real(real->element)->kind < WC_LIST;
}

static const char *
name_of(struct wc *c, const struct wc_type *real)
{
    const struct wc_def *def = last_named(real);
    const char *prefix = def ? def->file->prefix : real->file->prefix;
    if (is_builtin(real))
        prefix = "weft";
    return wc_format(c, "%s_%s", prefix, word_of(c, real, prefix, true, true));
}

/* ---- the containers of a file ---- */

/* The library has the functions of most lists; the generated source has static
 * functions for the other containers. */
static void
name_functions(struct wc *c, struct wc_file *file, struct wc_use *use,
               uint32_t proto)
{
    static const char *const protos[] = {"binary", "compact"};
    static const char *const apis[] = {"bin", "compact"};
    const struct wc_container *k = use->container;
    const char *word = k->builtin ? k->c_name + strlen("weft_") : "structs";
    if (k->builtin || use->item != NULL) {
        use->read[proto] = wc_format(c, "weft_%s_read_%s", apis[proto], word);
        use->write[proto] = wc_format(c, "weft_%s_write_%s", apis[proto], word);
        return;
    }
    const char *name = wc_format(c, "%s_%s", protos[proto], k->c_name);
    use->read[proto] = wc_claim_static(c, file, wc_format(c, "read_%s", name));
    use->write[proto] =
        wc_claim_static(c, file, wc_format(c, "write_%s", name));
}

static void
add_use(struct wc *c, struct wc_file *file, struct wc_container *container,
        uint32_t protos)
{
    struct wc_use *use = wc_map_get(&file->used, container->c_name);
    if (use != NULL) {
        use->protos |= protos;
        return;
    }
    use = WC_NEW(c, struct wc_use);
    use->protos = protos;
    use->container = container;
    if (container->type->kind != WC_MAP)
        use->item = wc_record_of(container->type->element);
    for (uint32_t i = 0; i < WC_PROTOS; i++)
        name_functions(c, file, use, i);
    wc_map_put(c, &file->used, container->c_name, use);
    *file->uses_end = use;
    file->uses_end = &use->next;
}

static void
define(struct wc *c, struct wc_file *file, struct wc_container *container)
{
    *file->containers_end = container;
    file->containers_end = &container->next;
    if (wc_is_taken_tag(c, file, container->c_name)) {
        wc_report(c, WC_C_CONTAINER, container->type->span, container->c_name,
                  wc_type_text(c, container->type));
        wc_help(c, "rename the definition, or give it another namespace");
    }
}

/* Find the container of a type, or make the container. A header defines each
 * container that it needs, if no included header defines the container. */
static struct wc_container *
find_container(struct wc *c, struct wc_file *file, const struct wc_type *real)
{
    const char *name = name_of(c, real);
    struct wc_container *known = wc_map_get(&c->containers, name);
    if (known && (known->builtin || wc_sees(c, known->file)))
        return known;
    struct wc_container *made = WC_NEW(c, struct wc_container);
    made->type = real;
    made->c_name = name;
    made->builtin = is_builtin(real);
    made->file = file;
    wc_map_put(c, &c->containers, name, made);
    if (!made->builtin)
        define(c, file, made);
    return made;
}

/* Plan the containers in a type. The parser and check/typedef.c bound the depth
 * of the recursion. Only straight-line code needs functions for containers. */
static void
plan_type(struct wc *c, struct wc_file *file, struct wc_type *type,
          uint32_t protos)
{
    struct wc_type *real = (struct wc_type *)wc_real(type);
    if (real->element == NULL)
        return;
    if (real->key != NULL)
        plan_type(c, file, real->key, protos);
    plan_type(c, file, real->element, protos);
    if (real->container == NULL)
        real->container = find_container(c, file, real);
    if (protos)
        add_use(c, file, real->container, protos);
}

static void
plan_fields(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    for (struct wc_field *f = def->record.fields; f; f = f->next)
        plan_type(c, file, f->type, def->record.straight);
}

static void
plan_service(struct wc *c, struct wc_file *file, struct wc_service *service)
{
    for (struct wc_function *f = service->functions; f; f = f->next) {
        plan_fields(c, file, f->args_def);
        if (f->result_def != NULL)
            plan_fields(c, file, f->result_def);
    }
}

void
wc_plan_containers(struct wc *c, struct wc_file *file)
{
    file->containers_end = &file->containers;
    file->uses_end = &file->uses;
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_RECORD)
            plan_fields(c, file, def);
        if (def->kind == WC_SERVICE)
            plan_service(c, file, &def->service);
    }
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_CONST || def->kind == WC_TYPEDEF)
            plan_type(c, file, def->type, 0);
    }
}
