/** An order as services pass them on: text, numbers, structs in structs. */
namespace * shop

enum Status {
  PLACED = 1
  PAID = 2
  SENT = 3
}

struct Address {
  1: string street
  2: string city
  3: string code
  4: string country
}

struct Person {
  1: string name
  2: string mail
  3: string phone
  4: optional Address home
}

struct Card {
  1: string number
  2: i16 month
  3: i16 year
}

union Payment {
  1: Card card
  2: string account
  3: i64 voucher
}

struct Item {
  1: string key
  2: string title
  3: i32 pieces
  4: double price
  5: optional bool gift
}

/** Parts of parts, nested to any depth. */
struct Part {
  1: i32 number
  2: optional list<Part> parts
}

struct Order {
  1: i64 number
  2: i64 placed_ms
  3: Status status
  4: Person buyer
  5: list<Item> items
  6: list<string> tags
  7: map<string, string> labels
  8: optional double discount
  9: optional Payment payment
  10: optional set<i32> stores
  11: optional Part part
  12: optional binary seal
  13: optional i8 boxes
}
