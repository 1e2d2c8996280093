/* SPDX-License-Identifier: MIT */
/*
 * The first code that runs on a new stack; see wf_switch_make. Its unwind
 * information says that this code has no caller.
 */
#include "fiber/switch.h"

__asm__(".text\n"
        ".balign 16\n"
        ".globl wf_switch_entry\n"
        ".hidden wf_switch_entry\n"
        "wf_switch_entry:\n"
        ".cfi_startproc\n"
#if defined(__x86_64__)
        ".type wf_switch_entry, @function\n"
        ".cfi_undefined rip\n"
        "popq %rcx\n"
        "popq %rdi\n"
        "movq %rax, %rsi\n"
        "call *%rcx\n"
        "ud2\n"
#else
        ".type wf_switch_entry, %function\n"
        ".cfi_undefined x30\n"
        "hint #36\n" /* bti j */
        "mov x1, x0\n"
        "ldp x9, x0, [sp], #16\n"
        "blr x9\n"
        "brk #0\n"
#endif
        ".cfi_endproc\n"
        ".size wf_switch_entry, . - wf_switch_entry\n");
