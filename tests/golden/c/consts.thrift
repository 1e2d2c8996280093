namespace c consts

struct Limits {
  1: i32 most = 100
  2: string name = "default"
  3: list<string> hosts = ["a", "b"]
}

const i32 ANSWER = 42
const i64 LARGE = 5000000000
const string TEXT = "It says \"100%\" ??/ \\"
const string LONG = "A text that is too long for one line of C, and is therefore written in several pieces which the compiler joins again."
const map<string, i32> AGES = {"Ada": 36, "Alan": 41}
const Limits STRICT = {"most": 1, "hosts": []}
const list<Limits> ALL = [STRICT, {}]
