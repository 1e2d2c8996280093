/* spin: | pan: -DSAFETY -DCOLLAPSE -m1000000 */
/* broken: FREE_EARLY NO_SPIN SPLIT_GIVE_UP NO_REVERSE */
/*
 * The write queue: src/net/write.c. Three producers push two nodes each. The
 * one that finds the queue empty gets the write right. At any time the kernel
 * may take no more; then the right passes to the keeper. After the socket has
 * failed, nodes are dropped instead of written, which is the same step here
 * (finish). The address of a freed node is used again.
 *
 * Proved: one holder at a time; nodes are written in the order of the pushes'
 * exchanges; each is freed once, written or dropped; in the end nothing is left
 * and the right is free. Spin knows no weak memory: the orders are argued at
 * the head of write.c.
 */
#define PRODUCERS 3
#define EACH 2
#define NODES 4 /* addresses of nodes */
#define NIL 255
#define UNLINKED 254

byte next[NODES];
byte number[NODES];     /* its place in the order of pushes */
bool used[NODES];
byte newest = NIL;
byte first = NIL;       /* the oldest node of the holder */
byte pushed, finished, freed;
byte holders;
bool keep;

/* Take the lowest free address, so that freed addresses are used again soon. */
inline alloc() {
    atomic {
        if
        :: !used[0] -> node = 0
        :: used[0] && !used[1] -> node = 1
        :: used[0] && used[1] && !used[2] -> node = 2
        :: used[0] && used[1] && used[2] && !used[3] -> node = 3
        fi;
        used[node] = true;
        next[node] = UNLINKED
    }
}

inline free(x) {
    atomic { assert(used[x]); used[x] = false; freed++ }
}

/* The node is written or dropped, in the order of pushes. */
inline finish(x) {
    atomic { assert(used[x] && number[x] == finished); finished++ }
}

/* Try to give the right up. `last` is the newest node that the holder has
 * finished. */
inline give_up() {
    last = first;
    first = NIL;
#ifdef FREE_EARLY
    free(last);
#endif
#ifdef SPLIT_GIVE_UP
    older = newest;
    if
    :: older == last -> newest = NIL; holders--; done = true
    :: else -> done = false
    fi;
#else
    atomic {
        older = newest;
        if
        :: older == last -> newest = NIL; holders--; done = true
        :: else -> done = false
        fi
    };
#endif
    if
    :: done -> skip
    :: else ->
        newer = NIL;
        do
        :: older == last -> break
        :: else ->
#ifndef NO_SPIN
            (next[older] != UNLINKED);
#endif
            assert(next[older] != UNLINKED);
#ifdef NO_REVERSE
            newer = older;
            older = last;
#else
            atomic {
                mark = next[older];
                next[older] = newer;
                newer = older;
                older = mark;
                mark = 0
            }
#endif
        od;
        first = newer
    fi;
#ifndef FREE_EARLY
    free(last);
#endif
    last = 0; older = 0; newer = 0
}

inline hold() {
    do
    :: keep = true; break /* the kernel takes no more */
    :: finish(first);
        if
        :: next[first] != NIL ->
            older = next[first];
            free(first);
            first = older;
            older = 0
        :: else ->
            give_up();
            if
            :: done -> break
            :: else -> skip
            fi
        fi
    od;
    done = false
}

proctype producer() {
    byte node, last, older, newer, mark, n;
    bool done;
    do
    :: n == EACH -> break
    :: else ->
        n++;
        alloc();
        atomic {
            older = newest;
            newest = node;
            number[node] = pushed;
            pushed++
        };
        if
        :: older != NIL -> atomic { next[node] = older; older = 0; node = 0 }
        :: else ->
            atomic { assert(holders == 0); holders++; older = 0 };
            next[node] = NIL;
            atomic { first = node; node = 0 };
            hold()
        fi
    od
}

/* The writer fiber: it waits until the kernel takes more. */
proctype keeper() {
    byte last, older, newer, mark;
    bool done;
end:
    do
    :: atomic { keep -> keep = false; assert(holders == 1) };
        finish(first);
        if
        :: next[first] != NIL ->
            older = next[first];
            free(first);
            first = older;
            older = 0;
            hold()
        :: else ->
            give_up();
            if
            :: done -> done = false
            :: else -> hold()
            fi
        fi
    od
}

init {
    atomic {
        run producer();
        run producer();
        run producer();
        run keeper()
    };
    (freed == PRODUCERS * EACH);
    assert(finished == freed && newest == NIL && !keep)
}
