#pragma once

#include "engine/plan/machine.h"

#include <QAbstractListModel>
#include <QtQmlIntegration>

#include <vector>

namespace ponder {

/// What a model can compute on: what Ponder finds best, the processor, each GPU. The choice
/// that is kept is in the list, even while its GPU is not here. Belongs to the GUI thread.
class DeviceListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")
    /// The row of the choice that is kept.
    Q_PROPERTY(int current READ current NOTIFY currentChanged)

public:
    enum Role {
        NameRole = Qt::UserRole + 1, ///< for people: "NVIDIA H100 80GB HBM3 · 79 GiB"
        ChoiceRole, ///< as the settings keep it: "auto", "cpu", "cuda:1"
    };
    Q_ENUM(Role)

    explicit DeviceListModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] int current() const { return m_current; }
    /// The choice in a row; "auto" outside of the rows.
    Q_INVOKABLE [[nodiscard]] QString choiceAt(int row) const;

    /// `choice`: as the settings keep it.
    void setKept(const QString& choice);
    /// The GPUs that are here, now that they have been asked for.
    void setGpus(const std::vector<Gpu>& gpus);

signals:
    void currentChanged();

private:
    struct Device {
        QString choice;
        QString name;
        bool operator==(const Device&) const = default;
    };
    [[nodiscard]] QList<Device> wanted() const;
    void update();

    std::vector<Gpu> m_gpus;
    bool m_asked = false;
    QString m_kept;
    QList<Device> m_devices;
    int m_current = 0;
};

} // namespace ponder
