// The SQLite that is there: whether it will do, and the whole storage with another one too. That one
// is named by PONDER_TEST_SQLITE, the path of a libsqlite3.so.0 (3.40 in Debian 12, 3.46 in Debian 13).

#include "storage/database/database_file.h"
#include "storage/database/sqlite.h"
#include "storage/ponder_schema.h"

#include <QProcess>
#include <QTest>

using namespace ponder::storage;

class TestSqliteVersions : public QObject {
    Q_OBJECT

private slots:
    void namesWhatIsNeeded();
    void saysWhichItIs();
    void needsNoTriggerOnTheIndex();
    void worksWithAnother_data();
    void worksWithAnother();
};

void TestSqliteVersions::namesWhatIsNeeded()
{
    QVERIFY(checkSqlite(kOldestSqlite, true).has_value());
    QVERIFY(checkSqlite(3'046'001, true).has_value());
    QVERIFY(checkSqlite(4'000'000, true).has_value());
    const auto old = checkSqlite(3'039'004, true);
    QVERIFY(!old.has_value());
    QVERIFY2(old.error().message.contains("3.39.4") && old.error().message.contains("3.40.0"),
        qPrintable(old.error().message));
    const auto bare = checkSqlite(3'046'001, false);
    QVERIFY(!bare.has_value());
    QVERIFY2(bare.error().message.contains("FTS5") && bare.error().message.contains("3.46.1"),
        qPrintable(bare.error().message));
}

void TestSqliteVersions::saysWhichItIs()
{
    auto memory = openFile(":memory:", ponderSchema());
    QVERIFY2(memory.has_value(), qPrintable(memory ? QString() : memory.error().message));
    Query version(memory->connection, "SELECT sqlite_version()");
    QVERIFY(version.next());
    qInfo("SQLite %s", qPrintable(version.text(0)));
}

void TestSqliteVersions::needsNoTriggerOnTheIndex()
{
    // What SQLite before 3.41 refuses while a schema is not trusted, which it must not be.
    auto memory = openFile(":memory:", ponderSchema());
    QVERIFY(memory.has_value());
    QCOMPARE(memory->connection.number("PRAGMA trusted_schema"), 0);
    QCOMPARE(
        memory->connection.number("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"), 0);
}

void TestSqliteVersions::worksWithAnother_data()
{
    QTest::addColumn<QString>("test");
    for (const char* test : {"tst_SqliteVersions", "tst_ConversationStore", "tst_Database",
             "tst_Migrations", "tst_Repair", "tst_Salvage"})
        QTest::newRow(test) << QString(test);
}

void TestSqliteVersions::worksWithAnother()
{
    QFETCH(QString, test);
    const QString library = qEnvironmentVariable("PONDER_TEST_SQLITE");
    if (library.isEmpty())
        QSKIP("PONDER_TEST_SQLITE names no second libsqlite3.so.0: set it to one, and this runs");
    QVERIFY2(QFile::exists(library), qPrintable(library));
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.remove("PONDER_TEST_SQLITE"); // this program, too, runs there once and no deeper
    environment.insert("LD_PRELOAD", library);
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QCoreApplication::applicationDirPath() + '/' + test, QStringList());
    QVERIFY2(process.waitForFinished(240'000), qPrintable(process.errorString()));
    const QByteArray output = process.readAll();
    QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, output);
    if (test == "tst_SqliteVersions")
        qInfo("%s", output.constData());
}

QTEST_GUILESS_MAIN(TestSqliteVersions)
#include "tst_SqliteVersions.moc"
