#pragma once

#include "ui/settings/settings_table.h"

#include <QJsonValue>
#include <QObject>
#include <QtQmlIntegration>

#include <algorithm>

namespace ponder {

namespace storage {
class SettingsStore;
}

struct NumberRange {
    double minimum;
    double maximum;

    [[nodiscard]] constexpr double clamped(double value) const
    {
        return std::clamp(value, minimum, maximum);
    }
};

/// What a person can set, kept in the storage: the rows of settings_table.h. Values take effect at once; what is out of
/// range is brought into it. Belongs to the GUI thread.
class SettingsViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    /// Why the last change could not be stored; empty when it was.
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    /// For finding the cause: code and context.
    Q_PROPERTY(QString problemDetails READ problemDetails NOTIFY problemChanged)

public:
    enum Theme { SystemTheme, LightTheme, DarkTheme };
    Q_ENUM(Theme)

    // The property comes after an access specifier, because moc takes none among signals.
#define PONDER_SETTING(type, argument, name, Name)                                                 \
public:                                                                                            \
    Q_PROPERTY(type name READ name WRITE set##Name NOTIFY name##Changed)                           \
    [[nodiscard]] type name() const;                                                               \
    void set##Name(argument value);                                                                \
Q_SIGNALS:                                                                                         \
    void name##Changed();
#define PONDER_SWITCH(name, Name, fallback) PONDER_SETTING(bool, bool, name, Name)
#define PONDER_TEXT(name, Name, valid) PONDER_SETTING(QString, const QString&, name, Name)
#define PONDER_NUMBER(type, name, Name, fallback, minimum, maximum)                                \
    PONDER_SETTING(type, type, name, Name)                                                         \
public:                                                                                            \
    static constexpr NumberRange name##Range{double(minimum), double(maximum)};
    PONDER_SETTINGS(PONDER_SWITCH, PONDER_NUMBER, PONDER_TEXT)
#undef PONDER_NUMBER
#undef PONDER_TEXT
#undef PONDER_SWITCH
#undef PONDER_SETTING

public:
    /// `store` must outlive the view model.
    explicit SettingsViewModel(storage::SettingsStore& store, QObject* parent = nullptr);

    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] QString problemDetails() const { return m_problemDetails; }

signals:
    void problemChanged();

private:
    void put(const QString& key, const QJsonValue& value);
    void announce(const QString& key);
    [[nodiscard]] double number(
        const QString& key, double fallback, const NumberRange& range) const;

    storage::SettingsStore& m_store;
    QString m_problem;
    QString m_problemDetails;
};

} // namespace ponder
