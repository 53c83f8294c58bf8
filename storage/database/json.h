#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QString>

namespace ponder::storage {

/// Compact JSON text, as the *_json columns hold it; "null" for a value that JSON does not know.
[[nodiscard]] QString toJson(const QJsonValue& value);

/// Undefined when `text` is not JSON.
[[nodiscard]] QJsonValue fromJson(const QString& text);

} // namespace ponder::storage
