namespace c pair

struct Item {
  1: i32 id
  2: i32 count = 7
  3: optional Item next
}

service Pair {
  map<string, list<Item>> echo(1: map<string, list<Item>> items)
}
