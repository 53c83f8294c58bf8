// No room left: what is stored stays, what waits is kept in memory and written once there is room.

#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "storage/database/error_report.h"
#include "storage/database/sqlite.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <cerrno>
#include <csignal>
#include <sys/resource.h>

using namespace ponder::storage;

namespace {

/// How the disk is made full and given room again.
struct Filling {
    virtual ~Filling() = default;
    virtual void fill(Database& database) = 0;
    virtual void makeRoom(Database& database) = 0;
};

/// SQLite's own limit of pages: SQLITE_FULL.
struct PageLimit : Filling {
    static void set(Database& database, const char* sql)
    {
        mustGive(database.run([sql](Connection& connection) { return connection.run(sql); }));
    }
    void fill(Database& database) override { set(database, "PRAGMA max_page_count = 1"); }
    void makeRoom(Database& database) override { set(database, "PRAGMA max_page_count = 1000000"); }
};

/// No file may grow past 256 KiB: write() fails, as on a full device or at a quota.
struct FileLimit : Filling {
    static void set(rlim_t bytes)
    {
        struct rlimit limit = {};
        getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    FileLimit() { std::signal(SIGXFSZ, SIG_IGN); }
    ~FileLimit() override { set(RLIM_INFINITY); }
    void fill(Database&) override { set(256 * 1024); }
    void makeRoom(Database&) override { set(RLIM_INFINITY); }
};

} // namespace

class TestFullDisk : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void refusesAndKeepsWhatIsStored_data() { fillings(); }
    void refusesAndKeepsWhatIsStored();
    void writesStreamedTextLater_data() { fillings(); }
    void writesStreamedTextLater();
    void finishesLater_data() { fillings(); }
    void finishesLater();
    void isToldFromALackOfPermission();

private:
    static void fillings();
    std::unique_ptr<Filling> fetchFilling();

    QString m_text; ///< too large for the room there is
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ConversationStore> m_store;
    Conversation m_talk;
};

void TestFullDisk::init()
{
    m_text.clear();
    for (int i = 0; m_text.size() < 400'000; ++i)
        m_text += QString::number(i) + ' ';
    m_folder = std::make_unique<QTemporaryDir>();
    m_database = std::make_unique<Database>(ponderSchema());
    m_store = std::make_unique<ConversationStore>(*m_database);
    mustGive(m_database->open(m_folder->filePath("ponder.db")));
    m_talk = addConversation(*m_database, "c");
    addQuestion(*m_database, m_talk.id, 0, "first");
}

void TestFullDisk::cleanup()
{
    m_store.reset();
    m_database.reset();
    m_folder.reset();
}

void TestFullDisk::fillings()
{
    QTest::addColumn<bool>("byPages");
    QTest::newRow("no more pages") << true;
    QTest::newRow("no larger files") << false;
}

std::unique_ptr<Filling> TestFullDisk::fetchFilling()
{
    const bool byPages = *static_cast<bool*>(QTest::qData("byPages", QMetaType::Bool));
    if (byPages)
        return std::make_unique<PageLimit>();
    return std::make_unique<FileLimit>();
}

void TestFullDisk::refusesAndKeepsWhatIsStored()
{
    const auto filling = fetchFilling();
    filling->fill(*m_database);
    const auto refused = await(m_store->ask(m_talk.id, 0, {textPart(m_text)}, {}));
    QVERIFY(!refused.has_value());
    QVERIFY2(refused.error().code == ErrorCode::DiskFull, qPrintable(refused.error().context));
    QVERIFY(refused.error().message.contains("full"));
    QCOMPARE(mustGive(m_store->activeBranch(m_talk.id)).last().text, "first");
    QCOMPARE(mustGive(m_store->activeBranch(m_talk.id)).last().siblingCount, 1);
    QByteArray bytes; // that zstd cannot make smaller
    QRandomGenerator random(3);
    while (bytes.size() < 400'000)
        bytes += char(random.bounded(256));
    const QList<MessagePart> parts{textPart("file"), filePart("noise", "image/png", bytes)};
    QCOMPARE(await(m_store->ask(m_talk.id, 0, parts, {})).error().code, ErrorCode::DiskFull);
    QCOMPARE(mustGive(m_store->tree(m_talk.id)).size(), 1);
    filling->makeRoom(*m_database);
    QCOMPARE(addQuestion(*m_database, m_talk.id, 0, m_text).text, m_text);
    const Asked asked = mustGive(m_store->ask(m_talk.id, 0, parts, {}));
    const AttachmentId file = asked.branch.first().parts.at(1).file.id;
    QVERIFY(mustGive(m_store->attachment(file)) == bytes);
}

void TestFullDisk::writesStreamedTextLater()
{
    const auto filling = fetchFilling();
    QSignalSpy failed(m_database.get(), &Database::writeFailed);
    QSignalSpy recovered(m_database.get(), &Database::writeRecovered);
    const MessageId reply = beginAnswer(*m_database, m_talk.id, 0).id;
    filling->fill(*m_database);
    m_store->appendToMessage(reply, m_text, "a");
    // First the reserve is begun on, and does not help here; then nothing can be written.
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 2, 5000);
    QVERIFY(failed.first().first().toString().contains("reserve"));
    QVERIFY(failed.last().first().toString().contains("cannot be saved"));
    m_store->appendToMessage(reply, "more", "b");
    // The window still sees all of it, and is not told the same thing every second.
    QCOMPARE(mustGive(m_store->activeBranch(m_talk.id)).last().text, "ab");
    QTest::qWait(Database::kRetryDelayMs + 300);
    QCOMPARE(failed.size(), 2);
    QCOMPARE(recovered.size(), 0);

    filling->makeRoom(*m_database);
    QTRY_COMPARE_WITH_TIMEOUT(recovered.size(), 1, 5000);
    const Message done = mustGive(m_store->finishMessage(reply, {}));
    QCOMPARE(done.reasoning, m_text + "more");
    QCOMPARE(done.text, "ab");
}

void TestFullDisk::finishesLater()
{
    const auto filling = fetchFilling();
    QSignalSpy recovered(m_database.get(), &Database::writeRecovered);
    const MessageId reply = beginAnswer(*m_database, m_talk.id, 0).id;
    filling->fill(*m_database);
    m_store->appendToMessage(reply, m_text, "answer");
    AnswerEnd end;
    end.reasoningTokens = 7;
    end.tokenStatistics = "statistics";
    const auto refused = await(m_store->finishMessage(reply, end));
    QCOMPARE(refused.error().code, ErrorCode::DiskFull);
    const Message waiting = mustGive(m_store->activeBranch(m_talk.id)).last();
    QCOMPARE(waiting.reasoning, m_text);
    QCOMPARE(waiting.state, MessageState::Complete);
    QCOMPARE(waiting.reasoningTokens, 7);

    filling->makeRoom(*m_database);
    QTRY_COMPARE_WITH_TIMEOUT(recovered.size(), 1, 5000);
    const Message done = mustGive(m_store->activeBranch(m_talk.id)).last();
    QCOMPARE(done.state, MessageState::Complete);
    QCOMPARE(done.reasoning, m_text);
    QCOMPARE(done.reasoningTokens, 7);
    QCOMPARE(mustGive(m_store->tokenStatistics(reply)), "statistics");
}

void TestFullDisk::isToldFromALackOfPermission()
{
    for (const int full : {ENOSPC, EDQUOT}) {
        const Error error = failToWrite(full, "not allowed", "/a/folder").value();
        QCOMPARE(error.code, ErrorCode::DiskFull);
        QVERIFY(error.message.contains("full"));
    }
    const Error refused = failToWrite(EACCES, "not allowed", "/a/folder").value();
    QCOMPARE(refused.code, ErrorCode::NoPermission);
    QCOMPARE(refused.message, "not allowed");
}

QTEST_GUILESS_MAIN(TestFullDisk)
#include "tst_FullDisk.moc"
