/* SPDX-License-Identifier: MIT */
/* Replaces the folder rpc: a call is encoded, decoded, and passed to the table
 * that this thread registered last. */
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
