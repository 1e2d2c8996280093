/* SPDX-License-Identifier: MIT */
/*
 * Policies: a document that says how a client of many servers makes its calls,
 * and that may change while the client runs.
 *
 *   policy.c        watches the file, and takes its document
 *   policy_read.c   reads and checks a document
 *   policy_rules.c  fills in what a document leaves out, and finds the rule of
 *                   a method
 *   policy_text.c   tells which values hold, and where each comes from
 *
 * A document that was read never changes. policy.c has the proof that none is
 * freed while a call reads it.
 */
#ifndef WEFT_UPSTREAM_POLICY_H
#define WEFT_UPSTREAM_POLICY_H

#include "rpc/rpc.h"

#include "upstream/tuning.h"

#include <weft/upstream.h>

struct wf_upstream;

#define WF_POLICY_BYTES (1u << 20) /* the longest document */
#define WF_POLICY_RULES 4096u      /* the most methods of a document */

#define WF_PLANNED 5 /* values in struct wf_plan */
_Static_assert(sizeof(struct wf_plan) == WF_PLANNED * sizeof(uint32_t),
               "struct wf_planned has the same values");

/* Where a value comes from: a line of the document, or one of these. */
#define WF_FROM_DEFAULT 0u
#define WF_FROM_OPTION UINT32_MAX

/* The values of one method, in the order of struct wf_plan. */
struct wf_planned {
    uint32_t values[WF_PLANNED];
    uint32_t from[WF_PLANNED]; /* 0 while a document is read: not given */
};

struct wf_tunings {
    uint32_t values[WF_TUNED];
    uint32_t from[WF_TUNED];
};

/* What holds where a document says nothing, or where it speaks of `*`. */
struct wf_policy_values {
    struct wf_planned plan;
    struct wf_tunings tuned;
};

/* What a document says of `Service.method` or `Service.*`. */
struct wf_rule {
    struct weft_str service, method; /* views of the document */
    uint64_t hash;                   /* of both */
    struct wf_planned plan;
};

struct wf_rules {
    struct wf_rule *items;
    uint32_t len, cap;
};

struct wf_policy {
    struct wf_policy *next;       /* the next one that was replaced */
    struct weft_arena arena;      /* has everything below, and the document */
    struct wf_policy_values base; /* with the rule `*` of the document */
    struct wf_rules rules;
    uint32_t *slots; /* index of a rule + 1, found by its hash; 0: free */
    uint32_t mask;   /* the number of slots - 1 */
};

/* How a value is written: a number, or a word that stands for a number. */
struct wf_policy_row {
    const char *name;
    uint32_t least, most;
    bool has_none, has_p95;
    uint32_t none; /* what "none" stands for */
};
extern const struct wf_policy_row wf_plan_rows[WF_PLANNED];
extern const struct wf_policy_row wf_tuning_rows[WF_TUNED];

/* Read a document. `base` has what holds where it says nothing. On an error
 * *out is NULL, and *why says what is wrong. Errors: those of
 * weft_struct_from_json, -ENOMEM. */
weft_err wf_policy_read(struct weft_str text,
                        const struct wf_policy_values *base,
                        struct wf_policy **out, struct weft_json_error *why)
    WEFT_CHECKED;
void wf_policy_free(struct wf_policy *policy);

/* Fill in what the rules leave out, and make `slots`. WEFT_EBUDGET. */
weft_err wf_policy_resolve(struct wf_policy *policy) WEFT_CHECKED;

/* The hash of a rule's name. */
uint64_t wf_policy_hash(struct weft_str service, struct weft_str method);

/* What holds for a method. */
const struct wf_planned *wf_policy_find(const struct wf_policy *policy,
                                        const struct weft_method *method);

/* All values as text, of all rules or of one method only, in the arena.
 * WEFT_EBUDGET. */
weft_err wf_policy_put(const struct wf_policy *policy,
                       const struct weft_method *method,
                       struct weft_arena *arena, struct weft_str *text)
    WEFT_CHECKED;

/* ---- policy.c ---- */

struct wf_policies;

/* Make up->policies if the options name a document, and read the document.
 * `base` has the values of the options. -EINVAL: the option is malformed;
 * -ENOMEM. */
weft_err wf_policies_new(struct wf_upstream *up, const char *source,
                         const struct wf_policy_values *base) WEFT_CHECKED;

/* Let a fiber watch the document, if none does. */
void wf_policies_ensure(struct wf_policies *p);

/* As wf_upstream_ops.plan. */
void wf_policies_plan(void *upstream, const struct weft_method *method,
                      struct wf_attempt *a);

/* As weft_client_get_policy. WEFT_EBUDGET. */
weft_err wf_policies_view(struct wf_policies *p,
                          const struct weft_method *method,
                          struct weft_arena *arena,
                          struct weft_policy_view *view) WEFT_CHECKED;
void wf_policies_close(struct wf_policies *p);
void wf_policies_free(struct wf_policies *p);

/* Look at the document once, as the fiber does four times a second. */
void wf_policies_look(struct wf_policies *p);

#endif
