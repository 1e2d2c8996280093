namespace go base
struct Base { 1: string LogID = "", 2: string Caller = "", 255: optional map<string, string> Extra }
struct BaseResp { 1: string StatusMessage = "", 2: i32 StatusCode = 0 }
