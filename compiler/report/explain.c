/* SPDX-License-Identifier: MIT */
/*
 * What each diagnostic means, with an example that causes the diagnostic and an
 * example that does not. A test runs each example.
 *
 *   WC_EXPLAIN(name, command, text, wrong, right)
 *
 * command  arguments of weftc; NULL: an example is too large to print
 * wrong    text of a.thrift; "-- b.thrift" begins another file
 */
#include "report/report.h"

static const struct explanation {
    enum wc_diag diag;
    const char *command, *text, *wrong, *right;
} explanations[] = {
#define WC_EXPLAIN(name, command, text, wrong, right) \
    {WC_##name, command, text, wrong, right},
#include "report/explain_syntax.def"
#include "report/explain_meaning.def"
#include "report/explain_tools.def"
#undef WC_EXPLAIN
};

#define N_EXPLANATIONS (sizeof explanations / sizeof *explanations)

_Static_assert(N_EXPLANATIONS == WC_N_DIAGS, "every code is explained");

static void
print_example(FILE *out, const char *text)
{
    while (*text) {
        int len = (int)strcspn(text, "\n");
        fprintf(out, "    %.*s\n", len, text);
        text += len + (text[len] == '\n');
    }
}

/* The text of a diagnostic without its arguments. */
static void
print_title(FILE *out, const struct wc_diag_row *row)
{
    fprintf(out, "%s: ", row->code);
    for (const char *p = row->text; *p; p++) {
        if (*p == '$')
            p++;
        if (p > row->text && p[-1] == '$')
            fputs("...", out);
        else
            fputc(*p, out);
    }
    fputs("\n\n", out);
}

bool
wc_explain(const char *code, FILE *out)
{
    for (size_t i = 0; i < N_EXPLANATIONS; i++) {
        const struct explanation *e = &explanations[i];
        const struct wc_diag_row *row = &wc_diag_rows[e->diag];
        if (strcmp(row->code, code) != 0)
            continue;
        print_title(out, row);
        fputs(e->text, out);
        if (*row->group)
            fprintf(out, "-Wno-%s turns it off.\n", row->group);
        if (e->command == NULL)
            return true;
        fprintf(out, "\nWrong, with weftc %s:\n\n", e->command);
        print_example(out, e->wrong);
        fprintf(out, "\nRight:\n\n");
        print_example(out, e->right);
        return true;
    }
    return false;
}
