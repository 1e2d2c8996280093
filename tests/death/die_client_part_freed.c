/* SPDX-License-Identifier: MIT */
/* expect: weft_client_free: the client was given to another client */
/* A client in front of others owns them, so nobody else may free them. */
#include <weft/combine.h>

int
main(void)
{
    struct weft_client *part, *front;
    if (weft_client_new("127.0.0.1:1", NULL, &part) ||
        weft_client_select(&part, 1, NULL, &front))
        return 0;
    weft_client_free(part);
    return 0;
}
