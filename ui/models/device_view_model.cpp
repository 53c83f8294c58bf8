#include "ui/models/device_view_model.h"

#include "ui/models/model_view_model.h"
#include "ui/settings/settings_view_model.h"
#include "ui/worker/inference_worker.h"

#include <utility>

namespace ponder {

DeviceViewModel::DeviceViewModel(InferenceWorker& worker, const SettingsViewModel& settings,
    ModelViewModel& model, QObject* parent)
    : QObject(parent)
    , m_worker(worker)
    , m_settings(settings)
    , m_model(model)
{
    m_devices.setKept(settings.device());
    connect(&settings, &SettingsViewModel::deviceChanged, this, &DeviceViewModel::choose);
    connect(&worker, &InferenceWorker::gpusListed, this, &DeviceViewModel::take);
    connect(&worker, &InferenceWorker::finished, this, [this] {
        if (m_waits)
            move();
        else
            emit standingChanged();
    });
    connect(&model, &ModelViewModel::placeChanged, this, &DeviceViewModel::standingChanged);
    connect(&model, &ModelViewModel::stateChanged, this, [this] {
        if (!m_model.isOpening())
            m_moves = false;
        emit standingChanged();
    });
}

QString DeviceViewModel::standing() const
{
    if (m_waits)
        return tr("The model moves there after this answer.");
    if (m_moves)
        return tr("The model is moving there…");
    if (m_looking)
        return m_worker.isAnswering() ? tr("GPUs are looked for after this answer.")
                                      : tr("Looking for GPUs…");
    if (!m_model.isReady() || m_model.isOpening())
        return {};
    return m_model.remark().isEmpty() ? tr("Now: %1").arg(m_model.place()) : m_model.remark();
}

void DeviceViewModel::look()
{
    if (m_looking)
        return;
    m_looking = true;
    m_worker.listGpus();
    emit standingChanged();
}

void DeviceViewModel::tryAgain()
{
    move();
}

void DeviceViewModel::take(const GpuList& list)
{
    m_looking = false;
    m_devices.setGpus(list.gpus);
    emit standingChanged();
    const QString reason = QString::fromStdString(list.reason);
    if (std::exchange(m_reason, reason) != reason)
        emit reasonChanged();
}

void DeviceViewModel::choose()
{
    m_devices.setKept(m_settings.device());
    move();
}

/// Takes the model to where it is wanted; an answer that is being written comes to its end first.
void DeviceViewModel::move()
{
    m_waits = m_worker.isAnswering();
    if (!m_waits && (m_model.isReady() || m_model.isOpening())) {
        m_moves = true;
        m_model.reopen();
    }
    emit standingChanged();
}

} // namespace ponder

#include "moc_device_view_model.cpp"
