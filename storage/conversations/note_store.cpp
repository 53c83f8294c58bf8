#include "storage/conversations/note_store.h"

#include "storage/conversations/message_table.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"

namespace ponder::storage {

namespace {

QString nameOf(StepNote::Kind kind)
{
    switch (kind) {
    case StepNote::Kind::Good:
        return QStringLiteral("good");
    case StepNote::Kind::Bad:
        return QStringLiteral("bad");
    case StepNote::Kind::Note:
        break;
    }
    return QStringLiteral("note");
}

StepNote::Kind kindOf(const QString& name)
{
    for (const auto kind : {StepNote::Kind::Good, StepNote::Kind::Bad}) {
        if (name == nameOf(kind))
            return kind;
    }
    return StepNote::Kind::Note;
}

} // namespace

NoteStore::NoteStore(Database& database, QObject* parent)
    : QObject(parent)
    , m_database(database)
{
}

Future<QList<StepNote>> NoteStore::notes(MessageId message)
{
    return m_database.run([message](Connection& connection) -> Result<QList<StepNote>> {
        Query rows(connection,
            "SELECT id, message, step, kind, text, created FROM notes WHERE message = ? "
            "ORDER BY step, id",
            message);
        QList<StepNote> notes;
        while (rows.next())
            notes.append({rows.number(0), rows.number(1), int(rows.number(2)), kindOf(rows.text(3)),
                rows.text(4), rows.time(5)});
        if (rows.failed())
            return rows.failure();
        return notes;
    });
}

Future<StepNote> NoteStore::add(const StepNote& note)
{
    return m_database.write([note](Connection& connection) -> Result<StepNote> {
        StepNote stored = note;
        stored.created = QDateTime::currentDateTime();
        return requireMessage(connection, note.message)
            .and_then([&] {
                return connection.run("INSERT INTO notes (message, created, step, kind, text) "
                                      "VALUES (?, ?, ?, ?, ?)",
                    note.message, stored.created, note.step, nameOf(note.kind), note.text);
            })
            .map([&] {
                stored.id = connection.lastInsertId();
                return stored;
            });
    });
}

Future<void> NoteStore::remove(NoteId id)
{
    return m_database.write([id](Connection& connection) {
        return connection.run("DELETE FROM notes WHERE id = ?", id);
    });
}

} // namespace ponder::storage

#include "moc_note_store.cpp"
