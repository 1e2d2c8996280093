/* SPDX-License-Identifier: MIT */
/*
 * Gives each definition its names in C, and each type its C type.
 *
 * One file, because the order of claims counts: of two equal names the first
 * name is kept and the second name is changed, so another order changes
 * generated code.
 */
#include "emit/plan.h"

#include <ctype.h>

/* ---- C types ---- */

const char *
wc_c_type(struct wc *c, const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *record = wc_record_of(real);
    if (record != NULL)
        return wc_format(c, "struct %s", record->c_name);
    switch (real->kind) {
    case WC_VOID:
        return "void";
    case WC_BOOL:
        return "bool";
    case WC_I8:
        return "int8_t";
    case WC_I16:
        return "int16_t";
    case WC_I64:
        return "int64_t";
    case WC_DOUBLE:
        return "double";
    case WC_STRING:
    case WC_BINARY:
        return "struct weft_str";
    case WC_UUID:
        return "struct weft_uuid";
    case WC_LIST:
    case WC_SET:
    case WC_MAP:
        return wc_format(c, "struct %s", real->container->c_name);
    default:
        return "int32_t";
    }
}

/* The wire type of each kind of type, in the order of enum wc_type_kind. */
static const struct {
    const char *name;
    uint32_t number;
} wires[] = {
    {"WEFT_STOP", 0},   {"WEFT_BOOL", 2},    {"WEFT_I8", 3},
    {"WEFT_I16", 6},    {"WEFT_I32", 8},     {"WEFT_I64", 10},
    {"WEFT_DOUBLE", 4}, {"WEFT_STRING", 11}, {"WEFT_STRING", 11},
    {"WEFT_UUID", 16},  {"WEFT_LIST", 15},   {"WEFT_SET", 14},
    {"WEFT_MAP", 13},   {"WEFT_STRUCT", 12},
};

static enum wc_type_kind
wire_kind(const struct wc_type *type)
{
    return wc_enum_of(type) ? WC_I32 : wc_real(type)->kind;
}

const char *
wc_wire_name(const struct wc_type *type)
{
    return wires[wire_kind(type)].name;
}

uint32_t
wc_wire_number(const struct wc_type *type)
{
    return wires[wire_kind(type)].number;
}

/* ---- codecs ---- */

/* The last annotation with the key, or NULL. */
static const struct wc_annot *
find_annotation(const struct wc_annot *annots, const char *key)
{
    const struct wc_annot *found = NULL;
    for (; annots; annots = annots->next) {
        if (strcmp(annots->key, key) == 0)
            found = annots;
    }
    return found;
}

int
wc_find_codec(const char *name)
{
    static const char *const names[] = {"mixed", "straight", "table"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(name, names[i]) == 0)
            return i;
    }
    return -1;
}

static enum wc_codec
codec_of(struct wc *c, const struct wc_annot *annots, enum wc_codec otherwise)
{
    const struct wc_annot *annot = find_annotation(annots, "rpc.codec");
    if (annot == NULL)
        return otherwise;
    const char *name = annot->value ? annot->value : "";
    int codec = wc_find_codec(name);
    if (codec < 0)
        wc_report(c, WC_CODEC, annot->span, name, NULL);
    return codec < 0 ? otherwise : (enum wc_codec)codec;
}

/* The protocols in which a record has straight-line code, as bits. In the mixed
 * codec structs have code for all protocols, because programs spend most time
 * on structs. Arguments and results have code for binary only: most calls are
 * in binary, arguments and results have few bytes besides their structs, and
 * code for all protocols would be longer than the code of the structs.
 * Exceptions have no code, because they are rare. */
static uint32_t
straight_protos(enum wc_codec codec, enum wc_record_kind kind)
{
    static const uint32_t binary = 1 << 0, all = (1 << WC_PROTOS) - 1;
    if (codec != WC_MIXED)
        return codec == WC_STRAIGHT ? all : 0;
    if (kind == WC_EXCEPTION)
        return 0;
    return kind == WC_ARGS || kind == WC_RESULT ? binary : all;
}

/* ---- names of definitions ---- */

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_NAMES ((const char *const[]){NULL})

static const struct wc_family record_family = {
    true,
    NAMES("_init", "_defaults", "_read", "_read_binary", "_read_compact",
          "_write", "_write_binary", "_write_compact", "_copy", "_equal",
          "_hash", "_print", "_desc"),
    NAMES("_init_any", "_fields"),
};
static const struct wc_family call_family = {
    true,
    NAMES("_init", "_defaults", "_desc"),
    NAMES("_init_any", "_read_binary", "_read_compact", "_write_binary",
          "_write_compact", "_fields"),
};
static const struct wc_family enum_family = {true, NAMES("_desc"),
                                             NAMES("_values")};
static const struct wc_family const_family = {false, NAMES(""), NO_NAMES};
static const struct wc_family service_family = {
    false, NAMES("_service_desc", "_register", "_serve"), NAMES("_methods")};
static const struct wc_family plain_family = {
    true, NAMES("_service_desc", "_register", "_serve"), NAMES("_methods")};
static const struct wc_family table_family = {true, NO_NAMES, NO_NAMES};
static const struct wc_family method_family = {false, NAMES("_method"),
                                               NAMES("_invoke")};
static const struct wc_family own_family = {false, NO_NAMES,
                                            NAMES("_method", "_invoke")};
static const struct wc_family function_family = {
    false, NAMES("", "_begin", "_method"), NAMES("_invoke")};
static const struct wc_family alias_family = {false, NAMES("", "_begin"),
                                              NO_NAMES};

/* Names that begin with vec_ or map_ are reserved for containers. */
static const char *
type_name(struct wc *c, const struct wc_file *file, const struct wc_def *def)
{
    const char *name = def->name;
    bool container =
        strncmp(name, "vec_", 4) == 0 || strncmp(name, "map_", 4) == 0;
    const char *full =
        wc_format(c, "%s_%s%s", file->prefix, name, container ? "_" : "");
    if (container)
        wc_report(c, WC_C_NAME, def->span,
                  wc_format(c, "%s_%s", file->prefix, name), full);
    return full;
}

static void
name_enum(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    def->c_name = wc_claim_family(c, file, type_name(c, file, def),
                                  &enum_family, def->span);
    for (struct wc_enum_value *v = def->enums.values; v; v = v->next) {
        const char *name = wc_format(c, "%s_%s", def->c_name, v->name);
        v->c_name = wc_claim_name(c, file, name, v->span);
    }
}

static void
name_fields(struct wc *c, struct wc_def *def)
{
    static char yes;
    struct wc_map members = {NULL, 0, 0};
    bool tagged = def->record.kind == WC_UNION || def->record.kind == WC_RESULT;
    wc_map_put(c, &members, tagged ? "which" : "has", &yes);
    if (def->record.keeps_unknown)
        wc_map_put(c, &members, "unknown", &yes);
    /* In C++ a member with the name of its struct is a constructor. */
    wc_map_put(c, &members, def->c_name, &yes);
    for (struct wc_field *f = def->record.fields; f; f = f->next) {
        if (wc_keep_member(c, f->name, &members))
            f->c_name = f->name;
    }
    for (struct wc_field *f = def->record.fields; f; f = f->next) {
        if (f->c_name == NULL)
            f->c_name = wc_member_name(c, f->name, &members, f->span);
    }
}

/* A setter sets the value together with its `has` bit or `which`. */
static void
name_setters(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    struct wc_record *r = &def->record;
    for (struct wc_field *f = r->fields; f; f = f->next) {
        const char *name;
        if (r->kind == WC_UNION) {
            name = wc_format(c, "%s_%s", def->c_name, f->name);
            f->c_which = wc_claim_name(c, file, name, f->span);
        }
        bool record = wc_record_of(f->type) != NULL;
        if (r->kind == WC_UNION || (f->need == WC_OPTIONAL && !record)) {
            name = wc_format(c, "%s_set_%s", def->c_name, f->name);
            f->c_set = wc_claim_name(c, file, name, f->span);
        }
    }
}

static void
name_record(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    def->record.straight = straight_protos(
        codec_of(c, def->annots, file->codec), def->record.kind);
    def->record.keeps_unknown =
        find_annotation(def->annots, "rpc.keep_unknown") != NULL;
    def->c_name = wc_claim_family(c, file, type_name(c, file, def),
                                  &record_family, def->span);
    name_fields(c, def);
    name_setters(c, file, def);
}

/* ---- services ---- */

/* True if the name of the service is equal to the prefix, apart from case and
 * underscores. */
static bool
is_called_as(const char *service, const char *prefix)
{
    for (;; service++, prefix++) {
        service += strspn(service, "_");
        prefix += strspn(prefix, "_");
        if (tolower((unsigned char)*service) != tolower((unsigned char)*prefix))
            return false;
        if (!*service)
            return true;
    }
}

/* The stem hello_greet, if the service has the name of the prefix and all names
 * that begin with the stem are free; else NULL. */
static const char *
short_stem(struct wc *c, const struct wc_file *file,
           const struct wc_def *service, const char *function)
{
    const char *stem = wc_format(c, "%s_%s", file->prefix, function);
    bool is_free = is_called_as(service->name, file->prefix) &&
                   wc_is_free_family(c, file, stem, &method_family) &&
                   wc_is_free_family(c, file, wc_format(c, "%s_args", stem),
                                     &call_family) &&
                   wc_is_free_family(c, file, wc_format(c, "%s_result", stem),
                                     &call_family);
    return is_free ? stem : NULL;
}

/* Claim the name of the call that takes structs; *name receives this name.
 * Returns the stem of the other names of the function. */
static const char *
claim_function(struct wc *c, struct wc_file *file, const struct wc_def *service,
               const char *function, struct wc_span span, const char **name)
{
    const char *stem = short_stem(c, file, service, function);
    *name = wc_format(c, "%s_%s", service->c_name, function);
    if (!stem)
        return *name = wc_claim_family(c, file, *name, &function_family, span);
    *name = wc_claim_family(c, file, *name, &alias_family, span);
    return wc_claim_family(c, file, stem, &method_family, span);
}

static struct wc_def *
new_record(struct wc *c, struct wc_file *file, struct wc_function *f,
           enum wc_record_kind kind)
{
    struct wc_def *def = WC_NEW(c, struct wc_def);
    const char *suffix = kind == WC_ARGS ? "args" : "result";
    def->kind = WC_RECORD;
    def->file = file;
    def->span = f->span;
    def->name = wc_format(c, "%s_%s", f->name, suffix);
    def->record.kind = kind;
    def->record.function = f;
    def->record.fields = kind == WC_ARGS ? f->args : f->throws;
    def->record.straight = straight_protos(file->codec, kind);
    def->c_name =
        wc_claim_family(c, file, wc_format(c, "%s_%s", f->c_stem, suffix),
                        &call_family, f->span);
    return def;
}

static struct wc_field *
new_success(struct wc *c, struct wc_function *f)
{
    struct wc_field *field = WC_NEW(c, struct wc_field);
    field->name = "success";
    field->span = f->span;
    field->type = f->returns;
    field->need = WC_OPTIONAL;
    field->next = f->throws;
    return field;
}

static void
name_throws(struct wc *c, struct wc_file *file, struct wc_function *f)
{
    for (struct wc_field *t = f->throws; t; t = t->next) {
        const char *which = wc_format(c, "%s_%s", f->c_stem, t->name);
        const char *set = wc_format(c, "%s_throw_%s", f->c_stem, t->name);
        t->c_which = wc_claim_name(c, file, which, t->span);
        t->c_set = wc_claim_name(c, file, set, t->span);
    }
}

static void
name_function(struct wc *c, struct wc_file *file, struct wc_def *service,
              struct wc_function *f)
{
    f->c_stem = claim_function(c, file, service, f->name, f->span, &f->c_name);
    f->args_def = new_record(c, file, f, WC_ARGS);
    name_fields(c, f->args_def);
    if (f->oneway)
        return;
    f->result_def = new_record(c, file, f, WC_RESULT);
    if (f->returns->kind != WC_VOID)
        f->result_def->record.fields = new_success(c, f);
    name_fields(c, f->result_def);
    name_throws(c, file, f);
}

/* Name a service. Its tag is X_service, so that a struct X can exist as
 * well. */
static void
name_service(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    def->c_name = wc_claim_family(c, file, type_name(c, file, def),
                                  &service_family, def->span);
    def->service.c_table =
        wc_claim_family(c, file, wc_format(c, "%s_service", def->c_name),
                        &table_family, def->span);
    /* Claim this name even without --plain-handlers, so that no other name
     * depends on the option. */
    def->service.c_plain =
        wc_claim_family(c, file, wc_format(c, "%s_plain", def->c_name),
                        &plain_family, def->span);
    for (struct wc_function *f = def->service.functions; f; f = f->next)
        name_function(c, file, def, f);
}

static void
add_method(struct wc *c, struct wc_def *def, struct wc_function *f,
           bool inherited, struct wc_map *slots)
{
    struct wc_method *m = WC_NEW(c, struct wc_method);
    m->function = f;
    m->inherited = inherited;
    m->c_name = f->c_name;
    m->c_stem = f->c_stem;
    if (wc_keep_member(c, f->name, slots))
        m->c_slot = f->name;
    *def->service.methods_end = m;
    def->service.methods_end = &m->next;
    def->service.n_methods++;
}

/* Name a method. Each service has its own wrappers for the functions that the
 * service inherits. */
static void
name_method(struct wc *c, struct wc_file *file, struct wc_def *def,
            struct wc_method *m, struct wc_map *slots)
{
    static const struct wc_span nowhere = {NULL, 0, 0};
    struct wc_function *f = m->function;
    struct wc_span span = m->inherited ? nowhere : f->span;
    if (m->c_slot == NULL)
        m->c_slot = wc_member_name(c, f->name, slots, span);
    if (m->inherited)
        m->c_stem = claim_function(c, file, def, f->name, span, &m->c_name);
    m->c_own = wc_claim_family(
        c, file, wc_format(c, "%s_%s", def->service.c_plain, m->c_slot),
        &own_family, nowhere);
}

/* True if a descendant of chain[n] in the chain defines the function again. */
static bool
is_repeated(const struct wc_def *const *chain, uint32_t n, const char *name)
{
    while (n-- > 0) {
        if (wc_map_get(&chain[n]->service.by_name, name) != NULL)
            return true;
    }
    return false;
}

static void
name_methods(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    struct wc_map slots = {NULL, 0, 0};
    const struct wc_def *chain[WC_MAX_EXTENDS + 2];
    uint32_t n = 0;
    def->service.methods_end = &def->service.methods;
    for (const struct wc_def *d = def; d; d = d->service.parent)
        chain[n++] = d;
    while (n-- > 0) {
        struct wc_function *f = chain[n]->service.functions;
        for (; f; f = f->next) {
            if (!is_repeated(chain, n, f->name))
                add_method(c, def, f, chain[n] != def, &slots);
        }
    }
    for (struct wc_method *m = def->service.methods; m; m = m->next)
        name_method(c, file, def, m, &slots);
}

static void
name_def(struct wc *c, struct wc_file *file, struct wc_def *def)
{
    switch (def->kind) {
    case WC_TYPEDEF:
        break;
    case WC_CONST:
        def->c_name = wc_claim_family(c, file, type_name(c, file, def),
                                      &const_family, def->span);
        break;
    case WC_ENUM:
        name_enum(c, file, def);
        break;
    case WC_RECORD:
        name_record(c, file, def);
        break;
    case WC_SERVICE: /* plan_names names services after all other definitions */
        break;
    }
}

/* True if the function has a plain form: the function has at most four
 * arguments, no optional argument, no reference, and no exceptions. */
static bool
is_plain(const struct wc_function *f)
{
    uint32_t n = 0;
    for (const struct wc_field *a = f->args; a; a = a->next) {
        if (++n > 4 || a->need == WC_OPTIONAL || a->reference)
            return false;
    }
    return f->throws == NULL;
}

/* Name the plain calls: demo_greet, or else demo_Hello_greet_call. Files that
 * share a namespace may have functions of the same name, so only the file or
 * the service that has the name of the prefix gets the short names. All
 * definitions get their names before the plain calls, so that the names of
 * definitions take precedence. */
static void
name_plain(struct wc *c, struct wc_file *file, struct wc_def *service)
{
    static const struct wc_span nowhere = {NULL, 0, 0};
    for (struct wc_function *f = service->service.functions; f; f = f->next) {
        const char *name = wc_format(c, "%s_%s", file->prefix, f->name);
        if (!is_plain(f))
            continue;
        if ((strcmp(file->prefix, file->base) != 0 &&
             !is_called_as(service->name, file->prefix)) ||
            !wc_is_free_name(c, file, name))
            name = wc_format(c, "%s_call", f->c_name);
        f->c_plain = wc_claim_name(c, file, name, nowhere);
    }
}

static void
plan_names(struct wc *c, struct wc_file *file)
{
    for (struct wc_def *def = file->defs; def; def = def->next)
        name_def(c, file, def);
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_SERVICE)
            name_service(c, file, def);
    }
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_SERVICE)
            name_methods(c, file, def);
    }
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_SERVICE)
            name_plain(c, file, def);
    }
}

void
wc_plan_file(struct wc *c, struct wc_file *file)
{
    if (c->n_errors > 0)
        return;
    wc_open_names(c, file);
    file->codec = codec_of(c, file->annots, c->options->codec);
    plan_names(c, file);
    wc_plan_layout(c, file);
    wc_plan_containers(c, file);
}
