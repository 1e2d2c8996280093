/* SPDX-License-Identifier: MIT */
/* What the two halves of cpp_peer share. */
#ifndef WEFT_TESTS_CPP_PEER_H
#define WEFT_TESTS_CPP_PEER_H

#include "everything_constants.h"

#include <string>

static const everything::everythingConstants &c =
    everything::g_everything_constants;
static const int LONG_MS = 20000;

using Nested =
    std::map<int32_t, std::vector<std::map<std::string, std::set<int16_t>>>>;

struct Target {
    std::string host;
    int port;
    bool framed;
};

/* Both throw when something is wrong; serve returns in no other way. */
void serve(bool framed);
void call(const Target &target);

#endif
