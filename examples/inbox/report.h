/* SPDX-License-Identifier: MIT */
/* The output of the demo: progress while it runs, then figures and a
 * conversation. */
#ifndef INBOX_REPORT_H
#define INBOX_REPORT_H

#include "crowd.h"

/* Show a bar on standard error, if that is a terminal, until the stop. */
void report_progress_start(struct crowd *crowd);
void report_progress_stop(void);

/* Print how often a call was made, and how long it took. Sorts the times. */
void report_calls(struct crowd *crowd, enum crowd_call call, double seconds);

/* Print the last messages of a conversation with many members. */
void report_talk(struct crowd *crowd);

#endif
