/* SPDX-License-Identifier: MIT */
/* expect: weft_mutex_unlock: the mutex is not locked */
/* A wait for a condition unlocks a mutex, which the caller must hold. */
#include <weft/fiber.h>

int
main(void)
{
    static struct weft_mutex mutex;
    static struct weft_cond cond;
    (void)!weft_cond_wait_until(&cond, &mutex, 1);
    return 0;
}
