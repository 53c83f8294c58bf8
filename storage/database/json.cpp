#include "storage/database/json.h"

#include <QJsonDocument>

namespace ponder::storage {

// QJsonDocument takes arrays and objects only, so that a value travels in an array of its own.

QString toJson(const QJsonValue& value)
{
    const QByteArray text = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(text.sliced(1, text.size() - 2));
}

QJsonValue fromJson(const QString& text)
{
    const QByteArray utf8 = '[' + text.toUtf8() + ']';
    const QJsonArray array = QJsonDocument::fromJson(utf8).array();
    return array.size() == 1 ? array.first() : QJsonValue(QJsonValue::Undefined);
}

} // namespace ponder::storage
