#include "storage/database/migrations.h"

#include "storage/database/error_report.h"
#include "storage/database/sqlite.h"
#include "storage/database/translate.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ponder::storage {

namespace {

// Times are milliseconds since 1970 in UTC; *_json columns hold JSON. A message's parent has no
// ON DELETE CASCADE: SQLite would recurse once a message, and gives up at a depth of 1,000.
constexpr const char* kConversationsAsTrees = R"sql(
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER,
    settings_json TEXT NOT NULL DEFAULT '{}',
    active_leaf INTEGER REFERENCES messages (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX conversations_by_activity ON conversations (updated);
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
    text TEXT NOT NULL DEFAULT '',
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

CREATE TABLE settings (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    value_json TEXT NOT NULL
) STRICT;

-- Titles are few and short: they are searched as they are listed.
CREATE VIRTUAL TABLE message_index USING fts5 (
    reasoning, text, content = 'messages', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2 tokenchars ''_''', prefix = '2 3');
CREATE TRIGGER message_indexed AFTER INSERT ON messages BEGIN
    INSERT INTO message_index (rowid, reasoning, text) VALUES (new.id, new.reasoning, new.text);
END;
CREATE TRIGGER message_unindexed AFTER DELETE ON messages BEGIN
    INSERT INTO message_index (message_index, rowid, reasoning, text)
    VALUES ('delete', old.id, old.reasoning, old.text);
END;
CREATE TRIGGER message_reindexed AFTER UPDATE OF reasoning, text ON messages BEGIN
    INSERT INTO message_index (message_index, rowid, reasoning, text)
    VALUES ('delete', old.id, old.reasoning, old.text);
    INSERT INTO message_index (rowid, reasoning, text) VALUES (new.id, new.reasoning, new.text);
END;
)sql";

// The index is written by the store, see message_index.h, and cuts words as word_tokenizer.h says.
// A draft belongs to the window that it is typed in, so that two windows do not overwrite each
// other's; it is handed on when that window is gone.
constexpr const char* kIndexByTheStore = R"sql(
DROP TRIGGER message_indexed;
DROP TRIGGER message_unindexed;
DROP TRIGGER message_reindexed;
DROP TABLE message_index;
CREATE VIRTUAL TABLE message_index USING fts5 (
    reasoning, text, content = 'messages', content_rowid = 'id', tokenize = 'ponder',
    prefix = '2 3');
INSERT INTO message_index (message_index) VALUES ('rebuild');

ALTER TABLE conversations ADD COLUMN days_in_bin INTEGER NOT NULL DEFAULT 0; -- days of use
CREATE TABLE days_of_use (id INTEGER PRIMARY KEY, last_counted INTEGER NOT NULL) STRICT;

-- Counts up with every activity, so that no wrong clock changes the order of conversations.
ALTER TABLE conversations ADD COLUMN activity INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET activity = ranked.place FROM
    (SELECT id, row_number() OVER (ORDER BY updated, id) AS place FROM conversations) AS ranked
    WHERE ranked.id = conversations.id;
DROP INDEX conversations_by_activity;
CREATE INDEX conversations_by_activity ON conversations (activity);

CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    conversation INTEGER REFERENCES conversations (id) ON DELETE CASCADE, -- NULL: not begun yet
    session INTEGER NOT NULL, -- the window, see InstanceLock
    updated INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX drafts_by_conversation ON drafts (conversation);
INSERT INTO drafts (conversation, session, updated, text)
    SELECT nullif(CAST(key AS INTEGER), 0), 0, 0, value
    FROM json_each((SELECT value_json FROM settings WHERE key = 'drafts' AND json_valid(value_json)))
    WHERE type = 'text' AND (CAST(key AS INTEGER) = 0 OR CAST(key AS INTEGER) IN
        (SELECT id FROM conversations));
DELETE FROM settings WHERE key = 'drafts';
)sql";

constexpr std::array kMigrations = {
    Migration{1, kConversationsAsTrees},
    Migration{2, kIndexByTheStore},
};

Result<void> take(Connection& connection, const Migration& step)
{
    return connection.transaction([&]() -> Result<void> {
        // Another window may have taken it while this one waited for the lock.
        const auto version = schemaVersion(connection);
        if (!version)
            return tl::unexpected(version.error());
        if (*version >= step.version)
            return {};
        if (auto done = connection.runScript(step.script); !done)
            return done;
        const QByteArray stamp = "PRAGMA user_version = " + QByteArray::number(step.version)
            + "; PRAGMA application_id = " + QByteArray::number(kApplicationId) + ";";
        return connection.runScript(stamp.constData());
    });
}

} // namespace

std::span<const Migration> migrations()
{
    return kMigrations;
}

Result<int> schemaVersion(Connection& connection)
{
    return connection.number("PRAGMA user_version").map([](qint64 version) {
        return int(version);
    });
}

Result<void> migrate(Connection& connection, std::span<const Migration> steps)
{
    const auto version = schemaVersion(connection);
    if (!version)
        return tl::unexpected(version.error());
    for (const Migration& step : steps) {
        if (step.version <= *version)
            continue;
        if (auto taken = take(connection, step); !taken)
            return taken;
    }
    return {};
}

Result<void> backUp(Connection& connection, const QString& path)
{
    // Under another name until it is whole: a backup that is there can be trusted.
    const QString unfinished = path + ".unfinished";
    QFile::remove(unfinished);
    // Made here, since SQLite would let everybody read it.
    const int file = ::open(QFile::encodeName(unfinished).constData(),
        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
        return failToWrite(errno,
            tr("A backup of the conversations cannot be made. Check the "
               "permissions of the folder %1.")
                .arg(QDir::toNativeSeparators(QFileInfo(path).absolutePath())),
            unfinished);
    ::close(file);
    if (auto copied = connection.run("VACUUM INTO ?", unfinished); !copied) {
        QFile::remove(unfinished);
        return copied;
    }
    if (!QFile::rename(unfinished, path))
        return fail(ErrorCode::Io,
            tr("A backup of the conversations was made and cannot be given its name. Check the "
               "permissions of the folder %1.")
                .arg(QDir::toNativeSeparators(QFileInfo(path).absolutePath())),
            unfinished);
    return {};
}

} // namespace ponder::storage
