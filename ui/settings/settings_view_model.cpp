#include "ui/settings/settings_view_model.h"

#include "engine/generate/sampler.h"
#include "engine/plan/device_choice.h"
#include "storage/database/error_report.h"
#include "storage/settings_store.h"

#include <QHash>

#include <cmath>

namespace ponder {

namespace {

QString anyText(const QString& text)
{
    return text;
}

QString knownDevice(const QString& device)
{
    const auto choice = DeviceChoice::parse(device.toStdString());
    return QString::fromStdString(choice.value_or(DeviceChoice{}).text());
}

} // namespace

SettingsViewModel::SettingsViewModel(storage::SettingsStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
    connect(&store, &storage::SettingsStore::changed, this, &SettingsViewModel::announce);
}

#define PONDER_SWITCH(name, Name, fallback)                                                        \
    bool SettingsViewModel::name() const                                                           \
    {                                                                                              \
        return m_store.value(QStringLiteral(#name), fallback).toBool(fallback);                    \
    }                                                                                              \
    void SettingsViewModel::set##Name(bool value)                                                  \
    {                                                                                              \
        put(QStringLiteral(#name), value);                                                         \
    }
#define PONDER_NUMBER(type, name, Name, fallback, minimum, maximum)                                \
    auto SettingsViewModel::name() const -> type                                                   \
    {                                                                                              \
        return static_cast<type>(number(QStringLiteral(#name), fallback, name##Range));            \
    }                                                                                              \
    void SettingsViewModel::set##Name(type value)                                                  \
    {                                                                                              \
        put(QStringLiteral(#name), static_cast<double>(value));                                    \
    }
#define PONDER_TEXT(name, Name, valid)                                                             \
    QString SettingsViewModel::name() const                                                        \
    {                                                                                              \
        return valid(m_store.value(QStringLiteral(#name)).toString());                             \
    }                                                                                              \
    void SettingsViewModel::set##Name(const QString& value)                                        \
    {                                                                                              \
        put(QStringLiteral(#name), value);                                                         \
    }
PONDER_SETTINGS(PONDER_SWITCH, PONDER_NUMBER, PONDER_TEXT)
#undef PONDER_TEXT
#undef PONDER_NUMBER
#undef PONDER_SWITCH

double SettingsViewModel::number(
    const QString& key, double fallback, const NumberRange& range) const
{
    const double value = m_store.value(key, fallback).toDouble(fallback);
    return std::isfinite(value) ? range.clamped(value) : fallback;
}

void SettingsViewModel::put(const QString& key, const QJsonValue& value)
{
    if (m_store.value(key) == value)
        return;
    m_store.setValue(key, value).then(this, [this](const storage::Result<void>& stored) {
        const QString problem = stored ? QString() : stored.error().message;
        if (problem == m_problem)
            return;
        m_problem = problem;
        m_problemDetails = stored ? QString() : storage::detailsOf(stored.error());
        emit problemChanged();
    });
}

void SettingsViewModel::announce(const QString& key)
{
    using Signal = void (SettingsViewModel::*)();
#define PONDER_SIGNAL(name) {QStringLiteral(#name), &SettingsViewModel::name##Changed},
#define PONDER_SWITCH(name, Name, fallback) PONDER_SIGNAL(name)
#define PONDER_NUMBER(type, name, Name, fallback, minimum, maximum) PONDER_SIGNAL(name)
#define PONDER_TEXT(name, Name, valid) PONDER_SIGNAL(name)
    static const QHash<QString, Signal> signalOf{
        PONDER_SETTINGS(PONDER_SWITCH, PONDER_NUMBER, PONDER_TEXT)};
#undef PONDER_TEXT
#undef PONDER_NUMBER
#undef PONDER_SWITCH
#undef PONDER_SIGNAL
    if (const Signal signal = signalOf.value(key))
        emit(this->*signal)();
}

} // namespace ponder

#include "moc_settings_view_model.cpp"
