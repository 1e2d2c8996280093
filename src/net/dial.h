/* SPDX-License-Identifier: MIT */
#ifndef WEFT_NET_DIAL_H
#define WEFT_NET_DIAL_H

#include "base/base.h"

/* Connect to the first of an address's addresses that answers. Waits. Returns a
 * non-blocking descriptor, or an error as weft_dial. */
int wf_dial(const char *address, uint64_t deadline_ns) WEFT_CHECKED;

/* Has the text the form of an address? WEFT_EADDRESS. Looks no name up. */
weft_err wf_address_check(const char *address) WEFT_CHECKED;

/* Send small messages at once. Harmless on a unix socket. */
void wf_no_delay(int fd);

#endif
