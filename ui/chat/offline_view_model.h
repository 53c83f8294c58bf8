#pragma once

#include <QObject>
#include <QtQmlIntegration>

#include <functional>

namespace ponder {

/// One kind of socket that the process has just asked the kernel for.
struct OfflineProbe {
    Q_GADGET
    QML_VALUE_TYPE(offlineProbe)
    Q_PROPERTY(QString family MEMBER family CONSTANT)
    Q_PROPERTY(bool allowed MEMBER allowed CONSTANT)
    Q_PROPERTY(QString answer MEMBER answer CONSTANT)

public:
    QString family; ///< "IPv4", "IPv6", …
    bool allowed = false;
    QString answer; ///< the kernel's words; empty when allowed
};

/// What the lock in the window shows: whether this process is closed to the network, and the proof.
class OfflineViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    Q_PROPERTY(bool sealed READ isSealed CONSTANT)
    /// Why not, when it is not sealed.
    Q_PROPERTY(QString reason READ reason CONSTANT)
    /// Sockets that other programs hand over can do no TCP either, which not every kernel can see to.
    Q_PROPERTY(bool handedOverClosed READ isHandedOverClosed CONSTANT)
    Q_PROPERTY(QList<ponder::OfflineProbe> probes READ probes NOTIFY probesChanged)
    Q_PROPERTY(qint64 processId READ processId CONSTANT)

public:
    using Probe = std::function<QList<OfflineProbe>()>;

    /// `probe` asks the kernel anew; it takes microseconds.
    OfflineViewModel(bool sealed, QString reason, Probe probe, bool handedOverClosed = false,
        QObject* parent = nullptr);

    [[nodiscard]] bool isSealed() const { return m_sealed; }
    [[nodiscard]] QString reason() const { return m_reason; }
    [[nodiscard]] bool isHandedOverClosed() const { return m_handedOverClosed; }
    [[nodiscard]] const QList<OfflineProbe>& probes() const { return m_probes; }
    [[nodiscard]] qint64 processId() const;

public slots:
    /// Tries the sockets again, so that what is shown is true at the moment of looking.
    void probeAgain();

signals:
    void probesChanged();

private:
    bool m_sealed;
    QString m_reason;
    Probe m_probe;
    bool m_handedOverClosed;
    QList<OfflineProbe> m_probes;
};

} // namespace ponder
