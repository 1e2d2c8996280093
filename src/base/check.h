/* SPDX-License-Identifier: MIT */
/*
 * Checks. Each check that fails aborts the process. WF_CHECK is in every build
 * and guards against states that corrupt memory. WF_DCHECK is only in debug
 * builds. WF_UNREACHABLE stands in code that is never executed, although the
 * compiler cannot know this. The text of WF_MISUSED names a public function and
 * says how the program has misused this function. No check tests the input of a
 * peer or a user.
 */
#ifndef WEFT_BASE_CHECK_H
#define WEFT_BASE_CHECK_H

#include <weft/base.h>

/* Set the function that returns the name of the calling fiber, or NULL. The
 * message of a failed check shows the name. The folder base cannot find the
 * name itself, because base does not include the folder fiber. */
void wf_check_names(const char *(*name)(void));

_Noreturn void wf_check_failed(const char *what, const char *file, int line);

#define WF_CHECK(cond) \
    (WEFT_LIKELY(cond) ? (void)0 : wf_check_failed(#cond, __FILE__, __LINE__))

#ifdef WEFT_DEBUG
#define WF_DCHECK(cond) WF_CHECK(cond)
#else
#define WF_DCHECK(cond) ((void)sizeof(!(cond)))
#endif

#define WF_UNREACHABLE() wf_check_failed("unreachable", __FILE__, __LINE__)
#define WF_MISUSED(what) wf_check_failed((what), __FILE__, __LINE__)

/* The value of the member `live` of an object until the object is freed. The
 * free changes `live`, so a second free finds another value. The second free is
 * not detected if the memory was used again meanwhile. `live` is not among the
 * first 32 bytes, which glibc overwrites in freed memory. volatile: a compiler
 * would leave out a store before a free. */
#define WF_LIVE 0x77656674u

static inline void
wf_live_check(const volatile uint32_t *live, const char *misused)
{
    if (WEFT_UNLIKELY(*live != WF_LIVE))
        WF_MISUSED(misused);
}

/* Gives the struct of type `type` whose member `member` lies at `ptr`. */
#define WF_CONTAINER(ptr, type, member) \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define WF_MIN(a, b) ((a) < (b) ? (a) : (b))
#define WF_MAX(a, b) ((a) > (b) ? (a) : (b))

#if defined(__SANITIZE_ADDRESS__)
#define WF_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WF_ASAN 1
#endif
#endif
#ifndef WF_ASAN
#define WF_ASAN 0
#endif

/* LSan searches a mapping for pointers only if the mapping is registered. In a
 * simulated host sim/host.c registers the mappings, because only sim/host.c can
 * also unregister them when the host ends. */
#ifdef WEFT_SIM
#define WF_LSAN 0
#else
#define WF_LSAN WF_ASAN
#endif

#if defined(__SANITIZE_THREAD__)
#define WF_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WF_TSAN 1
#endif
#endif
#ifndef WF_TSAN
#define WF_TSAN 0
#endif

#endif
