namespace c pair

struct Item {
  1: i32 id
}

service Pair {
  map<string, list<Item>> echo(1: map<string, list<Item>> items)
}
