#include "greeting.h"
#include <stdio.h>
#include <weft/weft.h>

int
main(void)
{
    struct greeting_Greeting g = {.text = WEFT_STR("hello")};
    printf("%.*s at %llu\n", WEFT_FMT(g.text),
           (unsigned long long)weft_now_ns());
    return 0;
}
