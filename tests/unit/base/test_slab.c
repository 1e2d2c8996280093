/* SPDX-License-Identifier: MIT */
/* An id names one life of a slot: row 49 of docs/threats.md. */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct object {
    struct wf_slot slot;
    int closed;
    uint8_t bytes[100];
};

static void object_closed(struct wf_slot *slot);
static struct wf_slab slab = WF_SLAB_INIT(struct object, 1000, object_closed);

static void
object_closed(struct wf_slot *slot)
{
    WF_CONTAINER(slot, struct object, slot)->closed++;
    wf_slab_put(&slab, slot);
}

static struct object *
get(void)
{
    struct wf_slot *slot = wf_slab_get(&slab);
    assert_non_null(slot);
    return WF_CONTAINER(slot, struct object, slot);
}

static void
an_id_lives_until_it_is_failed(void **state)
{
    (void)state;
    struct object *o = get();
    int closed = o->closed;
    uint64_t id = wf_slot_open(&o->slot);
    assert_int_not_equal(id, 0);
    assert_int_equal(wf_slot_id(&o->slot), id);
    assert_ptr_equal(wf_slot_ref(&slab, id), &o->slot);
    wf_slot_more(&o->slot);
    wf_slot_unref(&slab, &o->slot);
    assert_true(wf_slot_try_ref(&o->slot));
    wf_slot_unref(&slab, &o->slot);
    assert_false(wf_slot_failed(&o->slot));
    assert_true(wf_slot_fail(&o->slot));
    assert_false(wf_slot_fail(&o->slot));
    assert_true(wf_slot_failed(&o->slot));
    assert_int_equal(wf_slot_id(&o->slot), id);
    assert_null(wf_slot_ref(&slab, id));
    assert_false(wf_slot_try_ref(&o->slot));
    wf_slot_unref(&slab, &o->slot); /* the owner's reference */
    assert_int_equal(o->closed, closed);
    wf_slot_unref(&slab, &o->slot);
    assert_int_equal(o->closed, closed + 1);
}

static void
ending_needs_the_only_reference(void **state)
{
    (void)state;
    struct object *o = get();
    int closed = o->closed;
    uint64_t id = wf_slot_open(&o->slot);
    assert_ptr_equal(wf_slot_ref(&slab, id), &o->slot);
    assert_false(wf_slot_end(&slab, &o->slot));
    assert_false(wf_slot_failed(&o->slot)); /* the end was refused */
    wf_slot_unref(&slab, &o->slot);
    assert_true(wf_slot_end(&slab, &o->slot));
    assert_int_equal(o->closed, closed + 1);
    assert_null(wf_slot_ref(&slab, id));
    o = get();
    assert_int_not_equal(wf_slot_open(&o->slot), id);
    assert_true(wf_slot_end(&slab, &o->slot));
}

static void
strange_ids_are_nobodys(void **state)
{
    (void)state;
    struct object *o = get();
    uint64_t id = wf_slot_open(&o->slot);
    for (uint64_t bit = 0; bit < 64; bit++)
        assert_null(wf_slot_ref(&slab, id ^ (uint64_t)1 << bit));
    assert_null(wf_slot_ref(&slab, 0));
    assert_null(wf_slot_ref(&slab, UINT64_MAX));
    assert_null(wf_slot_ref(&slab, (id >> 32 << 32) | 999));
    assert_null(wf_slot_ref(&slab, (id >> 32 << 32) | 1000));
    for (uint64_t i = 0; i < 1000; i++) /* slots that were never made, too */
        assert_null(wf_slot_ref(&slab, i));
    assert_true(wf_slot_end(&slab, &o->slot));
    assert_null(wf_slot_ref(&slab, id));
}

/* While a slot is failed or closed no id finds it, whatever the lowest bits of
 * the version in the id are. */
static void
an_id_says_that_it_lives(void **state)
{
    (void)state;
    struct object *o = get();
    uint64_t id = wf_slot_open(&o->slot);
    wf_slot_more(&o->slot);
    assert_true(wf_slot_fail(&o->slot));
    for (uint64_t is = 0; is < 4; is++)
        assert_null(wf_slot_ref(&slab, id | is << 32));
    wf_slot_unref(&slab, &o->slot);
    int closed = o->closed;
    wf_slot_unref(&slab, &o->slot);
    assert_int_equal(o->closed, closed + 1);
    for (uint64_t is = 0; is < 4; is++)
        assert_null(wf_slot_ref(&slab, id | is << 32));
}

static void
slots_are_apart_and_run_out(void **state)
{
    (void)state;
    static struct object *all[1000];
    for (int i = 0; i < 1000; i++) {
        all[i] = get();
        all[i]->bytes[0] = all[i]->bytes[99] = (uint8_t)i;
        assert_int_equal((uintptr_t)all[i] % 64, 0);
        assert_ptr_equal(wf_slab_at(&slab, all[i]->slot.index), all[i]);
    }
    assert_null(wf_slab_get(&slab));
    assert_null(wf_slab_at(&slab, 1000));
    assert_null(wf_slab_at(&slab, UINT32_MAX));
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(all[i]->bytes[0], (uint8_t)i);
        assert_int_equal(all[i]->bytes[99], (uint8_t)i);
        wf_slab_put(&slab, &all[i]->slot);
    }
    struct object *o = get();
    wf_slab_put(&slab, &o->slot);
}

/* The version of a slot wraps after 2^30 lives: no id is 0, and each id differs
 * from the one before. */
static void
versions_wrap(void **state)
{
    (void)state;
    struct object *o = get();
    uint64_t old = 0;
    wf_store(&o->slot.word, (uint64_t)0xfffffff6 << 32, relaxed); /* closed */
    for (int i = 0; i < 8; i++) {
        uint64_t id = wf_slot_open(&o->slot);
        assert_int_not_equal(id >> 32, 0);
        assert_int_not_equal(id, old);
        assert_null(old ? wf_slot_ref(&slab, old) : NULL);
        assert_ptr_equal(wf_slot_ref(&slab, id), &o->slot);
        wf_slot_unref(&slab, &o->slot);
        assert_true(wf_slot_end(&slab, &o->slot));
        assert_ptr_equal(get(), o);
        old = id;
    }
    wf_slab_put(&slab, &o->slot);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_lives_until_it_is_failed),
        cmocka_unit_test(ending_needs_the_only_reference),
        cmocka_unit_test(strange_ids_are_nobodys),
        cmocka_unit_test(an_id_says_that_it_lives),
        cmocka_unit_test(slots_are_apart_and_run_out),
        cmocka_unit_test(versions_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
