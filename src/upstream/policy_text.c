/* SPDX-License-Identifier: MIT */
/* Tells which values a policy has, and where each comes from. */
#include "upstream/policy.h"
#include "upstream/upstream.h"

#include <stdio.h>

/* The text, or only its length if `to` is NULL. */
struct out {
    char *to;
    size_t len, size;
};

static void put(struct out *out, const char *fmt, ...) WEFT_PRINTF(2, 3);

static void
put(struct out *out, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(out->to ? out->to + out->len : NULL,
                      out->to ? out->size - out->len : 0, fmt, args);
    va_end(args);
    out->len += n > 0 ? (size_t)n : 0;
}

static void
put_value(struct out *out, const struct wf_policy_row *row, uint32_t value)
{
    if (row->has_p95 && value == WEFT_HEDGE_P95)
        put(out, "p95");
    else if (row->has_none && value == row->none)
        put(out, "none");
    else
        put(out, "%u", value);
}

static void
put_from(struct out *out, uint32_t from)
{
    if (from == WF_FROM_DEFAULT)
        put(out, " (default)\n");
    else if (from == WF_FROM_OPTION)
        put(out, " (option)\n");
    else
        put(out, " (line %u)\n", from);
}

static void
put_rows(struct out *out, const char *name, const struct wf_policy_row *rows,
         uint32_t n, const uint32_t *values, const uint32_t *from)
{
    for (uint32_t i = 0; i < n; i++) {
        put(out, "%s %s ", name, rows[i].name);
        put_value(out, &rows[i], values[i]);
        put_from(out, from[i]);
    }
}

static void
put_plan(struct out *out, const char *name, const struct wf_planned *plan)
{
    put_rows(out, name, wf_plan_rows, WF_PLANNED, plan->values, plan->from);
}

static void
put_rule(struct out *out, const struct wf_rule *rule)
{
    char name[256];
    snprintf(name, sizeof name, "%.*s.%.*s", WEFT_FMT(rule->service),
             WEFT_FMT(rule->method));
    put_plan(out, name, &rule->plan);
}

static void
put_method(struct out *out, const struct wf_policy *policy,
           const struct weft_method *method)
{
    char name[256];
    snprintf(name, sizeof name, "%s.%.*s",
             method->service ? method->service : "?", (int)method->name_len,
             method->name);
    put_plan(out, name, wf_policy_find(policy, method));
    put(out, "%s idempotent %s (IDL)\n", name,
        method->idempotent ? "true" : "false");
}

static void
put_all(struct out *out, const struct wf_policy *policy,
        const struct weft_method *method)
{
    const struct wf_tunings *tuned = &policy->base.tuned;
    put_rows(out, "client", wf_tuning_rows, WF_TUNED, tuned->values,
             tuned->from);
    if (method) {
        put_method(out, policy, method);
        return;
    }
    put_plan(out, "*", &policy->base.plan);
    for (uint32_t i = 0; i < policy->rules.len; i++)
        put_rule(out, &policy->rules.items[i]);
}

weft_err
wf_policy_put(const struct wf_policy *policy, const struct weft_method *method,
              struct weft_arena *arena, struct weft_str *text)
{
    struct out out = {0};
    put_all(&out, policy, method);
    out.size = out.len + 1;
    out.to = weft_arena_alloc(arena, out.size);
    if (!out.to)
        return WEFT_EBUDGET;
    out.len = 0;
    put_all(&out, policy, method);
    *text = (struct weft_str){out.to, (uint32_t)out.len};
    return WEFT_OK;
}
