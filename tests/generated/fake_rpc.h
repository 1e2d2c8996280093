/* SPDX-License-Identifier: MIT */
/* In place of rpc: a call goes through bytes to the table that was registered
 * last, in this thread. */
#ifndef FAKE_RPC_H
#define FAKE_RPC_H

#include <weft/rpc.h>

struct fake_rpc {
    char name[64];
    const struct weft_service *service;
    const void *table;
    void *user;
    uint32_t n_calls;
    weft_err handler_err; /* what the last handler returned */
};

extern struct fake_rpc fake_rpc;

#endif
