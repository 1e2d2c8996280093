/* SPDX-License-Identifier: MIT */
/* Chooses the fault that is planted; see mutant.h. */
#include "base/mutant.h"

#ifdef WF_MUTANTS
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The variable is WF_GLOBAL, so that each simulated host begins with the value
 * that choose() has set. */
WF_GLOBAL enum wf_mutant wf_mutant;

/* Runs before main, when no simulated host exists. */
__attribute__((constructor)) static void
choose(void)
{
    static const char *const names[] = {
        "none",
#define MUTANT(name, text) #name,
#include "base/mutants.def"
#undef MUTANT
    };
    const char *wanted = wf_sys_getenv("WEFT_MUTANT");
    size_t n = sizeof names / sizeof *names, i = 0;
    while (wanted && i < n && strcmp(names[i], wanted) != 0)
        i++;
    if (i == n) {
        fprintf(stderr, "WEFT_MUTANT: no mutant `%s`\n", wanted);
        exit(2);
    }
    wf_mutant = (enum wf_mutant)i;
}
#endif
