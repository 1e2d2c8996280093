// Unions, recursion, containers in each other.
namespace c shapes

typedef map<string, list<Shape>> Layers

struct Point { 1: required double x, 2: required double y }

union Shape {
  1: Point dot
  2: list<Point> line
  3: Group group
}

struct Group {
  1: Shape main
  2: Layers layers
  3: map<Point, set<i32>> marks
}
