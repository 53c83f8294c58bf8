#include "ui/chat/offline_view_model.h"

#include <QCoreApplication>

namespace ponder {

OfflineViewModel::OfflineViewModel(bool sealed, QString reason, Probe probe, QObject* parent)
    : QObject(parent)
    , m_sealed(sealed)
    , m_reason(std::move(reason))
    , m_probe(std::move(probe))
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
