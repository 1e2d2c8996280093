/* SPDX-License-Identifier: MIT */
/* expect: weft_group_done: no work is under way */
#include <weft/fiber.h>

int
main(void)
{
    static struct weft_group group;
    weft_group_add(&group, 1);
    weft_group_done(&group);
    weft_group_done(&group);
    return 0;
}
