/* SPDX-License-Identifier: MIT */
/*
 * Ejects endpoints that fail: no attempt goes to an ejected endpoint. If
 * attempts have failed, in a row or too many of all (rates.h), the ejection
 * ends after some time. If checks have failed (checks.h), it ends when checks
 * succeed again; these also end an ejection of the other kind early. Source:
 * the outlier detection and the health checking of Envoy.
 *
 * Every attempt reads the words of struct wf_health and struct wf_ejections,
 * but only four events write them: a failure, the first answer after a failure,
 * a check, and a change of the state. There is no timer: whoever begins an
 * attempt after the end of an ejection makes the endpoint usable.
 */
#ifndef WEFT_UPSTREAM_HEALTH_H
#define WEFT_UPSTREAM_HEALTH_H

#include "rpc/rpc.h"

#include <weft/upstream.h>

struct wf_endpoint;
struct wf_upstream;

enum wf_cause {
    WF_BY_ATTEMPTS, /* some in a row have failed */
    WF_BY_CHECKS,   /* some in a row have failed */
    WF_BY_RATE,     /* fewer attempts have succeeded than on others */
};

/* Why an endpoint is ejected. */
struct wf_failures {
    uint32_t n;    /* failures in a row; WF_BY_RATE: attempts that ended */
    weft_err last; /* how the last of them failed; WF_BY_RATE: unused */
    enum wf_cause cause;
    double rate, mean; /* WF_BY_RATE: see rates.h */
};

/* An ejection that has begun, for the log. */
struct wf_ejected {
    char name[128]; /* of the endpoint */
    struct wf_failures why;
    uint64_t ms; /* how long it lasts, unless checks end it */
};

/* The health of an endpoint, see health.c. */
struct wf_health {
    _Atomic uint64_t until_ns;   /* when the ejection ends; 0: usable;
                                    WEFT_NEVER: when checks succeed */
    _Atomic uint64_t changed_ns; /* last change of the state; 0: none yet */
    _Atomic uint32_t streak;     /* failures since the last answer */
    /* wf_ejections.lock guards these fields, and changes of until_ns and
     * changed_ns */
    uint32_t n_ejections;   /* since the endpoint came into the list */
    uint32_t times;         /* the last ejection took eject_ms so many times */
    struct wf_failures why; /* of the last ejection */
    uint32_t n_failed;      /* checks in a row */
    uint32_t n_passed;      /* checks in a row, since the ejection */
    bool has_passed;        /* checks have ended the last ejection */
    struct wf_endpoint *next; /* the next ejected endpoint */
    bool is_dropped;          /* in no list, and never ejected any more */
};

/* The ejected endpoints of an upstream. */
struct wf_ejections {
    _Atomic uint64_t due_ns;   /* end of the first ejection; 0: none */
    _Atomic uint32_t n;        /* length of `list` */
    _Atomic uint32_t n_listed; /* endpoints in the upstream's list; written by
                                  wf_snapshot_publish */
    struct wf_spin lock;       /* guards `list` and changes of due_ns and n */
    struct wf_endpoint *list;  /* linked by health.next */
};

/* Fill in the defaults of the options about health. -EINVAL. */
weft_err wf_health_fill_in(struct weft_upstream_options *o) WEFT_CHECKED;

/* Eject the endpoint. Returns whether it is ejected now and was not before, or
 * not for this reason. Then the caller logs *done. */
bool wf_health_eject(struct wf_upstream *up, struct wf_endpoint *endpoint,
                     const struct wf_failures *why, uint64_t now,
                     struct wf_ejected *done);

/* `n_more`: how many others were ejected for the same cause. */
void wf_health_log(const struct wf_upstream *up, const struct wf_ejected *done,
                   uint32_t n_more);

/* An attempt that has failed still counts as in flight. Eject the endpoint if
 * too many attempts have failed in a row. */
void wf_health_failed(struct wf_upstream *up, struct wf_endpoint *endpoint,
                      const struct wf_attempt *a, uint64_t now);

/* Record the end of a check that began at begun_ns. `err`: how the check
 * failed, or 0. The endpoint has no other check in flight. */
void wf_health_checked(struct wf_upstream *up, struct wf_endpoint *endpoint,
                       weft_err err, uint64_t begun_ns, uint64_t now);

/* The endpoint has answered an attempt. */
static inline void
wf_health_answered(struct wf_health *health)
{
    if (WEFT_UNLIKELY(wf_load(&health->streak, relaxed) > 0) &&
        !WF_MUTANT(answer_forgives_nothing))
        wf_store(&health->streak, 0, relaxed);
}

/* False if no endpoint is ejected, or so few of the n endpoints in the list are
 * usable that all are used. */
bool wf_health_is_heeded(const struct wf_upstream *up, uint32_t n);

static inline bool
wf_health_is_ejected(const struct wf_health *health, uint64_t now)
{
    return now < wf_load(&health->until_ns, relaxed);
}

/* True if an ejection has ended, and its endpoint is not usable yet. */
static inline bool
wf_health_is_due(const struct wf_ejections *ejections, uint64_t now)
{
    uint64_t due = wf_load(&ejections->due_ns, relaxed);
    return due > 0 && due <= now;
}

/* Make the endpoints usable whose ejection has ended. */
void wf_health_end_ejections(struct wf_upstream *up, uint64_t now);

/* The endpoint has left the list: end its ejection. */
void wf_health_drop(struct wf_upstream *up, struct wf_endpoint *endpoint);

/* Set what `view` tells about health. WEFT_EBUDGET. */
weft_err wf_health_view(struct wf_upstream *up,
                        const struct wf_endpoint *endpoint,
                        struct weft_arena *arena,
                        struct weft_endpoint_view *view) WEFT_CHECKED;

#endif
