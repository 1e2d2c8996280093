/** The message service of a chat: conversations, and one inbox per user. */
namespace c inbox

/** The longest text of SendMessage, in bytes. */
const i32 MAX_TEXT = 2000

/** How many messages a page has: if `limit` is 0, and at most. */
const i32 DEFAULT_PAGE = 20
const i32 MAX_PAGE = 100

struct Message {
  /** A later message has a larger id, over all conversations. */
  1: i64 id
  2: i64 conversation
  3: i64 author
  4: string text
  /** Microseconds since 1970, by the server's clock. */
  5: i64 sent_us
}

struct Page {
  /** Newest first. */
  1: list<Message> messages
  /** The cursor of the page with older messages; absent if there are none. */
  2: optional i64 cursor
}

/** The conversation does not exist, or the author is no member of it. */
exception NoSuchConversation {
  1: i64 conversation
}

exception MessageTooLong {
  1: i32 length
  2: i32 limit
}

service Inbox {
  /** Returns the id of a new conversation. A member given twice counts once. */
  i64 CreateConversation(1: list<i64> members)

  /** Sends a message to the inbox of every member, also the author's. Returns
      the message's id after the message is on disk. */
  i64 SendMessage(1: i64 conversation, 2: i64 author, 3: string text)
      throws (1: NoSuchConversation missing, 2: MessageTooLong too_long)

  /** The newest page of a user's inbox. */
  Page GetMessagePerUserInbox(1: i64 user, 2: i32 limit)

  /** An older page. cursor is that of the page before; without it, the newest
      page. */
  Page LoadMorePerUserInbox(1: i64 user, 2: i64 cursor, 3: i32 limit)

  /** A page of a conversation; without a cursor, the newest. */
  Page LoadMorePerConversationInbox(
      1: i64 conversation, 2: i64 cursor, 3: i32 limit)
      throws (1: NoSuchConversation missing)
}
