namespace c pair

struct Item {
  1: i32 color
}

service Pair {
  Item echo(1: Item it)
}
