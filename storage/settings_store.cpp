#include "storage/settings_store.h"

#include "storage/database/database.h"
#include "storage/database/json.h"
#include "storage/database/sqlite.h"

namespace ponder::storage {

SettingsStore::SettingsStore(Database& database, QObject* parent)
    : QObject(parent)
    , m_database(database)
{
}

Future<void> SettingsStore::load()
{
    using Values = QHash<QString, QJsonValue>;
    const auto readAll = [](Connection& connection) -> Result<Values> {
        Query rows(connection, "SELECT key, value_json FROM settings");
        Values values;
        while (rows.next())
            values.insert(rows.text(0), fromJson(rows.text(1)));
        if (rows.failed())
            return rows.failure();
        return values;
    };
    return m_database.run(readAll).then(this, [this](const Result<Values>& values) -> Result<void> {
        if (!values)
            return tl::unexpected(values.error());
        adopt(*values);
        return {};
    });
}

QJsonValue SettingsStore::value(const QString& key, const QJsonValue& fallback) const
{
    return m_values.value(key, fallback);
}

Future<void> SettingsStore::setValue(const QString& key, const QJsonValue& value)
{
    if (value.isUndefined()) {
        if (m_values.remove(key))
            emit changed(key);
        return m_database.write([key](Connection& connection) {
            return connection.run("DELETE FROM settings WHERE key = ?", key);
        });
    }
    if (!m_values.contains(key) || m_values.value(key) != value) {
        m_values.insert(key, value);
        emit changed(key);
    }
    return m_database.write([key, value](Connection& connection) {
        return connection.run("INSERT INTO settings (key, value_json) VALUES (?, ?) "
                              "ON CONFLICT (key) DO UPDATE SET value_json = excluded.value_json",
            key, toJson(value));
    });
}

void SettingsStore::adopt(const QHash<QString, QJsonValue>& values)
{
    for (auto it = values.cbegin(); it != values.cend(); ++it) {
        if (m_values.contains(it.key()) && m_values.value(it.key()) == it.value())
            continue;
        m_values.insert(it.key(), it.value());
        emit changed(it.key());
    }
}

} // namespace ponder::storage

#include "moc_settings_store.cpp"
