/* SPDX-License-Identifier: MIT */
/*
 * Reads the document of a policy. Whatever is not known, out of range or there
 * twice is an error, because a value that is passed over in silence is found
 * only when it is needed. Objects nest three deep, so the reader needs no
 * bound of its own for that.
 */
#include "codec/json/json.h"
#include "codec/text/text.h"
#include "upstream/policy.h"

#include <errno.h>
#include <stdlib.h>

#define DAY_MS 86400000u

const struct wf_policy_row wf_plan_rows[WF_PLANNED] = {
    {"timeout_ms", 1, DAY_MS, true, false, WEFT_NONE},
    {"max_attempts", 1, 8, false, false, 0},
    {"attempt_timeout_ms", 1, DAY_MS, true, false, WEFT_NONE},
    {"hedge_ms", 1, DAY_MS, true, true, 0},
    {"retry_pause_ms", 1, DAY_MS, true, false, 0},
};

const struct wf_policy_row wf_tuning_rows[WF_TUNED] = {
    [WF_EJECT_FAILURES] = {"eject_failures", 1, 1000000, true, false,
                           WEFT_NONE},
    [WF_EJECT_MS] = {"eject_ms", 1, DAY_MS, false, false, 0},
    [WF_EJECT_PERCENT] = {"eject_percent", 0, 100, true, false, 0},
    [WF_PANIC_PERCENT] = {"panic_percent", 0, 100, true, false, 0},
    [WF_RETRY_PERCENT] = {"retry_percent", 0, 100, false, false, 0},
    [WF_RETRY_RESERVE] = {"retry_reserve", 0, 200, false, false, 0},
    [WF_BREAKER_PERCENT] = {"breaker_percent", 1, 100, true, false, 0},
    [WF_BREAKER_WINDOW] = {"breaker_window", 1, 1000000, false, false, 0},
    [WF_BREAKER_MS] = {"breaker_ms", 1, DAY_MS, false, false, 0},
    [WF_BREAKER_MOST_MS] = {"breaker_most_ms", 1, DAY_MS, false, false, 0},
};

struct reading {
    struct wf_text t;
    struct wf_policy *policy;
    const uint8_t *counted; /* up to here `line` has been counted */
    uint32_t line;
};

/* Read one member of an object. Its name stands at `at`. */
typedef weft_err member_fn(struct reading *r, struct weft_str name,
                           const uint8_t *at, void *to);

/* ---- objects ---- */

static weft_err
read_member(struct reading *r, member_fn *member, struct wf_text_keys *keys,
            void *to)
{
    struct weft_str name;
    uint8_t c;
    weft_err err = wf_text_look(&r->t, "a name", &c);
    const uint8_t *at = r->t.r.at;
    if (!err)
        err = wf_text_read_str(&r->t, "a name, in double quotes,", &name);
    if (!err)
        err = wf_text_add_key(&r->t, keys, name, at);
    if (err)
        return err;
    struct wf_text_step step = {.up = r->t.step, .name = name, .is_key = true};
    r->t.step = &step;
    err = wf_text_expect(&r->t, ':', "`:`");
    if (!err)
        err = member(r, name, at, to);
    r->t.step = step.up;
    return err;
}

static weft_err
read_object(struct reading *r, member_fn *member, void *to)
{
    struct wf_text_keys keys = {NULL, 0, 0};
    bool more = true;
    weft_err err = wf_text_expect(&r->t, '{', "`{`");
    for (bool first = true; !err && more; first = false) {
        err = wf_text_more(&r->t, '}', first, &more);
        if (!err && more)
            err = read_member(r, member, &keys, to);
    }
    return err ? err : wf_text_check_keys(&r->t, &keys, "this name");
}

/* The name is not known: say which one may be meant. */
static weft_err
fail_unknown(struct reading *r, const uint8_t *at,
             const struct wf_text_guess *guess, const char *first)
{
    r->t.step = r->t.step->up; /* the path has only what is known */
    if (guess->best)
        return wf_text_fail(&r->t, at, WEFT_EPROTOCOL,
                            "there is no such name; did you mean `%s`?",
                            guess->best);
    return wf_text_fail(&r->t, at, WEFT_EPROTOCOL,
                        "there is no such name; the first one is `%s`", first);
}

/* ---- values ---- */

static weft_err
fail_value(struct reading *r, const uint8_t *at,
           const struct wf_policy_row *row)
{
    return wf_text_fail(
        &r->t, at, WEFT_EPROTOCOL,
        "a whole number from %u to %u%s%s is expected", row->least, row->most,
        row->has_none ? " or \"none\"" : "", row->has_p95 ? " or \"p95\"" : "");
}

static weft_err
read_word(struct reading *r, const struct wf_policy_row *row, uint32_t *value)
{
    const uint8_t *at = r->t.r.at;
    struct weft_str word;
    weft_err err = wf_text_read_str(&r->t, "a word", &word);
    if (err)
        return err;
    if (row->has_none && weft_str_eq(word, weft_str_of("none")))
        *value = row->none;
    else if (row->has_p95 && weft_str_eq(word, weft_str_of("p95")))
        *value = WEFT_HEDGE_P95;
    else
        return fail_value(r, at, row);
    return WEFT_OK;
}

static weft_err
read_number(struct reading *r, const struct wf_policy_row *row, uint32_t *value)
{
    const uint8_t *at = r->t.r.at;
    char word[WF_JSON_NUMBER_SIZE];
    bool is_quoted;
    if (wf_json_read_number(&r->t.r, word, &is_quoted) ||
        !wf_json_is_number(word, true))
        return fail_value(r, at, row);
    long long v = strtoll(word, NULL, 10); /* clamps what is too large */
    if ((v < row->least || v > row->most) && !WF_MUTANT(policy_takes_any_value))
        return fail_value(r, at, row);
    *value = (uint32_t)v;
    return WEFT_OK;
}

static uint32_t
line_at(struct reading *r, const uint8_t *at)
{
    for (; r->counted < at; r->counted++)
        r->line += *r->counted == '\n';
    return r->line;
}

static weft_err
read_value(struct reading *r, const struct wf_policy_row *row, uint32_t *value,
           uint32_t *from)
{
    uint8_t c;
    weft_err err = wf_text_look(&r->t, "a value", &c);
    if (err)
        return err;
    *from = line_at(r, r->t.r.at);
    return c == '"' ? read_word(r, row, value) : read_number(r, row, value);
}

/* Read the value of this name into the arrays. */
static weft_err
read_named(struct reading *r, struct weft_str name, const uint8_t *at,
           const struct wf_policy_row *rows, uint32_t n, uint32_t *values,
           uint32_t *from)
{
    struct wf_text_guess guess = {NULL, 0};
    for (uint32_t i = 0; i < n; i++)
        if (weft_str_eq(name, weft_str_of(rows[i].name)))
            return read_value(r, &rows[i], &values[i], &from[i]);
    for (uint32_t i = 0; i < n; i++)
        wf_text_offer(&guess, name, rows[i].name);
    return fail_unknown(r, at, &guess, rows[0].name);
}

static weft_err
read_planned(struct reading *r, struct weft_str name, const uint8_t *at,
             void *to)
{
    struct wf_planned *plan = to;
    return read_named(r, name, at, wf_plan_rows, WF_PLANNED, plan->values,
                      plan->from);
}

static weft_err
read_tuned(struct reading *r, struct weft_str name, const uint8_t *at, void *to)
{
    struct wf_tunings *tuned = to;
    return read_named(r, name, at, wf_tuning_rows, WF_TUNED, tuned->values,
                      tuned->from);
}

/* ---- rules ---- */

static bool
is_word(struct weft_str s)
{
    for (uint32_t i = 0; i < s.len; i++) {
        uint8_t c = (uint8_t)s.ptr[i];
        bool is_of_word = c == '_' || (wf_json_is_of_word(c) && c != '.' &&
                                       c != '-' && c != '+');
        if (!is_of_word)
            return false;
    }
    return s.len > 0;
}

/* Cut a name at its point. false: it is no `Service.method`. */
static bool
cut(struct weft_str name, struct weft_str *service, struct weft_str *method)
{
    const char *dot = memchr(name.ptr, '.', name.len);
    if (!dot)
        return false;
    *service = (struct weft_str){name.ptr, (uint32_t)(dot - name.ptr)};
    *method = (struct weft_str){dot + 1, name.len - service->len - 1};
    return is_word(*service) &&
           (is_word(*method) || weft_str_eq(*method, weft_str_of("*")));
}

static weft_err
read_rule(struct reading *r, struct weft_str name, const uint8_t *at, void *to)
{
    struct wf_policy *policy = to;
    struct weft_str service, method;
    if (weft_str_eq(name, weft_str_of("*")))
        return read_object(r, read_planned, &policy->base.plan);
    if (!cut(name, &service, &method))
        return wf_text_fail(&r->t, at, WEFT_EPROTOCOL,
                            "\"Service.method\", \"Service.*\" or \"*\" is "
                            "expected");
    if (policy->rules.len == WF_POLICY_RULES)
        return wf_text_fail(&r->t, at, WEFT_ETOOBIG,
                            "more than %u methods are too many",
                            WF_POLICY_RULES);
    struct wf_rule *rule =
        weft_push(&policy->arena, &policy->rules, sizeof *rule);
    if (!rule)
        return wf_text_fail(&r->t, at, WEFT_EBUDGET, "%s",
                            weft_err_text(WEFT_EBUDGET));
    *rule = (struct wf_rule){.service = service, .method = method};
    rule->hash = wf_policy_hash(service, method);
    return read_object(r, read_planned, &rule->plan);
}

static weft_err
read_part(struct reading *r, struct weft_str name, const uint8_t *at, void *to)
{
    struct wf_policy *policy = to;
    struct wf_text_guess guess = {NULL, 0};
    if (weft_str_eq(name, weft_str_of("client")))
        return read_object(r, read_tuned, &policy->base.tuned);
    if (weft_str_eq(name, weft_str_of("methods")))
        return read_object(r, read_rule, policy);
    wf_text_offer(&guess, name, "client");
    wf_text_offer(&guess, name, "methods");
    return fail_unknown(r, at, &guess, "client");
}

/* ---- the document ---- */

static weft_err
read_all(struct reading *r, struct weft_str text)
{
    struct wf_policy *policy = r->policy;
    uint8_t c;
    weft_reader_init_flat(&r->t.r, text.ptr, text.len, &policy->arena, 0);
    r->t.start = r->counted = r->t.r.at;
    if (text.len > WF_POLICY_BYTES)
        return wf_text_fail(&r->t, r->t.start, WEFT_ETOOBIG,
                            "the document is longer than %u bytes",
                            WF_POLICY_BYTES);
    weft_err err = read_object(r, read_part, policy);
    if (!err && !wf_json_look(&r->t.r, &c))
        err = wf_text_fail(&r->t, r->t.r.at, WEFT_ETRAILING,
                           "the document ends before this; leave it out");
    return err;
}

/* What the document has not set comes from `base`. */
static void
fill_in(uint32_t *values, uint32_t *from, const uint32_t *base,
        const uint32_t *base_from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (from[i])
            continue;
        values[i] = base[i];
        from[i] = base_from[i];
    }
}

static weft_err
read_into(struct wf_policy *policy, struct weft_str text,
          const struct wf_policy_values *base, struct weft_json_error *why)
{
    struct reading r = {.t = {.why = why}, .policy = policy, .line = 1};
    struct wf_policy_values *own = &policy->base;
    /* Rules are views of the text, so the policy has a copy of it. */
    if (text.len == 0)
        text = weft_str_of("");
    else if (text.len <= WF_POLICY_BYTES)
        text = weft_arena_str(&policy->arena, text.ptr, text.len);
    if (!text.ptr)
        return WEFT_EBUDGET;
    weft_err err = read_all(&r, text);
    if (err)
        return err;
    fill_in(own->plan.values, own->plan.from, base->plan.values,
            base->plan.from, WF_PLANNED);
    fill_in(own->tuned.values, own->tuned.from, base->tuned.values,
            base->tuned.from, WF_TUNED);
    return wf_policy_resolve(policy);
}

weft_err
wf_policy_read(struct weft_str text, const struct wf_policy_values *base,
               struct wf_policy **out, struct weft_json_error *why)
{
    struct wf_policy *policy = wf_sys_zalloc(sizeof *policy);
    *out = NULL;
    *why = (struct weft_json_error){0};
    weft_err err = policy ? WEFT_OK : -ENOMEM;
    if (policy) {
        weft_arena_init(&policy->arena, WEFT_UNLIMITED_SIZE);
        err = read_into(policy, text, base, why);
    }
    if (err && !*why->text)
        snprintf(why->text, sizeof why->text, "%s", weft_err_text(err));
    if (err)
        wf_policy_free(policy);
    else
        *out = policy;
    return err;
}

void
wf_policy_free(struct wf_policy *policy)
{
    if (policy)
        weft_arena_fini(&policy->arena);
    wf_sys_free(policy);
}
