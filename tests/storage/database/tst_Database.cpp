// The database itself: opening, closing, jobs, two windows, settings, where the data lies.

#include "storage/conversations/conversation_store.h"
#include "storage/database/data_folder.h"
#include "storage/database/database.h"
#include "storage/database/error_report.h"
#include "storage/database/sqlite.h"
#include "storage/settings_store.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <unistd.h>

using namespace ponder::storage;

class TestDatabase : public QObject {
    Q_OBJECT

private slots:
    void init();
    void findsTheDataFolder();
    void createsFoldersAndReopens();
    void keepsNothingInMemory();
    void isDurable();
    void answersOnAnotherThread();
    void rollsBackWhatFails();
    void writesWhatWasPutOffWhenItCloses();
    void refusesWhenClosed();
    void sharesWithASecondWindow();
    void leavesAnotherWindowsAnswerAlone();
    void explainsAFolderThatCannotBeMade();
    void explainsAFolderThatCannotBeWritten();
    void readsAFolderThatCannotBeWritten();
    void keepsSettings();
    void tellsOfSettings();

private:
    QString path() const { return m_folder->filePath("ponder.db"); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

/// This process with nobody's rights, so that permissions count where tests are run by root.
class AsNobody {
public:
    AsNobody()
    {
        if (::geteuid() == 0)
            m_changed = ::setresuid(kNobody, kNobody, 0) == 0;
    }
    ~AsNobody()
    {
        if (m_changed && ::setresuid(0, 0, 0) != 0)
            qFatal("cannot be root again");
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

private:
    static constexpr uid_t kNobody = 65534;
    bool m_changed = false;
};

void TestDatabase::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestDatabase::findsTheDataFolder()
{
    qputenv("PONDER_DATA_DIR", "/some/where/../else/");
    QCOMPARE(dataFolder(), "/some/else");
    QCOMPARE(databasePath(), "/some/else/ponder.db");
    qputenv("PONDER_DATA_DIR", "relative");
    QCOMPARE(dataFolder(), QDir::currentPath() + "/relative");
    qunsetenv("PONDER_DATA_DIR");
    qputenv("XDG_DATA_HOME", "/xdg");
    QCOMPARE(dataFolder(), "/xdg/ponder");
    qunsetenv("XDG_DATA_HOME");
    QCOMPARE(dataFolder(), QDir::homePath() + "/.local/share/ponder");
}

void TestDatabase::createsFoldersAndReopens()
{
    const QString deep = m_folder->filePath("a/b c/ö/ponder.db");
    Database database(ponderSchema());
    const Opening first = mustGive(database.open(deep));
    QVERIFY(first.created);
    QVERIFY(!first.readOnly);
    QVERIFY(first.notice.isEmpty());
    const Opening second = mustGive(database.open(deep));
    QVERIFY(!second.created);
    QVERIFY(second.notice.isEmpty());
    mustGive(database.close());
    QCOMPARE(QDir(m_folder->filePath("a/b c/ö")).entryList(QDir::Files),
        (QStringList{"ponder.db", "ponder.db.lock", "ponder.db.reserve"}));
    // Nobody else's eyes: conversations are private.
    QVERIFY(!(QFile::permissions(deep) & (QFile::ReadOther | QFile::ReadGroup)));
}

void TestDatabase::keepsNothingInMemory()
{
    Database database(ponderSchema());
    ConversationStore store(database);
    QVERIFY(mustGive(database.open(":memory:")).created);
    addConversation(database, "brief");
    QCOMPARE(mustGive(store.conversations()).size(), 1);
    QVERIFY(mustGive(database.open(":memory:")).created);
    QCOMPARE(mustGive(store.conversations()).size(), 0);
}

void TestDatabase::isDurable()
{
    Database database(ponderSchema());
    mustGive(database.open(path()));
    const auto pragma = [&](const char* sql) {
        return mustGive(database.run([sql](Connection& connection) -> Result<QString> {
            Query query(connection, sql);
            return query.next() ? query.text(0) : QString();
        }));
    };
    QCOMPARE(pragma("PRAGMA journal_mode"), "wal");
    QCOMPARE(pragma("PRAGMA synchronous"), "2"); // FULL
    QCOMPARE(pragma("PRAGMA foreign_keys"), "1");
}

void TestDatabase::answersOnAnotherThread()
{
    Database database(ponderSchema());
    mustGive(database.open(path()));
    QThread* const worker = mustGive(
        database.run([](Connection&) -> Result<QThread*> { return QThread::currentThread(); }));
    QVERIFY(worker != QThread::currentThread());
    // Jobs keep their order.
    QList<int> order;
    for (int i = 0; i < 100; ++i) {
        database.post([&order, i] { order.append(i); });
    }
    mustGive(database.run([](Connection&) -> Result<void> { return {}; }));
    QCOMPARE(order.size(), 100);
    QVERIFY(std::ranges::is_sorted(order));
}

void TestDatabase::rollsBackWhatFails()
{
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    const auto failed = await(database.write([](Connection& connection) -> Result<int> {
        const auto inserted = connection.run(
            "INSERT INTO conversations (title, created, updated) VALUES ('half', 0, 0)");
        if (!inserted)
            return tl::unexpected(inserted.error());
        return fail(ErrorCode::InvalidArgument, "No.");
    }));
    QCOMPARE(failed.error().message, "No.");
    QVERIFY(mustGive(store.conversations()).isEmpty());

    const auto wrong = await(database.write(
        [](Connection& connection) { return connection.run("SELECT nonsense FROM nowhere"); }));
    QCOMPARE(wrong.error().code, ErrorCode::Internal);
    QVERIFY(wrong.error().context.contains("nowhere"));
    // What a person reads names what failed, in whose words, and what to do.
    for (const char* part :
        {"conversations", "SQLite 3.", "no such table: nowhere", "Start Ponder again", "Details"})
        QVERIFY2(wrong.error().message.contains(QLatin1String(part)), part);
    QCOMPARE(detailsOf(wrong.error()), "storage: Internal\n" + wrong.error().context);
    addConversation(database, "after");
}

void TestDatabase::writesWhatWasPutOffWhenItCloses()
{
    MessageId reply = 0;
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path()));
        const auto talk = addConversation(database, "c");
        reply = beginAnswer(database, talk.id, 0).id;
        store.appendToMessage(reply, "thought", "text");
    }
    Database database(ponderSchema());
    ConversationStore store(database);
    mustGive(database.open(path()));
    const Message kept = messageOf(store, reply);
    QCOMPARE(kept.state, MessageState::Interrupted);
    QCOMPARE(kept.reasoning, "thought");
    QCOMPARE(kept.text, "text");
}

void TestDatabase::refusesWhenClosed()
{
    Database database(ponderSchema());
    SettingsStore settings(database);
    QCOMPARE(await(settings.load()).error().code, ErrorCode::NotOpen);
    mustGive(database.open(path()));
    mustGive(settings.load());
    mustGive(database.close());
    mustGive(database.close());
    QCOMPARE(await(settings.load()).error().code, ErrorCode::NotOpen);
}

void TestDatabase::sharesWithASecondWindow()
{
    Database first(ponderSchema());
    Database second(ponderSchema());
    ConversationStore here(first);
    ConversationStore there(second);
    mustGive(first.open(path()));
    const Opening opening = mustGive(second.open(path()));
    QVERIFY(!opening.readOnly);
    QVERIFY(opening.notice.isEmpty());
    addConversation(first, "from here");
    addConversation(second, "from there");
    QCOMPARE(mustGive(here.conversations()).size(), 2);
    QCOMPARE(mustGive(there.conversations()).size(), 2);
}

void TestDatabase::leavesAnotherWindowsAnswerAlone()
{
    Database first(ponderSchema());
    ConversationStore here(first);
    mustGive(first.open(path()));
    const auto talk = addConversation(first, "c");
    const MessageId reply = beginAnswer(first, talk.id, 0).id;
    here.appendToMessage(reply, {}, "one ");
    mustGive(first.run([](Connection&) -> Result<void> { return {}; }));
    QTest::qWait(Database::kFlushDelayMs + 200);

    Database second(ponderSchema());
    ConversationStore there(second);
    mustGive(second.open(path()));
    QCOMPARE(messageOf(there, reply).text, "one ");
    QCOMPARE(await(there.finishMessage(reply, {})).error().code, ErrorCode::NotFound);

    here.appendToMessage(reply, {}, "two");
    const Message done = mustGive(here.finishMessage(reply, {}));
    QCOMPARE(done.text, "one two");
    QCOMPARE(messageOf(there, reply).state, MessageState::Complete);
}

void TestDatabase::explainsAFolderThatCannotBeMade()
{
    QFile file(m_folder->filePath("file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    Database database(ponderSchema());
    const auto failed = await(database.open(file.fileName() + "/below/ponder.db"));
    QCOMPARE(failed.error().code, ErrorCode::NoPermission);
    QVERIFY(failed.error().message.contains(file.fileName() + "/below"));
    QVERIFY(failed.error().message.contains("PONDER_DATA_DIR"));
}

void TestDatabase::explainsAFolderThatCannotBeWritten()
{
    QVERIFY(QFile::setPermissions(
        m_folder->path(), QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther));
    {
        const AsNobody rights;
        Database database(ponderSchema());
        const auto failed = await(database.open(path()));
        QCOMPARE(failed.error().code, ErrorCode::NoPermission);
        QVERIFY(failed.error().message.endsWith('.'));
    }
    QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

void TestDatabase::readsAFolderThatCannotBeWritten()
{
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path()));
        addQuestion(database, addConversation(database, "kept").id, 0, "?");
    }
    const auto all = QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther;
    for (const QString& name : {path(), path() + ".lock"})
        QVERIFY(QFile::setPermissions(name, all));
    QVERIFY(QFile::setPermissions(
        m_folder->path(), all | QFile::ExeOwner | QFile::ExeGroup | QFile::ExeOther));
    {
        const AsNobody rights;
        Database database(ponderSchema());
        ConversationStore store(database);
        const Opening opening = mustGive(database.open(path()));
        QVERIFY(opening.readOnly);
        QVERIFY(opening.notice.contains(m_folder->path()));
        const auto conversations = mustGive(store.conversations());
        QCOMPARE(conversations.size(), 1);
        QCOMPARE(mustGive(store.activeBranch(conversations.first().id)).first().text, "?");
        const auto refused = await(store.beginConversation("x", {}, {textPart("?")}, {}));
        QCOMPARE(refused.error().code, ErrorCode::ReadOnly);
        QCOMPARE(refused.error().message, opening.notice);
    }
    QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

void TestDatabase::keepsSettings()
{
    {
        Database database(ponderSchema());
        SettingsStore settings(database);
        mustGive(database.open(path()));
        QCOMPARE(settings.value("theme", "system").toString(), "system");
        mustGive(settings.setValue("theme", "dark"));
        mustGive(settings.setValue("theme", "light"));
        mustGive(settings.setValue("recentModels", QJsonArray{"/a.gguf", "/b ö.gguf"}));
        mustGive(settings.setValue("window", QJsonObject{{"width", 1200.5}, {"open", true}}));
        mustGive(settings.setValue("nothing", QJsonValue::Null));
        mustGive(settings.setValue("gone", 1));
        mustGive(settings.setValue("gone", QJsonValue::Undefined));
    }
    Database database(ponderSchema());
    SettingsStore settings(database);
    mustGive(database.open(path()));
    mustGive(settings.load());
    QCOMPARE(settings.value("theme").toString(), "light");
    QCOMPARE(settings.value("recentModels").toArray(), (QJsonArray{"/a.gguf", "/b ö.gguf"}));
    QCOMPARE(settings.value("window").toObject(), (QJsonObject{{"width", 1200.5}, {"open", true}}));
    QVERIFY(settings.value("nothing", 1).isNull());
    QCOMPARE(settings.value("gone", "fallback").toString(), "fallback");
}

void TestDatabase::tellsOfSettings()
{
    Database database(ponderSchema());
    SettingsStore settings(database);
    mustGive(database.open(path()));
    QSignalSpy changed(&settings, &SettingsStore::changed);
    const auto stored = settings.setValue("a", 1);
    QCOMPARE(settings.value("a").toInt(), 1); // at once
    QCOMPARE(changed.size(), 1);
    mustGive(stored);
    mustGive(settings.setValue("a", 1));
    mustGive(settings.load());
    QCOMPARE(changed.size(), 1);
    mustGive(settings.setValue("a", QJsonValue::Undefined));
    QCOMPARE(changed.size(), 2);
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_Database.moc"
