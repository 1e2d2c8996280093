/* SPDX-License-Identifier: MIT */
/* Read-write lock: who may hold it together, and in which order. No waiter is
 * forgotten when another one gives up. */
#include "fibers.h"

static struct weft_rwlock lock;
static struct weft_sem gate;
static _Atomic int n_in, n_order;
static char order[8];

static void
assert_free(void)
{
    assert_int_equal(lock.readers, 0);
    assert_int_equal(lock.writer, 0);
    assert_int_equal(n_waiters(&lock.waiters), 0);
}

static void
readers_share_and_writers_do_not(void **state)
{
    (void)state;
    assert_true(weft_rwlock_try_read(&lock));
    assert_true(weft_rwlock_try_read(&lock));
    assert_false(weft_rwlock_try_write(&lock));
    assert_int_equal(weft_rwlock_write_until(&lock, 0), WEFT_ETIMEOUT);
    weft_rwlock_read_unlock(&lock);
    assert_false(weft_rwlock_try_write(&lock));
    weft_rwlock_read_unlock(&lock);
    assert_true(weft_rwlock_try_write(&lock));
    assert_false(weft_rwlock_try_write(&lock));
    assert_false(weft_rwlock_try_read(&lock));
    assert_int_equal(weft_rwlock_read_until(&lock, 0), WEFT_ETIMEOUT);
    weft_rwlock_write_unlock(&lock);
    assert_int_equal(weft_rwlock_read(&lock), WEFT_OK);
    weft_rwlock_read_unlock(&lock);
    assert_int_equal(weft_rwlock_write(&lock), WEFT_OK);
    weft_rwlock_write_unlock(&lock);
    assert_free();
}

static void
note(char who)
{
    order[wf_add(&n_order, 1, relaxed)] = who;
}

static void
write_one(void *arg)
{
    (void)arg;
    CHECK(weft_rwlock_write(&lock) == WEFT_OK);
    CHECK(wf_add(&n_in, 1, seq_cst) == 0);
    note('w');
    weft_fiber_yield(); /* a fiber may hold the lock while it waits */
    CHECK(wf_sub(&n_in, 1, seq_cst) == 1);
    weft_rwlock_write_unlock(&lock);
}

/* Two readers, one queued behind the other, hold the lock together. */
static void
read_both(void *arg)
{
    (void)arg;
    CHECK(weft_rwlock_read(&lock) == WEFT_OK);
    wf_add(&n_in, 1, seq_cst);
    WAIT_FOR(wf_load(&n_in, seq_cst) == 2);
    note('r');
    CHECK(weft_sem_take(&gate) == WEFT_OK);
    wf_sub(&n_in, 1, seq_cst);
    weft_rwlock_read_unlock(&lock);
}

/* While the lock is held, a writer, two readers and a writer queue up. They get
 * the lock in this order, the two readers together. */
static void
they_are_served_in_the_order_of_coming(void **state)
{
    (void)state;
    void (*const who[])(void *) = {write_one, read_both, read_both, write_one};
    weft_fiber fibers[4];
    n_order = n_in = 0;
    assert_int_equal(weft_rwlock_read(&lock), WEFT_OK);
    for (int i = 0; i < 4; i++) {
        fibers[i] = spawn(who[i], NULL);
        WAIT_FOR(n_waiters(&lock.waiters) == i + 1);
    }
    assert_false(weft_rwlock_try_read(&lock)); /* others wait already */
    weft_rwlock_read_unlock(&lock);
    WAIT_FOR(wf_load(&n_order, relaxed) == 3);
    assert_int_equal(n_waiters(&lock.waiters), 1); /* the second writer */
    weft_sem_give(&gate, 2);
    for (int i = 0; i < 4; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_memory_equal(order, "wrrw", 4);
    assert_free();
}

static void
give_up(void *arg)
{
    (void)arg;
    CHECK(weft_rwlock_write(&lock) == WEFT_ECANCEL);
}

static void
read_one(void *arg)
{
    (void)arg;
    CHECK(weft_rwlock_read(&lock) == WEFT_OK);
    weft_rwlock_read_unlock(&lock);
}

/* The reader waits only because of the writer before it, and that writer gives
 * up. */
static void
readers_go_on_when_a_writer_gives_up(void **state)
{
    (void)state;
    assert_int_equal(weft_rwlock_read(&lock), WEFT_OK);
    weft_fiber writer = spawn(give_up, NULL);
    WAIT_FOR(n_waiters(&lock.waiters) == 1);
    weft_fiber reader = spawn(read_one, NULL);
    WAIT_FOR(n_waiters(&lock.waiters) == 2);
    weft_fiber_cancel(writer);
    assert_int_equal(weft_fiber_join(writer), WEFT_OK);
    /* this thread still reads */
    assert_int_equal(weft_fiber_join(reader), WEFT_OK);
    weft_rwlock_read_unlock(&lock);
    assert_free();
}

/* ---- many fibers at once ---- */

#define FIBERS 16
#define ROUNDS 500

static uint64_t cells[2]; /* equal while no fiber writes */

static void
mix(void *arg)
{
    uint64_t x = (uint64_t)(uintptr_t)arg * 2654435761u + 1;
    for (int i = 0; i < ROUNDS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        if (x >> 62 == 0) {
            CHECK(weft_rwlock_write(&lock) == WEFT_OK);
            cells[0]++;
            if (x >> 60 & 1)
                weft_fiber_yield();
            cells[1]++;
            weft_rwlock_write_unlock(&lock);
        } else if (x >> 62 == 1) {
            weft_err err = weft_rwlock_write_until(&lock, weft_now_ns());
            if (err == WEFT_OK)
                weft_rwlock_write_unlock(&lock);
        } else {
            CHECK(weft_rwlock_read(&lock) == WEFT_OK);
            CHECK(cells[0] == cells[1]);
            weft_rwlock_read_unlock(&lock);
        }
    }
}

static void
a_reader_never_sees_half_a_write(void **state)
{
    (void)state;
    weft_fiber fibers[FIBERS];
    for (uintptr_t i = 0; i < FIBERS; i++)
        fibers[i] = spawn(mix, (void *)i);
    for (int i = 0; i < FIBERS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(cells[0], cells[1]);
    assert_free();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_share_and_writers_do_not),
        cmocka_unit_test(they_are_served_in_the_order_of_coming),
        cmocka_unit_test(readers_go_on_when_a_writer_gives_up),
        cmocka_unit_test(a_reader_never_sees_half_a_write),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
