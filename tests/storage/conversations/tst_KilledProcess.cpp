// A process that streams answers is killed without warning: at most a second of text is missing.

#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>

using namespace ponder::storage;

class TestKilledProcess : public QObject {
    Q_OBJECT

private slots:
    void losesAtMostASecond();

private:
    /// The process's clock, in ms, at each number that it handed over before it was killed.
    QList<qint64> streamAndKill(const QString& path, int afterMs);
};

QList<qint64> TestKilledProcess::streamAndKill(const QString& path, int afterMs)
{
    QProcess writer;
    writer.start(STORAGE_WRITER, {"stream", path});
    if (!writer.waitForStarted() || !writer.waitForReadyRead(30'000)) {
        QTest::qFail("the writer does not write", __FILE__, __LINE__);
        return {};
    }
    QTest::qWait(afterMs);
    writer.kill(); // SIGKILL
    writer.waitForFinished();
    QList<qint64> times;
    for (const QByteArray& line : writer.readAllStandardOutput().split('\n')) {
        const QList<QByteArray> fields = line.split(' ');
        if (fields.size() == 2)
            times.append(fields[1].toLongLong());
    }
    return times;
}

void TestKilledProcess::losesAtMostASecond()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("ponder.db");
    constexpr int kRounds = 6;
    qint64 longest = 0;
    for (int round = 0; round < kRounds; ++round) {
        const int afterMs = QRandomGenerator::global()->bounded(100, 1900);
        const QList<qint64> times = streamAndKill(path, afterMs);
        QVERIFY(times.size() > 5);

        Database database(ponderSchema());
        ConversationStore store(database);
        const Opening opening = mustGive(database.open(path));
        QVERIFY2(opening.notice.isEmpty(), qPrintable(opening.notice));
        QCOMPARE(mustGive(database.run([](Connection& connection) -> Result<QString> {
            Query check(connection, "PRAGMA integrity_check");
            return check.next() ? check.text(0) : QString();
        })),
            "ok");

        const auto conversations = mustGive(store.conversations());
        QCOMPARE(conversations.size(), round + 1);
        const auto branch = mustGive(store.activeBranch(conversations.first().id));
        QString stored;
        for (const Message& message : branch) {
            const bool last = message.id == branch.last().id;
            if (!last)
                QCOMPARE(message.state, MessageState::Complete);
            QVERIFY(message.state != MessageState::Streaming);
            if (message.role == Role::Assistant) {
                stored += message.reasoning + message.text;
                continue;
            }
            QCOMPARE(message.parts.size(), 2); // a question is there whole, with its answer
            QVERIFY(!last);
            const QByteArray file = mustGive(store.attachment(message.parts[1].file.id));
            const qsizetype numbers = stored.count(' ');
            QCOMPARE(file, QByteArray::number(numbers).repeated(2000));
        }
        // Every number in its order: nothing lost in between, nothing twice.
        const auto numbers = stored.split(' ', Qt::SkipEmptyParts);
        for (qsizetype i = 0; i < numbers.size(); ++i)
            QCOMPARE(numbers[i], QString::number(i));
        if (numbers.size() < times.size()) {
            const qint64 lost = times.last() - times[numbers.size()];
            longest = qMax(longest, lost);
            QVERIFY2(lost <= 1000, qPrintable(QString("%1 ms of text are missing").arg(lost)));
        }
    }
    qInfo("killed %d times: at most %lld ms of text missing", kRounds, longest);
}

QTEST_GUILESS_MAIN(TestKilledProcess)
#include "tst_KilledProcess.moc"
