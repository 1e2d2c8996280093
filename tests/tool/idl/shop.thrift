/** A shop: every kind of type, for the tool. */
namespace c shop

include "common/base.thrift"

/** How good it is. */
enum Grade { POOR = 1, FAIR = 5, FINE = 9 }

typedef map<string, base.Money> Prices

/** One of them. */
union Origin {
  1: string town
  2: base.Money bought
  3: list<Grade> grades
}

struct Thing {
  1: required string name
  /** As it was when it came in. */
  2: Grade grade = Grade.FAIR
  3: i64 serial = 9007199254740993
  4: optional double weight
  5: binary stamp
  6: uuid id
  7: Prices prices
  8: map<i32, list<string>> notes
  9: set<i16> sizes = [1, 2]
  10: optional Origin origin
  11: Thing inside
  12: list<base.Money> coins = [{"cents": 5}, {"cents": 7, "currency": "CHF"}]
  13: optional bool sold = true
}

exception SoldOut {
  1: string name
  2: Grade wanted = Grade.FINE
}

service Shop extends base.Base {
  /** Whatever comes. */
  Thing mirror(1: Thing thing)
  i32 count(1: i32 from = 40, 2: i32 by = 2)
  list<Thing> all(1: Grade least) throws (1: SoldOut empty)
  void rest()
}
