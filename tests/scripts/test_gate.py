"""What check-tests and check-errors accept and refuse, and which faults
plant-faults plants."""
import errno
import importlib.machinery
import importlib.util
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"


def load(name):
    """Load a script without .py as a module."""
    loader = importlib.machinery.SourceFileLoader(
        name.replace("-", "_"), str(SCRIPTS / name))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Time(Case):
    """check-tests"""

    def says(self, line, path="tests/unit/new/test_new.c"):
        self.write(path, line + "\n")
        return subprocess.run([SCRIPTS / "check-tests", self.root], text=True,
                              stdout=subprocess.PIPE).stdout

    def test_sleeps_are_refused(self):
        for line in ("    usleep(2000);", "    sleep(1);",
                     "    MUST(!weft_sleep_ms(5));",
                     "    nanosleep(&a_moment, NULL);"):
            self.assertIn("test_new.c:1: sleep", self.says(line))

    def test_other_languages_are_read(self):
        for path, kind, line in (
                ("x.go", "sleep", "\ttime.Sleep(time.Second)"),
                ("x.go", "bound", "\tcheck(time.Since(began) < time.Second)"),
                ("X.java", "sleep", "    Thread.sleep(ms);"),
                ("X.java", "bound", "    check(System.nanoTime() - at < MAX);"),
                ("x.js", "sleep", "  setTimeout(done, ms)"),
                ("x.js", "bound", "  assert(Date.now() - began < 1500);"),
                ("x.pl", "sleep", "    select(undef, undef, undef, 0.1);"),
                ("x.rb", "sleep", "    sleep 0.1"),
                ("x.php", "bound", "    check(microtime(true) - $t < 1);"),
                ("run", "sleep", "while true; do sleep 1; done")):
            self.assertIn(f"{path}:1: {kind}",
                          self.says(line, f"tests/new/{path}"))
            (self.root / "tests/new" / path).unlink()

    def test_looking_again_is_accepted(self):
        self.assertEqual("", self.says(
            "    while (!seen(&s) && !weft_sleep_ms(1));"))

    def test_upper_bounds_are_refused(self):
        for line in ("    assert_true(weft_now_ns() - begun < 2 * S);",
                     "    assert_in_range(weft_now_ns() - begun, 0, 5 * MS);",
                     "    assert_in_range(a.took_ns, 40 * MS, 2000 * MS);",
                     "    assert_true(cpu_ns() - before < MAX_CPU_NS);"):
            self.assertIn("test_new.c:1: bound", self.says(line))

    def test_lower_bounds_are_accepted(self):
        self.assertEqual("", self.says(
            "    assert_true(weft_now_ns() - begun >= 50 * MS);"))


class Named(Case):
    """check-tests"""

    def says(self, *header):
        self.write("include/weft/x.h", "".join(
            f"/** Go. weft_go */\nWEFT_API {line}\n" for line in header))
        return subprocess.run([SCRIPTS / "check-tests", self.root], text=True,
                              stdout=subprocess.PIPE).stdout

    def test_what_no_program_names_is_refused(self):
        go = "const struct weft_box *\nweft_go(int n);"
        message = "include/weft/x.h: weft_go: no test, example or recipe names it\n"
        self.assertEqual(message, self.says(go))
        self.write("tests/unit/x/test_x.c", "/* weft_go(1) */ weft_goes(1);\n")
        self.write("docs/x.md", "`weft_go`\n\n```c\nweft_go(1);\n```\n")
        self.write("src/base/x.c", "int x = weft_go(1);\n")
        self.assertEqual(message, self.says(go))

    def test_what_a_program_names_is_accepted(self):
        for path, text in (
                ("tests/sim/x.c", "weft_go(1);\n"), ("bench/x.c", "weft_go(1);\n"),
                ("examples/x/x.c", "weft_go(1);\n"),
                ("docs/x.md", "```c compile\nweft_go(1);\n```\n"),
                ("README.md", "```c\nint main(void) { weft_go(1); }\n```\n")):
            self.write(path, text)
            self.assertEqual("", self.says("int weft_go(int n) WEFT_CHECKED;"), path)
            (self.root / path).unlink()

    def test_what_macros_and_generated_code_call_is_accepted(self):
        self.assertEqual("", self.says("int weft_bin_read_list(int n);",
                                       "void weft_sim_mark(int n);"))
        self.assertIn("weft_bin_read_all", self.says("int weft_bin_read_all(void);"))


class Errors(Case):
    """check-errors"""

    def says(self, listed, code):
        self.write("include/weft/x.h", "/**\n * Take.\n *\n * Errors   "
                   + listed + "\n */\nWEFT_API weft_err weft_take(int n);\n")
        self.write("src/base/x.c", code)
        return subprocess.run([SCRIPTS / "check-errors", self.root], text=True,
                              stdout=subprocess.PIPE).stdout

    def take(self, body):
        return f"weft_err\nweft_take(int n)\n{{\n{body}}}\n"

    def test_own_errors(self):
        code = self.take("    return n ? -EINVAL : WEFT_OK;\n")
        self.assertEqual("", self.says("-EINVAL: n", code))
        self.assertIn("-EINVAL", self.says("none", code))

    def test_errors_that_are_passed_on(self):
        code = "static weft_err\ndeep(int n)\n{\n    return WEFT_EFULL;\n}\n" \
            + self.take("    weft_err err = deep(n);\n    return err;\n")
        self.assertIn("WEFT_EFULL", self.says("-EINVAL", code))
        self.assertEqual("", self.says("-EINVAL,\n *          WEFT_EFULL", code))

    def test_errors_in_any_variable(self):
        for name in "e", "why":
            body = f"    weft_err {name} = WEFT_OK;\n    if (n)\n" \
                f"        {name} = WEFT_EFULL;\n"
            code = self.take(body + f"    return {name};\n")
            self.assertIn("WEFT_EFULL", self.says("-EINVAL", code))
            self.assertEqual("", self.says("WEFT_EFULL", code))
            kept = self.take(body + f"    note({name});\n    return WEFT_OK;\n")
            self.assertEqual("", self.says("none", kept))

    def test_a_comment_of_several_functions(self):
        self.write("include/weft/x.h", "/**\n * Take.\n *\n * Errors   -ENOMEM\n"
                   " */\nWEFT_API weft_err weft_take(int n) WEFT_CHECKED;\n"
                   "WEFT_API weft_err weft_other(int n);\n")
        self.write("src/base/x.c", self.take("    return -ENOMEM;\n").replace(
            "weft_take", "weft_other"))
        check = [SCRIPTS / "check-errors", self.root]
        self.assertEqual(0, subprocess.run(check, check=False).returncode)
        self.write("src/base/x.c", self.take("    return -EINVAL;\n").replace(
            "weft_take", "weft_other"))
        said = subprocess.run(check, text=True, stdout=subprocess.PIPE).stdout
        self.assertIn("weft_other can return -EINVAL", said)

    def test_an_int_is_a_count_or_an_error(self):
        self.write("include/weft/x.h", "/**\n * Errors   -EINVAL\n */\n"
                   "WEFT_API int weft_count(int n);\n\n"
                   "/** Errors   none */\nWEFT_API int weft_fd(int n);\n")
        self.write("src/base/x.c", "int\nweft_count(int n)\n{\n"
                   "    return n ? n : -EBADF;\n}\n\n"
                   "int\nweft_fd(int n)\n{\n    return n ? n : -EIO;\n}\n")
        check = [SCRIPTS / "check-errors", self.root]
        said = subprocess.run(check, text=True, stdout=subprocess.PIPE).stdout
        self.assertIn("weft_count can return -EBADF", said)
        self.assertNotIn("weft_fd", said)
        out = self.root / "seen.c", self.root / "seen.rsp"
        subprocess.run([SCRIPTS / "check-errors", "--wrap", *out, self.root],
                       check=True)
        self.assertEqual("-Wl,--wrap=weft_count\n", out[1].read_text())
        self.assertIn("int\n__wrap_weft_count(int n)", out[0].read_text())

    def test_made_up_errors_are_named(self):
        """An errno in a list of errors stands for what the host returns, but
        not for what weft itself returns."""
        self.wrapped("none")
        self.write("main.c", """\
#include <stdlib.h>
int __wrap_weft_other(int n);
int __real_weft_take(int *n, void (*fn)(int, int)) { return 0; }
int __real_weft_take_until(void) { return 0; }
int __real_weft_other(int n) { return n; }
int wf_err_band(int err) { return 0; }
const char *weft_err_text(int err) { return ""; }
int main(int argc, char **argv) { return __wrap_weft_other(atoi(argv[1])) > 0; }
""")
        subprocess.run(["cc", "-w", f"-I{ROOT}/include", f"-I{ROOT}/src", "-o",
                        "main", "main.c", "seen.c"], cwd=self.root, check=True)
        for number, code in ((0, 0), (7, 1), (errno.EIO, 0), (errno.EAGAIN, 0),
                             (errno.EINVAL, -signal.SIGABRT),
                             (errno.EBUSY, -signal.SIGABRT)):
            value = number if code == 1 else -number
            done = subprocess.run([self.root / "main", str(value)], check=False,
                                  stderr=subprocess.DEVNULL)
            self.assertEqual(code, done.returncode, number)

    def wrapped(self, listed):
        """Build a function around weft_take that checks its errors."""
        self.write("include/weft/x.h", "/**\n * Take.\n *\n * Errors   "
                   + listed + "\n */\nWEFT_API weft_err weft_take(int n[4],\n"
                   "                             void (*fn)(int, int)) WEFT_CHECKED;"
                   "\nWEFT_API weft_err weft_take_until(void);\n\n"
                   "/** Errors   -EAGAIN, an errno of read */\n"
                   "WEFT_API weft_err weft_other(int n);\n")
        out = self.root / "seen.c", self.root / "seen.rsp"
        subprocess.run([SCRIPTS / "check-errors", "--wrap", *out, self.root],
                       check=True)
        self.assertEqual(["-Wl,--wrap=weft_take", "-Wl,--wrap=weft_take_until",
                          "-Wl,--wrap=weft_other"], out[1].read_text().split())
        text = out[0].read_text()
        self.assertIn("__real_weft_take_until(), ", text)
        found = re.search(r"listed\[\] = \{(.*)\};\n.*"
                          r"__real_weft_take\(n, fn\), (.*), listed", text)
        return found.groups()

    def test_errors_that_are_seen(self):
        self.assertEqual(("WEFT_OK", "0"), self.wrapped("none"))
        self.assertEqual(("-EINVAL, WEFT_EFULL, WEFT_OK", "0"),
                         self.wrapped("-EINVAL: n,\n *          WEFT_EFULL"))
        self.assertEqual(("-EAGAIN, WEFT_OK", "HOST"),
                         self.wrapped("errors of weft_other"))
        self.assertEqual(("WEFT_OK", "0"), self.wrapped("none; see weft_other"))
        self.assertEqual(("WEFT_OK", "ANY"),
                         self.wrapped("why the\n *          connection failed"))


CODE = """\
#include <stddef.h>

int
take(struct box *box, int n)
{
    WF_CHECK(n >= 0);
    if (n < box->max && box->open) { /* if (n > 3) */
        box->n += n;
        note(box, "n < 3");
    }
    for (int i = 0; i < n; i++)
        touch(box);
    clean(box);
    return -EINVAL;
}
"""


class Planted(Case):
    """plant-faults"""

    def faults(self, code=CODE):
        self.write("src/buf/box.c", code)
        self.module = load("plant-faults")
        return list(self.module.faults_of("buf", "src/buf/box.c", self.root))

    def news(self, rule):
        return [" ".join(fault.new.split()) for fault in self.faults()
                if fault.rule == rule]

    def test_each_rule(self):
        self.assertEqual(self.news("negated condition"),
                         ['if (!(n < box->max && box->open)) '
                          '{ /* if (n > 3) */'])
        self.assertEqual(self.news("dropped store"), [";"])
        self.assertEqual(self.news("dropped call"), [";"] * 3)
        self.assertEqual(self.news("other bound"),
                         ["if (n <= box->max && box->open) "
                          "{ /* if (n > 3) */"])
        self.assertEqual(self.news("and for or"),
                         ["if (n < box->max || box->open) "
                          "{ /* if (n > 3) */"])
        self.assertEqual(self.news("plus for minus"), ["box->n -= n;"])
        self.assertEqual(self.news("lost error"), ["return 0;"])

    def test_checks_comments_and_texts_are_spared(self):
        rows = {fault.row + 1 for fault in self.faults()}
        self.assertEqual(rows, {7, 8, 9, 12, 13, 14})

    def test_the_same_faults_each_time(self):
        faults = self.faults()
        first = self.module.in_turn(list(faults), "weft")
        again = self.module.in_turn(list(reversed(faults)), "weft")
        self.assertEqual(first, again)
        self.assertNotEqual(first, self.module.in_turn(faults, "other"))

    def test_equivalent_faults_are_there(self):
        """A row of equivalent-faults.txt hides only the fault that it names."""
        module = load("plant-faults")
        known = module.equivalent()
        all_faults = {(fault.file, fault.rule, fault.old)
                      for layer, path in module.sources(ROOT, module.LAYERS,
                                                        "*")
                      for fault in module.faults_of(layer, path, ROOT)}
        self.assertEqual(set(), known - all_faults)


class Configured(Case):
    def test_a_compiler_that_has_come_since_is_found(self):
        """CMake caches that it did not find a program, and does not look for
        the program again."""
        run = subprocess.run(
            ["cmake", "-S", ROOT, "-B", self.root, "-DWEFT_TESTS=OFF",
             "-DCMAKE_CXX_COMPILER=NOTFOUND"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("Looking for a CXX compiler", run.stdout)


if __name__ == "__main__":
    unittest.main()
