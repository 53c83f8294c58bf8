// Damaged files: kept aside as they were, read as far as they can be, and replaced by a whole one.

#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QDir>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace ponder::storage;

namespace {

constexpr int kConversations = 40;
constexpr int kPage = 4096;

QByteArray noise(int size, quint32 seed)
{
    QRandomGenerator random(seed);
    QByteArray bytes(size, 0);
    for (char& byte : bytes)
        byte = char(random.bounded(256));
    return bytes;
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("not there");
}

void setContent(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(bytes), bytes.size());
}

void overwrite(const QString& path, qint64 offset, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(offset));
    QCOMPARE(file.write(bytes), bytes.size());
}

} // namespace

class TestRepair : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void repairs_data();
    void repairs();
    void readsWhatFlippedPagesLeave_data();
    void readsWhatFlippedPagesLeave();
    void usesTheLogOfAKilledProcess();
    void bringsBackALogBesideNothing_data();
    void bringsBackALogBesideNothing();
    void readsALogPastDamage_data();
    void readsALogPastDamage();
    void setsAForeignDatabaseAside();
    void setsAFolderAside();
    void endsAnInterruptedRepair();
    void bringsBackABackup();
    void mendsTrees();
    void repairsWhileWorking();
    void leavesTheFileWhileAnotherWindowHasIt();

private:
    QString path() const { return m_folder->filePath("ponder.db"); }
    QStringList keptAside() const;
    /// kConversations conversations of a question and an answer each, closed in good order.
    void fill();
    /// As if the last process had been killed: the file is checked when it is opened.
    void pretendKilled() { setContent(path() + ".lock", "open\n"); }

    QTemporaryDir m_model; ///< where initTestCase() made what fill() copies
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestRepair::initTestCase()
{
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(m_model.filePath("ponder.db")));
    mustGive(database.run(
        [](Connection& connection) { return connection.run("PRAGMA synchronous = OFF"); }));
    for (int i = 0; i < kConversations; ++i) {
        const auto talk = addConversation(database, QString("Talk %1").arg(i));
        const auto question = addQuestion(database, talk.id, 0, QString("Q%1").arg(i));
        const auto reply = beginAnswer(database, talk.id, question.id);
        store.appendToMessage(
            reply.id, QString("T%1 ").arg(i).repeated(900), QString("A%1").arg(i));
        AnswerEnd end;
        end.tokenStatistics = noise(100, quint32(i));
        mustGive(store.finishMessage(reply.id, end));
    }
}

void TestRepair::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestRepair::fill()
{
    QVERIFY(QFile::copy(m_model.filePath("ponder.db"), path()));
}

QStringList TestRepair::keptAside() const
{
    QStringList paths;
    const QDir folder(m_folder->path());
    for (const QString& name : folder.entryList({"ponder.db.damaged-*"}, QDir::AllEntries))
        paths.append(folder.filePath(name));
    return paths;
}

void TestRepair::repairs_data()
{
    QTest::addColumn<int>("from"); // what is overwritten …
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("withNuls"); // … by what
    QTest::addColumn<int>("cutTo"); // the size that the file is cut to; -1: not cut
    QTest::addColumn<int>("recovered"); // conversations that must come back at the least

    QTest::newRow("garbage for a header") << 0 << 100 << false << -1 << kConversations;
    QTest::newRow("a header of NULs") << 0 << 16 << true << -1 << kConversations;
    QTest::newRow("garbage for the first page") << 0 << kPage << false << -1 << kConversations;
    QTest::newRow("garbage throughout") << 0 << 100'000'000 << false << -1 << 0;
    QTest::newRow("NULs throughout") << 0 << 100'000'000 << true << -1 << 0;
    QTest::newRow("cut to nothing") << 0 << 0 << false << 0 << 0;
    QTest::newRow("cut within the header") << 0 << 0 << false << 50 << 0;
    QTest::newRow("cut in half") << 0 << 0 << false << 150'000 << 5;
}

void TestRepair::repairs()
{
    QFETCH(int, from);
    QFETCH(int, size);
    QFETCH(bool, withNuls);
    QFETCH(int, cutTo);
    QFETCH(int, recovered);
    fill();
    QByteArray bytes = contentOf(path());
    QVERIFY(bytes.size() > 200'000);
    size = qMin(size, int(bytes.size()) - from);
    bytes.replace(from, size, withNuls ? QByteArray(size, 0) : noise(size, 1));
    if (cutTo >= 0)
        bytes.truncate(cutTo);
    setContent(path(), bytes);
    pretendKilled();

    Database database(ponderSchema());
    ConversationStore store(database);
    const Opening opening = mustGive(database.open(path()));
    QVERIFY(!opening.readOnly);
    QCOMPARE(keptAside().size(), 1);
    QVERIFY(contentOf(keptAside().first()) == bytes); // to the byte
    QVERIFY2(opening.notice.contains("damaged") && opening.notice.contains(keptAside().first()),
        qPrintable(opening.notice));

    const auto conversations = mustGive(store.conversations());
    qInfo("%lld of %d conversations recovered", qint64(conversations.size()), kConversations);
    QCOMPARE_GE(conversations.size(), recovered);
    QCOMPARE(opening.created, conversations.isEmpty());
    for (const Conversation& conversation : conversations) {
        const auto branch = mustGive(store.activeBranch(conversation.id));
        if (recovered != kConversations)
            continue;
        QCOMPARE(branch.size(), 2);
        QCOMPARE(branch[0].text, 'Q' + conversation.title.mid(5));
        QVERIFY(branch[1].hasTokenStatistics);
    }
    // And it goes on.
    const auto talk = addConversation(database, "afterwards");
    addQuestion(database, talk.id, 0, "hello");
    QCOMPARE(mustGive(store.searchMessages("hello")).size(), 1);
    mustGive(database.close());
    QVERIFY(mustGive(database.open(path())).notice.isEmpty());
    QCOMPARE(mustGive(store.conversations()).size(), conversations.size() + 1);
    QCOMPARE(QDir(m_folder->path()).entryList({"*rebuil*", "*salvage*"}).size(), 0);
}

void TestRepair::readsWhatFlippedPagesLeave_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= 12; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void TestRepair::readsWhatFlippedPagesLeave()
{
    QFETCH(quint32, seed);
    fill();
    QRandomGenerator random(seed);
    const int pages = int(QFileInfo(path()).size() / kPage);
    for (int hit = 0; hit < 3; ++hit)
        overwrite(
            path(), qint64(random.bounded(1, pages)) * kPage, noise(kPage, random.generate()));
    const QByteArray damaged = contentOf(path());
    pretendKilled();

    Database database(ponderSchema());
    ConversationStore store(database);
    const Opening opening = mustGive(database.open(path()));
    QVERIFY(!opening.notice.isEmpty());
    QVERIFY(contentOf(keptAside().first()) == damaged);
    const auto conversations = mustGive(store.conversations());
    int whole = 0;
    for (const Conversation& conversation : conversations) {
        const auto branch = mustGive(store.activeBranch(conversation.id));
        if (branch.size() == 2 && branch[1].reasoning.size() > 2000)
            ++whole;
    }
    qInfo("3 of %d pages lost: %d of %d conversations whole", pages, whole, kConversations);
    // A page of a table's tree may take many rows with it, but not everything.
    QCOMPARE_GE(conversations.size() + whole, kConversations / 2);
}

void TestRepair::usesTheLogOfAKilledProcess()
{
    const QString elsewhere = m_folder->filePath("killed.db");
    {
        fill();
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path()));
        addConversation(database, "only in the log");
        // What a killed process leaves: the file and its log.
        QVERIFY(QFile::copy(path(), elsewhere));
        QVERIFY(QFile::copy(path() + "-wal", elsewhere + "-wal"));
    }
    overwrite(elsewhere, 0, noise(100, 7));
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(elsewhere));
    const auto conversations = mustGive(store.conversations());
    QCOMPARE(conversations.size(), kConversations + 1);
    QCOMPARE(conversations.first().title, "only in the log");
}

void TestRepair::bringsBackALogBesideNothing_data()
{
    QTest::addColumn<bool>("isThere");
    QTest::addColumn<bool>("marked"); // by a start that ended well
    QTest::newRow("an empty file") << true << true;
    QTest::newRow("no file") << false << true;
    QTest::newRow("no file, and no mark") << false << false;
}

void TestRepair::bringsBackALogBesideNothing()
{
    QFETCH(bool, isThere);
    QFETCH(bool, marked);
    const QString elsewhere = m_folder->filePath("killed.db");
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path()));
        const auto talk = addConversation(database, "only in the log");
        addQuestion(database, talk.id, 0, "the question");
        QVERIFY(QFile::copy(path() + "-wal", elsewhere + "-wal"));
    }
    const QByteArray log = contentOf(elsewhere + "-wal");
    if (isThere)
        setContent(elsewhere, {});
    if (marked)
        setContent(elsewhere + ".lock", "open\n");

    Database database(ponderSchema());
    ConversationStore store(database);
    const Opening opening = mustGive(database.open(elsewhere));
    QVERIFY2(opening.notice.contains("repaired"), qPrintable(opening.notice));
    const auto conversations = mustGive(store.conversations());
    QCOMPARE(conversations.size(), 1);
    QCOMPARE(conversations.first().title, "only in the log");
    QCOMPARE(mustGive(store.activeBranch(conversations.first().id)).first().text, "the question");
    const QDir folder(m_folder->path());
    const QStringList kept = folder.entryList({"killed.db.damaged-*-wal"});
    QCOMPARE(kept.size(), 1);
    QVERIFY(contentOf(folder.filePath(kept.first())) == log);
}

void TestRepair::readsALogPastDamage_data()
{
    QTest::addColumn<double>("place"); // of the log's length; the byte there is flipped
    QTest::addColumn<bool>("isDamage");
    QTest::newRow("the head") << 0.0 << true;
    QTest::newRow("a quarter") << 0.25 << true;
    QTest::newRow("the middle") << 0.5 << true;
    QTest::newRow("the last transaction, as of a power cut") << 1.0 << false;
}

void TestRepair::readsALogPastDamage()
{
    QFETCH(double, place);
    QFETCH(bool, isDamage);
    const QString elsewhere = m_folder->filePath("killed.db");
    constexpr int kTalks = 20;
    {
        fill();
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path()));
        for (int i = 0; i < kTalks; ++i)
            addConversation(database, QString("logged %1").arg(i));
        QVERIFY(QFile::copy(path(), elsewhere));
        QVERIFY(QFile::copy(path() + "-wal", elsewhere + "-wal"));
    }
    QByteArray log = contentOf(elsewhere + "-wal");
    const qsizetype at = qMin(qsizetype(place * double(log.size())), log.size() - kPage / 2);
    log[at] = char(~log[at]);
    setContent(elsewhere + "-wal", log);
    setContent(elsewhere + ".lock", "open\n");

    Database database(ponderSchema());
    ConversationStore store(database);
    const Opening opening = mustGive(database.open(elsewhere));
    QCOMPARE(opening.notice.contains("repaired"), isDamage);
    const auto conversations = mustGive(store.conversations());
    QCOMPARE_GE(conversations.size(), kConversations + kTalks - 1);
    if (isDamage)
        QCOMPARE(conversations.first().title, QString("logged %1").arg(kTalks - 1));
    const QDir folder(m_folder->path());
    QCOMPARE(folder.entryList({"killed.db.damaged-*-wal"}).size(), isDamage ? 1 : 0);
}

void TestRepair::setsAForeignDatabaseAside()
{
    {
        auto foreign = Connection::open(path(), Connection::Mode::ReadWrite);
        QVERIFY(foreign.has_value());
        QVERIFY(foreign
                ->runScript("CREATE TABLE recipes (name TEXT); "
                            "INSERT INTO recipes VALUES ('bread');")
                .has_value());
    }
    const QByteArray before = contentOf(path());
    Database database(ponderSchema());
    ConversationStore store(database);
    QVERIFY(mustGive(database.open(path())).notice.contains("kept as"));
    QVERIFY(contentOf(keptAside().first()) == before);
    QCOMPARE(mustGive(store.conversations()).size(), 0);
}

void TestRepair::setsAFolderAside()
{
    QVERIFY(QDir().mkpath(path() + "/inside"));
    Database database(ponderSchema());
    ConversationStore store(database);
    QVERIFY(mustGive(database.open(path())).notice.contains("kept as"));
    QVERIFY(QFileInfo(keptAside().first() + "/inside").isDir());
    addConversation(database, "c");
}

void TestRepair::endsAnInterruptedRepair()
{
    // As after a power cut between the two renames, or before the first.
    fill();
    QVERIFY(QFile::copy(path(), path() + ".rebuilt"));
    for (const bool renamed : {true, false}) {
        if (renamed)
            QVERIFY(QFile::rename(path(), path() + ".damaged-20260101-000000"));
        else
            overwrite(path(), 0, noise(kPage, 3));
        Database database(ponderSchema());
        ConversationStore store(database);
        QVERIFY(!mustGive(database.open(path())).created);
        QCOMPARE(mustGive(store.conversations()).size(), kConversations);
        QVERIFY(!QFile::exists(path() + ".rebuilt"));
        mustGive(database.close());
        QVERIFY(QFile::copy(path(), path() + ".rebuilt"));
    }
    QCOMPARE(keptAside().size(), 2);
}

void TestRepair::bringsBackABackup()
{
    fill();
    QVERIFY(QDir().mkpath(m_folder->filePath("backups")));
    QVERIFY(QFile::copy(path(), m_folder->filePath("backups/ponder-v1-20260101-000000-000.db")));
    setContent(path(), QByteArray(100'000, 0));
    Database database(ponderSchema());
    ConversationStore store(database);
    const Opening opening = mustGive(database.open(path()));
    QVERIFY2(opening.notice.contains("backup"), qPrintable(opening.notice));
    QCOMPARE(mustGive(store.conversations()).size(), kConversations);
    QVERIFY(QFile::exists(m_folder->filePath("backups/ponder-v1-20260101-000000-000.db")));
}

void TestRepair::mendsTrees()
{
    fill();
    {
        // Rows as a lost page leaves them: a conversation, a parent and a leaf are missing.
        auto connection = Connection::open(path(), Connection::Mode::ReadWrite);
        QVERIFY(connection.has_value());
        QVERIFY(connection
                ->runScript("PRAGMA foreign_keys = OFF;"
                            "UPDATE messages SET parent = 9999 WHERE id = 4;"
                            "DELETE FROM conversations WHERE id = 1;"
                            "UPDATE conversations SET active_leaf = 8888 WHERE id = 2;"
                            "UPDATE messages SET conversation = 3, parent = 7 WHERE id = 5;")
                .has_value());
    }
    overwrite(path(), 0, noise(16, 5));
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    QCOMPARE(mustGive(store.conversations()).size(), kConversations);
    QCOMPARE(mustGive(store.conversation(1)).title, "Recovered: Q0");
    QCOMPARE(mustGive(store.activeBranch(1)).size(), 2);
    QCOMPARE(mustGive(store.activeBranch(2)).size(), 2);
    QCOMPARE(mustGive(database.run([](Connection& connection) {
        return connection.number("SELECT count(*) FROM pragma_foreign_key_check");
    })),
        0);
}

void TestRepair::repairsWhileWorking()
{
    fill();
    Database database(ponderSchema());
    ConversationStore store(database);
    QSignalSpy repaired(&database, &Database::repaired);
    mustGive(database.open(path()));
    const auto talk = addConversation(database, "streaming");
    const MessageId reply = beginAnswer(database, talk.id, 0).id;
    store.appendToMessage(reply, "before, ", {});
    QTest::qWait(Database::kFlushDelayMs + 200);
    mustGive(database.run([](Connection& connection) {
        return connection.runScript("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory;");
    }));
    // Thoughts that nobody has read yet.
    const QByteArray bytes = contentOf(path());
    for (const char* thought : {"T12 T12", "T17 T17", "T30 T30"}) {
        const qint64 at = bytes.indexOf(thought);
        QCOMPARE_GT(at, 0);
        overwrite(path(), at / kPage * kPage, noise(kPage, quint32(at)));
    }
    int read = 0;
    for (ConversationId id = 1; id <= kConversations; ++id)
        read += mustGive(store.activeBranch(id)).isEmpty() ? 0 : 1;
    mustGive(store.searchMessages("t17"));
    store.appendToMessage(reply, "after", "done");
    QCOMPARE(mustGive(store.finishMessage(reply, {})).reasoning, "before, after");
    QTRY_COMPARE(repaired.size(), 1);
    QVERIFY(repaired.first().first().toString().contains(keptAside().first()));
    QCOMPARE_GE(read, kConversations - 3);
}

void TestRepair::leavesTheFileWhileAnotherWindowHasIt()
{
    fill();
    Database first(ponderSchema());
    ConversationStore here(first);
    mustGive(first.open(path()));
    mustGive(here.conversations());
    const QByteArray before = noise(kPage, 9);
    overwrite(path(), 0, before);
    Database second(ponderSchema());
    const auto refused = await(second.open(path()));
    QCOMPARE(refused.error().code, ErrorCode::Busy);
    QVERIFY(refused.error().message.contains("Close"));
    QVERIFY(contentOf(path()).startsWith(before));
    QVERIFY(keptAside().isEmpty());
}

QTEST_GUILESS_MAIN(TestRepair)
#include "tst_Repair.moc"
