/* SPDX-License-Identifier: MIT */
/*
 * Makes calls, for callgrind: count_calls WAY AT_ONCE ROUNDS, where WAY is wire
 * (a plain thread) or fibers (weft's client). Server and caller are in one
 * process, so both are counted. The plain thread adds little: for each reply it
 * makes two system calls and searches the bytes.
 */
#include "echo_calls.h"

#include <string.h>

int
main(int argc, char **argv)
{
    struct echo_place place;
    if (argc != 4)
        return 2;
    alarm(800);
    echo_open(&place, NULL);
    (strcmp(argv[1], "wire") ? fiber_calls : wire_calls)(&place, atoi(argv[3]),
                                                         atoi(argv[2]));
    echo_close(&place);
    return 0;
}
