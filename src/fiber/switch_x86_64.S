/* SPDX-License-Identifier: MIT */
/*
 * void *wf_switch(void **save_sp, void *load_sp, void *carry)
 *
 * Push what the System V ABI lets a callee keep, store the stack pointer, take
 * the other one, pop the same and return carry there. The floating-point
 * control words are not switched: they belong to the worker (docs/threads.md).
 *
 * A new stack is prepared by wf_context_make as if it had called wf_switch from
 * wf_switch_entry, with the function in rbx and its argument in r12; carry is
 * the second one.
 */
    .text
    .globl wf_switch
    .hidden wf_switch
    .type wf_switch, @function
    .align 16
wf_switch:
    .cfi_startproc
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rdx, %rax
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .cfi_endproc
    .size wf_switch, . - wf_switch

    .globl wf_switch_entry
    .hidden wf_switch_entry
    .type wf_switch_entry, @function
    .align 16
wf_switch_entry:
    .cfi_startproc
    .cfi_undefined rip /* the outermost frame */
    movq %r12, %rdi
    movq %rax, %rsi
    call *%rbx
    ud2
    .cfi_endproc
    .size wf_switch_entry, . - wf_switch_entry

    .section .note.GNU-stack, "", @progbits
