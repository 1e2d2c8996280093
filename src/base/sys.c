/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>

#ifdef WEFT_SHIM
struct wf_shim wf_shim;
#endif
#ifdef WEFT_SIM
void (*wf_sim_step)(void);
bool (*wf_sim_maybe)(const char *name);
#endif

__attribute__((noinline)) weft_err
wf_errno(void)
{
    return -errno;
}

/* ---- memory ---- */

WF_GLOBAL _Atomic uint8_t wf_memory;

/* Written before wf_memory becomes WF_MEMORY_USER, never later. */
static WF_GLOBAL struct weft_allocator allocator;

weft_err
weft_set_allocator(const struct weft_allocator *a)
{
    static WF_GLOBAL _Atomic bool claimed;
    if (wf_load(&wf_memory, acquire) != WF_MEMORY_FRESH ||
        wf_xchg(&claimed, true, acq_rel))
        return -EBUSY;
    allocator = *a;
    uint8_t fresh = WF_MEMORY_FRESH;
    /* release: pairs with the loads in wf_sys_malloc and wf_malloc_slow. The
     * exchange fails if weft has allocated memory meanwhile. */
    return wf_cas(&wf_memory, &fresh, WF_MEMORY_USER, acq_rel) ? WEFT_OK
                                                               : -EBUSY;
}

void *
wf_malloc_slow(size_t n)
{
    uint8_t fresh = WF_MEMORY_FRESH;
    (void)wf_cas(&wf_memory, &fresh, WF_MEMORY_LIBC, acq_rel);
    if (wf_load(&wf_memory, acquire) == WF_MEMORY_LIBC)
        return malloc(n);
    return allocator.alloc(n, allocator.user);
}

void
wf_free_slow(void *p)
{
    if (p)
        allocator.free(p, allocator.user);
}

void *
wf_sys_zalloc(size_t n)
{
    void *p = wf_sys_malloc(n);
    if (p)
        memset(p, 0, n);
    return p;
}

void *
wf_sys_zalloc_line(size_t n, void **memory)
{
    const uintptr_t line = 64;
    *memory = wf_sys_zalloc(n + line - 1);
    uintptr_t at = (uintptr_t)*memory;
    return *memory ? (void *)((at + line - 1) & ~(line - 1)) : NULL;
}

void
wf_spin_rest(int i)
{
    const struct timespec moment = {.tv_nsec = 50000};
    if (i < 128)
        (void)wf_sys_sched_yield();
    else
        (void)wf_sys_nanosleep(&moment);
}

void
wf_sys_nap(void)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    (void)wf_sys_nanosleep(&ms);
}

/* FUTEX_WAIT_BITSET takes `until` as a point in time; FUTEX_WAIT takes a
 * duration. */
static int
futex(void *word, int op, uint32_t value, const struct timespec *until)
{
    WF_SHIM(futex, (word, op, value, until))
    long r = syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until,
                     NULL, FUTEX_BITSET_MATCH_ANY);
    return r < 0 ? wf_errno() : (int)r;
}

int
wf_sys_futex_wait(void *word, uint32_t value, uint64_t until_ns)
{
    struct timespec until = wf_timespec_of(until_ns);
    return futex(word, FUTEX_WAIT_BITSET, value,
                 until_ns == WEFT_NEVER ? NULL : &until);
}

void
wf_sys_futex_wake(void *word, uint32_t n)
{
    (void)futex(word, FUTEX_WAKE, n, NULL);
}

int
wf_sys_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    WF_SHIM(thread, (thread, run, arg))
    static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL,
                                      SIGTRAP, SIGSYS, SIGABRT};
    sigset_t mask, old;
    sigfillset(&mask);
    for (size_t i = 0; i < sizeof synchronous / sizeof *synchronous; i++)
        sigdelset(&mask, synchronous[i]);
    pthread_sigmask(SIG_SETMASK, &mask, &old);
    int err = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return -err;
}

int
wf_sys_spawn(pid_t *pid, const char *file,
             const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attr, const char *const *argv,
             const char *const *environment)
{
    WF_SHIM(spawn, (pid, file, actions, attr, argv, environment))
    char *const *own = environ;
    char *const *given = (char *const *)(uintptr_t)environment;
    return -posix_spawnp(pid, file, actions, attr,
                         (char *const *)(uintptr_t)argv, given ? given : own);
}

ssize_t
wf_sys_write_quietly(int fd, const void *buf, size_t n)
{
    const struct timespec now = {.tv_sec = 0};
    sigset_t set, old, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigemptyset(&pending);
    (void)sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    ssize_t done = wf_sys_write(fd, buf, n);
    if (done == -EPIPE && !sigismember(&pending, SIGPIPE))
        (void)sigtimedwait(&set, NULL, &now);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return done;
}

void
wf_sys_get_mask(sigset_t *mask)
{
    pthread_sigmask(SIG_SETMASK, NULL, mask);
}

void
wf_sys_set_mask(const sigset_t *mask)
{
    pthread_sigmask(SIG_SETMASK, mask, NULL);
}

int
wf_sys_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_ns)
{
    WF_SHIM(cond_wait, (cond, lock, until_ns))
    struct timespec until = wf_timespec_of(until_ns);
    return -pthread_cond_timedwait(cond, lock, &until);
}

static void
cond_wake(pthread_cond_t *cond, bool all)
{
    WF_SHIM(cond_wake, (cond, all))
    if (all)
        pthread_cond_broadcast(cond);
    else
        pthread_cond_signal(cond);
}

void
wf_sys_cond_signal(pthread_cond_t *cond)
{
    cond_wake(cond, false);
}

void
wf_sys_cond_broadcast(pthread_cond_t *cond)
{
    cond_wake(cond, true);
}

void
wf_sys_lock(pthread_mutex_t *lock)
{
    WF_SHIM(lock, (lock))
    pthread_mutex_lock(lock);
}

void
wf_sys_unlock(pthread_mutex_t *lock)
{
    WF_SHIM(unlock, (lock))
    WF_DCHECK(pthread_mutex_trylock(lock) == EBUSY); /* the lock is held */
    pthread_mutex_unlock(lock);
}

static void
end_thread(pthread_t thread, bool wait)
{
    WF_SHIM(thread_end, (thread, wait))
    if (wait)
        pthread_join(thread, NULL);
    else
        pthread_detach(thread);
}

void
wf_sys_join(pthread_t thread)
{
    end_thread(thread, true);
}

void
wf_sys_detach(pthread_t thread)
{
    end_thread(thread, false);
}

int
wf_sys_key_make(pthread_key_t *key, void (*leave)(void *))
{
    WF_SHIM(key_make, (key, leave))
    return -pthread_key_create(key, leave);
}

int
wf_sys_key_set(pthread_key_t key, const void *value)
{
    WF_SHIM(key_set, (key, value))
    return -pthread_setspecific(key, value);
}

void
wf_sys_stack(void **low, size_t *size)
{
    WF_SHIM(stack, (low, size))
    pthread_attr_t attr;
    if (pthread_getattr_np(pthread_self(), &attr))
        abort();
    pthread_attr_getstack(&attr, low, size);
    pthread_attr_destroy(&attr);
}

int
wf_sys_pin(pthread_t thread, uint32_t nth)
{
    WF_SHIM(pin, (thread, nth))
    cpu_set_t may, one;
    int err = wf_sys_affinity(&may);
    if (err)
        return err;
    nth %= (uint32_t)CPU_COUNT(&may);
    size_t core = 0;
    while (!CPU_ISSET(core, &may) || nth-- > 0)
        core++;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    return -pthread_setaffinity_np(thread, sizeof one, &one);
}

uint32_t
wf_sys_cores(void)
{
    cpu_set_t may;
    return wf_sys_affinity(&may) ? 1 : (uint32_t)CPU_COUNT(&may);
}

size_t
wf_sys_page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

const char *
wf_sys_getenv(const char *name)
{
    return getenv(name);
}

uint64_t
wf_sys_random(void)
{
    WF_SHIM(random, ())
    uint64_t v;
    if (getrandom(&v, sizeof v, GRND_NONBLOCK) != sizeof v)
        v = wf_sys_now_ns() * 0x9e3779b97f4a7c15u;
    return v;
}

int
wf_move_descriptor(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return moved;
}
