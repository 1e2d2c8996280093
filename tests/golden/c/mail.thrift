// $ weftc --plain-handlers --embed-idl
/** Letters, and who carries them.
 * In two lines. */
namespace c mail

/** How fast.
 *
 * Slowly, or not. */
enum Speed {
  /** On foot. */
  SLOW = -2147483648
  FAST = 1
}

/** What is sent. */
struct Letter {
  1: required string to
  2: Speed speed = Speed.FAST
}

union Parcel { 1: Letter letter, 2: binary bytes }

exception Lost { 1: string where, 2: optional Lost cause }

/** No function of its own. */
service Nobody {}

/** The base of all. */
service Post {
  /** Is it open? */
  bool isOpen()
  oneway void hurry(1: i32 seconds)
  list<Letter> waiting(1: Parcel parcel, 2: map<Speed, Letter> by) throws (1: Lost lost)
}

service Mail extends Post {
  /** Send one letter,
   * or more. */
  Letter send(1: Letter letter, 2: i32 copies) throws (1: Lost lost, 2: Lost gone)
  Letter resend(1: Letter letter, 2: i64 number, 3: string text, 4: list<i32> list)
  void resendAll(1: Letter & letter)
  void burn(1: list<binary> letters)
}
