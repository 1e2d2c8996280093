namespace c pair

struct Item {
  1: binary data
}

service Pair {
  Item echo(1: Item it)
}
