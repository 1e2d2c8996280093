/* SPDX-License-Identifier: MIT */
/*
 * Apache Thrift's C++ library as a server and as a client of Peer.
 *
 * cpp_peer --version
 * cpp_peer serve --framed|--unframed
 * cpp_peer call  --framed|--unframed HOST:PORT
 *
 * A server prints "port N" once it listens; a client prints "checks N" once all
 * went well, and ends with 1 at the first that did not.
 */
#include "cpp_peer.h"

#include <thrift/config.h>

#include <iostream>
#include <tuple>

/* Apache declares this for keys and leaves it to the user. */
bool
everything::Point::operator<(const Point &other) const
{
    return std::tie(x, y) < std::tie(other.x, other.y);
}

int
main(int argc, char **argv)
{
    std::string action = argc > 1 ? argv[1] : "";
    bool framed = argc > 2 && std::string(argv[2]) == "--framed";
    std::string address = argc > 3 ? argv[3] : "";
    size_t colon = address.rfind(':');
    try {
        if (action == "--version")
            std::cout << "libthrift " << PACKAGE_VERSION << std::endl;
        else if (action == "serve")
            serve(framed);
        else if (action == "call" && colon != std::string::npos)
            call({address.substr(0, colon),
                  std::stoi(address.substr(colon + 1)), framed});
        else
            return 2;
    } catch (const std::exception &error) {
        std::cerr << "cpp_peer: " << error.what() << std::endl;
        return 1;
    }
    return 0;
}
