/* SPDX-License-Identifier: MIT */
/* expect: weft_group_add: the count would reach 2.32 */
#include <weft/fiber.h>

int
main(void)
{
    static struct weft_group group;
    weft_group_add(&group, UINT32_MAX);
    weft_group_add(&group, 1);
    return 0;
}
