/* SPDX-License-Identifier: MIT */
/* Follows one value in a registry, whichever registry that is. A source is
 * etcd:HOST:PORT/KEY, consul:HOST:PORT/KEY[?QUERY] or
 * zk:ADDRESS[,ADDRESS].../PATH. */
#ifndef WEFT_UPSTREAM_VALUE_H
#define WEFT_UPSTREAM_VALUE_H

#include "upstream/registry.h"

/* WEFT_EADDRESS: the text is no such source. */
weft_err wf_value_check(const char *source) WEFT_CHECKED;

/*
 * Ask for the value, call on_value, wait for a change, and begin again, until
 * an error or a cancel of the task. A value that changes again and again is
 * read ten times a second at most. A value of more than 2 MiB may be an error
 * of the registry, too. The source is one that wf_value_check accepts. Blocks.
 * `why`, of WF_REGISTRY_WHY bytes, receives what failed. Errors: those of
 * wf_etcd_follow, wf_consul_follow and wf_zk_follow.
 */
weft_err wf_value_follow(const char *source, wf_on_value *on_value, void *user,
                         char *why) WEFT_CHECKED;

#endif
