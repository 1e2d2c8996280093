/* SPDX-License-Identifier: MIT */
/* A slot of a slab goes to one thread only, and is closed once, whatever two
 * threads do at the same time. */
#include "orders/meet.h"
#include "unit/fiber/fibers.h"

#include <unistd.h>

struct thing {
    struct wf_slot slot;
};

static _Atomic int closings;

static void
closed(struct wf_slot *slot)
{
    (void)slot; /* the test puts the slot back */
    atomic_fetch_add(&closings, 1);
}

static struct wf_slab slab = WF_SLAB_INIT(struct thing, 4096, closed);

static struct {
    struct wf_slot *slot, *got[2];
    uint64_t id;
    _Atomic int n_true;
} s;

static void
get_one(void)
{
    s.slot = wf_slab_get(&slab);
    CHECK(s.slot);
}

static void
open_one(void)
{
    s.slot = wf_slab_get(&slab);
    CHECK(s.slot);
    s.id = wf_slot_open(s.slot);
}

static void
get_first(void *arg)
{
    (void)arg;
    s.got[0] = wf_slab_get(&slab);
}

static void
get_other(void *arg)
{
    (void)arg;
    s.got[1] = wf_slab_get(&slab);
}

/* Each round gets slots that were used before and slots that are new. */
static void
two_were_got(void)
{
    CHECK(s.got[0] && s.got[1] && s.got[0] != s.got[1]);
    CHECK(s.got[0]->index != s.got[1]->index);
    CHECK(wf_slab_at(&slab, s.got[0]->index) == s.got[0]);
    CHECK(wf_slab_at(&slab, s.got[1]->index) == s.got[1]);
    wf_slab_put(&slab, s.got[0]);
}

static void
put_first(void *arg)
{
    (void)arg;
    wf_slab_put(&slab, s.slot);
}

static void
one_was_got(void)
{
    struct wf_slot *next = wf_slab_get(&slab);
    CHECK(s.got[1] && next && next != s.got[1]);
    wf_slab_put(&slab, next);
    wf_slab_put(&slab, s.got[1]);
}

static void
ref_and_unref(void *arg)
{
    struct wf_slot *slot = wf_slot_ref(&slab, s.id);
    (void)arg;
    if (!slot)
        return;
    CHECK(slot == s.slot && atomic_load(&closings) == 0);
    wf_slot_unref(&slab, slot);
}

static void
try_ref_and_unref(void *arg)
{
    (void)arg;
    if (!wf_slot_try_ref(s.slot))
        return;
    CHECK(atomic_load(&closings) == 0);
    wf_slot_unref(&slab, s.slot);
}

static void
fail_and_unref(void *arg)
{
    (void)arg;
    if (wf_slot_fail(s.slot)) {
        atomic_fetch_add(&s.n_true, 1);
        wf_slot_unref(&slab, s.slot);
    }
}

static void
end_it(void *arg)
{
    (void)arg;
    if (!wf_slot_end(&slab, s.slot))
        fail_and_unref(NULL);
}

static void
closed_once(void)
{
    CHECK(atomic_load(&closings) == 1);
    CHECK(atomic_load(&s.n_true) <= 1);
    CHECK(!wf_slot_ref(&slab, s.id));
    CHECK(atomic_load(&closings) == 1);
    wf_slab_put(&slab, s.slot);
}

static const struct meeting {
    void (*set_up)(void);
    void (*first)(void *arg);
    void (*other)(void *arg);
    void (*check)(void);
} meetings[] = {
    {NULL, get_first, get_other, two_were_got},
    {get_one, put_first, get_other, one_was_got},
    {open_one, ref_and_unref, fail_and_unref, closed_once},
    {open_one, fail_and_unref, ref_and_unref, closed_once},
    {open_one, try_ref_and_unref, fail_and_unref, closed_once},
    {open_one, fail_and_unref, try_ref_and_unref, closed_once},
    {open_one, fail_and_unref, fail_and_unref, closed_once},
    {open_one, ref_and_unref, end_it, closed_once},
    {open_one, end_it, ref_and_unref, closed_once},
};

static void
every_meeting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof meetings / sizeof *meetings; i++) {
        const struct meeting *m = &meetings[i];
        bool more = true;
        uint32_t n = 1;
        for (; more; n++) {
            memset(&s, 0, sizeof s);
            atomic_store(&closings, 0);
            if (m->set_up)
                m->set_up();
            meet_arm(n, m->other, NULL);
            m->first(NULL);
            meet_end();
            more = meet_wait();
            m->check();
        }
        assert_in_range(n, i == 1 ? 2 : 3, 100);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_meeting),
    };
    alarm(300);
    meet_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
