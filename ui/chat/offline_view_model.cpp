#include "ui/chat/offline_view_model.h"

#include <QCoreApplication>

namespace ponder {

OfflineViewModel::OfflineViewModel(
    bool sealed, QString reason, Probe probe, bool handedOverClosed, QObject* parent)
    : QObject(parent)
    , m_sealed(sealed)
    , m_reason(std::move(reason))
    , m_probe(std::move(probe))
    , m_handedOverClosed(handedOverClosed)
{
}

qint64 OfflineViewModel::processId() const
{
    return QCoreApplication::applicationPid();
}

void OfflineViewModel::probeAgain()
{
    m_probes = m_probe();
    emit probesChanged();
}

} // namespace ponder

#include "moc_offline_view_model.cpp"
