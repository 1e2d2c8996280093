namespace cpp granary
include "Types.thrift"

enum TExprNodeType { AGG_EXPR, NULL_LITERAL }
struct TIntLiteral { 1: required i64 value }
struct TExprNode {
  1: required TExprNodeType node_type
  2: required Types.TTypeDesc type
  3: optional TIntLiteral int_literal
  4: required i32 num_children = 0
}
struct TExpr { 1: required list<TExprNode> nodes }
