/* SPDX-License-Identifier: MIT */
/*
 * Fibers and plain threads share locks, conditions, semaphores, groups and
 * onces, with deadlines and cancels. Each waiter is woken. Two holders that
 * exclude each other never have a lock at once. No wait times out before its
 * deadline or long after it.
 */
#include "fibers.h"

#define FIBERS 5
#define ROUNDS 12

/* ---- mutex and condition ---- */

static struct {
    struct weft_mutex mutex;
    struct weft_cond filled;
    int inside, items, made, taken;
    struct weft_sem main_ends; /* the main thread puts items, too */
} box;

static void
enter(void)
{
    WEFT_SIM_CHECK(box.inside++ == 0);
}

static void
leave(void)
{
    WEFT_SIM_CHECK(--box.inside == 0);
    weft_mutex_unlock(&box.mutex);
}

static void
put_items(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t deadline = below(2) ? WEFT_NEVER : soon();
        if (!ended_well(weft_mutex_lock_until(&box.mutex, deadline), deadline))
            continue;
        enter();
        box.items++;
        box.made++;
        rest();
        if (below(2))
            weft_cond_signal(&box.filled);
        else
            weft_cond_broadcast(&box.filled);
        leave();
        rest();
    }
}

/* Take items until *no_more is set and none is left. */
static void
take_items(void *arg)
{
    const bool *no_more = arg;
    for (bool more = true; more;) {
        WEFT_SIM_CHECK(!weft_mutex_lock(&box.mutex));
        enter();
        while (!box.items && !*no_more) {
            uint64_t deadline = below(3) ? WEFT_NEVER : soon();
            box.inside--;
            (void)ended_well(
                weft_cond_wait_until(&box.filled, &box.mutex, deadline),
                deadline);
            enter();
        }
        more = box.items > 0;
        box.items -= more;
        box.taken += more;
        leave();
        rest();
    }
}

static void
boxes(void *arg)
{
    weft_fiber makers[2], takers[FIBERS];
    bool no_more = false;
    (void)arg;
    start_all(take_items, &no_more, takers, FIBERS);
    start_all(put_items, NULL, makers, 2);
    join_all(makers, 2);
    WEFT_SIM_CHECK(!weft_sem_take(&box.main_ends));
    WEFT_SIM_CHECK(!weft_mutex_lock(&box.mutex));
    no_more = true;
    weft_cond_broadcast(&box.filled);
    weft_mutex_unlock(&box.mutex);
    join_all(takers, FIBERS);
    WEFT_SIM_CHECK(box.made == box.taken);
}

/* ---- a cancelled wait ---- */

static struct {
    struct weft_mutex mutex;
    struct weft_cond cond;
    bool ready;
} gate;

static void
wait_cancelled(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_mutex_lock(&gate.mutex) || weft_fiber_cancelled());
    while (!gate.ready)
        (void)!weft_cond_wait(&gate.cond, &gate.mutex);
    weft_mutex_unlock(&gate.mutex);
}

static void
sleep_cancelled(void *arg)
{
    (void)arg;
    while (weft_sleep_ms(100000) != WEFT_ECANCEL)
        ;
}

static void
cancels(void *arg)
{
    weft_fiber waiter, sleeper = start(sleep_cancelled, NULL);
    (void)arg;
    WEFT_SIM_CHECK(!weft_mutex_lock(&gate.mutex));
    waiter = start(wait_cancelled, NULL);
    weft_mutex_unlock(&gate.mutex);
    (void)weft_sleep_ms((int64_t)below(4));
    WEFT_SIM_CHECK(!weft_mutex_lock(&gate.mutex));
    weft_fiber_cancel(waiter);
    weft_fiber_cancel(sleeper);
    rest();
    weft_mutex_unlock(&gate.mutex);
    uint64_t deadline = weft_now_ns() + 30000 * (uint64_t)MS;
    WEFT_SIM_CHECK(!weft_fiber_join_until(sleeper, deadline));
    (void)weft_sleep_ms(20);
    WEFT_SIM_CHECK(!weft_mutex_lock(&gate.mutex));
    gate.ready = true;
    weft_cond_broadcast(&gate.cond);
    weft_mutex_unlock(&gate.mutex);
    WEFT_SIM_CHECK(!weft_fiber_join_until(waiter, deadline));
}

/* ---- semaphore ---- */

static struct weft_sem tokens, done;

static void
take_token(void *arg)
{
    (void)arg;
    uint64_t deadline;
    do
        deadline = below(2) ? WEFT_NEVER : soon();
    while (!ended_well(weft_sem_take_until(&tokens, deadline), deadline));
    rest();
    weft_sem_give(&done, 1);
}

static void
semaphores(void *arg)
{
    weft_fiber fibers[FIBERS];
    (void)arg;
    start_all(take_token, NULL, fibers, FIBERS);
    rest();
    weft_sem_give(&tokens, 2);
    rest();
    weft_sem_give(&tokens, FIBERS - 2);
    for (int i = 0; i < FIBERS; i++)
        WEFT_SIM_CHECK(!weft_sem_take(&done));
    join_all(fibers, FIBERS);
    WEFT_SIM_CHECK(!weft_sem_try_take(&tokens));
}

/* ---- read-write lock ---- */

#define READS_MAX 400 /* readers that come in while a writer waits, at most */

static struct {
    struct weft_rwlock lock;
    int readers, writers, reads;
    bool wants, all_done;
} shelf;

static void
read_on(void *arg)
{
    (void)arg;
    while (!shelf.all_done) {
        uint64_t deadline = below(2) ? WEFT_NEVER : soon();
        if (!ended_well(weft_rwlock_read_until(&shelf.lock, deadline),
                        deadline))
            continue;
        shelf.readers++;
        shelf.reads += shelf.wants;
        WEFT_SIM_CHECK(!shelf.writers && shelf.reads < READS_MAX);
        (void)weft_sleep_ms(1);
        shelf.readers--;
        weft_rwlock_read_unlock(&shelf.lock);
    }
}

static void
write_some(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t deadline = below(2) ? WEFT_NEVER : soon();
        shelf.reads = 0;
        shelf.wants = deadline == WEFT_NEVER;
        bool locked = ended_well(weft_rwlock_write_until(&shelf.lock, deadline),
                                 deadline);
        shelf.wants = false;
        if (locked) {
            WEFT_SIM_CHECK(!shelf.readers && !shelf.writers++);
            rest();
            WEFT_SIM_CHECK(!shelf.readers && !--shelf.writers);
            weft_rwlock_write_unlock(&shelf.lock);
        }
        rest();
    }
}

static struct weft_rwlock door;

static void
try_door(void *arg)
{
    uint64_t deadline = weft_now_ns() + 2 * MS;
    (void)arg;
    WEFT_SIM_CHECK(weft_rwlock_write_until(&door, deadline) == WEFT_ETIMEOUT);
}

static void
pass_door(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_rwlock_read(&door));
    weft_rwlock_read_unlock(&door);
}

/* When a writer gives up, the readers that wait behind it come in. */
static void
doors(void)
{
    uint64_t deadline = weft_now_ns() + 1000 * (uint64_t)MS;
    WEFT_SIM_CHECK(!weft_rwlock_read(&door));
    weft_fiber writer = start(try_door, NULL);
    (void)weft_sleep_ms(1);
    weft_fiber reader = start(pass_door, NULL);
    WEFT_SIM_CHECK(!weft_fiber_join(writer));
    WEFT_SIM_CHECK(!weft_fiber_join_until(reader, deadline));
    weft_rwlock_read_unlock(&door);
}

static void
shelves(void *arg)
{
    doors();
    weft_fiber readers[3], writer = start(write_some, NULL);
    (void)arg;
    start_all(read_on, NULL, readers, 3);
    WEFT_SIM_CHECK(!weft_fiber_join(writer));
    shelf.all_done = true;
    join_all(readers, 3);
}

/* ---- group and once ---- */

static struct {
    struct weft_group group;
    struct weft_once once;
    int runs, ended;
    bool ready;
} team;

static void
run_once(void *arg)
{
    (void)arg;
    team.runs++;
    (void)weft_sleep_ms(1);
    team.ready = true;
}

static void
play(void *arg)
{
    (void)arg;
    rest();
    WEFT_SIM_CHECK(!weft_once(&team.once, run_once, NULL));
    WEFT_SIM_CHECK(team.ready);
    rest();
    team.ended++;
    weft_group_done(&team.group);
}

static void
teams(void *arg)
{
    weft_fiber fibers[FIBERS];
    (void)arg;
    weft_group_add(&team.group, FIBERS);
    start_all(play, NULL, fibers, FIBERS);
    WEFT_SIM_CHECK(!weft_group_wait(&team.group));
    WEFT_SIM_CHECK(team.ended == FIBERS && team.runs == 1);
    join_all(fibers, FIBERS);
}

/* ---- one run ---- */

static void
be_host(void *arg)
{
    static void (*const parts[])(void *) = {boxes, cancels, semaphores, shelves,
                                            teams};
    const int n = sizeof parts / sizeof *parts;
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(4)};
    weft_fiber fibers[sizeof parts / sizeof *parts];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int i = 0; i < n; i++)
        fibers[i] = start(parts[i], NULL);
    put_items(NULL); /* puts items on a plain thread, too */
    weft_sem_give(&box.main_ends, 1);
    (void)ended_well(weft_rwlock_read(&shelf.lock), WEFT_NEVER);
    weft_rwlock_read_unlock(&shelf.lock);
    join_all(fibers, n);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("host", be_host, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "locks",
        .set_up = set_up,
        .limit_ns = 100 * (uint64_t)1000 * MS};
    return weft_sim_main(argc, argv, &scenario);
}
