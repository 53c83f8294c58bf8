// The rows of settings_table.h, looked at one by one through the properties that are made of them.
#include "engine/generate/sampler.h"
#include "storage/database/database.h"
#include "storage/ponder_schema.h"
#include "storage/settings_store.h"
#include "tests/storage/await.h"
#include "ui/settings/settings_view_model.h"

#include <QMetaProperty>
#include <QSignalSpy>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;
using storage::await;

namespace {

struct Settings {
    storage::Database database{storage::ponderSchema()};
    storage::SettingsStore store{database};
    SettingsViewModel values{store};

    Settings() { await(database.open(u":memory:"_s)); }

    [[nodiscard]] QVariant operator[](const QMetaProperty& setting) const
    {
        return setting.read(&values);
    }
};

/// All of them, without `problem` and `problemDetails`.
QList<QMetaProperty> settings()
{
    const QMetaObject& meta = SettingsViewModel::staticMetaObject;
    QList<QMetaProperty> found;
    for (int i = meta.propertyOffset(); i < meta.propertyCount(); ++i) {
        if (meta.property(i).isWritable())
            found.append(meta.property(i));
    }
    return found;
}

bool isNumber(const QMetaProperty& setting)
{
    return setting.typeId() == QMetaType::Int || setting.typeId() == QMetaType::Double
        || setting.isEnumType();
}

} // namespace

class tst_SettingsViewModel : public QObject {
    Q_OBJECT

private slots:
    void hasTheDefaultsOfItsTable()
    {
        const Settings fresh;
        QCOMPARE(settings().size(), 15);
        QCOMPARE(fresh.values.theme(), SettingsViewModel::SystemTheme);
        QCOMPARE(fresh.values.temperature(), kDefaultTemperature);
        QCOMPARE(fresh.values.topP(), kDefaultTopP);
        QCOMPARE(fresh.values.seed(), -1);
        QCOMPARE(fresh.values.repetitionPenalty(), 1.0);
        QCOMPARE(fresh.values.device(), u"auto"_s);
        QVERIFY(fresh.values.foldsThoughts());
        QCOMPARE(fresh.values.systemPrompt(), QString());
    }

    void bringsStoredNumbersIntoTheirRange()
    {
        const Settings fresh;
        Settings kept;
        for (const QMetaProperty& setting : settings()) {
            if (!isNumber(setting))
                continue;
            const QString key = QString::fromLatin1(setting.name());
            const auto stored = [&](const QJsonValue& value) {
                await(kept.store.setValue(key, value));
                return kept[setting].toDouble();
            };
            const double low = stored(-1e9);
            const double high = stored(1e10);
            QVERIFY2(low > -10 && low < high, setting.name());
            QCOMPARE(stored(low), low);
            QCOMPARE(stored(high), high);
            QCOMPARE(stored(u"seven"_s), fresh[setting].toDouble());
        }
        await(kept.store.setValue(u"temperature"_s, 7));
        QCOMPARE(kept.values.temperature(), SettingsViewModel::temperatureRange.maximum);
        await(kept.store.setValue(u"device"_s, u"toaster"_s));
        QCOMPARE(kept.values.device(), u"auto"_s);
        await(kept.store.setValue(u"foldsThoughts"_s, 12));
        QVERIFY(kept.values.foldsThoughts());
    }

    void keepsAndAnnouncesWhatIsSet()
    {
        Settings kept;
        for (const QMetaProperty& setting : settings()) {
            QSignalSpy changed(&kept.values, setting.notifySignal());
            const QVariant other = isNumber(setting)  ? QVariant(1.5)
                : setting.typeId() == QMetaType::Bool ? QVariant(!kept[setting].toBool())
                                                      : QVariant(u"cpu"_s);
            QVERIFY2(
                setting.write(&kept.values,
                    setting.isEnumType() ? QVariant(int(SettingsViewModel::DarkTheme)) : other),
                setting.name());
            QTRY_COMPARE(changed.size(), 1);
            QVERIFY2(!kept.store.value(QString::fromLatin1(setting.name())).isUndefined(),
                setting.name());
        }
        QCOMPARE(kept.values.device(), u"cpu"_s);
        QCOMPARE(kept.values.theme(), SettingsViewModel::DarkTheme);
        QCOMPARE(kept.values.problem(), QString());
    }
};

QTEST_GUILESS_MAIN(tst_SettingsViewModel)
#include "tst_SettingsViewModel.moc"
