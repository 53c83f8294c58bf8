#include "storage/ponder_schema.h"

#include "storage/conversations/bin.h"
#include "storage/conversations/chunks.h"
#include "storage/conversations/draft_store.h"
#include "storage/conversations/tree_mending.h"
#include "storage/database/instance_lock.h"
#include "storage/database/sqlite.h"
#include "storage/search/message_index.h"

#include <array>

namespace ponder::storage {

namespace {

// Times are milliseconds since 1970 in UTC; *_json columns hold JSON; zstd columns hold one frame.
// A message's parent has no ON DELETE CASCADE: SQLite would recurse once a message, and gives up at
// a depth of 1,000. salvage() knows a table by the number and the types of its columns, so no two
// tables may have the same.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER,
    settings_json TEXT NOT NULL DEFAULT '{}',
    active_leaf INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    days_in_bin INTEGER NOT NULL DEFAULT 0, -- days of use
    -- Counts up with every activity, so that no wrong clock changes the order of conversations.
    activity INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX conversations_by_activity ON conversations (activity);
CREATE INDEX conversations_by_leaf ON conversations (active_leaf);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent INTEGER REFERENCES messages (id) DEFERRABLE INITIALLY DEFERRED,
    role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
    state TEXT NOT NULL CHECK (state IN ('streaming', 'complete', 'interrupted', 'failed')),
    created INTEGER NOT NULL,
    finished INTEGER,
    reasoning TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '', -- of all text parts, with an empty line between two
    error TEXT NOT NULL DEFAULT '',
    finish_reason TEXT NOT NULL DEFAULT '',
    reasoning_seconds REAL NOT NULL DEFAULT 0,
    reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    steps_json TEXT NOT NULL DEFAULT '[]',
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    prompt_seconds REAL NOT NULL DEFAULT 0,
    generation_seconds REAL NOT NULL DEFAULT 0,
    model_name TEXT NOT NULL DEFAULT '',
    model_fingerprint TEXT NOT NULL DEFAULT '',
    seed INTEGER NOT NULL DEFAULT 0,
    sampling_json TEXT NOT NULL DEFAULT '{}',
    session INTEGER NOT NULL DEFAULT 0 -- the window that streams it, see InstanceLock
) STRICT;
CREATE INDEX messages_by_parent ON messages (conversation, parent);
CREATE INDEX messages_by_parent_only ON messages (parent);
CREATE INDEX messages_streaming ON messages (state) WHERE state = 'streaming';

CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL, -- bytes, not compressed
    created INTEGER NOT NULL,
    zstd BLOB NOT NULL
) STRICT;
CREATE INDEX attachments_by_message ON attachments (message);

-- The order of what a message is made of. The text of its text parts stands in messages.text, so
-- that streaming, search and salvage have one text. A message without rows here is its text alone.
CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, -- from 0
    kind TEXT NOT NULL CHECK (kind IN ('text', 'file')),
    length INTEGER NOT NULL DEFAULT 0, -- of a text, in units of UTF-16
    attachment INTEGER REFERENCES attachments (id) ON DELETE CASCADE -- of a file
) STRICT;
CREATE INDEX parts_by_message ON parts (message, place);
CREATE INDEX parts_by_attachment ON parts (attachment);

-- The text of a streaming answer, a row a flush, so that no long row is written again and again;
-- joined into the message when it is finished.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    reasoning TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX chunks_by_message ON chunks (message);

CREATE TABLE token_statistics (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    zstd BLOB NOT NULL
) STRICT;

-- What a person notes on a step of a thought.
CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    step INTEGER NOT NULL, -- from 0
    kind TEXT NOT NULL CHECK (kind IN ('good', 'bad', 'note')),
    text TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX notes_by_message ON notes (message, step);

-- Files that hold a model's cache as it was after a message.
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    model_hash TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    cache_type TEXT NOT NULL,
    path TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX snapshots_by_message ON snapshots (message);

CREATE TABLE settings (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    value_json TEXT NOT NULL
) STRICT;

-- A draft belongs to the window that it is typed in, so that two windows do not overwrite each
-- other's; it is handed on when that window is gone.
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    conversation INTEGER REFERENCES conversations (id) ON DELETE CASCADE, -- NULL: not begun yet
    session INTEGER NOT NULL, -- the window, see InstanceLock
    updated INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX drafts_by_conversation ON drafts (conversation);

CREATE TABLE days_of_use (id INTEGER PRIMARY KEY, last_counted INTEGER NOT NULL) STRICT;

-- Written by the store, see message_index.h; words are cut as word_tokenizer.h says. Titles are few
-- and short: they are searched as they are listed.
CREATE VIRTUAL TABLE message_index USING fts5 (
    reasoning, text, content = 'messages', content_rowid = 'id', tokenize = 'ponder',
    prefix = '2 3');
)sql";

constexpr std::array kMigrations = {
    Migration{1, kVersion1},
};

constexpr std::array kTables = {"conversations", "messages", "attachments", "parts", "chunks",
    "token_statistics", "notes", "snapshots", "settings", "drafts"};

Result<Holdings> countHoldings(Connection& connection)
{
    const auto conversations = connection.number("SELECT count(*) FROM conversations");
    if (!conversations)
        return tl::unexpected(conversations.error());
    return connection.number("SELECT count(*) FROM messages").map([&](qint64 messages) {
        return Holdings{int(*conversations), int(messages)};
    });
}

Result<void> mendTables(Connection& connection)
{
    return mendTrees(connection).and_then([&] { return rebuildIndex(connection); });
}

Result<void> tidyTables(Connection& connection, const InstanceLock& lock, QDate today)
{
    return interruptOrphans(connection, lock)
        .and_then([&] { return takeOverDrafts(connection, lock); })
        .and_then([&] { return emptyBinByAge(connection, today); });
}

/// What was being written is text so far, and drafts are this window's: nobody else writes here.
Result<void> adoptTables(Connection& connection)
{
    return interruptOrphans(connection, InstanceLock()).and_then([&] {
        return connection.run("UPDATE drafts SET session = 0 WHERE id IN "
                              "(SELECT max(id) FROM drafts GROUP BY conversation)");
    });
}

constexpr Schema kSchema{
    .migrations = kMigrations,
    .tables = kTables,
    .signature = "CREATE TABLE token_statistics",
    .readTable = "SELECT count(*) FROM messages WHERE id = 0",
    .tryToWrite = "INSERT OR REPLACE INTO days_of_use (id, last_counted) VALUES (2, 0)",
    .holdings = countHoldings,
    .mend = mendTables,
    .tidy = tidyTables,
    .adopt = adoptTables,
};

} // namespace

const Schema& ponderSchema()
{
    return kSchema;
}

} // namespace ponder::storage
