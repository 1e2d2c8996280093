namespace c pair

struct Item {
  1: i32 id
  2: string text
  3: required bool sure
}

service Pair {
  Item echo(1: Item it)
}
