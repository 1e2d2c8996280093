/* SPDX-License-Identifier: MIT */
/* Simulates the system calls of src/os (os_calls.c). */
#ifndef WEFT_SIM_OS_CALLS_H
#define WEFT_SIM_OS_CALLS_H

#include "base/base.h"

/* Put the simulated calls of src/os into the seam. */
void ws_os_install(void);

#endif
