/** What the tests of `weft bench` put load on. */
namespace c load

service Load {
  /** Sleeps. At most four calls sleep at once, others wait. */
  i64 work(1: i32 ms)
  /** Another number each time. */
  i64 next()
}
