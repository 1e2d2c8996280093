/* SPDX-License-Identifier: MIT */
/* Writes the tree as JSON, for tools: docs/idl.md describes this JSON. An
 * absent part has no key. */
#include "tools/json.h"
#include "tools/tools.h"

static void
put_place(struct wc_json *j, struct wc_span span)
{
    struct wc_place place = wc_place_of(j->c, span);
    wc_json_open_flat(j, "at", '[');
    wc_json_integer(j, NULL, place.line);
    wc_json_integer(j, NULL, place.column);
    wc_json_close(j, ']');
}

static void
put_doc(struct wc_json *j, const char *doc)
{
    if (doc != NULL)
        wc_json_string(j, "doc", doc);
}

/* ---- annotations: each key with all its values ---- */

static bool
is_repeated(const struct wc_annot *first, const struct wc_annot *annot)
{
    for (; first != annot; first = first->next) {
        if (strcmp(first->key, annot->key) == 0)
            return true;
    }
    return false;
}

static void
put_annots(struct wc_json *j, const struct wc_annot *annots)
{
    if (annots == NULL)
        return;
    wc_json_open_flat(j, "annotations", '{');
    for (const struct wc_annot *a = annots; a; a = a->next) {
        if (is_repeated(annots, a))
            continue;
        wc_json_open_flat(j, a->key, '[');
        for (const struct wc_annot *b = a; b; b = b->next) {
            if (strcmp(a->key, b->key) == 0)
                wc_json_string(j, NULL, b->value);
        }
        wc_json_close(j, ']');
    }
    wc_json_close(j, '}');
}

/* ---- types ---- */

/* Write the definition that a name means, and for a typedef the kind of its
 * real type ("real"). */
static void
put_named(struct wc_json *j, const struct wc_type *type)
{
    const struct wc_def *def = type->def;
    const struct wc_type *real = wc_real(type);
    wc_json_string(j, "kind", wc_def_text(def));
    wc_json_string(j, "name", type->name);
    wc_json_string(j, "file", def->file->path);
    wc_json_string(j, "definition", def->name);
    if (def->kind == WC_TYPEDEF)
        wc_json_string(j, "real",
                       real->kind == WC_NAMED ? wc_def_text(real->def)
                                              : wc_kind_text(real->kind));
}

/* Write a type and its parts. The parser bounds the depth of the recursion. */
static void
put_type(struct wc_json *j, const char *key, const struct wc_type *type)
{
    wc_json_open_flat(j, key, '{');
    if (type->kind == WC_NAMED)
        put_named(j, type);
    else
        wc_json_string(j, "kind", wc_kind_text(type->kind));
    if (type->key != NULL)
        put_type(j, "key", type->key);
    if (type->element != NULL)
        put_type(j, type->kind == WC_MAP ? "value" : "element", type->element);
    if (type->cpp_type != NULL)
        wc_json_string(j, "cpp_type", type->cpp_type);
    put_annots(j, type->annots);
    wc_json_close(j, '}');
}

/* ---- values ---- */

static void put_value(struct wc_json *j, const char *key,
                      const struct wc_const *value);

static void
put_uuid(struct wc_json *j, const char *key, const char *bytes)
{
    char text[40];
    size_t n = 0;
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[n++] = '-';
        n += (size_t)snprintf(text + n, 3, "%02x", (uint8_t)bytes[i]);
    }
    wc_json_text(j, key, text, n);
}

static void
put_map(struct wc_json *j, const struct wc_const *value)
{
    for (uint32_t i = 0; i < value->n; i++) {
        wc_json_open_flat(j, NULL, '[');
        put_value(j, NULL, value->items[2 * i]);
        put_value(j, NULL, value->items[2 * i + 1]);
        wc_json_close(j, ']');
    }
}

static void
put_record(struct wc_json *j, const char *key, const struct wc_const *value)
{
    const struct wc_field *f = value->type->def->record.fields;
    wc_json_open_flat(j, key, '{');
    for (; f; f = f->next) {
        if (value->items[f->index] != NULL)
            put_value(j, f->name, value->items[f->index]);
    }
    wc_json_close(j, '}');
}

static void
put_items(struct wc_json *j, const char *key, const struct wc_const *value)
{
    wc_json_open_flat(j, key, '[');
    if (value->type->kind == WC_MAP)
        put_map(j, value);
    for (uint32_t i = 0; value->type->kind != WC_MAP && i < value->n; i++)
        put_value(j, NULL, value->items[i]);
    wc_json_close(j, ']');
}

static void
put_value(struct wc_json *j, const char *key, const struct wc_const *value)
{
    switch (value->type->kind) {
    case WC_BOOL:
        wc_json_bool(j, key, value->integer);
        break;
    case WC_DOUBLE:
        wc_json_double(j, key, value->real);
        break;
    case WC_STRING:
    case WC_BINARY:
        wc_json_text(j, key, value->text, value->len);
        break;
    case WC_UUID:
        put_uuid(j, key, value->text);
        break;
    case WC_LIST:
    case WC_SET:
    case WC_MAP:
        put_items(j, key, value);
        break;
    default:
        if (wc_record_of(value->type))
            put_record(j, key, value);
        else
            wc_json_integer(j, key, value->integer);
        break;
    }
}

static void
put_const(struct wc_json *j, const char *key, const struct wc_const *value,
          const struct wc_value *written)
{
    struct wc_span span = written->span;
    put_value(j, key, value);
    wc_json_text(j, "written", span.file->text + span.at, span.len);
}

/* ---- definitions ---- */

static void
put_fields(struct wc_json *j, const char *key, const struct wc_field *f)
{
    static const char *const needs[] = {"default", "required", "optional"};
    wc_json_open(j, key, '[');
    for (; f; f = f->next) {
        wc_json_open(j, NULL, '{');
        wc_json_integer(j, "id", f->id);
        wc_json_string(j, "name", f->name);
        put_doc(j, f->doc);
        wc_json_string(j, "need", needs[f->need]);
        if (!f->has_id)
            wc_json_bool(j, "implicit_id", true);
        if (f->reference)
            wc_json_bool(j, "reference", true);
        put_type(j, "type", f->type);
        if (f->init != NULL)
            put_const(j, "default", f->init, f->value);
        put_annots(j, f->annots);
        put_place(j, f->span);
        wc_json_close(j, '}');
    }
    wc_json_close(j, ']');
}

static void
put_enum_values(struct wc_json *j, const struct wc_enum_value *v)
{
    wc_json_open(j, "values", '[');
    for (; v; v = v->next) {
        wc_json_open(j, NULL, '{');
        wc_json_string(j, "name", v->name);
        wc_json_integer(j, "number", v->number);
        put_doc(j, v->doc);
        put_annots(j, v->annots);
        put_place(j, v->span);
        wc_json_close(j, '}');
    }
    wc_json_close(j, ']');
}

static void
put_functions(struct wc_json *j, const struct wc_function *f)
{
    wc_json_open(j, "functions", '[');
    for (; f; f = f->next) {
        wc_json_open(j, NULL, '{');
        wc_json_string(j, "name", f->name);
        put_doc(j, f->doc);
        wc_json_bool(j, "oneway", f->oneway);
        put_type(j, "returns", f->returns);
        put_fields(j, "args", f->args);
        put_fields(j, "throws", f->throws);
        put_annots(j, f->annots);
        put_place(j, f->span);
        wc_json_close(j, '}');
    }
    wc_json_close(j, ']');
}

static void
put_service(struct wc_json *j, const struct wc_service *service)
{
    if (service->parent != NULL) {
        wc_json_open_flat(j, "extends", '{');
        wc_json_string(j, "name", service->extends);
        wc_json_string(j, "file", service->parent->file->path);
        wc_json_string(j, "definition", service->parent->name);
        wc_json_close(j, '}');
    }
    put_functions(j, service->functions);
}

static void
put_def(struct wc_json *j, const struct wc_def *def)
{
    wc_json_open(j, NULL, '{');
    wc_json_string(j, "kind", wc_def_text(def));
    wc_json_string(j, "name", def->name);
    put_doc(j, def->doc);
    if (def->kind == WC_CONST || def->kind == WC_TYPEDEF)
        put_type(j, "type", def->type);
    if (def->kind == WC_CONST)
        put_const(j, "value", def->init, def->value);
    if (def->kind == WC_ENUM)
        put_enum_values(j, def->enums.values);
    if (def->kind == WC_RECORD)
        put_fields(j, "fields", def->record.fields);
    if (def->kind == WC_SERVICE)
        put_service(j, &def->service);
    put_annots(j, def->annots);
    put_place(j, def->span);
    wc_json_close(j, '}');
}

/* ---- files ---- */

static void
put_headers(struct wc_json *j, const struct wc_file *file)
{
    wc_json_open(j, "includes", '[');
    for (const struct wc_include *i = file->includes; i; i = i->next) {
        wc_json_open(j, NULL, '{');
        wc_json_string(j, "written", i->name);
        wc_json_string(j, "prefix", i->prefix);
        wc_json_string(j, "file", i->file ? i->file->path : NULL);
        put_place(j, i->span);
        wc_json_close(j, '}');
    }
    wc_json_close(j, ']');
    wc_json_open(j, "headers", '[');
    for (const struct wc_header *h = file->headers; h; h = h->next) {
        wc_json_open(j, NULL, '{');
        wc_json_string(j, "kind", h->scope ? "namespace" : "cpp_include");
        if (h->scope != NULL)
            wc_json_string(j, "scope", h->scope);
        wc_json_string(j, "name", h->name);
        put_annots(j, h->annots);
        put_place(j, h->span);
        wc_json_close(j, '}');
    }
    wc_json_close(j, ']');
}

static void
put_file(struct wc_json *j, const struct wc_file *file)
{
    wc_json_open(j, NULL, '{');
    wc_json_string(j, "path", file->path);
    put_doc(j, file->doc);
    wc_json_bool(j, "asked_for", file->asked_for);
    put_headers(j, file);
    wc_json_open(j, "definitions", '[');
    for (const struct wc_def *def = file->defs; def; def = def->next)
        put_def(j, def);
    wc_json_close(j, ']');
    wc_json_close(j, '}');
}

void
wc_json(struct wc *c, struct wc_text *out)
{
    struct wc_json j = {.c = c, .out = out};
    wc_json_open(&j, NULL, '{');
    wc_json_string(&j, "weftc", WC_VERSION);
    wc_json_open(&j, "files", '[');
    for (const struct wc_file *f = c->files; f; f = f->next)
        put_file(&j, f);
    wc_json_close(&j, ']');
    wc_json_close(&j, '}');
    wc_text_add(c, out, "\n", 1);
}
