/* SPDX-License-Identifier: MIT */
/* expect: weft_mutex_unlock: the mutex is not locked */
#include <weft/fiber.h>

int
main(void)
{
    static struct weft_mutex mutex;
    if (!weft_mutex_try_lock(&mutex))
        return 0;
    weft_mutex_unlock(&mutex);
    weft_mutex_unlock(&mutex);
    return 0;
}
