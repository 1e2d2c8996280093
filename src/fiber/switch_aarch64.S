/* SPDX-License-Identifier: MIT */
/*
 * void *wf_switch(void **save_sp, void *load_sp, void *carry)
 *
 * Store what the AAPCS64 lets a callee keep (x19..x30, d8..d15) and the stack
 * pointer, take the other one, load the same and return carry there. The
 * floating-point control register is not switched: it belongs to the worker
 * (docs/threads.md).
 *
 * A new stack is prepared by wf_context_make as if it had called wf_switch from
 * wf_switch_entry, with the function in x19 and its argument in x20; carry is
 * the second one.
 */
    .text
    .globl wf_switch
    .hidden wf_switch
    .type wf_switch, %function
    .align 4
wf_switch:
    .cfi_startproc
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov x0, x2
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
    .cfi_endproc
    .size wf_switch, . - wf_switch

    .globl wf_switch_entry
    .hidden wf_switch_entry
    .type wf_switch_entry, %function
    .align 4
wf_switch_entry:
    .cfi_startproc
    .cfi_undefined x30 /* the outermost frame */
    mov x1, x0
    mov x0, x20
    blr x19
    brk #0
    .cfi_endproc
    .size wf_switch_entry, . - wf_switch_entry

    .section .note.GNU-stack, "", %progbits
