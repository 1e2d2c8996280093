/* SPDX-License-Identifier: MIT */
/*
 * Attributes of variables that outlive a function. Each such variable of src/
 * has one of two attributes: WF_GLOBAL or WF_THREAD_LOCAL. In the ordinary
 * library WF_GLOBAL is empty, and WF_THREAD_LOCAL is C's keyword for variables
 * of which each thread has its own. In the simulator's build the attributes put
 * the variables into two sections: one section holds the state of a process,
 * the other section holds the state of a thread. So the simulator can replace
 * the contents of a section when another simulated host or thread runs.
 * scripts/check-layers refuses a variable without an attribute.
 */
#ifndef WEFT_BASE_STATE_H
#define WEFT_BASE_STATE_H

#ifdef WEFT_SIM
#define WF_GLOBAL __attribute__((section("wf_global")))
#define WF_THREAD_LOCAL __attribute__((section("wf_thread")))
#else
#define WF_GLOBAL
#define WF_THREAD_LOCAL _Thread_local
#endif

#endif
