/* SPDX-License-Identifier: MIT */
/* expect: weft_sem_give: the count would reach 2.32 */
#include <weft/fiber.h>

int
main(void)
{
    static struct weft_sem sem;
    weft_sem_give(&sem, UINT32_MAX);
    if (!weft_sem_try_take(&sem))
        return 0;
    weft_sem_give(&sem, 1); /* now the count is the maximum */
    weft_sem_give(&sem, 1);
    return 0;
}
