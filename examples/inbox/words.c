/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdbool.h>
#include <stdio.h>

#define COUNT(x) (sizeof(x) / sizeof *(x))

static const char *const names[] = {
    "Ada",   "Bruno", "Chen",  "Dilek", "Elif",  "Farid", "Grace",
    "Hedy",  "Ines",  "Jomo",  "Karin", "Luis",  "Mei",   "Noor",
    "Oskar", "Priya", "Quim",  "Rosa",  "Sofie", "Tariq", "Ursula",
    "Vera",  "Wim",   "Xenia", "Yuki",  "Zoe"};

static const char *const things[] = {
    "red thread", "shuttle", "loom",  "spare key", "map", "blue ribbon",
    "ladder",     "kettle",  "piano", "bicycle",   "cat", "green door",
    "umbrella",   "radio",   "cake",  "first page"};

static const char *const places[] = {
    "in the attic",  "at the café",   "by the river", "on the night train",
    "at the market", "in the garden", "upstairs",     "under the bridge"};

/* The text before the thing, between thing and place, and after the place. */
static const char *const sayings[][3] = {
    {"Has anyone seen the ", "? I looked ", "."},
    {"I left the ", " ", ", sorry!"},
    {"Bring the ", ", we meet ", "."},
    {"The ", " is ", " again."},
    {"No idea about the ", ", I am ", "."},
    {"Yes! The ", " belongs ", "."},
    {"Who put the ", " ", "?"},
    {"Found it: the ", " was ", " all the time."}};

uint64_t
words_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

const char *
words_name(int64_t user)
{
    return names[(uint64_t)user % COUNT(names)];
}

uint32_t
words_say(char text[WORDS_MAX + 1], int64_t user, uint32_t n)
{
    uint64_t state = (uint64_t)user << 32 | n;
    const char *thing = things[words_random(&state) % COUNT(things)];
    const char *place = places[words_random(&state) % COUNT(places)];
    const char *const *said = sayings[words_random(&state) % COUNT(sayings)];
    bool is_long = words_random(&state) % 64 == 0; /* repeat the sentence */
    size_t len = 0;
    do
        len += (size_t)snprintf(text + len, WORDS_MAX + 1 - len, "%s%s%s%s%s%s",
                                len ? " " : "", said[0], thing, said[1], place,
                                said[2]);
    while (is_long && len < WORDS_MAX - 200);
    return (uint32_t)len;
}
