/* SPDX-License-Identifier: MIT */
/* Fills in what the rules of a policy leave out, and finds the rule of a
 * method. */
#include "upstream/policy.h"
#include "upstream/upstream.h"

static const struct weft_str any = WEFT_STR_INIT("*");

uint64_t
wf_policy_hash(struct weft_str service, struct weft_str method)
{
    return wf_hash(method, wf_hash(service, 0));
}

static const struct wf_rule *
find(const struct wf_policy *policy, struct weft_str service,
     struct weft_str method)
{
    uint64_t hash = wf_policy_hash(service, method);
    for (uint32_t i = (uint32_t)hash; policy->slots[i & policy->mask]; i++) {
        uint32_t index = policy->slots[i & policy->mask] - 1;
        const struct wf_rule *rule = &policy->rules.items[index];
        if (rule->hash == hash && weft_str_eq(rule->service, service) &&
            weft_str_eq(rule->method, method))
            return rule;
    }
    return NULL;
}

const struct wf_planned *
wf_policy_find(const struct wf_policy *policy, const struct weft_method *method)
{
    if (policy->rules.len == 0 || !method->service)
        return &policy->base.plan;
    struct weft_str service = weft_str_of(method->service);
    struct weft_str name = {method->name, method->name_len};
    const struct wf_rule *rule = find(policy, service, name);
    if (!rule)
        rule = find(policy, service, any);
    return rule ? &rule->plan : &policy->base.plan;
}

/* ---- making ---- */

static void
inherit(struct wf_planned *plan, const struct wf_planned *from)
{
    for (uint32_t i = 0; i < WF_PLANNED; i++) {
        if (plan->from[i])
            continue;
        plan->values[i] = from->values[i];
        plan->from[i] = from->from[i];
    }
}

static void
insert(struct wf_policy *policy, uint32_t index)
{
    uint32_t i = (uint32_t)policy->rules.items[index].hash;
    while (policy->slots[i & policy->mask])
        i++;
    policy->slots[i & policy->mask] = index + 1;
}

/* Rules of services are filled in first, because those of their methods inherit
 * from them. */
static void
inherit_all(struct wf_policy *policy, bool is_service)
{
    for (uint32_t i = 0; i < policy->rules.len; i++) {
        struct wf_rule *rule = &policy->rules.items[i];
        if (weft_str_eq(rule->method, any) != is_service)
            continue;
        const struct wf_rule *wider =
            is_service ? NULL : find(policy, rule->service, any);
        inherit(&rule->plan, wider ? &wider->plan : &policy->base.plan);
    }
}

weft_err
wf_policy_resolve(struct wf_policy *policy)
{
    uint32_t n_slots = 2;
    while (n_slots < 2 * policy->rules.len)
        n_slots *= 2;
    policy->slots =
        weft_arena_zalloc(&policy->arena, n_slots * sizeof *policy->slots);
    if (!policy->slots)
        return WEFT_EBUDGET;
    policy->mask = n_slots - 1;
    for (uint32_t i = 0; i < policy->rules.len; i++)
        insert(policy, i);
    inherit_all(policy, true);
    inherit_all(policy, false);
    return WEFT_OK;
}
