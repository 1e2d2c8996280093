namespace c sly

/** Looks 31mred[0m, and b�1mold. */
struct Sly {
  1: string s = "2J[2J"
}
