namespace java com.harbour.flow

exception BadRequest { 1: required string message }
exception NotFound { 1: required string message, 10: optional string place }

enum TaskKind { DECISION, ACTIVITY, TIMER = 7 }

struct Header { 10: optional map<string, binary> fields }
struct Memo { 10: optional map<string, binary> fields }
struct DataBlob { 10: optional TaskKind kind, 20: optional binary data }

struct TaskListOfAVeryPatientWorker {
  10: optional string name
  20: optional TaskKind kind = TaskKind.ACTIVITY
}

struct PollRequest {
  10: optional list<string> domains
  20: optional TaskListOfAVeryPatientWorker taskList
  30: optional map<string, list<TaskListOfAVeryPatientWorker>> byDomain
  40: optional list<i64> cursors = [0, 10]
}

union Value { 10: string text, 20: list<string> texts, 30: DataBlob blob }
