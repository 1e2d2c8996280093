/* SPDX-License-Identifier: MIT */
/*
 * Where mutable state lives. Each variable of src/ that outlives a function is
 * marked, as global or as local to a thread. In the ordinary library the marks
 * mean just that. In the simulator's build they collect the variables in two
 * sections: one holds the state of a process, the other that of a thread, so
 * that the simulator can put those of another simulated host or thread in their
 * place. scripts/check-layers refuses a variable without a mark.
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
