"""What fibers cost, beside boost.context where it is installed."""
from ._rows import Row, compare, median

ORDER = 60
TITLE = "Fibers"
WHAT = """One worker runs on one core. In each round a number is the best of
seven runs in a process; the table has the median over the rounds. A jump is the
switch that a library for contexts offers, and boost.context is measured with
the same loop; a yield is a jump through the scheduler, to the next fiber in the
queue. If fibers yield at two places in the code, as fibers of different
functions do, the processor mispredicts where each of them returns to. The
memory of 100,000 parked fibers is resident memory with default sysctls."""

COSTS = [("context_jump_ns", "a switch: the jump alone", 15),
         ("yield_ns", "a switch: yield, through the scheduler", 15),
         ("yield_apart_ns", "the same between two places in the code", None),
         ("start_finish_ns", "starting and finishing", 60),
         ("start_join_ns", "starting and joining", None),
         ("mutex_hand_over_ns", "a mutex hand-over, with its yield", 100),
         ("mutex_free_ns", "a free mutex, lock and unlock", None),
         ("semaphore_there_and_back_ns", "a semaphore, there and back", None),
         ("channel_send_recv_ns", "a channel, send and receive", None)]


def run(bench):
    programs = {"weft": bench.program("fiber_costs")}
    boost = bench.peer("peers/boost_context", "libboost-context-dev")
    if boost:
        programs["boost.context"] = boost
    costs = bench.alternate(programs, lambda name: bench.tool(
        bench.here, programs[name]))
    many = bench.alternate(["weft"], lambda _: bench.tool(
        bench.here, bench.program("fiber_many")))
    return {"costs": costs, "many": many["weft"]}


def rows(result):
    costs, many = result["costs"], result["many"]
    made = [Row(what, median(costs["weft"], key), "ns", bound)
            for key, what, bound in COSTS]
    if "boost.context" in costs:
        made += [compare(f"{what}, beside boost.context", costs, key, "ns",
                         "weft", "boost.context", peer=True)
                 for key, what, _ in COSTS
                 if key in costs["boost.context"][0]]
    return made + [
        Row("100,000 parked fibers, each", median(many, "bytes_each"), "bytes",
            8192),
        Row("1,000,000 fibers started and ended", median(many, "seconds"), "s",
            1)]
