/* SPDX-License-Identifier: MIT */
/* What the calls of inbox.thrift mean. Register it with a desk as its user. */
#ifndef INBOX_HANDLERS_H
#define INBOX_HANDLERS_H

#include "inbox.h"

extern const struct inbox_Inbox_service inbox_handlers;

#endif
