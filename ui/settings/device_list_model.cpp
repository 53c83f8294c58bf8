#include "ui/settings/device_list_model.h"

#include "engine/plan/device_choice.h"
#include "engine/plan/placement_plan.h"

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

constexpr int kFixed = 2; ///< rows that are always there

QString choiceOf(const Gpu& gpu)
{
    return QString::fromStdString(DeviceChoice{DeviceChoice::Kind::Cuda, gpu.index}.text());
}

QString nameOf(const Gpu& gpu)
{
    return u"%1 · %2"_s.arg(
        QString::fromStdString(gpu.name), QString::fromStdString(describeBytes(gpu.memoryBytes)));
}

} // namespace

DeviceListModel::DeviceListModel(QObject* parent)
    : QAbstractListModel(parent)
    , m_kept(u"auto"_s)
    , m_devices{{u"auto"_s, tr("Automatic")}, {u"cpu"_s, tr("This computer's processor")}}
{
}

int DeviceListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_devices.size());
}

QVariant DeviceListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Device& device = m_devices.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return device.name;
    case ChoiceRole:
        return device.choice;
    default:
        return {};
    }
}

QHash<int, QByteArray> DeviceListModel::roleNames() const
{
    return {{NameRole, "name"}, {ChoiceRole, "choice"}};
}

QString DeviceListModel::choiceAt(int row) const
{
    return row >= 0 && row < m_devices.size() ? m_devices.at(row).choice : u"auto"_s;
}

void DeviceListModel::setKept(const QString& choice)
{
    m_kept = choice;
    update();
}

void DeviceListModel::setGpus(const std::vector<Gpu>& gpus)
{
    m_gpus = gpus;
    m_asked = true;
    update();
}

QList<DeviceListModel::Device> DeviceListModel::wanted() const
{
    QList<Device> devices = m_devices.first(kFixed);
    for (const Gpu& gpu : m_gpus) {
        const QString name = nameOf(gpu);
        const auto same = std::ranges::count(m_gpus, name, nameOf);
        devices.append(
            {choiceOf(gpu), same > 1 ? tr("%1 · GPU %2").arg(name).arg(gpu.index) : name});
    }
    if (std::ranges::find(devices, m_kept, &Device::choice) == devices.end()) {
        const QString number = m_kept.section(u':', 1);
        const QString name = number.isEmpty() ? tr("Any GPU") : tr("GPU %1").arg(number);
        const bool isGone = m_asked && (m_gpus.empty() || !number.isEmpty());
        devices.append({m_kept, isGone ? tr("%1 (not here)").arg(name) : name});
    }
    return devices;
}

void DeviceListModel::update()
{
    const QList<Device> devices = wanted();
    const auto differs = std::ranges::mismatch(devices, m_devices);
    const auto same = differs.in1 - devices.begin();
    if (same < m_devices.size()) {
        beginRemoveRows({}, int(same), int(m_devices.size()) - 1);
        m_devices.resize(same);
        endRemoveRows();
    }
    if (same < devices.size()) {
        beginInsertRows({}, int(same), int(devices.size()) - 1);
        m_devices = devices;
        endInsertRows();
    }
    const auto kept = std::ranges::find(m_devices, m_kept, &Device::choice);
    if (const int current = int(kept - m_devices.begin()); m_current != current) {
        m_current = current;
        emit currentChanged();
    }
}

} // namespace ponder

#include "moc_device_list_model.cpp"
