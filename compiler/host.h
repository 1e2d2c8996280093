/* SPDX-License-Identifier: MIT */
/* A host that reads and writes real files. */
#ifndef WC_HOST_H
#define WC_HOST_H

#include "wc.h"

#include <stdlib.h>

#define WC_MAX_DIRS 256

struct wc_dirs {
    const char *search[WC_MAX_DIRS];
    size_t n_search;
};

/** Add a directory to search; false: there are too many directories. */
bool wc_dirs_add(struct wc_dirs *dirs, const char *dir);

/** Make the host; `dirs` is borrowed. */
struct wc_host wc_file_host(struct wc_dirs *dirs);

#endif
