/**
 * Every type and feature of the language.
 */
include "shared.thrift"

namespace c all
namespace * everything

/** Moods of a person. */
enum Mood {
  /** The best one. */
  HAPPY = 1
  SAD = 2,
  CONTENT = 1;
  ANGRY = -3
  WORST = -2147483648
}

enum Nothing {}

typedef i64 Id
typedef list<Id> Ids
typedef map<string, list<Person>> Groups
typedef set<shared.Colour> Palette

const i8 TINY = -128
const i16 SMALL = 0x7fff
const i32 LEAST = -2147483648
const i32 LATER = SOON
const i32 SOON = 42
const i64 HUGE_NUMBER = -9223372036854775808
const i64 LARGE = 9223372036854775807
const bool YES = true
const bool NO = 0
const double PI = 3.141592653589793
const double WHOLE = 9223372036854775807
const double TENTH = .1
const double ENDLESS = 1e999
const double MINUS_ENDLESS = -1e999
const string GREETING = "Grüß: \"100%\" ??/ 'tab'\t\\"
const binary BYTES = 'raw'
const uuid ID = "{00112233-4455-6677-8899-AABBCCDDEEFF}"
const Mood MOOD = Mood.SAD
const i32 MOOD_NUMBER = Mood.ANGRY
const shared.Colour COLOUR = shared.Colour.BLUE
const list<i32> NUMBERS = [1, 2, SOON; LATER]
const set<string> WORDS = ["b", "a", "b"]
const set<i32> NO_WORDS = {}
const map<string, i32> AGES = {"Ada": 36, "Alan": 41, "Ada": 37}
const map<i32, list<string>> DEEP = {1: ["one", "uno"], 2: []}
const list<map<i16, set<bool>>> DEEPER = [{1: [true, false]}, {}]
const Person ADA = {
  "name": "Ada", "age": 36, "mood": Mood.HAPPY, "home": {"city": "London"},
  "boss": {"name": "Charles", "tags": ["strict"]}, "where": shared.ORIGIN
}
const list<Person> PEOPLE = [ADA, {"name": "Alan"}]
const Shape SHAPE = {"label": "round"}
const shared.Scores SCORES = shared.START
const map<shared.Point, Mood> BY_POINT = {{"x": 1, "y": 2}: Mood.SAD}

/** The arrays of a default are generated once, not once for each use. */
const list<Defaults> UNTOUCHED = [{}, {}]

struct Empty {}

struct Address {
  1: string city = "Paris"
  2: optional i32 zip
}

/** A person, with all kinds of fields. */
struct Person {
  /** As in the passport. */
  1: required string name
  2: optional i32 age
  3: i64 score = 7
  4: list<string> tags
  5: map<string, i32> kv
  6: Address home
  7: optional Person boss
  8: optional Mood mood = Mood.SAD
  9: list<Person> friends
  10: optional shared.Point where
  11: Groups groups
  bool odd
}

/** All base types, required. */
struct Required {
  1: required bool a
  2: required i8 b
  3: required i16 c
  4: required i32 d
  5: required i64 e
  6: required double f
  7: required string g
  8: required binary h
  9: required uuid i
  10: required Mood j
  11: required list<i32> k
  12: required set<string> l
  13: required map<i32, string> m
  14: required Address n
}

/** All base types, optional. */
struct Optional {
  1: optional bool a
  2: optional i8 b
  3: optional i16 c
  4: optional i32 d
  5: optional i64 e
  6: optional double f
  7: optional string g
  8: optional binary h
  9: optional uuid i
  10: optional Mood j
  11: optional list<i32> k
  12: optional set<string> l
  13: optional map<i32, string> m
  14: optional Address n
  15: optional Shape o
}

struct Defaults {
  1: bool a = 1
  2: i8 b = -1
  3: i16 c = 300
  4: i32 d = SOON
  5: i64 e = HUGE_NUMBER
  6: double f = 2.5
  7: string g = "text"
  8: binary h = "bytes"
  9: uuid i = "00112233-4455-6677-8899-aabbccddeeff"
  10: Mood j = Mood.HAPPY
  11: list<i32> k = NUMBERS
  12: set<string> l = ["x", "y"]
  13: map<i32, string> m = {1: "one"}
  14: Address n = {"city": "Rome", "zip": 100}
  15: Address o
  16: optional i32 p = 5
  17: optional Address q = {"city": "Oslo"}
  18: Shape r = {"side": 3}
  19: optional string empty = ""
}

/** Containers inside containers, in each place. */
struct Nested {
  1: list<list<i32>> a
  2: list<set<i32>> b
  3: set<list<i32>> c
  4: map<list<i32>, set<string>> d
  5: map<i32, map<string, list<double>>> e
  6: list<map<Mood, uuid>> f
  7: map<Address, Person> g
  8: map<Shape, bool> h
  9: Palette i
  10: list<shared.Point> j
  11: map<double, binary> k
  12: shared.Scores l
  13: list<shared.Scores> m
  14: Ids n
  15: list<Shape> o
  16: set<Person> p
  17: list<bool> q
  18: list<i8> r
  19: list<i16> s
  20: list<uuid> t
  21: map<shared.Point, list<shared.Colour>> u
}

union Shape {
  1: i32 side
  2: string label
  3: Address place
  4: list<i32> corners
  5: Shape inner
  6: Mood mood = Mood.SAD
  7: map<string, Shape> parts
  8: shared.Point point
}

union Void {}

/** Read and written by its table, not by code. */
struct Tabled {
  1: required string name
  2: optional Person person
  3: optional Tabled next
  4: map<i32, Keeper> keepers
  5: bool flag
} (rpc.codec = "table")

/** Keeps unknown fields, as do the next structs. */
struct Keeper {
  1: i32 known
  5: optional Tabled tabled
} (rpc.keep_unknown)

struct KeepsAll {} (rpc.keep_unknown)
struct TabledKeeper { 3: list<string> known } (rpc.codec = "table", rpc.keep_unknown)
union KeepingUnion { 1: i32 known, 2: string unknown } (rpc.keep_unknown)

/** Items that are small on the wire and large in memory. */
struct Many {
  1: list<Empty> empties
  2: list<Defaults> wides
  3: set<Void> voids
  4: map<i8, Nested> nested
  5: list<list<Optional>> lists
  6: list<Keeper> keepers
}

/** Each struct has a field of the other. */
struct Chicken { 1: Egg egg, 2: i32 age = 3 }
struct Egg { 1: required Chicken chicken, 2: Egg & twin }
struct Tree { 1: i32 value, 2: Tree left, 3: Tree right }
struct List { 1: string head, 2: optional List tail }

struct Wide {
  1: required i32 f1, 2: required i32 f2, 3: required i32 f3,
  4: required i32 f4, 5: required i32 f5, 6: required i32 f6,
  7: required i32 f7, 8: required i32 f8, 9: required i32 f9,
  10: required i32 f10, 11: required i32 f11, 12: required i32 f12,
  13: required i32 f13, 14: required i32 f14, 15: required i32 f15,
  16: required i32 f16, 17: required i32 f17, 18: required i32 f18,
  19: required i32 f19, 20: required i32 f20, 21: required i32 f21,
  22: required i32 f22, 23: required i32 f23, 24: required i32 f24,
  25: required i32 f25, 26: required i32 f26, 27: required i32 f27,
  28: required i32 f28, 29: required i32 f29, 30: required i32 f30,
  31: required i32 f31, 32: required i32 f32, 33: required i32 f33,
  34: required i32 f34,
  101: optional i32 g1, 102: optional i32 g2, 103: optional i32 g3,
  104: optional i32 g4, 105: optional i32 g5, 106: optional i32 g6,
  107: optional i32 g7, 108: optional i32 g8, 109: optional i32 g9,
  110: optional i32 g10, 111: optional i32 g11, 112: optional i32 g12,
  113: optional i32 g13, 114: optional i32 g14, 115: optional i32 g15,
  116: optional i32 g16, 117: optional i32 g17, 118: optional i32 g18,
  119: optional i32 g19, 120: optional i32 g20, 121: optional i32 g21,
  122: optional i32 g22, 123: optional i32 g23, 124: optional i32 g24,
  125: optional i32 g25, 126: optional i32 g26, 127: optional i32 g27,
  128: optional i32 g28, 129: optional i32 g29, 130: optional i32 g30,
  131: optional i32 g31, 132: optional i32 g32, 133: optional i32 g33,
  32767: optional i32 last, optional i32 first
}

/** Names that C and C++ use. */
struct Words {
  1: i32 int
  2: string class
  3: i32 errno
  4: i32 stdin
  5: i32 EOF
  6: i32 unix
  7: i32 linux
  8: i32 major
  9: i32 NULL
  10: i32 has
  11: i32 which
  12: i32 list
  13: string oneway
  14: i32 all_Words
  15: i32 int_
  16: i32 int32_t
  17: optional i32 new
  18: i32 x
  19: i32 r
  20: i32 field
  21: i32 err
}

union Choice {
  1: i32 which
  2: i32 init
  3: i32 read
  4: i32 set_which
  5: i32 default
}

struct vec_Person { 1: i32 a }
struct Person_ { 1: list<Person_> a, 2: list<vec_Person> b }
struct A_B { 1: map<A_B, C> x }
struct A { 1: map<A, B_C> x, 2: list<i32_> y }
struct B_C {}
struct C {}
struct i32_ {}
struct str { 1: list<str> a }

exception Oops {
  1: i32 code = 1
  2: string text
  3: optional Oops cause
}

service Hello extends shared.Base {
  /** Say hello. */
  string greet(1: string name, 2: i32 times = 3) throws (1: Oops oops, 2: shared.Denied denied)
  oneway void shout(1: list<string> words)
  Person find(1: Id id)
  list<Person> all()
  map<string, Mood> moods(1: Person who, 2: Shape shape) throws (5: Oops late)
  void nothing()
  Mood mood()
  bool register(1: i32 i)
  i32 greet_args(1: i32 greet)
  Shape shape()
}

service Hello2 extends Hello {
  void more(1: Nested nested)
}

service Quiet {}

/** What must be set before a write, and what may be missing. */
union Bare { 1: i32 side, 2: string label }
struct StrictPart { 1: required string word, 2: i32 number = 3 }
struct Strict {
  1: required Bare shape
  2: required string text = ""
  3: required list<i32> numbers = []
  4: Bare plain
  5: optional Bare boxed
  6: StrictPart part
}
