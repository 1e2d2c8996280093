namespace c pair

struct Item {
  1: i32 id
  2: optional string text
}

service Pair {
  Item echo(1: Item it)
}
