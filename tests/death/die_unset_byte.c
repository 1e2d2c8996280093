/* SPDX-License-Identifier: MIT */
/* MSan reports a branch that depends on an uninitialised byte, although the
 * byte went through a chain of the library. */
/* only with: -fsanitize=memory */
/* expect: use-of-uninitialized-value */
#include "buf/buf.h"

#include <stdlib.h>

int
main(void)
{
    uint8_t *bytes = malloc(8);
    struct weft_chain chain = {0};
    uint8_t seen[8];
    if (!bytes || weft_chain_append(&chain, bytes, 8))
        return 0;
    free(bytes);
    if (weft_chain_copy_out(&chain, 0, seen, 8) == 8 && seen[3] == 1)
        weft_chain_clear(&chain);
    return 0;
}
