/* SPDX-License-Identifier: MIT */
/*
 * Measures what boost.context's fibers cost, as bench/fiber_costs.c does: the
 * best of several runs, as one line of JSON.
 */
#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace ctx = boost::context;

static constexpr int runs = 7, rounds = 400000;

static void
jumps()
{
    ctx::fiber other([](ctx::fiber &&back) {
        for (;;)
            back = std::move(back).resume();
        return std::move(back);
    });
    for (int i = 0; i < rounds; i++)
        other = std::move(other).resume();
}

static void
starts()
{
    ctx::pooled_fixedsize_stack stacks(65536);
    for (int i = 0; i < rounds; i++) {
        ctx::fiber one(std::allocator_arg, stacks, [](ctx::fiber &&back) {
            return std::move(back);
        });
        one = std::move(one).resume();
    }
}

static double
best_ns(void (*run)(), double n)
{
    double best = 1e18;
    for (int i = 0; i < runs; i++) {
        auto began = std::chrono::steady_clock::now();
        run();
        std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - began;
        best = std::min(best, took.count() / n);
    }
    return best;
}

int
main()
{
    std::printf("{\"context_jump_ns\":%.1f,\"start_finish_ns\":%.1f}\n",
                best_ns(jumps, 2.0 * rounds), best_ns(starts, rounds));
}
