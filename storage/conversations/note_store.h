#pragma once

#include "storage/conversations/conversation.h"
#include "storage/database/error.h"

#include <QObject>

namespace ponder::storage {

class Database;

using NoteId = qint64; ///< > 0; 0 means none

/// What a person thinks of one step of a thought.
struct StepNote {
    enum class Kind { Good, Bad, Note };

    NoteId id = 0;
    MessageId message = 0;
    int step = 0; ///< from 0
    Kind kind = Kind::Note;
    QString text; ///< may be empty
    QDateTime created;
};

/// Notes on the steps of thoughts. Lives on the GUI thread, as ConversationStore does and with its
/// errors. The window does not call it yet: marking steps is its next feature.
class NoteStore : public QObject {
    Q_OBJECT

public:
    /// `database` must outlive the store.
    explicit NoteStore(Database& database, QObject* parent = nullptr);

    /// Those of one message, by step, then by age.
    Future<QList<StepNote>> notes(MessageId message);
    /// Stores a new one; answers with it, its id and time filled in.
    Future<StepNote> add(const StepNote& note);
    /// Does nothing where it is not there.
    Future<void> remove(NoteId id);

private:
    Database& m_database;
};

} // namespace ponder::storage
