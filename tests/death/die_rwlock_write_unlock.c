/* SPDX-License-Identifier: MIT */
/* expect: weft_rwlock_write_unlock: the lock is not held */
#include <weft/fiber.h>

int
main(void)
{
    static struct weft_rwlock lock;
    if (!weft_rwlock_try_read(&lock))
        return 0;
    weft_rwlock_write_unlock(&lock);
    return 0;
}
