#pragma once

#include <QHash>
#include <QObject>
#include <QTimer>

namespace ponder {

namespace storage {
class SettingsStore;
}

/// What is typed and not sent yet, for each conversation (0: the new one), kept across runs: stored
/// half a second after the last key, and at the end. Belongs to the GUI thread.
class Drafts : public QObject {
    Q_OBJECT

public:
    /// `store` must outlive it. What it has is taken over when it is loaded, except where something
    /// was typed before that.
    explicit Drafts(storage::SettingsStore& store, QObject* parent = nullptr);
    ~Drafts() override;

    [[nodiscard]] QString text(qint64 conversation) const { return m_texts.value(conversation); }
    void setText(qint64 conversation, const QString& text);

signals:
    /// Texts of an earlier run are there.
    void restored();

private:
    void restore();
    void save();

    storage::SettingsStore& m_store;
    QHash<qint64, QString> m_texts; ///< with an empty one where one was deleted in this run
    QTimer m_saving;
};

} // namespace ponder
