/* SPDX-License-Identifier: MIT */
/* Connects to an address, and sets the options of a TCP socket. */
#ifndef WEFT_NET_DIAL_H
#define WEFT_NET_DIAL_H

#include "base/base.h"

/* Connect to an address. If a name has several addresses, connect to the
 * address that answers first. Waits. Returns a non-blocking descriptor, or one
 * of the errors of weft_dial. *is_looked_up is false until the addresses are
 * known, and then true. is_looked_up may be NULL. */
int wf_dial(const char *address, uint64_t deadline_ns,
            _Atomic bool *is_looked_up) WEFT_CHECKED;

/* Check that the text has the form of an address, without looking up a name.
 * WEFT_EADDRESS: the form is wrong. */
weft_err wf_address_check(const char *address) WEFT_CHECKED;

/* Let a connection fail with -ETIMEDOUT if the peer acknowledges nothing for
 * timeout_ms, whether or not bytes are under way; WEFT_NONE: the kernel's own
 * settings hold. Has no effect on a unix socket, whose peer cannot vanish. */
void wf_notice_dead_peer(int fd, uint32_t timeout_ms);

/* Let the kernel send small messages at once. Has no effect on a unix
 * socket. */
void wf_no_delay(int fd);

#endif
