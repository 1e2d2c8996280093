namespace c pair

struct Item {
  1: i32 id
  2: optional string note
  3: i32 count = 7
  4: string text
}

service Pair {
  Item echo(1: Item it)
}
