#pragma once

#include "storage/database/error.h"

#include <QObject>
#include <QtQmlIntegration>

namespace ponder {

namespace storage {
class Database;
}

/// How the database is: what a person must know of it, in words. Belongs to the GUI thread.
class StorageViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    /// Something is wrong and needs doing; empty: nothing.
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    /// For finding the cause: code and context.
    Q_PROPERTY(QString problemDetails READ problemDetails NOTIFY problemChanged)
    /// Something happened that one should know (a repair, a newer file); empty: nothing.
    Q_PROPERTY(QString notice READ notice NOTIFY noticeChanged)
    /// The file could not be opened, or not written, and all is in memory: retry() tries again.
    Q_PROPERTY(bool failed READ hasFailed NOTIFY problemChanged)
    /// Nothing can be saved just now, and goOnWithoutKeeping() would let one chat.
    Q_PROPERTY(bool canGoOn READ canGoOn NOTIFY problemChanged)

public:
    /// `database` must outlive the view model and not be open yet.
    explicit StorageViewModel(storage::Database& database, QObject* parent = nullptr);

    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] QString problemDetails() const { return m_problemDetails; }
    [[nodiscard]] QString notice() const { return m_notice; }
    [[nodiscard]] bool hasFailed() const { return m_failed; }

    [[nodiscard]] bool canGoOn() const { return m_canGoOn; }

    /// Opens the database; ends in opened or failedToOpen. Where the file cannot be opened or
    /// written, a copy in memory of what can be read of it is opened in its place, and `problem`
    /// says that nothing is kept.
    void open(const QString& path);

public slots:
    void retry();
    /// Leaves the file as it is and goes on in memory.
    void goOnWithoutKeeping();
    void dismissNotice();

signals:
    void problemChanged();
    void noticeChanged();
    /// Conversations can be read and written, here or in memory.
    void opened();
    void failedToOpen(const QString& reason);

private:
    void openInMemory(const QString& reason, const QString& details, bool reload);
    storage::Future<qint64> lastMessage();
    void setProblem(
        const QString& problem, const QString& details, bool failed, bool canGoOn = false);
    void setNotice(const QString& notice);

    storage::Database& m_database;
    QString m_path;
    QString m_problem;
    QString m_problemDetails;
    QString m_notice;
    bool m_failed = false;
    bool m_canGoOn = false;
    qint64 m_copied = 0; ///< the last message that was in the file when all went into memory
};

} // namespace ponder
