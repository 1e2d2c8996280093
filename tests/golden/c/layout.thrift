// $ weftc --codec=straight
// Every kind of field, and what is written before and after each.
namespace c lay

struct Item { 1: required string name, 2: required list<bool> flags }

union Choice { 1: Item item, 2: i32 number = 5, 3: set<string> names } (rpc.keep_unknown)

struct All {
  1: bool b, 2: optional bool ob, 3: required bool rb
  4: i8 y, 5: i16 h, 6: i32 i, 7: i64 l, 8: double d, 9: uuid u
  10: optional i8 oy, 11: required i64 rl, 12: optional uuid ou
  13: string s, 14: optional binary os = "x", 15: required string rs = ""
  16: list<i32> v, 17: optional set<i16> ov, 18: required list<string> rv = []
  19: map<string, list<Item>> m, 20: optional map<i32, map<uuid, bool>> om
  21: Item it, 22: optional Item oit, 23: required Item rit, 24: Item & bit
  25: Choice c, 26: optional Choice oc, 27: required Choice rc, 28: required Choice & bc
  29: list<list<Choice>> ll, 30: set<set<i32>> ss, 31: list<map<Item, Choice>> lm
  32: i32 di = 7, 33: list<i32> dv = [1], 34: Item dit = {"name": "x"}, 35: uuid du = "00000000-0000-0000-0000-000000000001"
} (rpc.keep_unknown)

struct Empty {}

struct Kept {} (rpc.keep_unknown)

struct Table { 1: All all, 2: list<map<bool, bool>> by, 3: map<list<i8>, i8> keys } (rpc.codec = "table")

const map<i32, map<string, i32>> NESTED = {1: {"a": 2}, 2: {}}
const uuid ID = "00112233-4455-6677-8899-aabbccddeeff"
struct Tagged { 1: uuid id = ID, 2: i32 n }
const Tagged TAGGED = {"n": 1}
const list<Tagged> TAGGEDS = [{"n": 1}, {"id": ID}]
