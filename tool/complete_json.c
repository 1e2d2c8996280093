/* SPDX-License-Identifier: MIT */
/*
 * Reads the JSON of arguments up to the cursor, to find which struct is open
 * there, and whether a field or a value comes next. If the text before the
 * cursor is wrong, nothing is offered.
 */
#include "complete.h"

#define MAX_OPEN 64 /* open brackets, as deep as values may nest */

/* An open bracket. */
struct frame {
    bool is_object;
    const struct wc_field *fields; /* if the object is a struct */
    const struct wc_type *element; /* type of the items, or of the values of a
                                      map */
    const struct wc_field *field;  /* the field whose name was read, or NULL */
    uint32_t begin;                /* offset after the bracket */
};

struct cursor {
    struct wc *c;
    const char *text;
    uint32_t at;
    struct frame open[MAX_OPEN];
    uint32_t n_open;
    bool wants_value; /* after a colon, or in a list */
    bool is_done;     /* after a value or a name */
};

static const struct wc_type *
value_type(const struct cursor *p)
{
    const struct frame *top = &p->open[p->n_open - 1];
    if (top->field)
        return top->field->type;
    return top->element;
}

/* ---- what a value begins with ---- */

static const char *
opening_of(const struct wc_type *type)
{
    const struct wc_type *real = wc_real(type);
    if (wc_record_of(real))
        return "{";
    if (wc_enum_of(real))
        return "\"";
    switch (real->kind) {
    case WC_STRING:
    case WC_BINARY:
    case WC_UUID:
        return "\"";
    case WC_LIST:
    case WC_SET:
        return "[";
    case WC_MAP:
        return opening_of(real->key)[0] == '"' && !wc_enum_of(real->key) &&
                       wc_real(real->key)->kind != WC_UUID
                   ? "{"
                   : "[";
    default:
        return "";
    }
}

/* ---- walking to the cursor ---- */

static void
push(struct cursor *p, bool is_object, const struct wc_type *type)
{
    struct frame *f = &p->open[p->n_open++];
    const struct wc_type *real = type ? wc_real(type) : NULL;
    const struct wc_def *record = real ? wc_record_of(real) : NULL;
    *f = (struct frame){.is_object = is_object, .begin = p->at};
    if (record && is_object)
        f->fields = record->record.fields;
    else if (real && (is_object == (real->kind == WC_MAP)))
        f->element = real->element;
    p->wants_value = !is_object;
    p->is_done = false;
}

static void
pop(struct cursor *p)
{
    p->n_open--;
    p->is_done = true;
    p->wants_value = false;
}

/* Offset of the quote that ends the string, or of the end of the text. */
static uint32_t
string_end(const struct cursor *p, uint32_t at)
{
    while (p->text[at] && p->text[at] != '"')
        at += p->text[at] == '\\' && p->text[at + 1] ? 2 : 1;
    return at;
}

static void
note_name(struct cursor *p, uint32_t begin, uint32_t end)
{
    struct frame *top = &p->open[p->n_open - 1];
    const struct wc_field *f = top->fields;
    while (f && (strlen(f->name) != end - begin ||
                 strncmp(f->name, p->text + begin, end - begin) != 0))
        f = f->next;
    top->field = f;
}

/* Read one character outside of strings. Returns false if the text cannot be
 * JSON. */
static bool
step(struct cursor *p, char c)
{
    struct frame *top = &p->open[p->n_open - 1];
    p->at++;
    switch (c) {
    case '{':
    case '[':
        if (p->n_open == MAX_OPEN || !p->wants_value)
            return false;
        push(p, c == '{', value_type(p));
        return true;
    case '}':
    case ']':
        if (p->n_open == 1)
            return false;
        pop(p);
        return true;
    case ':':
        p->wants_value = true;
        p->is_done = false;
        return true;
    case ',':
        p->wants_value = !top->is_object;
        p->is_done = false;
        if (top->is_object)
            top->field = NULL;
        return true;
    default:
        p->is_done = p->is_done || !strchr(" \t\n", c);
        return true;
    }
}

/* Read up to the cursor, or up to the start of the string that is open
 * there. */
static bool
walk(struct cursor *p, bool *in_string)
{
    for (*in_string = false; p->text[p->at];) {
        if (p->text[p->at] != '"') {
            if (!step(p, p->text[p->at]))
                return false;
            continue;
        }
        uint32_t end = string_end(p, p->at + 1);
        if (!p->text[end]) {
            p->at++;
            *in_string = true;
            return true;
        }
        if (!p->wants_value)
            note_name(p, p->at + 1, end);
        p->is_done = true;
        p->at = end + 1;
    }
    return true;
}

/* ---- offers ---- */

static bool
was_given(const struct cursor *p, const char *name)
{
    const char *quoted = wc_format(p->c, "\"%s\":", name);
    const struct frame *top = &p->open[p->n_open - 1];
    const char *found = strstr(p->text + top->begin, quoted);
    return found && found < p->text + p->at;
}

static void
offer_fields(const struct cursor *p, bool in_string)
{
    const char *before = wc_copy(p->c, p->text, p->at);
    const char *wanted = in_string ? p->text + p->at : "";
    const struct wc_field *f = p->open[p->n_open - 1].fields;
    for (; f; f = f->next) {
        const char *behind = wc_format(p->c, "\": %s", opening_of(f->type));
        if (!was_given(p, f->name))
            wt_offer(in_string ? before : wc_format(p->c, "%s\"", before),
                     f->name, behind, wanted);
    }
}

static void
offer_values(const struct cursor *p, bool in_string)
{
    const struct wc_type *type = value_type(p);
    const char *before = wc_copy(p->c, p->text, p->at);
    const struct wc_def *names = type ? wc_enum_of(type) : NULL;
    if (names) {
        const struct wc_enum_value *v = names->enums.values;
        for (; v; v = v->next)
            wt_offer(in_string ? before : wc_format(p->c, "%s\"", before),
                     v->name, "\"", in_string ? p->text + p->at : "");
    } else if (type && !in_string && wc_real(type)->kind == WC_BOOL) {
        wt_offer(before, "true", "", "");
        wt_offer(before, "false", "", "");
    } else if (type && !in_string && *opening_of(type)) {
        wt_offer(before, opening_of(type), "", "");
    }
}

void
wt_complete_json(struct wc *c, const struct wc_function *f, const char *text)
{
    struct cursor p = {.c = c, .text = text};
    bool in_string;
    size_t blanks = strspn(text, " \t\n");
    if (strlen(text) > UINT32_MAX / 2)
        return;
    if (text[blanks] == '\0') {
        wt_offer(text, "{", "", "");
        return;
    }
    if (text[blanks] != '{')
        return;
    p.at = (uint32_t)blanks + 1;
    p.open[0] =
        (struct frame){.is_object = true, .fields = f->args, .begin = p.at};
    p.n_open = 1;
    if (!walk(&p, &in_string))
        return;
    if (p.wants_value && !p.is_done)
        offer_values(&p, in_string);
    else if (p.open[p.n_open - 1].is_object && !p.wants_value && !p.is_done)
        offer_fields(&p, in_string);
}
