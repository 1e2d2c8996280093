"""Decoding and encoding beside Apache's C++ library."""
import subprocess

from ._harness import Failed, pinned
from ._rows import Row

ORDER = 60
TITLE = "The codec beside Apache Thrift C++"
WHAT = """codec_beside decodes and encodes the same orders on one core with
weft and with Apache's C++ library, compiled from one IDL with the same flags.
First both have to agree on every byte, then they take turns within each round.
"fixed" is one message of 439 bytes, with 18 strings and 3 containers; "mixed"
is 4,096 different messages. A ratio is Apache's time divided by weft's."""

# How many times as fast as Apache weft is meant to be, by protocol.
BOUNDS = {"binary": 8, "compact": None, "JSON": 3}
COLUMNS = ("bytes", "weft", "apache", "times", "best", "times_best", "least",
           "times_least")


def run(bench):
    program = bench.peer("codec/codec_beside",
                         "libthrift-dev, thrift-compiler, g++")
    if not program:
        return []
    done = subprocess.run([str(program), str(bench.rounds)], text=True,
                          stdout=subprocess.PIPE, preexec_fn=pinned(bench.here))
    if done.returncode:
        raise Failed("codec_beside failed")
    return [parse(line) for line in done.stdout.splitlines()[2:]]


def parse(line):
    words = line.split()
    row = dict(zip(COLUMNS, map(float, words[3:]), strict=True))
    return {"set": words[0], "protocol": words[1], "way": words[2], **row}


def rows(result):
    return [Row(f"{r['set']} {r['protocol']} {r['way']}", r["weft"], "ns",
                BOUNDS[r["protocol"]], ratio_to="Apache",
                ratio=r["times"], base=r["apache"], at_least=True, peer=True)
            for r in result] + beside_binary(result)


def beside_binary(result):
    weft = {(r["set"], r["way"], r["protocol"]): r["weft"] for r in result}
    return [Row(f"{kind} compact {way}", ns, "ns", 1.5, ratio_to="binary",
                ratio=ns / weft[kind, way, "binary"],
                base=weft[kind, way, "binary"])
            for (kind, way, protocol), ns in weft.items()
            if protocol == "compact"]


def plots(result, plot):
    ways = {way: {f"{r['set']} {r['protocol']}": r["times"]
                  for r in result if r["way"] == way}
            for way in ("decode", "encode")}
    if result:
        plot.bars("codec", "How many times faster than Apache Thrift C++",
                  ways, line=1)
