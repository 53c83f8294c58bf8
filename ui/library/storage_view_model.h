#pragma once

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
    /// Something happened that one should know (a repair, a newer file); empty: nothing.
    Q_PROPERTY(QString notice READ notice NOTIFY noticeChanged)
    /// The file could not be opened: retry() tries again.
    Q_PROPERTY(bool failed READ hasFailed NOTIFY problemChanged)

public:
    /// `database` must outlive the view model and not be open yet.
    explicit StorageViewModel(storage::Database& database, QObject* parent = nullptr);

    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] QString notice() const { return m_notice; }
    [[nodiscard]] bool hasFailed() const { return m_failed; }

    /// Opens the database; ends in opened or failedToOpen.
    void open(const QString& path);

public slots:
    void retry();
    void dismissNotice();

signals:
    void problemChanged();
    void noticeChanged();
    /// readOnlyReason: empty when it can be written.
    void opened(const QString& readOnlyReason);
    void failedToOpen(const QString& reason);

private:
    void setProblem(const QString& problem, bool failed);
    void setNotice(const QString& notice);

    storage::Database& m_database;
    QString m_path;
    QString m_problem;
    QString m_notice;
    bool m_failed = false;
};

} // namespace ponder
