#pragma once

#include "ui/settings/device_list_model.h"

#include <QObject>
#include <QtQmlIntegration>

namespace ponder {

class InferenceWorker;
class ModelViewModel;
class SettingsViewModel;
struct GpuList;

/// The choice of where models compute: what there is to choose from, and taking the open model there when
/// the choice changes. Belongs to the GUI thread; nothing here waits for the engine.
class DeviceViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    Q_PROPERTY(ponder::DeviceListModel* devices READ devices CONSTANT)
    /// Why there is no GPU to choose, in words; empty where there is one, and before they were asked for.
    Q_PROPERTY(QString reason READ reason NOTIFY reasonChanged)
    /// How things stand, in words: looking for GPUs, waiting, moving, or where the open model computes;
    /// empty where there is nothing to say.
    Q_PROPERTY(QString standing READ standing NOTIFY standingChanged)

public:
    /// All must outlive the view model.
    DeviceViewModel(InferenceWorker& worker, const SettingsViewModel& settings,
        ModelViewModel& model, QObject* parent = nullptr);

    [[nodiscard]] DeviceListModel* devices() { return &m_devices; }
    [[nodiscard]] QString reason() const { return m_reason; }
    [[nodiscard]] QString standing() const;

public slots:
    /// Asks which GPUs there are now.
    void look();
    /// Opens the model again, so that a GPU that was not there, or was lost, is tried again.
    void tryAgain();

signals:
    void reasonChanged();
    void standingChanged();

private:
    void take(const GpuList& list);
    void choose();
    void move();

    InferenceWorker& m_worker;
    const SettingsViewModel& m_settings;
    ModelViewModel& m_model;
    DeviceListModel m_devices;
    bool m_looking = false;
    bool m_waits = false; ///< for the end of an answer
    bool m_moves = false;
    QString m_reason;
};

} // namespace ponder
