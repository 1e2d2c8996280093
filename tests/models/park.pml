/* spin: | pan: -DSAFETY -DCOLLAPSE -m1000000 */
/* broken: NO_RETRY NO_SECOND_LOOK EARLY_COMMIT NO_NOTICE KEEP_SEARCHING COUNT_LATE */
/*
 * Park, wake, and workers that fall asleep: src/fiber/park.c and sleep.c.
 *
 * Fiber 0 waits until all ringers, which are plain threads, have rung. Each one
 * wakes fiber 0, which checks again. Then fiber 0 starts fiber 1 and does not
 * leave its worker until fiber 1 has run, so another worker must take fiber 1.
 * Proved: fiber 0 never runs on two workers at once, and both fibers end, so no
 * wake-up is lost and no ready fiber is forgotten while all workers sleep.
 * Watchers are left out: they would only hide a lost wake-up.
 */
#ifndef RINGERS
#define WORKERS 3
#define RINGERS 1
#endif

mtype = { RUNNING, PARKED, NOTIFIED };

mtype state = RUNNING;  /* of fiber 0 */
byte rung;              /* how many have rung: fiber 0 waits for all */
bool on_stack, done0, done1;
byte ring[WORKERS];     /* ready fibers: bit 0, bit 1 */
byte shared_list;

byte searchers;
bool asleep[WORKERS];
short sleepers;
bool kick[WORKERS];

#define SIGHT (shared_list != 0 || ring[0] != 0 || ring[1] != 0 || ring[WORKERS - 1] != 0)

/* Choose a sleeper, clear its `asleep`, and kick it. */
inline wake_one() {
    if
    :: atomic { asleep[0] -> asleep[0] = false; at = 0 }
    :: atomic { asleep[1] -> asleep[1] = false; at = 1 }
    :: atomic { asleep[WORKERS - 1] -> asleep[WORKERS - 1] = false; at = WORKERS - 1 }
    :: else -> at = WORKERS
    fi;
    if
    :: at != WORKERS ->
        sleepers--;
        atomic { kick[at] = true; at = 0; woken = true }
    :: else ->
        /* No sleeper was left. Others may have relied on the searcher that
         * notify has counted, so it looks again (SIGHT). */
        atomic { searchers--; at = 0; woken = false }
    fi
}

inline notify() {
    do
    :: sleepers == 0 -> break
    :: else ->
        if
        :: atomic { searchers == 0 -> searchers = 1 };
            wake_one();
            if
            :: woken -> break
#ifndef NO_RETRY
            :: !woken && SIGHT -> skip
            :: else -> break
#else
            :: else -> break
#endif
            fi
        :: else -> break
        fi
    od
}

/* The worker has a fiber to run. */
inline found() {
    if
    :: searching ->
#ifndef KEEP_SEARCHING
        atomic { searchers--; searching = false; last = (searchers == 0) };
        if
        :: last && SIGHT -> last = false; notify()
        :: else -> last = false
        fi
#else
        skip
#endif
    :: !searching && ring[w] != 0 -> notify()
    :: else -> skip
    fi
}

/* Fiber 0 has left its stack to park. */
inline commit() {
#ifndef EARLY_COMMIT
    on_stack = false;
#endif
    if
    :: atomic { state == RUNNING -> state = PARKED }
#ifdef EARLY_COMMIT
        ; on_stack = false
#endif
    :: atomic { state == NOTIFIED -> state = RUNNING };
#ifdef EARLY_COMMIT
        on_stack = false;
#endif
        ring[w] = ring[w] | 1
    fi
}

inline run_fiber_0() {
    atomic { assert(!on_stack); on_stack = true };
    do
    :: rung == RINGERS -> /* start fiber 1, and keep the worker */
        ring[w] = ring[w] | 2;
        notify();
        (done1);
        done0 = true;
        on_stack = false;
        break
    :: else ->
        if
#ifndef NO_NOTICE
        :: atomic { state == NOTIFIED -> state = RUNNING }
        :: state != NOTIFIED -> commit(); break
#else
        :: on_stack = false; state = PARKED; break
#endif
        fi
    od
}

#define TAKE(from) \
    :: from & 1 -> from = from & 2; fiber = 0 \
    :: !(from & 1) && (from & 2) -> from = from & 1; fiber = 1

/* Take a fiber from the worker's own ring or the shared list. */
inline next() {
    atomic {
        if
        TAKE(ring[w])
        TAKE(shared_list)
        :: else -> fiber = 255
        fi
    }
}

/* Search all rings in one step: what a slower search would miss is found by the
 * second look. */
inline search() {
    atomic {
        if
        TAKE(shared_list)
        TAKE(ring[0])
        TAKE(ring[1])
        TAKE(ring[WORKERS - 1])
        :: else -> fiber = 255
        fi
    }
}

inline sleep() {
    if
    :: atomic { !searching -> searchers++; searching = true }
    :: else -> skip
    fi;
    search();
    if
    :: fiber == 255 ->
#ifdef COUNT_LATE
        searchers--;
        searching = false;
        if
        :: SIGHT -> skip
        :: else -> asleep[w] = true; sleepers++;
end1:       (kick[w] || !asleep[w]); kick[w] = false
        fi;
#else
        asleep[w] = true;
        sleepers++;
        atomic { searchers--; searching = false };
        if
#ifndef NO_SECOND_LOOK
        :: SIGHT -> found_work = true
#endif
        :: else ->
end2:       (kick[w] || !asleep[w]); kick[w] = false
        fi;
#endif
        if
        :: atomic { asleep[w] -> asleep[w] = false }; sleepers--;
            if
            :: atomic { found_work -> searchers++; searching = true }
            :: else -> skip
            fi
        :: else -> searching = true /* the waker has counted it */
        fi;
        found_work = false
    :: else -> skip
    fi
}

proctype worker(byte w) {
    byte fiber, at;
    bool searching, last, woken, found_work;
    do
    :: next();
        if
        :: fiber == 255 -> sleep()
        :: else -> skip
        fi;
        if
        :: fiber != 255 -> found()
        :: else -> skip
        fi;
        if
        :: fiber == 0 -> run_fiber_0()
        :: fiber == 1 -> done1 = true
        :: else -> skip
        fi;
        fiber = 255
    od
}

/* A plain thread: change the condition, then wake. */
proctype ringer() {
    byte at;
    bool parked, woken;
    rung++;
    atomic {
        parked = (state == PARKED);
        state = (parked -> RUNNING : NOTIFIED)
    };
    if
    :: parked -> atomic { assert(!(shared_list & 1)); shared_list = shared_list | 1 };
        notify()
    :: else -> skip
    fi
}

init {
    byte n;
    atomic {
        ring[0] = 1;
        do
        :: n == WORKERS -> break
        :: else -> run worker(n); n++
        od;
        n = 0;
        do
        :: n == RINGERS -> break
        :: else -> run ringer(); n++
        od
    };
    (done0 && done1)
}
