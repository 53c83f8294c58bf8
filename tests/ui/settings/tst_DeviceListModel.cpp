// What can be chosen to compute on, as GPUs come and go.
#include "ui/settings/device_list_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

QStringList names(const DeviceListModel& model)
{
    QStringList all;
    for (int row = 0; row < model.rowCount(); ++row)
        all.append(model.index(row).data(DeviceListModel::NameRole).toString());
    return all;
}

QStringList choices(const DeviceListModel& model)
{
    QStringList all;
    for (int row = 0; row < model.rowCount(); ++row)
        all.append(model.choiceAt(row));
    return all;
}

const Gpu kLarge{0, "NVIDIA H100 80GB HBM3", 79 * kGiB, 78 * kGiB, 0};
const Gpu kSmall{1, "NVIDIA RTX A4000", 16 * kGiB, 15 * kGiB, 0};

} // namespace

class tst_DeviceListModel : public QObject {
    Q_OBJECT

private slots:
    void beginsWithWhatIsAlwaysThere()
    {
        DeviceListModel model;
        QAbstractItemModelTester tester(&model);
        QCOMPARE(names(model), QStringList({u"Automatic"_s, u"This computer's processor"_s}));
        QCOMPARE(choices(model), QStringList({u"auto"_s, u"cpu"_s}));
        QCOMPARE(model.current(), 0);
        QCOMPARE(model.choiceAt(-1), u"auto"_s);
        QCOMPARE(model.choiceAt(2), u"auto"_s);
        QCOMPARE(model.roleNames().value(DeviceListModel::NameRole), "name");
    }

    void namesEachGpuWithItsMemory()
    {
        DeviceListModel model;
        QAbstractItemModelTester tester(&model);
        model.setGpus({kLarge, kSmall});
        QCOMPARE(names(model).sliced(2),
            QStringList({u"NVIDIA H100 80GB HBM3 · 79 GiB"_s, u"NVIDIA RTX A4000 · 16 GiB"_s}));
        QCOMPARE(choices(model).sliced(2), QStringList({u"cuda:0"_s, u"cuda:1"_s}));
        QCOMPARE(model.index(3).data(DeviceListModel::ChoiceRole).toString(), u"cuda:1"_s);
    }

    void tellsGpusOfOneKindApart()
    {
        DeviceListModel model;
        Gpu second = kLarge;
        second.index = 3;
        model.setGpus({kLarge, second});
        QCOMPARE(names(model).sliced(2),
            QStringList({u"NVIDIA H100 80GB HBM3 · 79 GiB · GPU 0"_s,
                u"NVIDIA H100 80GB HBM3 · 79 GiB · GPU 3"_s}));
    }

    void keepsAChoiceWhoseGpuIsNotHere()
    {
        DeviceListModel model;
        QAbstractItemModelTester tester(&model);
        QSignalSpy changed(&model, &DeviceListModel::currentChanged);
        model.setKept(u"cuda:1"_s); // before anybody asked what is here
        QCOMPARE(names(model).sliced(2), QStringList({u"GPU 1"_s}));
        QCOMPARE(model.current(), 2);
        QCOMPARE(changed.count(), 1);

        model.setGpus({kLarge, kSmall});
        QCOMPARE(model.rowCount(), 4);
        QCOMPARE(model.current(), 3);
        model.setGpus({kLarge});
        QCOMPARE(names(model).last(), u"GPU 1 (not here)"_s);
        QCOMPARE(model.current(), 3);
        QCOMPARE(model.choiceAt(model.current()), u"cuda:1"_s);
        model.setGpus({});
        QCOMPARE(names(model).sliced(2), QStringList({u"GPU 1 (not here)"_s}));
        model.setKept(u"cpu"_s); // and nobody wants it any more
        QCOMPARE(choices(model), QStringList({u"auto"_s, u"cpu"_s}));
        QCOMPARE(model.current(), 1);
    }

    void takesAnyGpuForAChoice()
    {
        DeviceListModel model;
        model.setKept(u"cuda"_s);
        model.setGpus({kLarge});
        QCOMPARE(names(model).last(), u"Any GPU"_s);
        model.setGpus({});
        QCOMPARE(names(model).last(), u"Any GPU (not here)"_s);
    }

    void saysNothingWhenNothingChanged()
    {
        DeviceListModel model;
        model.setGpus({kLarge});
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        QSignalSpy changed(&model, &DeviceListModel::currentChanged);
        model.setGpus({kLarge});
        model.setKept(u"auto"_s);
        QCOMPARE(inserted.count() + removed.count() + changed.count(), 0);
        model.setGpus({kLarge, kSmall}); // the rows before stay as they are
        QCOMPARE(inserted.first().at(1).toInt(), 3);
        QCOMPARE(removed.count(), 0);
    }
};

QTEST_GUILESS_MAIN(tst_DeviceListModel)
#include "tst_DeviceListModel.moc"
