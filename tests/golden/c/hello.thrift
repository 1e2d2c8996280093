/** A greeter: what a first service looks like. */
namespace c demo

enum Mood {
  HAPPY = 1
  /** It passes. */
  SAD = 2
}

/** Somebody to greet. */
struct Person {
  1: required string name
  /** In years. */
  2: optional i32 age
  3: Mood mood = Mood.HAPPY
  4: list<string> tags
  5: optional Person boss
}

exception Oops {
  1: i32 code
}

service Hello {
  /** Say hello to a person. */
  string greet(1: Person who) throws (1: Oops oops)
  oneway void shout(1: string word)
}
