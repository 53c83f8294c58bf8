// What a start finds: the bin and the clock, a first start that was killed, backups, drafts of other
// windows, and what cannot be opened or written at all.

#include "storage/conversations/conversation_store.h"
#include "storage/conversations/draft_store.h"
#include "storage/database/database.h"
#include "storage/database/database_file.h"
#include "storage/database/repair.h"
#include "storage/database/routine_backup.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QDir>
#include <QTemporaryDir>

using namespace ponder::storage;

class TestOpening : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void emptiesTheBinByDaysOfUse();
    void emptiesNoBinByAWrongClock_data();
    void emptiesNoBinByAWrongClock();
    void keepsTheOrderUnderAWrongClock();
    void saysNothingOfAKilledFirstStart_data();
    void saysNothingOfAKilledFirstStart();
    void keepsAStrangersFile();
    void makesRoutineBackups();
    void makesRoutineBackupsAfterAWrongClock();
    void keepsDraftsOfWindowsApart();
    void forgetsErasedText();
    void goesOnInMemory();
    void goesOnInMemoryWithWhatWaits();

private:
    QString path() const { return m_folder->filePath("ponder.db"); }
    int binned(QDate today); ///< conversations in the bin after a start on that day
    void deleteOne();

    std::unique_ptr<QTemporaryDir> m_folder;
};

int TestOpening::binned(QDate today)
{
    auto opened = openFile(path(), ponderSchema(), today);
    if (!opened)
        return -1;
    const int count = int(
        opened->connection.number("SELECT count(*) FROM conversations WHERE deleted IS NOT NULL")
            .value_or(-1));
    opened->lock.leave();
    return count;
}

void TestOpening::deleteOne()
{
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    const auto talk = addConversation(database, "gone");
    addQuestion(database, talk.id, 0, "text");
    mustGive(store.deleteConversation(talk.id));
}

void TestOpening::emptiesTheBinByDaysOfUse()
{
    deleteOne();
    QDate day = QDate::currentDate();
    for (int used = 1; used < kDaysInBin; ++used) {
        day = day.addDays(used % 3 + 1); // not every day
        QCOMPARE(binned(day), 1);
        QCOMPARE(binned(day), 1); // twice on one day is one day
    }
    QCOMPARE(binned(day.addDays(1)), 0);
}

void TestOpening::emptiesNoBinByAWrongClock_data()
{
    QTest::addColumn<QList<int>>("jumps"); // days from today, a start each
    QTest::newRow("forty days ahead") << QList{40};
    QTest::newRow("ahead and back") << QList{40, 0, 41, 1, 42, 2};
    QTest::newRow("back") << QList{-400, -399, 0, 1};
    QTest::newRow("to 1970 and forth") << QList{-20'000, 0, -20'000, 1, -20'000, 2};
    QTest::newRow("a century ahead") << QList{36'500, 0, 1};
    QTest::newRow("ten years on each start") << QList{3650, 7300, 10'950, 14'600};
}

void TestOpening::emptiesNoBinByAWrongClock()
{
    QFETCH(QList<int>, jumps);
    deleteOne();
    const QDate today = QDate::currentDate();
    for (const int jump : std::as_const(jumps))
        QCOMPARE(binned(today.addDays(jump)), 1);
    // And days are counted again from where the clock came to rest.
    QDate day = today.addDays(jumps.last());
    for (int used = 0; used < kDaysInBin; ++used)
        binned(day = day.addDays(1));
    QCOMPARE(binned(day), 0);
}

void TestOpening::keepsTheOrderUnderAWrongClock()
{
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    addConversation(database, "from the false future");
    mustGive(database.write([](Connection& connection) {
        return connection.run(
            "UPDATE conversations SET updated = ?", QDateTime::currentDateTime().addDays(400));
    }));
    const auto second = addConversation(database, "second");
    QCOMPARE(mustGive(store.conversations()).first().title, "second");
    addConversation(database, "third");
    addQuestion(database, second.id, 0, "more");
    QStringList titles;
    for (const Conversation& talk : mustGive(store.conversations()))
        titles.append(talk.title);
    QCOMPARE(titles, (QStringList{"second", "third", "from the false future"}));
}

void TestOpening::saysNothingOfAKilledFirstStart_data()
{
    QTest::addColumn<QByteArray>("left");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("NULs") << QByteArray(8192, '\0');
    QTest::newRow("the beginning of a header") << QByteArray("SQLite format 3\0\x10", 17);
    QTest::newRow("half a page") << "SQLite format 3" + QByteArray(2000, '\0');
    QTest::newRow("a log without a file") << QByteArray("log");
}

void TestOpening::saysNothingOfAKilledFirstStart()
{
    QFETCH(QByteArray, left);
    {
        QFile file(left == "log" ? path() + "-wal" : path());
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(left);
        QFile lock(path() + ".lock"); // made, and not marked yet
        QVERIFY(lock.open(QIODevice::WriteOnly));
    }
    Database database(ponderSchema());
    ConversationStore store(database);
    const Opening opening = mustGive(database.open(path()));
    QVERIFY2(opening.notice.isEmpty(), qPrintable(opening.notice));
    QVERIFY(opening.created);
    QVERIFY(QDir(m_folder->path()).entryList({"*damaged*"}).isEmpty());
    addConversation(database, "first");
}

void TestOpening::keepsAStrangersFile()
{
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("Dear diary");
    file.close();
    Database database(ponderSchema());
    const Opening opening = mustGive(database.open(path()));
    QVERIFY(opening.notice.contains("kept as"));
    QCOMPARE(QDir(m_folder->path()).entryList({"*damaged*"}).size(), 1);
}

void TestOpening::makesRoutineBackups()
{
    const QDateTime now = QDateTime::currentDateTime();
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    QCOMPARE(RoutineBackup::makeIfDue(ponderSchema(), path(), now), false); // of nothing
    const auto talk = addConversation(database, "c");
    addQuestion(database, talk.id, 0, "kept twice");
    QCOMPARE(RoutineBackup::makeIfDue(ponderSchema(), path(), now), true); // before any migration
    QCOMPARE(RoutineBackup::makeIfDue(ponderSchema(), path(), now), false);
    const QDir folder(backupFolder(path()));
    QCOMPARE(folder.entryList(QDir::Files).size(), 1);
    QVERIFY(QFile::copy(folder.filePath(folder.entryList(QDir::Files).first()),
        folder.filePath("ponder-v1-20200101-000000-000.db")));
    for (int week = 1; week < 5; ++week)
        QCOMPARE(RoutineBackup::makeIfDue(ponderSchema(), path(), now.addDays(8 * week)), true);
    QCOMPARE(folder.entryList({"ponder-v*.db"}).size(), 1); // those of migrations stay
    QCOMPARE(folder.entryList({"ponder-*.db"}).size(), 1 + RoutineBackup::kKept);
    mustGive(database.close());

    // And one is good for a repair.
    QFile file(path());
    QVERIFY(file.open(QIODevice::ReadWrite));
    file.write(QByteArray(int(file.size()), '\0'));
    file.close();
    QVERIFY(mustGive(database.open(path())).notice.contains("backup"));
    QCOMPARE(mustGive(store.activeBranch(talk.id)).first().text, "kept twice");
}

void TestOpening::makesRoutineBackupsAfterAWrongClock()
{
    const QDateTime now = QDateTime::currentDateTime();
    const QDir folder(backupFolder(path()));
    constexpr auto kOthers = QFile::ReadGroup | QFile::ReadOther;
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    const auto talk = addConversation(database, "c");
    addQuestion(database, talk.id, 0, "kept");
    for (const int years : {20, 21, 22})
        QCOMPARE(RoutineBackup::makeIfDue(ponderSchema(), path(), now.addYears(years)), true);
    for (const QString& name : folder.entryList(QDir::Files)) {
        QVERIFY(!(QFile::permissions(folder.filePath(name)) & kOthers));
        QVERIFY(QFile::setPermissions( // as earlier versions made them
            folder.filePath(name), QFile::ReadOwner | QFile::WriteOwner | kOthers));
    }

    QCOMPARE(RoutineBackup::makeIfDue(ponderSchema(), path(), now), true);
    QCOMPARE(RoutineBackup::makeIfDue(ponderSchema(), path(), now), false);
    const QString made = "ponder-" + now.toString("yyyyMMdd-HHmmss-zzz") + ".db";
    QVERIFY(folder.entryList(QDir::Files).contains(made));
    QCOMPARE(backupsOf(path(), now).first().fileName(), made); // which a repair takes, then
    for (const QFileInfo& backup : backupsOf(path(), now))
        QVERIFY(!(backup.permissions() & kOthers));
}

void TestOpening::keepsDraftsOfWindowsApart()
{
    ConversationId id = 0;
    {
        Database first(ponderSchema());
        ConversationStore store(first);
        DraftStore here(first);
        mustGive(first.open(path()));
        id = addConversation(first, "c").id;
        mustGive(here.save(0, "begun here"));
        mustGive(here.save(id, "of here"));
        Database second(ponderSchema());
        DraftStore there(second);
        mustGive(second.open(path()));
        QVERIFY(mustGive(there.load()).isEmpty()); // the first window still has its own
        mustGive(there.save(0, "begun there"));
        mustGive(there.save(id, "of there"));
        mustGive(there.save(999, "of nothing"));
        QCOMPARE(mustGive(here.load()).value(0), "begun here");
        QCOMPARE(mustGive(here.load()).value(id), "of here");
        QCOMPARE(mustGive(there.load()).size(), 2);
        mustGive(here.save(id, "  "));
        QCOMPARE(mustGive(here.load()).size(), 1);
    }
    // Both are closed. The newest comes first, the other when that one is sent.
    Database third(ponderSchema());
    DraftStore later(third);
    mustGive(third.open(path()));
    QCOMPARE(mustGive(later.load()).value(0), "begun there");
    QCOMPARE(mustGive(later.load()).value(id), "of there");
    mustGive(later.save(0, {}));
    mustGive(third.close());
    mustGive(third.open(path()));
    QCOMPARE(mustGive(later.load()).value(0), "begun here");
}

void TestOpening::forgetsErasedText()
{
    // The index is kept without triggers: what is erased must leave it too, and what follows must
    // not be disturbed by it.
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    for (int turn = 0; turn < 3; ++turn) {
        const auto talk = addConversation(database, "talk");
        const auto question = addQuestion(database, talk.id, 0, "numbat");
        const auto reply = beginAnswer(database, talk.id, question.id);
        store.appendToMessage(reply.id, "let me think of numbats", "a marsupial");
        mustGive(store.finishMessage(reply.id, {}));
        QCOMPARE(mustGive(store.searchMessages("numbat")).size(), 1);
        mustGive(store.deleteConversation(talk.id));
        QCOMPARE(mustGive(store.searchMessages("numbat")).size(), 0);
        QCOMPARE(mustGive(store.emptyBin()), 1);
    }
    // 1: compared with the messages, not only with itself.
    mustGive(database.write([](Connection& connection) {
        return connection.run(
            "INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)");
    }));
}

void TestOpening::goesOnInMemory()
{
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path()));
        const auto talk = addConversation(database, "kept");
        addQuestion(database, talk.id, 0, "from the file");
    }
    const auto before = QFileInfo(path()).lastModified();
    Database database(ponderSchema());
    ConversationStore store(database);
    QVERIFY(!mustGive(database.openInMemory(path())).readOnly);
    const auto list = mustGive(store.conversations());
    QCOMPARE(list.size(), 1);
    const auto question = mustGive(store.activeBranch(list[0].id)).last();
    QCOMPARE(question.text, "from the file");
    const auto reply = beginAnswer(database, list[0].id, question.id);
    store.appendToMessage(reply.id, {}, "in memory");
    QCOMPARE(mustGive(store.finishMessage(reply.id, {})).text, "in memory");
    QCOMPARE(mustGive(store.searchMessages("memory")).size(), 1);
    addConversation(database, "another");
    mustGive(database.close());
    QCOMPARE(QFileInfo(path()).lastModified(), before);

    // Where there is nothing to read, too.
    for (const char* nowhere : {"/dev/full/ponder.db", "/nowhere/at/all/ponder.db", "/dev/null"}) {
        mustGive(database.openInMemory(nowhere));
        QVERIFY(mustGive(store.conversations()).isEmpty());
        addConversation(database, "c");
    }
}

void TestOpening::goesOnInMemoryWithWhatWaits()
{
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    const auto talk = addConversation(database, "kept");
    const MessageId reply = beginAnswer(database, talk.id, 0).id;
    store.appendToMessage(reply, {}, "before, ");
    QTest::qWait(Database::kFlushDelayMs + 200);
    mustGive(database.run(
        [](Connection& connection) { return connection.run("PRAGMA max_page_count = 1"); }));
    store.appendToMessage(reply, {}, QString("while full, ").repeated(20'000));
    mustGive(database.openInMemory(path()));
    store.appendToMessage(reply, {}, "after");
    const Message whole = mustGive(store.finishMessage(reply, {}));
    QVERIFY(whole.text.startsWith("before, while full, "));
    QVERIFY(whole.text.endsWith("while full, after"));
    QCOMPARE(whole.state, MessageState::Complete);
}

QTEST_GUILESS_MAIN(TestOpening)
#include "tst_Opening.moc"
