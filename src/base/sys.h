/* SPDX-License-Identifier: MIT */
/*
 * The only place where weft calls the system: every system call, clock read,
 * random number, thread start and allocation is a function of this file. In
 * production these functions are the real calls, inlined. In a library built
 * with WEFT_SHIM a test may set functions in wf_shim, which are called instead
 * of the real calls. So the test can let the n-th call fail, let a call
 * transfer fewer bytes, or simulate a call.
 *
 * These calls are not in this file: the init and destroy of mutexes and
 * conditions, and pthread_once, because they touch only memory; the calls that
 * end the process (check.c, mutant.c); and the output of weft_struct_print to
 * the FILE of its caller.
 *
 * wf_errno() reads errno, and must be called right after the call that failed.
 * A compiler may keep the address of errno over a switch of fibers, although
 * the fiber may run on another thread after the switch. So wf_errno() is not
 * inlined.
 */
#ifndef WEFT_BASE_SYS_H
#define WEFT_BASE_SYS_H

#include <weft/base.h>

#include "base/atomic.h"
#include "base/state.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Returns -errno. Not inlined, for the reason given at the head of this
 * file. */
weft_err wf_errno(void);

/*
 * Move a new descriptor away from the numbers 0 to 2. The kernel gives these
 * numbers to new descriptors if the program has closed its standard streams,
 * and text that is printed to a standard stream must not reach a peer. Returns
 * the moved descriptor; on an error returns -1 and sets errno.
 */
int wf_move_descriptor(int fd);

static inline int
wf_off_standard(int fd)
{
    return WEFT_LIKELY(fd < 0 || fd > 2) ? fd : wf_move_descriptor(fd);
}

#ifdef WEFT_SHIM
/* If an entry is NULL, the real call is made. The entries may be set only while
 * no other thread runs. */
struct wf_shim {
#define WF_SYS(type, name, params, args, real) type(*name) params;
#include "base/sys.def"
#undef WF_SYS
    void *(*mmap)(size_t n, int prot, int flags);
    void *(*map_fd)(int fd, size_t n, off_t offset);
    void *(*malloc)(size_t n);
    void (*free)(void *p);
    uint64_t (*now_ns)(void);
    int (*getaddrinfo)(const char *host, const char *port,
                       const struct addrinfo *hints, struct addrinfo **found);
    int (*futex)(void *word, int op, uint32_t value,
                 const struct timespec *until);
    int (*cond_wait)(pthread_cond_t *cond, pthread_mutex_t *lock,
                     uint64_t until_ns);
    void (*cond_wake)(pthread_cond_t *cond, bool all);
    void (*lock)(pthread_mutex_t *lock);
    void (*unlock)(pthread_mutex_t *lock);
    int (*spawn)(pid_t *pid, const char *file,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attr, const char *const *argv,
                 const char *const *environment);
    int (*thread)(pthread_t *thread, void *(*run)(void *), void *arg);
    void (*thread_end)(pthread_t thread, bool wait);
    int (*pin)(pthread_t thread, uint32_t nth);
    int (*key_make)(pthread_key_t *key, void (*leave)(void *));
    int (*key_set)(pthread_key_t key, const void *value);
    void (*stack)(void **low, size_t *size);
    uint64_t (*random)(void);
};
extern struct wf_shim wf_shim;
#define WF_SHIM(name, args) \
    if (wf_shim.name)       \
        return wf_shim.name args;
#else
#define WF_SHIM(name, args)
#endif

#define WF_SYS(type, name, params, args, real)                        \
    static inline type wf_sys_##name params                           \
    {                                                                 \
        WF_SHIM(name, args)                                           \
        type wf_result = real;                                        \
        return WEFT_UNLIKELY(wf_result < 0) ? wf_errno() : wf_result; \
    }
#include "base/sys.def"
#undef WF_SYS

/* Map anonymous memory. NULL: no memory. */
static inline void *
wf_sys_mmap(size_t n, int prot, int flags)
{
    WF_SHIM(mmap, (n, prot, flags))
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Map `n` bytes of a descriptor. The process and the kernel share this memory.
 * NULL: the call failed. */
static inline void *
wf_sys_map_fd(int fd, size_t n, off_t offset)
{
    WF_SHIM(map_fd, (fd, n, offset))
    int flags = MAP_SHARED | MAP_POPULATE;
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, flags, fd, offset);
    return p == MAP_FAILED ? NULL : p;
}

/* Which allocator weft uses: the user's, if weft_set_allocator is called before
 * the first allocation; else the allocator of libc. The choice never
 * changes. */
enum wf_memory { WF_MEMORY_FRESH, WF_MEMORY_LIBC, WF_MEMORY_USER };
extern _Atomic uint8_t wf_memory;

/* wf_malloc_slow allocates if wf_memory is WF_MEMORY_FRESH or WF_MEMORY_USER.
 * wf_free_slow frees with the user's allocator. */
void *wf_malloc_slow(size_t n);
void wf_free_slow(void *p);

static inline void *
wf_sys_malloc(size_t n)
{
    WF_SHIM(malloc, (n))
    /* acquire: pairs with the exchange in weft_set_allocator */
    if (WEFT_LIKELY(wf_load(&wf_memory, acquire) == WF_MEMORY_LIBC))
        return malloc(n);
    return wf_malloc_slow(n);
}

static inline void
wf_sys_free(void *p)
{
#ifdef WEFT_SHIM
    if (wf_shim.free) {
        wf_shim.free(p);
        return;
    }
#endif
    /* relaxed: `p` was allocated after wf_memory got its last value, and a
     * thread that has got `p` sees this value */
    if (WEFT_LIKELY(wf_load(&wf_memory, relaxed) != WF_MEMORY_USER))
        free(p);
    else
        wf_free_slow(p);
}

/* Allocate zeroed memory. NULL: no memory. */
void *wf_sys_zalloc(size_t n);

/* As wf_sys_zalloc, but the result is aligned to a cache line of 64 bytes. The
 * caller must free *memory, not the result. */
void *wf_sys_zalloc_line(size_t n, void **memory);

static inline struct timespec
wf_timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
                             .tv_nsec = (long)(ns % 1000000000u)};
}

static inline uint64_t
wf_sys_now_ns(void)
{
    WF_SHIM(now_ns, ())
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* As wf_sys_now_ns, but cheaper; the result may be some milliseconds old. */
static inline uint64_t
wf_sys_coarse_ns(void)
{
    WF_SHIM(now_ns, ())
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Look up the addresses of a host. Returns 0 or an EAI_ number. The look-up of
 * a name may take very long. */
static inline int
wf_sys_getaddrinfo(const char *host, const char *port,
                   const struct addrinfo *hints, struct addrinfo **found)
{
    WF_SHIM(getaddrinfo, (host, port, hints, found))
    return getaddrinfo(host, port, hints, found);
}

/* True if a test or the simulator answers look-ups in the place of the host's
 * name servers, which then must not be asked. */
static inline bool
wf_sys_answers_names(void)
{
#ifdef WEFT_SHIM
    return wf_shim.getaddrinfo != NULL;
#else
    return false;
#endif
}

/*
 * futex(2) on the memory of one process. wf_sys_futex_wait returns 0, -EAGAIN,
 * -EINTR or -ETIMEDOUT. `until_ns` is a point in monotonic time; with
 * WEFT_NEVER the wait has no time-out.
 */
int wf_sys_futex_wait(void *word, uint32_t value, uint64_t until_ns);
void wf_sys_futex_wake(void *word, uint32_t n);

/* Sleep for a millisecond. */
void wf_sys_nap(void);

/* Start a thread that blocks all signals except those that a fault in the
 * thread itself raises. Returns 0 or -errno. */
int wf_sys_thread(pthread_t *thread, void *(*run)(void *), void *arg);

/* wf_sys_join waits for the end of a thread. wf_sys_detach declares that nobody
 * will wait for the thread. */
void wf_sys_join(pthread_t thread);
void wf_sys_detach(pthread_t thread);

/* As posix_spawnp. If `environment` is NULL, the child gets the environment of
 * this process. Returns 0 or -errno. */
int wf_sys_spawn(pid_t *pid, const char *file,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attr, const char *const *argv,
                 const char *const *environment);

/* As wf_sys_write, but without SIGPIPE. */
ssize_t wf_sys_write_quietly(int fd, const void *buf, size_t n);

/* Lock and unlock a mutex of threads. Such a mutex is never held over a switch
 * of fibers. */
void wf_sys_lock(pthread_mutex_t *lock);
void wf_sys_unlock(pthread_mutex_t *lock);

/* Wait for a condition until `until_ns`, a point in monotonic time; with
 * WEFT_NEVER the wait has no time-out. Returns 0 or -ETIMEDOUT. */
int wf_sys_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
                     uint64_t until_ns);
void wf_sys_cond_signal(pthread_cond_t *cond);
void wf_sys_cond_broadcast(pthread_cond_t *cond);

/* Make a key of thread-local values. When a thread ends and its value is not
 * NULL, `leave` is called with this value. Returns 0 or -errno. */
int wf_sys_key_make(pthread_key_t *key, void (*leave)(void *));
int wf_sys_key_set(pthread_key_t key, const void *value);

/* Find the stack of the calling thread: *low receives the lowest address, and
 * *size receives the number of bytes. */
void wf_sys_stack(void **low, size_t *size);

/* Get and set the signal mask of the calling thread. */
void wf_sys_get_mask(sigset_t *mask);
void wf_sys_set_mask(const sigset_t *mask);

/* Bind a thread to one of the cores that the caller may use. These cores are
 * numbered from 0; the core is `nth` modulo their number. Returns 0 or
 * -errno. */
int wf_sys_pin(pthread_t thread, uint32_t nth);

/* Returns how many cores the calling thread may use; 1 if the kernel does not
 * say. */
uint32_t wf_sys_cores(void);

size_t wf_sys_page_size(void);

/* Returns the value of an environment variable, or NULL. */
const char *wf_sys_getenv(const char *name);

/* Returns a number that a peer cannot predict, for hash seeds and jitter, not
 * for secret keys. */
uint64_t wf_sys_random(void);

#endif
