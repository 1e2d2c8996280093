"""What the scripts of this project must accept, and what they must refuse."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"

GOOD_DOC = """
/**
 * Send bytes.
 *
 * Shape    len in bytes
 * Owner    ptr is borrowed for the call
 * Blocks   never     Thread  any
 * Errors   none
 */
"""


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_script(self, name, *arguments):
        done = subprocess.run([SCRIPTS / name, *map(str, arguments)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def accepts(self, name, *arguments):
        code, output = self.run_script(name, *arguments)
        self.assertEqual(code, 0, output)

    def refuses(self, name, *arguments, saying):
        code, output = self.run_script(name, *arguments)
        self.assertNotEqual(code, 0, output)
        self.assertIn(saying, output)


class Circles(Case):
    def test_calls_one_way(self):
        self.write("src/net/read.c", "int\nwf_read(void)\n{\n    wf_sock();\n}\n")
        self.write("src/net/sock.c", "int\nwf_sock(void)\n{\n    struct wf_read r;\n"
                   "    /* wf_read( */ log(\"wf_read(\");\n}\n")
        self.accepts("check-circles", self.root)

    def test_a_circle(self):
        self.write("src/net/a.c", "int\nwf_a(void)\n{\n    wf_b();\n}\n")
        self.write("src/net/b.c", "int\nwf_b(void)\n{\n    wf_c();\n}\n")
        self.write("src/net/c.c", "int\nwf_c(void)\n{\n    p = wf_a;\n}\n")
        self.refuses("check-circles", self.root, saying="src/net/a, src/net/b, "
                     "src/net/c: call each other in a circle")
        self.write("scripts/circles.txt", "src/net: a b c :: one proof\n")
        self.accepts("check-circles", self.root)
        self.write("scripts/circles.txt", "src/net: a b c\n")
        self.refuses("check-circles", self.root, saying="no reason in")

    def test_a_circle_that_was_opened(self):
        self.write("src/net/a.c", "int\nwf_a(void)\n{\n}\n")
        self.write("scripts/circles.txt", "src/net: a b :: one proof\n")
        self.refuses("check-circles", self.root, saying="are no circle")


    def test_a_header_belongs_to_its_file(self):
        inline = "static inline int\nwf_x(int n)\n{\n    return %s(n);\n}\n"
        macro = "#define WF_X(n) \\\n    %s(n)\n"
        self.write("src/net/b.c", "int\nwf_b(int n)\n{\n    return wf_a(n);\n}\n")
        self.write("src/net/a.c", "int\nwf_a(int n)\n{\n    return n;\n}\n")
        self.write("src/net/a.h", "int wf_b(int n); /* in b.c */\n")
        self.accepts("check-circles", self.root)
        for code in inline, macro:
            self.write("src/net/a.h", code % "wf_b")
            self.refuses("check-circles", self.root,
                         saying="src/net/a, src/net/b: call each other in a circle")
        self.write("src/net/a.h", inline % "wf_a")
        self.accepts("check-circles", self.root)

    def test_a_header_alone_is_a_unit(self):
        self.write("src/net/x.h", "static inline int\nwf_x(int n)\n{\n"
                   "    return wf_b(n);\n}\n")
        self.write("src/net/b.c", "int\nwf_b(int n)\n{\n    return wf_x(n);\n}\n")
        self.refuses("check-circles", self.root,
                     saying="src/net/b, src/net/x: call each other in a circle")


class Layers(Case):
    def test_to_the_left_through_the_module_header(self):
        self.write("src/net/read.c", '#include "net/poll.h"\n'
                   '#include "fiber/fiber.h"\n#include <weft/buf.h>\n')
        self.write("compiler/parse/lex.c", '#include "parse/lex.h"\n'
                   '#include "report/report.h"\n#include "base/base.h"\n')
        self.write("compiler/load.c", '#include "session.h"\n'
                   '#include "parse/parse.h"\n')
        self.write("src/codec/json/str.c", '#include "codec/codec.h"\n'
                   '#include "codec/json/scan.h"\n'
                   '#include "codec/binary/binary.h"\n')
        self.write("src/codec/proto.c", '#include "codec/json/json.h"\n')
        self.accepts("check-layers", self.root)

    def test_to_the_right(self):
        self.write("src/fiber/park.c", '#include "net/net.h"\n')
        self.refuses("check-layers", self.root, saying="fiber may not include net")

    def test_to_the_right_by_the_public_header(self):
        self.write("src/codec/cut.c", "#include <weft/rpc.h>\n")
        self.refuses("check-layers", self.root, saying="codec may not include rpc")

    def test_public_header_to_the_right(self):
        self.write("include/weft/buf.h", "#include <weft/net.h>\n")
        self.refuses("check-layers", self.root, saying="buf may not include net")

    def test_sub_folder_to_the_right(self):
        self.write("src/codec/binary/skip.c", '#include "codec/json/json.h"\n')
        self.refuses("check-layers", self.root,
                     saying="codec/binary may not include codec/json")
        self.write("src/codec/binary/skip.c", "")
        self.write("compiler/parse/lex.c", '#include "emit/emit.h"\n')
        self.refuses("check-layers", self.root,
                     saying="compiler/parse may not include compiler/emit")

    def test_past_the_module_header_of_a_sub_folder(self):
        self.write("src/codec/json/str.c", '#include "codec/binary/skip.h"\n')
        self.refuses("check-layers", self.root, saying="the module header of "
                     "codec/binary is codec/binary/binary.h")
        self.write("src/codec/json/str.c", "")
        self.write("compiler/load.c", '#include "parse/parser.h"\n')
        self.refuses("check-layers", self.root, saying="the module header of "
                     "compiler/parse is compiler/parse/parse.h")

    def test_sub_folder_to_what_lies_above_it(self):
        self.write("compiler/emit/emit.c", '#include "session.h"\n')
        self.refuses("check-layers", self.root,
                     saying="compiler/emit knows of compiler only compiler/wc.h")

    def test_past_the_module_header(self):
        self.write("src/net/read.c", '#include "fiber/worker.h"\n')
        self.refuses("check-layers", self.root,
                     saying="the module header of fiber is fiber/fiber.h")

    def test_state_without_a_mark(self):
        for line in ("static int count;", "static struct slab tasks =",
                     "static struct {", "_Atomic bool wf_due;",
                     "static const char *last;", "int wf_n[4] = {1};",
                     "    static bool done;", "static _Thread_local int x;"):
            self.write("src/net/read.c", line + "\n")
            self.refuses("check-layers", self.root, saying="no WF_GLOBAL")

    def test_state_with_a_mark_and_what_is_no_state(self):
        self.write("src/net/read.c", "static WF_GLOBAL int count;\n"
                   "static WF_THREAD_LOCAL struct task *self;\n"
                   "static const struct ops ops = {\n"
                   "static const char *const names[] = {\n"
                   "static struct task *\nfind(int id)\n{\n    int n = 0;\n"
                   "static void wake(struct task *task);\n"
                   "struct task;\nextern int wf_n;\ntypedef int number;\n"
                   "struct {\n    int x;\n};\nint wf_get(void);\n")
        self.accepts("check-layers", self.root)

    def test_around_the_house(self):
        self.write("src/net/read.c", '#include "../fiber/fiber.h"\n')
        self.refuses("check-layers", self.root, saying="may not include ..")


class Docs(Case):
    PROTOTYPE = "void weft_send(struct weft_x *x, const void *ptr, size_t len);\n"

    def header(self, text):
        self.write("include/weft/base.h", text)
        return self.run_script("check-docs", "--write", self.root)

    def test_good(self):
        self.assertEqual(self.header(GOOD_DOC + self.PROTOTYPE), (0, ""))
        self.accepts("check-docs", self.root)

    def test_each_line_is_demanded(self):
        for label in ("Shape", "Owner", "Blocks", "Thread", "Errors"):
            doc = GOOD_DOC.replace(label + "  ", "gone  ")
            code, output = self.header(doc + self.PROTOTYPE)
            self.assertEqual(code, 1)
            self.assertIn(f"weft_send: no line {label}", output)

    def test_owner_and_shape_only_where_they_say_something(self):
        doc = "/** Go.\n * Blocks   never     Thread  any     Errors  none */\n"
        self.assertEqual(self.header(doc + "int weft_go(int n);\n"), (0, ""))

    def test_tables_of_contents(self):
        self.write("src/net/read.c", "/* Reads. */\n")
        self.write("src/net/sub/sub.h", "/* Sub. */\n#ifndef SUB_H\n#endif\n")
        for head, saying in (
                ("/* All.\n *   read.c   reads bytes\n */", "what sub/ is for"),
                ("/* All: sub/ */", "what read.c is for"),
                ("/* sub/, read.h */\n#ifndef N_H\n/* read.c */", ""),
                ("/* sub/\n *   read.h   reads bytes\n *   old.c   gone away\n */",
                 "names old.c, which is not there"),
                ("/* sub/\n *   read.h   x\n */", "read.h in less than two words"),
                ("/* sub/\n *   read.h   x y\n */", "in less than two words"),
                ("/* sub/\n *   read.h\n */", "in less than two words"),
                ("/* read.h\n *   sub/   reads\n */", "in less than two words"),
                ("/* sub/\n *   read.h   reads\n *            bytes\n */", "")):
            self.write("src/net/net.h", head + "\n#ifndef N_H\n#endif\n")
            code, output = self.run_script("check-docs", "--write", self.root)
            self.assertEqual(code, int(bool(saying)), output)
            self.assertIn(saying, output)

    def test_what_waits_has_a_twin(self):
        doc = "/** Go.\n * Shape x\n * Blocks   {}     Thread  any     Errors  none */\n"
        waits, never = doc.format("until done"), doc.format("never")
        twin = "int weft_go_until(uint64_t deadline_ns);\n"
        self.assertEqual(self.header(never + "int weft_go(int n);\n"), (0, ""))
        self.assertIn("weft_go waits, and has no twin weft_go_until",
                      self.header(waits + "int weft_go(int n);\n")[1])
        for good in ("int weft_go(int n);\n" + twin, "void weft_x_free(int n);\n",
                     "int weft_go(struct weft_call_options o);\n"):
            self.assertNotIn("twin", self.header(waits + good)[1], good)

    def test_no_comment(self):
        self.assertIn("weft_a: no doc comment", self.header("int weft_a(void);\n")[1])

    def test_comment_is_shared_without_a_blank_line(self):
        pair = "int weft_a(void);\nint weft_b(void);\n"
        self.assertEqual(self.header(GOOD_DOC + pair), (0, ""))
        apart = pair.replace(";\n", ";\n\n")
        self.assertIn("weft_b: no doc", self.header(GOOD_DOC + apart)[1])

    def test_stages_are_named_by_the_files_that_do_them(self):
        self.header(GOOD_DOC + self.PROTOTYPE)
        self.write("docs/journey.md", "## poll\n\n`src/net/poll.c`.\n\n"
                   "## The way back\n\n`src/rpc/client.c`.\n")
        self.write("src/net/poll.c", "/* Waits for events. */\n")
        self.refuses("check-docs", self.root,
                     saying="no file that it names says `Stage: poll`")
        self.write("src/net/poll.c", "/* Stage: poll. Waits. */\n")
        self.accepts("check-docs", self.root)
        self.write("src/net/read.c", "/* Stages: poll, read. Reads. */\n")
        self.refuses("check-docs", self.root, saying="no stage `read`")

    def test_a_file_says_what_it_is_for(self):
        self.header(GOOD_DOC + self.PROTOTYPE)
        licence = "/* SPDX-License-Identifier: MIT */\n"
        for folder in "src/net", "compiler/emit", "tool", "idl", "sim":
            for end in ".c", ".h":
                file = self.write(f"{folder}/new{end}",
                                  licence + '#include "x.h"\n\n/* Later. */\n')
                self.refuses("check-docs", self.root,
                             saying=f"{folder}/new{end}: no comment at its head")
                file.write_text(licence + "/* Tells. */\n#include <x.h>\n")
                self.accepts("check-docs", self.root)

    def test_the_head_of_a_header_is_enough(self):
        self.header(GOOD_DOC + self.PROTOTYPE)
        self.write("src/net/new.h", "/* Tells. */\n")
        self.write("src/net/new.c", "int x;\n")
        self.accepts("check-docs", self.root)
        self.write("src/net/new.h", "/* SPDX-License-Identifier: MIT */\n")
        self.refuses("check-docs", self.root, saying="new.c: no comment")

    def test_a_long_file_says_why_it_is_one(self):
        self.header(GOOD_DOC + self.PROTOTYPE)
        self.write("tool/new.c", "/* Tells. */\n" + "\n" * 399)
        self.accepts("check-docs", self.root)
        for head in "/* Tells. */\n", "/* Tells. */\n#include <x.h>\n" \
                "/* One file, because. */\n":
            self.write("tool/new.c", head + "\n" * 400)
            self.refuses("check-docs", self.root,
                         saying="new.c: more than 400 lines")
        self.write("tool/new.c", "/* Tells. One file, because it is a proof. */"
                   + "\n" * 401)
        self.accepts("check-docs", self.root)

    def test_reference_goes_stale(self):
        self.header(GOOD_DOC + self.PROTOTYPE)
        self.write("include/weft/base.h",
                   GOOD_DOC.replace("Send", "Post") + self.PROTOTYPE)
        self.refuses("check-docs", self.root, saying="out of date")


class DocCode(Case):
    def test_blocks(self):
        root = SCRIPTS.parent
        code, output = self.run_script("check-doc-code", self.root)
        self.assertEqual(code, 0, output)
        for line in output.splitlines():
            for word in line.split():
                if not word.startswith("pkg="):
                    self.assertTrue(pathlib.Path(word).is_file(), word)


class CMake(Case):
    SOURCE = SCRIPTS.parent

    def cmake(self, *arguments):
        done = subprocess.run(["cmake", *map(str, arguments)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def test_what_weft_generate_does_not_know(self):
        for words in "b.thrift", "EMBED-IDL":
            script = self.write("a.cmake", f"""
                include({self.SOURCE}/cmake/WeftGenerate.cmake)
                weft_generate(t a.thrift {words})
                """)
            code, output = self.cmake("-P", script)
            self.assertNotEqual(code, 0)
            self.assertIn(f"`{words}`", output)

    def test_all_that_is_installed_is_built(self):
        code, output = self.cmake("-G", "Ninja", "-S", self.SOURCE, "-B",
                                  self.root, "-DWEFT_SIM=ON",
                                  "-DWEFT_TESTS=OFF", "-DWEFT_SHARED=ON")
        self.assertEqual(code, 0, output)
        built = subprocess.check_output(
            ["ninja", "-C", self.root, "-t", "query", "all"], text=True)
        for library in "weft.a", "weft-idl.a", "weft-sim.a":
            self.assertIn(f"lib{library}\n", built)


class Death(Case):
    def died(self, body, expect="boom"):
        program = self.write("die.sh", f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        source = self.write("die.c", f"/* expect: {expect} */\n")
        return "expect-death", source, program

    def test_dies_with_the_words(self):
        self.accepts(*self.died("echo boom >&2; exit 3"))

    def test_dies_by_the_signal(self):
        self.accepts(*self.died("kill -SEGV $$", "killed by SIGSEGV"))

    def test_lives(self):
        self.refuses(*self.died("echo boom"), saying="exit code 0")

    def test_dies_in_silence(self):
        self.refuses(*self.died("exit 3"), saying="exit code 3")


@unittest.skipUnless(shutil.which("spin"), "no spin")
class Spin(Case):
    def model(self, body, flags="/* spin: | pan: -m1000 */"):
        return "run-spin", self.write("m.pml", f"{flags}\n{body}\n")

    def test_holds(self):
        self.accepts(*self.model("active proctype p() { assert(1) }"))

    def test_fails(self):
        self.refuses(*self.model("active proctype p() { assert(0) }"),
                     saying="assertion violated")

    def test_cut_short(self):
        count = "byte n; active proctype p() { do :: n < 200 -> n++ od }"
        self.refuses(*self.model(count, "/* spin: | pan: -E -m50 */"),
                     saying="too small")

    def test_no_flags(self):
        self.refuses(*self.model("", "/* a model */"), saying="first line")


@unittest.skipUnless(shutil.which("cc") and shutil.which("ar"), "no cc")
class Exports(Case):
    def archive(self, name):
        source = self.write("x.c", f"int {name};\nstatic int hidden;\n"
                            "int *wf_x(void) { return &hidden; }\n")
        subprocess.run(["cc", "-c", source, "-o", self.root / "x.o"], check=True)
        subprocess.run(["ar", "rc", self.root / "x.a", self.root / "x.o"],
                       check=True)
        return self.root / "x.a"

    def test_ours(self):
        self.accepts("check-exports", self.archive("weft_ok"))

    def test_stray(self):
        self.refuses("check-exports", self.archive("helper"), saying="helper")

    def test_shared(self):
        source = self.write("x.c", "int weft_ok; int wf_inside; int stray;\n")
        self.write("x.map", "WEFT_0 { global: *; };\n")
        self.write("good.map", "WEFT_0 { global: weft_*; local: *; };\n")
        for script, refused in (("x.map", "wf_inside"), ("good.map", None)):
            library = self.root / "x.so"
            subprocess.run(["cc", "-shared", "-fPIC", source, "-o", library,
                            f"-Wl,--version-script={self.root / script}"],
                           check=True)
            if refused:
                self.refuses("check-exports", library, saying=refused)
            else:
                self.accepts("check-exports", library)


if __name__ == "__main__":
    unittest.main()
