/* SPDX-License-Identifier: MIT */
/*
 * Fails the n-th allocation, or all from the n-th on. The test program includes
 * weft's .c files, built with WEFT_SHIM, so it includes this file first.
 */
#ifndef WEFT_TESTS_UNIT_BUF_NOMEM_H
#define WEFT_TESTS_UNIT_BUF_NOMEM_H

#define WEFT_SHIM 1

#include "base/base.h"

struct wf_shim wf_shim;

static long nomem_left;    /* allocations until one fails */
static bool nomem_is_once; /* no later one fails */
static long nomem_failed;

static bool
nomem_fails(void)
{
    nomem_left--;
    bool fails = nomem_is_once ? nomem_left == 0 : nomem_left <= 0;
    nomem_failed += fails;
    return fails;
}

static void *
nomem_malloc(size_t n)
{
    return nomem_fails() ? NULL : malloc(n);
}

static void *
nomem_mmap(size_t n, int prot, int flags)
{
    if (nomem_fails())
        return NULL;
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void
nomem_begin(long n, bool is_once)
{
    nomem_left = n;
    nomem_is_once = is_once;
    nomem_failed = 0;
    wf_shim.malloc = nomem_malloc;
    wf_shim.mmap = nomem_mmap;
}

/* Returns how many allocations failed since nomem_begin. */
static long
nomem_end(void)
{
    wf_shim.malloc = NULL;
    wf_shim.mmap = NULL;
    return nomem_failed;
}

#endif
