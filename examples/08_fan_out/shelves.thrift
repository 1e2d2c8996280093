namespace c shelves

service Shelf {
  /** The titles of the shelf. */
  string titles()
}
