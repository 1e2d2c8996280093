namespace c pair

struct Item {
  1: i32 id
  2: string label
}

service Pair {
  Item echo(1: Item it)
}
