include "shared.thrift"
include "history.thrift"
include "matching.thrift"

struct Start { 10: optional shared.Memo memo, 20: optional list<string> domains }

service Frontend extends history.HistoryService {
  shared.Value start(1: Start start, 2: list<matching.Poll> polls)
  list<shared.DataBlob> read(1: history.GetHistory request) throws (1: shared.BadRequest bad)
}
