#pragma once

#include "storage/database/error.h"

#include <QHash>
#include <QJsonValue>
#include <QObject>

namespace ponder::storage {

class Database;

/// The person's preferences, by key ("theme", "recentModels", …), any JSON value each. Lives on
/// the GUI thread; values are read from memory after load(), and written later.
class SettingsStore : public QObject {
    Q_OBJECT

public:
    /// `database` must outlive the store.
    explicit SettingsStore(Database& database, QObject* parent = nullptr);

    /// Reads all values; changed() follows for each that differs from what is known here.
    Future<void> load();

    /// What is known now: `fallback` before load() and for a key that was never set.
    [[nodiscard]] QJsonValue value(const QString& key, const QJsonValue& fallback = {}) const;
    /// Takes effect at once and is then stored; Undefined removes the key. The future tells
    /// whether it was stored.
    Future<void> setValue(const QString& key, const QJsonValue& value);

signals:
    void changed(const QString& key);

private:
    void adopt(const QHash<QString, QJsonValue>& values);

    Database& m_database;
    QHash<QString, QJsonValue> m_values;
};

} // namespace ponder::storage
