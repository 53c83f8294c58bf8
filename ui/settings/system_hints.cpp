#include "ui/settings/system_hints.h"

#include "storage/settings_store.h"

#include <QJsonArray>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

const QString kClosed = u"closedHints"_s;

} // namespace

SystemHints::SystemHints(storage::SettingsStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
}

void SystemHints::begin()
{
    m_waiting.removeIf([this](const SystemHint& hint) { return wasClosed(hint.key); });
    m_begun = true;
    emit changed();
}

void SystemHints::tell(const SystemHint& hint)
{
    if (m_told.contains(hint.key) || (m_begun && wasClosed(hint.key)))
        return;
    m_told.append(hint.key);
    m_waiting.append(hint);
    if (m_begun && m_waiting.size() == 1)
        emit changed();
}

void SystemHints::dismiss()
{
    if (!m_begun || m_waiting.isEmpty())
        return;
    const SystemHint hint = m_waiting.takeFirst();
    if (hint.onlyOnce) {
        QJsonArray closed = m_store.value(kClosed).toArray();
        closed.append(hint.key);
        m_store.setValue(kClosed, closed);
    }
    emit changed();
}

SystemHint SystemHints::shown() const
{
    return m_begun && !m_waiting.isEmpty() ? m_waiting.first() : SystemHint();
}

bool SystemHints::wasClosed(const QString& key) const
{
    return m_store.value(kClosed).toArray().contains(key);
}

} // namespace ponder

#include "moc_system_hints.cpp"
