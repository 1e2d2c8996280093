/* SPDX-License-Identifier: MIT */
/* weft list: prints the services of the IDL with their methods. */
#include "tool.h"

static void
put_methods(struct wc *c, struct wc_text *out, const struct wc_def *def)
{
    if (def->service.parent)
        put_methods(c, out, def->service.parent);
    for (const struct wc_function *f = def->service.functions; f; f = f->next) {
        wc_text_printf(c, out, "  ");
        wt_put_function(c, out, f);
        wc_text_printf(c, out, "\n");
    }
}

enum wt_code
wt_list(struct wc *c, struct wt_options *o)
{
    struct wc_text out = {"", 0, 0};
    if (o->n_words > 0) {
        wt_error("`weft list` takes no `%s`", o->words[0]);
        wt_help("`weft describe %s` tells about one thing", o->words[0]);
        return WT_USAGE;
    }
    for (const struct wc_file *f = c->files; f; f = f->next)
        for (const struct wc_def *d = f->defs; d; d = d->next) {
            if (!wt_is_root(f) || d->kind != WC_SERVICE)
                continue;
            wc_text_printf(c, &out, "%s", d->name);
            if (d->service.parent)
                wc_text_printf(c, &out, " extends %s", d->service.extends);
            wc_text_printf(c, &out, "\n");
            put_methods(c, &out, d);
        }
    return wt_print_text(&out);
}
