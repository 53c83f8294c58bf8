#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <QTimer>

namespace ponder {

namespace storage {
class DraftStore;
}

/// What is typed and not sent yet, for each conversation (0: the new one), kept across runs: on its
/// way to the disk within half a second of each key, however long one goes on typing, and at the
/// end. Belongs to the GUI thread.
class Drafts : public QObject {
    Q_OBJECT

public:
    /// `store` must outlive it.
    explicit Drafts(storage::DraftStore& store, QObject* parent = nullptr);
    ~Drafts() override;

    /// Reads what earlier runs left; call once the database is open. Where something was typed
    /// before it arrives, that stays.
    void load();

    [[nodiscard]] QString text(qint64 conversation) const { return m_texts.value(conversation); }
    void setText(qint64 conversation, const QString& text);

signals:
    /// Texts of an earlier run are there.
    void restored();

private:
    void save();

    storage::DraftStore& m_store;
    QHash<qint64, QString> m_texts; ///< with an empty one where one was deleted in this run
    QSet<qint64> m_unsaved;
    QTimer m_saving;
};

} // namespace ponder
