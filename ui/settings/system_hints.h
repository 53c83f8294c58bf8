#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace ponder {

namespace storage {
class SettingsStore;
}

/// What could be better about this computer, and how.
struct SystemHint {
    QString key; ///< one for each hint
    QString text; ///< a sentence that says what is the matter
    QString detail; ///< what to do
    QString details; ///< for finding the cause; may be empty
    bool onlyOnce = false; ///< once closed never again, in no run
};

/// Shows one hint at a time, until it is closed; then the next. Belongs to the GUI thread.
class SystemHints : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    /// The hint on show; empty: none.
    Q_PROPERTY(QString text READ text NOTIFY changed)
    Q_PROPERTY(QString detail READ detail NOTIFY changed)
    Q_PROPERTY(QString details READ details NOTIFY changed)

public:
    /// `store` must outlive the object.
    explicit SystemHints(storage::SettingsStore& store, QObject* parent = nullptr);

    [[nodiscard]] QString text() const { return shown().text; }
    [[nodiscard]] QString detail() const { return shown().detail; }
    [[nodiscard]] QString details() const { return shown().details; }

    /// Shows the first hint; call once the settings are loaded, which say what was closed for good.
    void begin();
    /// Shows a hint, now or when those before it are closed. Each key once.
    void tell(const SystemHint& hint);

public slots:
    void dismiss();

signals:
    void changed();

private:
    [[nodiscard]] SystemHint shown() const;
    [[nodiscard]] bool wasClosed(const QString& key) const;

    storage::SettingsStore& m_store;
    QList<SystemHint> m_waiting; ///< the first is on show
    QStringList m_told;
    bool m_begun = false;
};

} // namespace ponder
