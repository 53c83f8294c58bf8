// Choosing where models compute, and what becomes of the model that is open.
#include "storage/database/sqlite.h"
#include "tests/storage/await.h"
#include "tests/ui/chat_fixture.h"

#include <QSignalSpy>
#include <QTemporaryDir>

using namespace ponder;
using namespace Qt::StringLiterals;
using storage::await;

namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

GpuList twoGpus()
{
    return {
        {{0, "NVIDIA H100", 79 * kGiB, 78 * kGiB, 0}, {1, "NVIDIA T400", 2 * kGiB, kGiB, 0}}, {}};
}

} // namespace

class tst_DeviceViewModel : public QObject {
    Q_OBJECT

private slots:
    void saysWhyThereIsNoGpu()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QCOMPARE(f.model.place(), u"CPU"_s);
        QVERIFY(f.model.isOnProcessor());
        QCOMPARE(f.model.remark(), QString());
        QCOMPARE(f.device.reason(), QString()); // nobody has asked yet
        f.device.look();
        QCOMPARE(f.device.standing(), u"Looking for GPUs…"_s);
        QTRY_COMPARE(f.device.reason(), u"There is no NVIDIA driver on this computer."_s);
        QCOMPARE(f.device.standing(), u"Now: CPU"_s);
        QCOMPARE(f.device.devices()->rowCount(), 2);
    }

    void takesTheModelToTheChosenGpu()
    {
        ChatFixture f;
        f.engine->setGpus(twoGpus());
        QVERIFY(f.openModel());
        QCOMPARE(f.model.place(), u"GPU: NVIDIA H100"_s); // by itself
        QVERIFY(!f.model.isOnProcessor());
        QCOMPARE(f.model.plan(), u"NVIDIA H100: weights 24 MiB"_s);
        QVERIFY(f.askAndWait(u"Before?"_s));

        f.settings.setDevice(u"cuda:1"_s);
        QVERIFY(f.model.isOpening());
        QCOMPARE(f.device.standing(), u"The model is moving there…"_s);
        QTRY_VERIFY(!f.model.isOpening());
        QCOMPARE(f.model.place(), u"GPU + processor"_s);
        QCOMPARE(f.device.standing(), u"Now: GPU + processor"_s);
        QCOMPARE(f.engine->openings(), 2);

        f.settings.setDevice(u"cpu"_s);
        QTRY_COMPARE(f.model.place(), u"CPU"_s);
        QTRY_VERIFY(!f.model.isOpening());
        QVERIFY(f.askAndWait(u"And after?"_s)); // the conversation has stayed
        QCOMPARE(f.engine->lastRequest().messages.size(), 3u);
    }

    void waitsForTheAnswerThatIsBeingWritten()
    {
        ChatFixture f;
        f.engine->setGpus(twoGpus());
        QVERIFY(f.openModel());
        f.engine->setScript(
            {{}, std::vector<std::string>(60, "la "), std::chrono::milliseconds(3), {}});
        f.chat.ask(u"Sing"_s);
        QTRY_VERIFY(f.chat.messages()->count() == 2 && !f.lastRow().text.isEmpty());
        f.settings.setDevice(u"cpu"_s);
        QCOMPARE(f.device.standing(), u"The model moves there after this answer."_s);
        QVERIFY(!f.model.isOpening());
        f.device.look();
        QTRY_VERIFY(!f.chat.isGenerating());
        QCOMPARE(f.lastRow().text, QString(u"la "_s).repeated(60)); // to its end
        QTRY_COMPARE(f.model.place(), u"CPU"_s);
        QTRY_VERIFY(!f.model.isOpening());
        QCOMPARE(f.engine->openings(), 2);
        QTRY_COMPARE(f.device.devices()->rowCount(), 4);
    }

    void opensWithTheNewChoiceWhatIsBeingOpened()
    {
        ChatFixture f;
        f.engine->setGpus(twoGpus());
        f.model.openFile(u"/models/endless.gguf"_s);
        f.settings.setDevice(u"cuda:1"_s);
        QVERIFY(f.model.isOpening());
        f.model.openFile(u"/models/good.gguf"_s);
        QTRY_VERIFY(!f.model.isOpening());
        QVERIFY(f.model.isReady());
        QCOMPARE(f.engine->lastDevice().text(), "cuda:1");
    }

    void keepsTheChoiceForTheNextRun()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        {
            ChatFixture f(path);
            f.settings.setDevice(u"cuda:1"_s);
            QCOMPARE(f.engine->openings(), 0); // there is no model to take anywhere
        }
        ChatFixture f(path);
        f.engine->setGpus(twoGpus());
        await(f.settingsStore.load());
        QCOMPARE(f.settings.device(), u"cuda:1"_s);
        QCOMPARE(f.device.devices()->current(), 2);
        QVERIFY(f.openModel());
        QCOMPARE(f.model.place(), u"GPU + processor"_s);
        f.device.look();
        QTRY_COMPARE(f.device.devices()->rowCount(), 4);
        QCOMPARE(f.device.devices()->current(), 3);
    }

    void doesWithoutAGpuThatIsGone()
    {
        ChatFixture f;
        f.settings.setDevice(u"cuda:1"_s);
        QVERIFY(f.openModel());
        QCOMPARE(f.model.problem(), QString()); // a remark, not an error
        QCOMPARE(f.model.place(), u"CPU"_s);
        QVERIFY(f.model.remark().contains(u"no GPU cuda:1"_s));
        QCOMPARE(f.device.standing(), f.model.remark());
        f.engine->setGpus(twoGpus());
        f.device.tryAgain();
        QTRY_COMPARE(f.model.place(), u"GPU + processor"_s);
        QCOMPARE(f.model.remark(), QString());
    }

    void takesNonsenseForAutomatic()
    {
        ChatFixture f;
        f.settingsStore.setValue(u"device"_s, u"quantum:7"_s);
        QCOMPARE(f.settings.device(), u"auto"_s);
        f.settingsStore.setValue(u"device"_s, 17);
        QCOMPARE(f.settings.device(), u"auto"_s);
        QVERIFY(f.openModel());
        QCOMPARE(f.engine->lastDevice(), DeviceChoice{});
    }

    void closesTheModelAndGivesItsMemoryBack()
    {
        ChatFixture f;
        f.engine->setGpus(twoGpus());
        QVERIFY(f.openModel());
        f.engine->setScript(
            {{}, std::vector<std::string>(2000, "la "), std::chrono::milliseconds(2), {}});
        f.chat.ask(u"Sing"_s);
        QTRY_VERIFY(f.chat.messages()->count() == 2 && !f.lastRow().text.isEmpty());
        f.settings.setDevice(u"cpu"_s); // would move it after the answer
        f.model.close();
        QVERIFY(!f.model.isReady());
        QTRY_VERIFY(!f.engine->isOpen());
        QTRY_COMPARE(f.model.place(), QString());
        QTest::qWait(20);
        QVERIFY(!f.model.isReady() && !f.model.isOpening());
        QCOMPARE(f.lastRow().state, MessageRow::State::Interrupted);
        QVERIFY(f.chat.composer()->obstacle().contains(u"No model"_s));
        f.model.close(); // there is none
        QVERIFY(f.openModel());
    }
};

QTEST_MAIN(tst_DeviceViewModel)
#include "tst_DeviceViewModel.moc"
