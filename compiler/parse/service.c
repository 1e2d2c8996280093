/* SPDX-License-Identifier: MIT */
/* Parses services and their functions. */
#include "parse/parser.h"

static struct wc_field *
parse_list(struct wc_parser *p, const char *what)
{
    struct wc_span open = p->tok.span;
    if (!wc_expect(p, '(', what))
        return NULL;
    struct wc_field *fields = wc_parse_fields(p, ')');
    bool was_lost = p->lost;
    wc_expect_close(p, ')', "`)`", open);
    if (wc_function_follows(p))
        p->lost = was_lost; /* only the `)` is missing */
    return fields;
}

static struct wc_type *
parse_result(struct wc_parser *p)
{
    if (p->lost || p->tok.kind != WC_K_void)
        return wc_parse_type(p);
    struct wc_type *type = WC_NEW(p->c, struct wc_type);
    type->kind = WC_VOID;
    type->file = p->file;
    type->span = p->tok.span;
    wc_advance(p);
    return type;
}

static struct wc_function *
parse_function(struct wc_parser *p)
{
    struct wc_function *f = WC_NEW(p->c, struct wc_function);
    wc_note_start(p, WC_ITEM_START);
    f->doc = wc_doc_text(p->c, p->tok.doc);
    if (p->tok.kind == WC_K_async) {
        wc_report(p->c, WC_ASYNC, p->tok.span, NULL, NULL);
        f->oneway = wc_accept(p, WC_K_async);
    } else {
        f->oneway = wc_accept(p, WC_K_oneway);
    }
    f->returns = parse_result(p);
    f->name = wc_parse_name(p, "a function", &f->span);
    wc_note_start(p, WC_CALL_START);
    f->args = parse_list(p, "`(` and the arguments");
    if (wc_accept(p, WC_K_throws))
        f->throws = parse_list(p, "`(` and the exceptions");
    f->annots = wc_parse_annots(p);
    wc_separator(p);
    return f;
}

static bool
goes_on(const struct wc_parser *p)
{
    int kind = p->tok.kind;
    return kind != '}' && kind != WC_T_END &&
           !(kind >= WC_K_include && kind <= WC_K_service);
}

void
wc_parse_service(struct wc_parser *p, struct wc_service *service)
{
    struct wc_function **end = &service->functions;
    struct wc_span open = p->tok.span;
    wc_expect(p, '{', "`{`");
    while (!p->lost && goes_on(p) && wc_count_def(p)) {
        struct wc_function *f = parse_function(p);
        if (p->lost)
            wc_recover(p, '}');
        if (f->name != NULL) {
            *end = f;
            end = &f->next;
        }
    }
    wc_expect_close(p, '}', "a function or `}`", open);
}
