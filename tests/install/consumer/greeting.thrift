namespace c greeting

struct Greeting {
  1: string text
}
