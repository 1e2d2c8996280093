include "left.thrift"
include "right.thrift"

struct Tags {
  1: required list<i32> tags = []
  2: i32 n
}

/** The default of a member holds an empty container that is required. */
struct Tagged {
  1: Tags tags = {"n": 3}
}

const Tags NONE = {"tags": []}
const list<Tags> SEVERAL = [{"tags": []}, {"tags": [1]}]

service Both extends left.Left {
  Tagged tag(1: Tagged tagged)
}
