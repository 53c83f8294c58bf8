// How many pictures the whole window draws, and how often it wakes: while an answer streams where the
// processor draws, and when nobody does anything.
#include "tests/app/shown_window.h"
#include "ui/theme/cursor_rest.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QQuickItem>
#include <QQuickStyle>
#include <QSignalSpy>
#include <QStyleHints>
#include <QTimer>

using namespace ponder;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Lets events come for so long, with one wake-up of its own.
void pass(std::chrono::milliseconds time)
{
    QEventLoop loop;
    QTimer::singleShot(time, &loop, &QEventLoop::quit);
    loop.exec();
}

/// How often the main thread has gone to sleep.
int sleeps()
{
    QFile file(u"/proc/thread-self/status"_s);
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray key = "voluntary_ctxt_switches:";
    const QByteArrayList lines = file.readAll().split('\n');
    for (const QByteArray& line : lines) {
        if (line.startsWith(key))
            return line.sliced(key.size()).trimmed().toInt();
    }
    return -1;
}

} // namespace

class tst_Frames : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QQuickStyle::setStyle(u"Basic"_s); }

    void anAnswerDrawsNoMoreThanItsTextNeeds()
    {
        ShownWindow shown;
        QVERIFY(shown.isReady());
        shown.f.worker.setPace(100ms);
        // A word every 5 ms, as a small model writes: 200 a second.
        shown.f.engine->setScript({std::vector<std::string>(200, "hm "),
            std::vector<std::string>(200, "word "), 5ms, {}});
        pass(400ms); // until nothing moves any more
        QSignalSpy frames(shown.window, &QQuickWindow::frameSwapped);
        QSignalSpy tokens(shown.f.chat.messages(), &MessageListModel::grown);
        shown.f.chat.ask(u"Go on."_s);
        QTRY_VERIFY(shown.f.chat.isGenerating());
        QElapsedTimer time;
        time.start();
        QTRY_VERIFY_WITH_TIMEOUT(!shown.f.chat.isGenerating(), 20'000);
        const double seconds = double(time.elapsed()) / 1000;
        const double drawn = double(frames.size()) / seconds;
        const double told = double(tokens.size()) / seconds;
        qInfo("%.1f pictures a second, text told %.1f times a second", drawn, told);
        // Ten of text, and after each an empty one, which Qt asks for when something is laid out because of a
        // layout; six of the marks that breathe, two of the cursor, and what folds in between.
        QVERIFY2(drawn < 40, qPrintable(QString::number(drawn)));
        QVERIFY2(told < 12, qPrintable(QString::number(told)));
        QVERIFY2(told > 4 && drawn > 4, "it can be seen growing");
        QCOMPARE(shown.f.lastRow().text, u"word "_s.repeated(200));
    }

    void whatIsNoTokenDoesNotWaitForThePace()
    {
        ChatFixture f;
        f.worker.setPace(2000ms);
        QVERIFY(f.openModel());
        f.engine->setScript({{}, {"a ", "b ", "c "}, 1ms, {}});
        QElapsedTimer time;
        time.start();
        QVERIFY(f.askAndWait(u"Letters?"_s));
        QVERIFY2(time.elapsed() < 1500, qPrintable(QString::number(time.elapsed())));
        QCOMPARE(f.lastRow().text, u"a b c "_s);
    }

    void aMarkBreathesInSteps()
    {
        ShownWindow shown;
        QVERIFY(shown.isReady());
        pass(400ms);
        QSignalSpy frames(shown.window, &QQuickWindow::frameSwapped);
        shown.f.model.openFile(u"/models/endless.gguf"_s);
        pass(1000ms);
        const qsizetype drawn = frames.size();
        QVERIFY2(drawn >= 5, "it breathes");
        QVERIFY2(drawn <= 20, qPrintable(QString::number(drawn)));
        shown.f.model.cancelOpening();
        QTRY_VERIFY(!shown.f.model.isOpening());
        pass(300ms);
        frames.clear();
        pass(500ms); // it does not breathe out first
        QVERIFY2(frames.size() <= 2, qPrintable(QString::number(frames.size()))); // the cursor's
    }

    void nothingWakesIt_data()
    {
        QTest::addColumn<QString>("field");
        QTest::newRow("composer") << u"composer.input"_s;
        QTest::newRow("search") << u"library.search"_s;
    }

    void nothingWakesIt()
    {
        QFETCH(QString, field);
        QGuiApplication::styleHints()->setCursorFlashTime(200);
        const CursorRest rest(nullptr, 500);
        ShownWindow shown;
        QVERIFY(shown.isReady());
        auto* item = shown.window->findChild<QQuickItem*>(field);
        QVERIFY(item);
        item->forceActiveFocus();
        QTest::keyClick(shown.window, Qt::Key_A);
        QSignalSpy frames(shown.window, &QQuickWindow::frameSwapped);
        pass(450ms);
        QVERIFY2(frames.size() >= 2, "the cursor blinks while somebody writes");

        pass(1200ms); // the draft is stored, the list is filtered, the cursor rests
        frames.clear();
        const int before = sleeps();
        pass(1500ms);
        QCOMPARE(frames.size(), 0);
        const int wakes = sleeps() - before;
        QVERIFY2(wakes <= 2, qPrintable(QString::number(wakes))); // that timer's
        QVERIFY(item->property("cursorVisible").toBool());

        QTest::keyClick(shown.window, Qt::Key_B);
        frames.clear();
        pass(450ms);
        QVERIFY2(frames.size() >= 2, "and blinks again with the next key");
    }
};

QTEST_MAIN(tst_Frames)
#include "tst_Frames.moc"
