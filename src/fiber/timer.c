/* SPDX-License-Identifier: MIT */
/*
 * A tick is a number with digits of 6 bits. The level of a timer is the highest
 * digit in which the timer's tick differs from `now`, and the slot of the timer
 * is the value of that digit. So all timers of a level fire before the timers
 * of the next higher level. The number of each used slot is greater than the
 * digit of `now` at the level of that slot. So the slot to open next is the
 * first used slot of the lowest used level. When `now` reaches a slot of a
 * higher level, the timers of this slot move to lower levels: a timer moves at
 * most 7 times. The scheme is that of Varghese and Lauck (1987).
 */
#include "fiber/timer.h"

#define DIGIT 6u

void
wf_wheel_init(struct wf_wheel *wheel, uint64_t now_ns)
{
    wheel->now = now_ns >> WF_WHEEL_SHIFT;
    wf_store(&wheel->next_ns, WEFT_NEVER, relaxed);
    for (uint32_t level = 0; level < WF_WHEEL_LEVELS; level++) {
        wheel->used[level] = 0;
        for (uint32_t slot = 0; slot < WF_WHEEL_SLOTS; slot++)
            wf_list_init(&wheel->slots[level][slot]);
    }
}

/* Put a timer into its slot. Called with the lock held; timer->tick is greater
 * than wheel->now. */
static void
file(struct wf_wheel *wheel, struct wf_timer *timer)
{
    WF_DCHECK(wf_spin_is_held(&wheel->lock));
    uint64_t diff = timer->tick ^ wheel->now;
    uint32_t level = (63u - (uint32_t)__builtin_clzll(diff)) / DIGIT;
    uint32_t slot = (uint32_t)(timer->tick >> (level * DIGIT)) & 63;
    wheel->used[level] |= (uint64_t)1 << slot;
    wf_list_push(&wheel->slots[level][slot], &timer->link);
}

/* Returns the tick of the first used slot; *level and *slot receive the
 * position of this slot. UINT64_MAX: no slot is used. */
static uint64_t
first(const struct wf_wheel *wheel, uint32_t *level, uint32_t *slot)
{
    for (uint32_t l = 0; l < WF_WHEEL_LEVELS; l++) {
        if (!wheel->used[l])
            continue;
        uint32_t s = (uint32_t)__builtin_ctzll(wheel->used[l]);
        uint32_t shift = l * DIGIT;
        uint64_t above = wheel->now >> (shift + DIGIT) << (shift + DIGIT);
        *level = l;
        *slot = s;
        return above | (uint64_t)s << shift;
    }
    return UINT64_MAX;
}

/* Set next_ns to the time of the first used slot. Called with the lock held. */
static void
note_next(struct wf_wheel *wheel)
{
    WF_DCHECK(wf_spin_is_held(&wheel->lock));
    uint32_t level, slot;
    uint64_t tick = first(wheel, &level, &slot);
    /* relaxed: watchers read next_ns as a hint; the owner reads next_ns again
     * after a kick */
    wf_store(&wheel->next_ns,
             tick == UINT64_MAX ? WEFT_NEVER : tick << WF_WHEEL_SHIFT, relaxed);
}

bool
wf_wheel_arm(struct wf_wheel *wheel, struct wf_timer *timer,
             uint64_t deadline_ns)
{
    const uint64_t round =
        WF_MUTANT(timer_fires_early) ? 0 : ((uint64_t)1 << WF_WHEEL_SHIFT) - 1;
    wf_spin_lock(&wheel->lock);
    WF_DCHECK(!wf_link_queued(&timer->link));
    uint64_t tick = deadline_ns > UINT64_MAX - round
                        ? UINT64_MAX >> WF_WHEEL_SHIFT
                        : (deadline_ns + round) >> WF_WHEEL_SHIFT;
    timer->tick = tick > wheel->now ? tick : wheel->now + 1;
    timer->wheel = wheel;
    uint64_t before = wf_load(&wheel->next_ns, relaxed);
    file(wheel, timer);
    bool earlier = timer->tick << WF_WHEEL_SHIFT < before;
    if (earlier && !WF_MUTANT(earlier_timer_unnoted))
        note_next(wheel);
    wf_spin_unlock(&wheel->lock);
    return earlier;
}

bool
wf_timer_cancel(struct wf_timer *timer)
{
    struct wf_wheel *wheel = timer->wheel;
    if (!wheel)
        return false;
    wf_spin_lock(&wheel->lock);
    bool armed = wf_link_queued(&timer->link);
    if (armed) {
        /* A slot that becomes empty stays marked as used until `now` reaches
         * the slot. */
        wf_list_remove(&timer->link);
    }
    wf_spin_unlock(&wheel->lock);
    timer->wheel = NULL;
    return armed;
}

/* Open a slot that `now` has reached: fire the timers that are due, and move
 * the other timers to lower levels. Returns how many timers fired. */
static uint32_t
open_slot(struct wf_wheel *wheel, uint32_t level, uint32_t slot)
{
    uint32_t fired = 0;
    struct wf_list *list = &wheel->slots[level][slot];
    wheel->used[level] &= ~((uint64_t)1 << slot);
    struct wf_link *link;
    while ((link = wf_list_pop(list)) != NULL) {
        struct wf_timer *timer = WF_CONTAINER(link, struct wf_timer, link);
        if (timer->tick > wheel->now) {
            if (!WF_MUTANT(timer_not_moved))
                file(wheel, timer);
            continue;
        }
        timer->fire(timer);
        fired++;
    }
    return fired;
}

uint32_t
wf_wheel_advance(struct wf_wheel *wheel, uint64_t now_ns)
{
    uint64_t target = now_ns >> WF_WHEEL_SHIFT;
    uint32_t fired = 0, level, slot;
    if (now_ns < wf_load(&wheel->next_ns, relaxed))
        return 0;
    wf_spin_lock(&wheel->lock);
    uint64_t tick;
    while ((tick = first(wheel, &level, &slot)) <= target) {
        wheel->now = tick;
        fired += open_slot(wheel, level, slot);
    }
    if (target > wheel->now)
        wheel->now = target;
    note_next(wheel);
    wf_spin_unlock(&wheel->lock);
    return fired;
}
