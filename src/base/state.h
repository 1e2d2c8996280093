/* SPDX-License-Identifier: MIT */
/*
 * Marks mutable state. Each variable of src/ that outlives a function is
 * marked, as global or as local to a thread. In the ordinary library the marks
 * mean just this. In the simulator's build they collect the variables in two
 * sections: one holds the state of a process, the other that of a thread. So
 * the simulator can replace the contents of a section when another simulated
 * host or thread runs. scripts/check-layers refuses a variable without a mark.
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
