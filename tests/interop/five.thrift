/** What five.c serves. */
namespace c five

service Five {
  /** Takes WORK_MS; a server makes one call at a time. Returns the number. */
  i64 run(1: i64 number)
}
