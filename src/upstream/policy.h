/* SPDX-License-Identifier: MIT */
/*
 * Policies: a document that says how a client of many servers makes its calls,
 * and that may change while the client runs.
 *
 *   policy.c        the policies of a client: their fiber, and what calls get
 *   policy_take.c   takes documents
 *   policy_watch.c  finds documents: in a file, or in a registry
 *   policy_read.c   reads and checks a document
 *   policy_rules.c  fills in what a document leaves out, and finds the rule of
 *                   a method
 *   policy_text.c   tells which values hold, and where each comes from
 *
 * A document that was read never changes. policy_take.c has the proof that none
 * is freed while a call reads it.
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

#define WF_POLICY_WHY 320 /* as long as weft_json_error, and the place */

/* What is known of the documents that come. Used by who looks: first
 * weft_client_new, then the fiber. */
struct wf_policy_watch {
    struct weft_arena arena;
    struct weft_str seen; /* the last document that was there, in `arena` */
    bool is_judged;       /* `seen` was taken or refused */
    bool was_bad;         /* `seen` was not valid at one look */
    weft_err told;        /* the last error of reading it */
    uint32_t n_failed;    /* failures to ask the registry, in a row */
};

struct wf_policies {
    struct wf_upstream *up;
    struct wf_policy_values base; /* where the document says nothing */
    _Atomic(struct wf_policy *) current;
    _Atomic bool ready; /* the fiber runs */
    struct wf_policy_watch watch;
    struct weft_mutex lock;   /* guards the fields below */
    struct weft_cond changed; /* is_answered is set, or `runs` cleared */
    struct wf_policy *old;    /* replaced, and perhaps still read */
    uint64_t n_taken, n_refused;
    char why[WF_POLICY_WHY]; /* why the document as it is now was refused */
    weft_fiber fiber;
    bool runs, closing;
    bool is_answered; /* something was taken or refused */
    bool is_file;     /* else it is a registry's */
    char source[];    /* as the option has it */
};

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

/* ---- policy_take.c ---- */

/* Take a document. If it is not valid, `why`, of WF_POLICY_WHY bytes, receives
 * the reason, and nothing changes. Errors as wf_policy_read. */
weft_err wf_policies_take(struct wf_policies *p, struct weft_str text,
                          char *why) WEFT_CHECKED;

/* Count and log that a document was refused, or could not be read. */
void wf_policies_refuse(struct wf_policies *p, const char *why);

/* Wait until no call reads policies that were replaced, and free them. A cancel
 * leaves them to wf_policies_free. */
void wf_policies_reap(struct wf_policies *p);

/* ---- policy_watch.c ---- */

/* *is_file receives whether the source is a file, or else a key of a registry.
 * -EINVAL: the text names no source; a line in the log tells it. */
weft_err wf_policy_check_source(const char *source, bool *is_file) WEFT_CHECKED;

/* Look at the file for the first time. */
void wf_policy_look_first(struct wf_policies *p);

/* Take or refuse what comes, until a cancel of the task. */
void wf_policy_watch(struct wf_policies *p);

#endif
