/* SPDX-License-Identifier: MIT */
#include "dialect.h"

#include <string.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    uint8_t framing;
    bool zlib;
    uint8_t around;
} framings[] = {
    {"framed", WEFT_FRAMED, false, WEFT_ALONE},
    {"unframed", WEFT_UNFRAMED, false, WEFT_ALONE},
    {"zlibframed", WEFT_FRAMED, true, WEFT_ALONE},
    {"zlib", WEFT_UNFRAMED, true, WEFT_ALONE},
    {"theader", WEFT_THEADER, false, WEFT_ALONE},
    {"theaderzlib", WEFT_THEADER, true, WEFT_ALONE},
    {"theaderinhttp", WEFT_THEADER, false, WEFT_IN_HTTP},
    {"theaderinzlib", WEFT_THEADER, false, WEFT_IN_ZLIB},
    {"ttheader", WEFT_TTHEADER, false, WEFT_ALONE},
    {"ttheaderframed", WEFT_TTHEADER_FRAMED, false, WEFT_ALONE},
    {"http", WEFT_HTTP, false, WEFT_ALONE},
};

static const char *const protocols[] = {
    [WEFT_BINARY] = "binary",
    [WEFT_COMPACT] = "compact",
    [WEFT_JSON] = "json",
    [WEFT_OLD_BINARY] = "old",
};

/* Does the text begin with this word, and then a dash or the end? */
static bool
is_word(const char *text, const char *word)
{
    size_t len = strcspn(text, "-");
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

static bool
parse_framing(const char *word, struct weft_dialect *dialect)
{
    for (size_t i = 0; i < N(framings); i++)
        if (is_word(word, framings[i].name)) {
            dialect->framing = framings[i].framing;
            dialect->zlib = framings[i].zlib;
            dialect->around = framings[i].around;
            return true;
        }
    return false;
}

static bool
parse_protocol(const char *word, struct weft_dialect *dialect)
{
    for (size_t i = 0; i < N(protocols); i++)
        if (is_word(word, protocols[i])) {
            dialect->protocol = (uint8_t)i;
            return true;
        }
    return false;
}

bool
dialect_parse(const char *name, struct weft_dialect *dialect, bool *mux)
{
    *mux = is_word(name, "mux");
    if (*mux)
        name += strlen("mux-");
    const char *dash = strchr(name, '-');
    return dash && parse_framing(name, dialect) &&
           parse_protocol(dash + 1, dialect);
}

const char *
dialect_name(struct weft_arena *arena, struct weft_dialect dialect)
{
    for (size_t i = 0; i < N(framings); i++)
        if (framings[i].framing == dialect.framing &&
            framings[i].zlib == dialect.zlib &&
            framings[i].around == dialect.around &&
            dialect.protocol < N(protocols))
            return weft_arena_printf(arena, "%s-%s", framings[i].name,
                                     protocols[dialect.protocol])
                .ptr;
    return "unknown";
}
