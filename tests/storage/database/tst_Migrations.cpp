// The schema's history: old files are brought up to date, with a backup, to what a fresh file has.

#include "storage/conversations/conversation_store.h"
#include "storage/conversations/note_store.h"
#include "storage/conversations/snapshot_store.h"
#include "storage/database/database.h"
#include "storage/database/database_file.h"
#include "storage/database/repair.h"
#include "storage/settings_store.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QDir>
#include <QTemporaryDir>

#include <vector>

using namespace ponder::storage;

class TestMigrations : public QObject {
    Q_OBJECT

private slots:
    void init();
    void historyOnlyGrows();
    void migratedEqualsFresh_data();
    void migratedEqualsFresh();
    void keepsWhatTheFirstVersionHeld();
    void takesANewStepWithABackup();
    void leavesTheFileAloneWhenAStepFails();
    void opensANewerFileToRead();
    void waitsUntilTheOtherWindowIsClosed();

private:
    /// The history, and one step more.
    const Schema& longer(const char* script);
    static QStringList schemaOf(Connection& connection);
    QString copyOf(const QString& fixture);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::vector<Migration> m_steps;
    Schema m_longer;
};

constexpr const char* kNextStep
    = "ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';"
      "CREATE TABLE colours (id INTEGER PRIMARY KEY, message INTEGER REFERENCES messages (id));"
      "CREATE TRIGGER coloured AFTER INSERT ON colours BEGIN UPDATE conversations SET colour = "
      "'a;b'; "
      "END;";

void TestMigrations::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

const Schema& TestMigrations::longer(const char* script)
{
    m_longer = ponderSchema();
    m_steps.assign(m_longer.migrations.begin(), m_longer.migrations.end());
    m_steps.push_back({m_steps.back().version + 1, script});
    m_longer.migrations = m_steps;
    return m_longer;
}

QStringList TestMigrations::schemaOf(Connection& connection)
{
    Query rows(connection,
        "SELECT type || ' ' || name || ' ' || tbl_name || ': ' || coalesce(sql, '') "
        "FROM sqlite_schema ORDER BY type, name");
    QStringList schema;
    while (rows.next())
        schema.append(rows.text(0));
    schema.append(QString::number(connection.number("PRAGMA user_version").value_or(-1)));
    schema.append(QString::number(connection.number("PRAGMA application_id").value_or(-1)));
    return schema;
}

QString TestMigrations::copyOf(const QString& fixture)
{
    const QString path = m_folder->filePath("ponder.db");
    QFile::copy(QString(PONDER_TEST_DATA "/storage/") + fixture, path);
    QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner);
    return path;
}

void TestMigrations::historyOnlyGrows()
{
    int version = 0;
    for (const Migration& step : ponderSchema().migrations)
        QCOMPARE(step.version, ++version);
    QVERIFY(version >= 1);
}

void TestMigrations::migratedEqualsFresh_data()
{
    QTest::addColumn<QString>("fixture");
    const QStringList fixtures = QDir(PONDER_TEST_DATA "/storage").entryList({"v*.db"});
    // Every released version has its fixture; the newest may be waiting for its own.
    QVERIFY(fixtures.size() >= 1);
    for (const QString& fixture : fixtures)
        QTest::newRow(qPrintable(fixture)) << fixture;
}

void TestMigrations::migratedEqualsFresh()
{
    QFETCH(QString, fixture);
    auto migrated = openFile(copyOf(fixture), ponderSchema());
    QVERIFY(migrated.has_value());
    QVERIFY(!migrated->readOnly);
    QVERIFY2(migrated->notice.isEmpty(), qPrintable(migrated->notice));
    auto fresh = openFile(m_folder->filePath("fresh.db"), ponderSchema());
    QVERIFY(fresh.has_value());
    QCOMPARE(schemaOf(migrated->connection), schemaOf(fresh->connection));
    QVERIFY(schemaOf(fresh->connection).size() > 10);
}

void TestMigrations::keepsWhatTheFirstVersionHeld()
{
    Database database(ponderSchema());
    ConversationStore store(database);
    SettingsStore settings(database);
    QVERIFY(!mustGive(database.open(copyOf("v1.db"))).created);
    mustGive(settings.load());
    QCOMPARE(settings.value("theme").toString(), "dark");
    QCOMPARE(settings.value("recentModels").toArray().size(), 1);
    const auto conversations = mustGive(store.conversations());
    QCOMPARE(conversations.size(), 2);
    QCOMPARE(conversations[0].title, "Cut off");
    QCOMPARE(
        mustGive(store.activeBranch(conversations[0].id)).last().state, MessageState::Interrupted);
    QCOMPARE(conversations[1].settings.value("systemPrompt").toString(), "Be brief.");
    const auto branch = mustGive(store.activeBranch(conversations[1].id));
    QCOMPARE(branch.size(), 2);
    QCOMPARE(branch[0].text, "What is 347 + 586?");
    QCOMPARE(branch[0].parts.size(), 2);
    QCOMPARE(branch[0].parts[1].file.name, "sums.csv");
    QCOMPARE(mustGive(store.attachment(branch[0].parts[1].file.id)), "a,b\n1,2\n");
    QCOMPARE(branch[0].siblingCount, 2);
    QCOMPARE(branch[1].text, "**933**");
    QCOMPARE(branch[1].reasoning, "7 + 6 = 13, write 3, carry 1.");
    QCOMPARE(branch[1].seed, 42U);
    QCOMPARE(branch[1].steps.size(), 1);
    QCOMPARE(mustGive(store.tokenStatistics(branch[1].id)).size(), 100);
    QCOMPARE(mustGive(store.searchMessages("carry")).size(), 1);
    NoteStore notes(database);
    QCOMPARE(mustGive(notes.notes(branch[1].id)).value(0).text, "neat");
    SnapshotStore snapshots(database);
    QCOMPARE(mustGive(snapshots.all()).value(0).path, "/caches/1.kv");
}

void TestMigrations::takesANewStepWithABackup()
{
    const QString path = copyOf("v1.db");
    const Schema& steps = longer(kNextStep);
    {
        auto migrated = openFile(path, steps);
        QVERIFY(migrated.has_value());
        auto fresh = openFile(m_folder->filePath("fresh.db"), steps);
        QVERIFY(fresh.has_value());
        QCOMPARE(schemaOf(migrated->connection), schemaOf(fresh->connection));
        QCOMPARE(
            migrated->connection.number("SELECT count(*) FROM conversations WHERE colour = 'blue'"),
            2);
    }
    const QStringList backups = QDir(backupFolder(path)).entryList(QDir::Files);
    QCOMPARE(backups.size(), 1);
    auto backup
        = Connection::open(backupFolder(path) + '/' + backups.first(), Connection::Mode::ReadOnly);
    QVERIFY(backup.has_value());
    QCOMPARE(backup->number("PRAGMA user_version"), 1);
    QCOMPARE(backup->number("SELECT count(*) FROM messages"), 6);

    // The next opening finds nothing to do.
    QVERIFY(openFile(path, steps).has_value());
    QCOMPARE(QDir(backupFolder(path)).entryList({"ponder-v*.db"}, QDir::Files).size(), 1);
}

void TestMigrations::leavesTheFileAloneWhenAStepFails()
{
    const QString path = copyOf("v1.db");
    const Schema& steps = longer("CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);");
    const auto failed = openFile(path, steps);
    QVERIFY(!failed.has_value());
    QVERIFY(!failed.error().message.isEmpty());
    QVERIFY(failed.error().context.contains("nowhere"));
    auto before = openFile(path, ponderSchema());
    QVERIFY(before.has_value());
    QCOMPARE(
        before->connection.number("PRAGMA user_version"), ponderSchema().migrations.back().version);
    QCOMPARE(before->connection.number("SELECT count(*) FROM messages"), 6);
    QCOMPARE(
        before->connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
}

void TestMigrations::opensANewerFileToRead()
{
    const QString path = copyOf("v1.db");
    QVERIFY(openFile(path, longer(kNextStep)).has_value());

    Database database(ponderSchema());
    ConversationStore store(database);
    const Opening opening = mustGive(database.open(path));
    QVERIFY(opening.readOnly);
    QVERIFY(opening.notice.contains("newer"));
    const auto conversations = mustGive(store.conversations());
    QCOMPARE(conversations.size(), 2);
    QCOMPARE(mustGive(store.activeBranch(conversations[1].id)).size(), 2);
    const auto refused = await(store.beginConversation("x", {}, {textPart("?")}, {}));
    QCOMPARE(refused.error().code, ErrorCode::ReadOnly);
    QCOMPARE(refused.error().message, opening.notice);
    QCOMPARE(mustGive(store.conversations()).size(), 2);
}

void TestMigrations::waitsUntilTheOtherWindowIsClosed()
{
    const QString path = copyOf("v1.db");
    const Schema& steps = longer(kNextStep);
    auto older = openFile(path, ponderSchema());
    QVERIFY(older.has_value());
    const auto refused = openFile(path, steps);
    QCOMPARE(refused.error().code, ErrorCode::Busy);
    QCOMPARE(
        older->connection.number("PRAGMA user_version"), ponderSchema().migrations.back().version);
    older = fail(ErrorCode::NotOpen, {});
    QVERIFY(openFile(path, steps).has_value());
}

QTEST_GUILESS_MAIN(TestMigrations)
#include "tst_Migrations.moc"
