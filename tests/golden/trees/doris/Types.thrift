namespace cpp granary
namespace java org.granary.thrift

typedef i64 TTableId
typedef i32 TPlanNodeId

enum TPrimitiveType { INVALID_TYPE, NULL_TYPE, BOOLEAN, INT, STRING }
enum TStatusCode { OK = 0, CANCELLED = 1 }

struct TUniqueId { 1: required i64 hi, 2: required i64 lo }
struct TScalarType { 1: required TPrimitiveType type, 2: optional i32 len }
struct TTypeNode { 1: required TScalarType scalar, 2: optional list<TTypeNode> children }
struct TTypeDesc { 1: list<TTypeNode> types, 2: optional bool is_nullable }
struct TStatus { 1: required TStatusCode status_code = TStatusCode.OK, 2: optional list<string> error_msgs }
