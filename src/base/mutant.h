/* SPDX-License-Identifier: MIT */
/*
 * Faults that a test plants into the code of weft. WF_MUTANT(name) is true
 * while the mutant of that name is chosen; the code that tests WF_MUTANT(name)
 * is then wrong in the way that mutants.def says. In the ordinary library
 * WF_MUTANT is the constant false, so the compiler removes the faulty code.
 *
 * The library for tests/sim/mutants is compiled with WF_MUTANTS, from copies of
 * the sources into which tests/sim/plant has planted more faults. The library
 * contains all faults, and the environment variable WEFT_MUTANT chooses one of
 * them when the program starts.
 */
#ifndef WEFT_BASE_MUTANT_H
#define WEFT_BASE_MUTANT_H

#include <stdbool.h>

#ifdef WF_MUTANTS
enum wf_mutant {
    WF_MUTANT_none,
#define MUTANT(name, text) WF_MUTANT_##name,
#include "base/mutants.def"
#undef MUTANT
};
extern enum wf_mutant wf_mutant;
#define WF_MUTANT(name) (wf_mutant == WF_MUTANT_##name)
#else
#define WF_MUTANT(name) false
#endif

#endif
