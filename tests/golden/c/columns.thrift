// $ weftc --codec=table -nowarn
// Names and texts that end at the last column, or one after it.
namespace c a

const string A = "xxxxxxxxxxxxxxxxx"
const list<string> C = ["xxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxx", "y"]
const map<string, string> D = {"xxxxxxxx": "yyyyyyyyy"}
struct E { 1: string s = "xxxxxxxxxxxxxxxxx", 2: optional string t }
const E F = {"s": "xxxxxxxxxxxxxxxxx"}
const list<E> G = [{"s": "xxxxxxxxxxxxxxxxx", "t": ""}]
const map<string, E> H = {"a": {"s": "xxxxxxxxxxxxxxxxx"}}
const string I = "xxxxxxxxxxxxxxxxxx"
const list<string> J = ["xxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxx", "y"]
const map<string, string> K = {"xxxxxxxxx": "yyyyyyyyy"}
struct L { 1: string s = "xxxxxxxxxxxxxxxxxx", 2: optional string t }
const L M = {"s": "xxxxxxxxxxxxxxxxxx"}
const list<L> N = [{"s": "xxxxxxxxxxxxxxxxxx", "t": ""}]
const map<string, L> O = {"a": {"s": "xxxxxxxxxxxxxxxxxx"}}
const string P = "xxxxxxxxxxxxxxxxxxxxxxxxxx"
const list<string> Q = ["xxxxxxxxxxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxxxx", "y"]
const map<string, string> R = {"xxxxxxxxxxxxx": "yyyyyyyyyyyyy"}
struct S { 1: string s = "xxxxxxxxxxxxxxxxxxxxxxxxxx", 2: optional string t }
const S T = {"s": "xxxxxxxxxxxxxxxxxxxxxxxxxx"}
const list<S> U = [{"s": "xxxxxxxxxxxxxxxxxxxxxxxxxx", "t": ""}]
const map<string, S> V = {"a": {"s": "xxxxxxxxxxxxxxxxxxxxxxxxxx"}}
const string W = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
const list<string> X = ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "y"]
const map<string, string> Y = {"xxxxxxxxxxxxxxxxxxxxxx": "yyyyyyyyyyyyyyyyyyyyyy"}
struct Z { 1: string s = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 2: optional string t }
const Z a = {"s": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}
const list<Z> b = [{"s": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "t": ""}]
const map<string, Z> c = {"a": {"s": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}
struct BBBBBBBBBBBBBBBBBBBBBBBBB { 1: optional BBBBBBBBBBBBBBBBBBBBBBBBB x, 2: list<BBBBBBBBBBBBBBBBBBBBBBBBB> l, 3: map<i32, BBBBBBBBBBBBBBBBBBBBBBBBB> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, BBBBBBBBBBBBBBBBBBBBBBBBB>> mm, 7: BBBBBBBBBBBBBBBBBBBBBBBBB & r } (rpc.keep_unknown)
const BBBBBBBBBBBBBBBBBBBBBBBBB d = {"i": 1}
const list<BBBBBBBBBBBBBBBBBBBBBBBBB> dL = [{}]
const map<i32, BBBBBBBBBBBBBBBBBBBBBBBBB> dM = {1: {}}
struct BBBBBBBBBBBBBBBBBBBBBBB { 1: optional BBBBBBBBBBBBBBBBBBBBBBB x, 2: list<BBBBBBBBBBBBBBBBBBBBBBB> l, 3: map<i32, BBBBBBBBBBBBBBBBBBBBBBB> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, BBBBBBBBBBBBBBBBBBBBBBB>> mm, 7: BBBBBBBBBBBBBBBBBBBBBBB & r } (rpc.keep_unknown, rpc.codec = "straight")
const BBBBBBBBBBBBBBBBBBBBBBB e = {"i": 1}
const list<BBBBBBBBBBBBBBBBBBBBBBB> eL = [{}]
const map<i32, BBBBBBBBBBBBBBBBBBBBBBB> eM = {1: {}}
struct BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB { 1: optional BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB x, 2: list<BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> l, 3: map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB>> mm, 7: BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB & r } (rpc.keep_unknown)
const BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB f = {"i": 1}
const list<BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> fL = [{}]
const map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> fM = {1: {}}
struct BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB { 1: optional BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB x, 2: list<BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> l, 3: map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB>> mm, 7: BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB & r } (rpc.keep_unknown)
const BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB g = {"i": 1}
const list<BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> gL = [{}]
const map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> gM = {1: {}}
struct BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB { 1: optional BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB x, 2: list<BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> l, 3: map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB>> mm, 7: BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB & r } (rpc.keep_unknown)
const BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB h = {"i": 1}
const list<BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> hL = [{}]
const map<i32, BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB> hM = {1: {}}
struct BBBB { 1: optional BBBB x, 2: list<BBBB> l, 3: map<i32, BBBB> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, BBBB>> mm, 7: BBBB & r } (rpc.keep_unknown)
const BBBB i = {"i": 1}
const list<BBBB> iL = [{}]
const map<i32, BBBB> iM = {1: {}}
struct BBBBB { 1: optional BBBBB x, 2: list<BBBBB> l, 3: map<i32, BBBBB> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, BBBBB>> mm, 7: BBBBB & r } (rpc.keep_unknown)
const BBBBB j = {"i": 1}
const list<BBBBB> jL = [{}]
const map<i32, BBBBB> jM = {1: {}}
struct B { 1: optional B x, 2: list<B> l, 3: map<i32, B> m, 4: required string s, 5: i32 i = 5, 6: map<i32, map<i32, B>> mm, 7: B & r } (rpc.keep_unknown, rpc.codec = "straight")
const B k = {"i": 1}
const list<B> kL = [{}]
const map<i32, B> kM = {1: {}}
struct l { 1: i32 nnnnnnn, 2: optional string nnnnnnns, 3: bool nnnnnnnb, 4: list<i32> nnnnnnnl, 5: required i64 nnnnnnnr, 6: map<i32, i32> nnnnnnnm, 7: optional l nnnnnnnp, 8: set<string> nnnnnnnt, 9: list<l> nnnnnnny } (rpc.codec = "straight")
struct m { 1: i32 nnnnnnnn, 2: optional string nnnnnnnns, 3: bool nnnnnnnnb, 4: list<i32> nnnnnnnnl, 5: required i64 nnnnnnnnr, 6: map<i32, i32> nnnnnnnnm, 7: optional m nnnnnnnnp, 8: set<string> nnnnnnnnt, 9: list<m> nnnnnnnny } (rpc.codec = "straight")
struct n { 1: i32 nnnnnn, 2: optional string nnnnnns, 3: bool nnnnnnb, 4: list<i32> nnnnnnl, 5: required i64 nnnnnnr, 6: map<i32, i32> nnnnnnm, 7: optional n nnnnnnp, 8: set<string> nnnnnnt, 9: list<n> nnnnnny }
/** ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd */
struct o { /** ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd */ 1: i32 a }
/** dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd */
struct p { /** dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd */ 1: i32 a }
const string nnnnnnnnnnnnnnnnnnnnnnnnnnnnn = "text"
const list<i32> nnnnnnnnnnnnnnnnnnnnnnnnnnnnnl = [1, 2]
struct q { 1: i32 x, 2: string s }
const q nnnnnnnnnnnnnnnnnnnnnnnnnnnnnp = {"x": 1, "s": "x"}
const double nnnnnnnnnnnnnnnnnnnnnnnnnnnnnd = 1.5
const map<string, q> nnnnnnnnnnnnnnnnnnnnnnnnnnnnnm = {"a": {"x": 1}}
const list<i32> r = [77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777]
const string s = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
const string t = "xxxxxxxxxxx\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
