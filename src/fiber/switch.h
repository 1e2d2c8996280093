/* SPDX-License-Identifier: MIT */
/*
 * The jump from one stack to another. The jump is inlined for two reasons. The
 * compiler saves only the registers whose values are used after the jump. And
 * the processor's return predictor stays in step with the calls: if a function
 * is called on one stack and returns on another, the processor mispredicts the
 * returns that follow, and a jump takes 8 ns instead of 2 ns.
 *
 * The jump leaves two words on the old stack, from the stack pointer up: the
 * address to continue at, and the frame pointer. All other callee-saved
 * registers are declared as overwritten. The floating-point control words are
 * not switched: these words belong to the worker (docs/threads.md).
 */
#ifndef WEFT_FIBER_SWITCH_H
#define WEFT_FIBER_SWITCH_H

#include <stddef.h>
#include <stdint.h>

/* The number of words that wf_switch_make puts on a new stack. The number is
 * even, so the stack stays aligned to 16 bytes. */
#define WF_SWITCH_WORDS 4

/* Registers that compiled code uses only if AVX-512 is enabled. */
#ifdef __AVX512F__
#define WF_SWITCH_LOST                                                      \
    "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", \
        "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",      \
        "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7",
#else
#define WF_SWITCH_LOST
#endif

/* Save the stack pointer in *save_sp, and continue on the stack at `load_sp`.
 * Returns the `carry` of the jump that comes back. */
static inline __attribute__((always_inline)) void *
wf_switch(void **save_sp, void *load_sp, void *carry)
{
#if defined(__x86_64__)
    __asm__ volatile("leaq -128(%%rsp), %%rsp\n\t" /* skip the red zone */
                     "pushq %%rbp\n\t"
                     "leaq 1f(%%rip), %%rcx\n\t"
                     "pushq %%rcx\n\t"
                     "movq %%rsp, (%[save])\n\t"
                     "movq %[load], %%rsp\n\t"
                     "popq %%rcx\n\t"
                     "popq %%rbp\n\t"
                     "jmp *%%rcx\n"
                     "1:\n\t"
                     "leaq 128(%%rsp), %%rsp"
                     : "+a"(carry), [save] "+D"(save_sp), [load] "+S"(load_sp)
                     :
                     : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
                       "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3",
                       "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                       "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
                       WF_SWITCH_LOST "cc", "memory");
    return carry;
#elif defined(__aarch64__)
    register void *x0 __asm__("x0") = carry;
    register void **x1 __asm__("x1") = save_sp;
    register void *x2 __asm__("x2") = load_sp;
    __asm__ volatile(
        "adr x9, 1f\n\t"
        "stp x9, x29, [sp, #-16]!\n\t"
        "mov x10, sp\n\t"
        "str x10, [x1]\n\t"
        "mov sp, x2\n\t"
        "ldp x9, x29, [sp], #16\n\t"
        "br x9\n"
        "1:\n\t"
        "hint #36" /* bti j: a jump may end here */
        : "+r"(x0), "+r"(x1), "+r"(x2)
        :
        : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
          "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23",
          "x24", "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3",
          "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",
          "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",
          "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
    return x0;
#else
#error "weft knows x86-64 and aarch64"
#endif
}

/* The first code on a new stack. This code calls the function in the stack's
 * third word. The arguments are the stack's fourth word and the `carry` of the
 * first jump; see switch.c. */
void wf_switch_entry(void);

/* Prepare a new stack, which ends at `top`, a multiple of 16. Returns the stack
 * pointer for the first jump to the stack. `fn` must not return. */
static inline void *
wf_switch_make(void *top, void (*fn)(void *arg, void *carry), void *arg)
{
    uintptr_t *frame = (uintptr_t *)top - WF_SWITCH_WORDS;
    frame[0] = (uintptr_t)wf_switch_entry;
    frame[1] = 0;
    frame[2] = (uintptr_t)fn;
    frame[3] = (uintptr_t)arg;
    return frame;
}

#endif
