// Five hundred kinds of damage: every row whose pages are untouched comes back, whatever became of
// the others, and nothing crashes, hangs or brings back what was erased.

#include "storage/conversations/conversation_store.h"
#include "storage/conversations/message_parts.h"
#include "storage/conversations/note_store.h"
#include "storage/conversations/snapshot_store.h"
#include "storage/database/database.h"
#include "storage/database/database_file.h"
#include "storage/database/salvage.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtEndian>

#include <functional>

using namespace ponder::storage;

namespace {

constexpr int kPage = 4096;
constexpr int kConversations = 60;
constexpr int kCorruptions = 500;

/// Text that says on every page which row it belongs to.
QString marked(const QString& mark, int letters)
{
    return (mark + QLatin1Char(' ')).repeated(letters / (mark.size() + 1) + 1);
}

/// A row, and the pages that its bytes lie on.
struct Row {
    QString mark; ///< "=12=" for the message of that number, "#12#" for a conversation
    QString text;
    QSet<int> pages;
};

struct Damage {
    QByteArray bytes;
    QSet<int> pages; ///< that are not as they were
};

void spoil(Damage& damage, int page, const std::function<void(char*)>& change)
{
    if (qint64(page + 1) * kPage > damage.bytes.size())
        return;
    change(damage.bytes.data() + qint64(page) * kPage);
    damage.pages.insert(page);
}

} // namespace

class TestSalvage : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void bringsBackWhatIsWhole_data();
    void bringsBackWhatIsWhole();
    void readsWhatCameBeforeALostPage();
    void readsTheLogPastADamagedFrame();
    void keepsWhatTheFreeListHasAway();
    void bringsBackFiles();
    void readsNotesAndSnapshots();
    void survivesTangledPages();

private:
    /// What a repair makes of the bytes: a fresh database in memory.
    Result<OpenedFile> salvaged(const QByteArray& bytes, const QByteArray& log = {});
    Damage damaged(const QString& kind, quint32 seed) const;
    void compare(const Damage& damage, const QString& what);

    QTemporaryDir m_folder;
    QByteArray m_bytes;
    QList<Row> m_messages;
    QList<Row> m_conversations;
    QList<int> m_roots; ///< pages where the tables' trees begin, from 0
};

void TestSalvage::initTestCase()
{
    const QString path = m_folder.filePath("model.db");
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path));
        mustGive(database.run(
            [](Connection& connection) { return connection.run("PRAGMA synchronous = OFF"); }));
        QRandomGenerator random(5);
        int message = 0;
        for (int i = 1; i <= kConversations; ++i) {
            const auto talk = addConversation(database, QString("#%1#").arg(i));
            MessageId parent = 0;
            for (int turn = 0; turn < 2; ++turn) {
                const QString ask = QString("=%1=").arg(++message);
                parent
                    = addQuestion(database, talk.id, parent, marked(ask, random.bounded(400))).id;
                const QString say = QString("=%1=").arg(++message);
                const int letters = i % 4 == 0 ? random.bounded(20'000) : random.bounded(900);
                parent = beginAnswer(database, talk.id, parent).id;
                store.appendToMessage(parent, marked(say, letters), marked(say, 60));
                mustGive(store.finishMessage(parent, {}));
            }
        }
        for (int i = 0; i < 3; ++i) {
            const auto gone = addConversation(database, "GONE");
            addQuestion(database, gone.id, 0, marked("GONE", 9'000));
            mustGive(store.deleteConversation(gone.id));
        }
        mustGive(store.emptyBin());
        const auto roots = mustGive(database.run([](Connection& connection) -> Result<QList<int>> {
            Query rows(connection, "SELECT rootpage FROM sqlite_schema WHERE rootpage > 0");
            QList<int> pages;
            while (rows.next())
                pages.append(int(rows.number(0)) - 1);
            return pages;
        }));
        m_roots = roots;
        for (ConversationId id = 1; id <= kConversations; ++id) {
            m_conversations.append({QString("#%1#").arg(id), QString("#%1#").arg(id), {}});
            for (const Message& row : mustGive(store.activeBranch(id)))
                m_messages.append(
                    {QString("=%1=").arg(row.id), row.reasoning + '|' + row.text, {}});
        }
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_bytes = file.readAll();
    QCOMPARE(m_bytes.size() % kPage, 0);
    QCOMPARE_GT(m_bytes.size() / kPage, 60);
    QVERIFY(!m_bytes.contains("GONE")); // erased from the file as well
    for (QList<Row>* rows : {&m_messages, &m_conversations}) {
        for (Row& row : *rows) {
            const QByteArray mark = row.mark.toLatin1();
            for (qsizetype at = m_bytes.indexOf(mark); at >= 0;
                at = m_bytes.indexOf(mark, at + 1)) {
                row.pages.insert(int(at / kPage));
                row.pages.insert(int((at + mark.size() - 1) / kPage));
            }
            QVERIFY(!row.pages.isEmpty());
        }
    }
    QCOMPARE(m_messages.size(), 4 * kConversations);
    QVERIFY(std::ranges::any_of(m_messages, [](const Row& row) { return row.pages.size() > 3; }));
}

Result<OpenedFile> TestSalvage::salvaged(const QByteArray& bytes, const QByteArray& log)
{
    const QString path = m_folder.filePath("damaged.db");
    QFile file(path);
    QFile besides(path + "-wal");
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        return fail(ErrorCode::Io, "cannot write");
    if (log.isEmpty())
        besides.remove();
    else if (!besides.open(QIODevice::WriteOnly) || besides.write(log) != log.size())
        return fail(ErrorCode::Io, "cannot write");
    file.close();
    besides.close();
    auto memory = openFile(":memory:", ponderSchema());
    if (!memory)
        return memory;
    auto done = memory->connection.run("PRAGMA foreign_keys = OFF").and_then([&] {
        return salvage(path, ponderSchema(), memory->connection);
    });
    if (!done)
        return tl::unexpected(done.error());
    return memory;
}

Damage TestSalvage::damaged(const QString& kind, quint32 seed) const
{
    QRandomGenerator random(seed);
    Damage damage{m_bytes, {}};
    const int pages = int(m_bytes.size() / kPage);
    const auto noise = [&](char* at, int size) {
        for (int k = 0; k < size; ++k)
            at[k] = char(random.bounded(256));
    };
    const int hits = 1 + random.bounded(6);
    if (kind == "zeroed root") {
        spoil(damage, m_roots[int(seed % quint32(m_roots.size()))],
            [](char* at) { std::fill_n(at, kPage, '\0'); });
    } else if (kind == "zeroed pages" || kind == "noisy pages") {
        for (int hit = 0; hit < hits; ++hit)
            spoil(damage, random.bounded(pages), [&](char* at) {
                if (kind == "zeroed pages")
                    std::fill_n(at, kPage, '\0');
                else
                    noise(at, kPage);
            });
    } else if (kind == "flipped bytes") {
        for (int hit = 0; hit < 4 * hits; ++hit)
            spoil(damage, random.bounded(pages),
                [&](char* at) { at[random.bounded(kPage)] ^= char(1 + random.bounded(255)); });
    } else if (kind == "flipped heads") { // of pages: type, count of cells, pointers
        for (int hit = 0; hit < hits; ++hit)
            spoil(damage, random.bounded(1, pages),
                [&](char* at) { at[random.bounded(24)] ^= char(1 + random.bounded(255)); });
    } else if (kind == "first page") {
        spoil(damage, 0, [&](char* at) {
            const int from = random.bounded(100);
            noise(at + from, 1 + random.bounded(100 - from));
        });
    } else if (kind == "first page lost") {
        spoil(damage, 0, [&](char* at) { noise(at, kPage); });
        for (int hit = 1; hit < hits; ++hit)
            spoil(damage, random.bounded(pages), [&](char* at) { noise(at, kPage); });
    } else if (kind == "cut tail") {
        damage.bytes.truncate(kPage + random.bounded(int(m_bytes.size()) - kPage));
        for (int page = int(damage.bytes.size() / kPage); page < pages; ++page)
            damage.pages.insert(page);
    } else if (kind == "swapped pages") {
        for (int hit = 0; hit < hits; ++hit) {
            const int a = random.bounded(1, pages);
            const int b = random.bounded(1, pages);
            QByteArray held = damage.bytes.mid(a * kPage, kPage);
            spoil(damage, a, [&](char* at) {
                std::copy_n(damage.bytes.constData() + qint64(b) * kPage, kPage, at);
            });
            spoil(damage, b, [&](char* at) { std::copy_n(held.constData(), kPage, at); });
        }
    } else { // noise in the tails of pages, where rows and overflowing text lie
        for (int hit = 0; hit < 2 * hits; ++hit)
            spoil(damage, random.bounded(pages), [&](char* at) {
                const int from = 4 + random.bounded(kPage - 8);
                noise(at + from, random.bounded(kPage - from));
            });
    }
    return damage;
}

void TestSalvage::compare(const Damage& damage, const QString& what)
{
    auto found = salvaged(damage.bytes);
    QVERIFY2(found.has_value(), qPrintable(what));
    Connection& connection = found->connection;
    QHash<qint64, QString> texts;
    Query messages(connection, "SELECT id, reasoning || '|' || text FROM messages");
    while (messages.next()) {
        texts.insert(messages.number(0), messages.text(1));
        QVERIFY2(!messages.text(1).contains("GONE"), qPrintable(what));
    }
    const auto isWhole = [&](const Row& row) { return !damage.pages.intersects(row.pages); };
    int expected = 0;
    for (qsizetype k = 0; k < m_messages.size(); ++k) {
        if (!isWhole(m_messages[k]))
            continue;
        ++expected;
        QVERIFY2(texts.value(k + 1) == m_messages[k].text,
            qPrintable(what + ": message " + m_messages[k].mark + " reads "
                + texts.value(k + 1).left(80) + (texts.contains(k + 1) ? " there" : " not there")));
    }
    for (qsizetype k = 0; k < m_conversations.size(); ++k) {
        if (!isWhole(m_conversations[k]))
            continue;
        Query title(connection, "SELECT title FROM conversations WHERE id = ?", qint64(k) + 1);
        QVERIFY2(title.next() && title.text(0) == m_conversations[k].text, qPrintable(what));
    }
    // Every message can be reached, and the index says what the messages say.
    QCOMPARE(connection.number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    QCOMPARE(connection.number("SELECT count(*) FROM messages m WHERE parent >= id"), 0);
    QVERIFY2(connection
                 .run("INSERT INTO message_index (message_index, rank) "
                      "VALUES ('integrity-check', 1)")
                 .has_value(),
        qPrintable(what));
    QCOMPARE_GE(texts.size(), expected);
}

void TestSalvage::bringsBackWhatIsWhole_data()
{
    QTest::addColumn<int>("share"); // of kCorruptions
    QTest::newRow("zeroed root") << 50;
    QTest::newRow("zeroed pages") << 60;
    QTest::newRow("noisy pages") << 60;
    QTest::newRow("flipped bytes") << 60;
    QTest::newRow("flipped heads") << 60;
    QTest::newRow("first page") << 60;
    QTest::newRow("first page lost") << 30;
    QTest::newRow("cut tail") << 40;
    QTest::newRow("swapped pages") << 40;
    QTest::newRow("noise within") << 40;
}

void TestSalvage::bringsBackWhatIsWhole()
{
    QFETCH(int, share);
    static int soFar = 0;
    QElapsedTimer timer;
    timer.start();
    const QString kind = QString::fromLatin1(QTest::currentDataTag());
    for (int k = 0; k < share; ++k) {
        compare(damaged(kind, quint32(1000 * share + k)), QString("%1, %2").arg(kind).arg(k));
        if (QTest::currentTestFailed())
            return;
    }
    soFar += share;
    if (kind == "noise within")
        QCOMPARE(soFar, kCorruptions);
    QCOMPARE_LT(timer.elapsed(), 60'000); // no tangle holds it up, on a machine with much to do
}

void TestSalvage::readsWhatCameBeforeALostPage()
{
    // A long answer whose last pages are gone: what is before them is kept.
    const auto longest
        = std::ranges::max_element(m_messages, {}, [](const Row& row) { return row.text.size(); });
    const int last = *std::ranges::max_element(longest->pages);
    Damage damage{m_bytes, {}};
    spoil(damage, last, [](char* at) { std::fill_n(at, kPage, '\0'); });
    auto found = salvaged(damage.bytes);
    QVERIFY(found.has_value());
    Query row(found->connection, "SELECT reasoning FROM messages WHERE id = ?",
        qint64(longest - m_messages.begin()) + 1);
    QVERIFY(row.next());
    QCOMPARE_GT(row.text(0).size(), kPage / 4);
    QVERIFY(longest->text.startsWith(row.text(0)));
}

void TestSalvage::readsTheLogPastADamagedFrame()
{
    const QString path = m_folder.filePath("logged.db");
    QByteArray bytes;
    QByteArray log;
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path));
        for (int i = 0; i < 20; ++i) {
            const auto talk = addConversation(database, QString("logged %1").arg(i));
            addQuestion(database, talk.id, 0, marked(QString("=%1=").arg(i), 9'000));
        }
        QFile file(path);
        QFile besides(path + "-wal");
        QVERIFY(file.open(QIODevice::ReadOnly) && besides.open(QIODevice::ReadOnly));
        bytes = file.readAll();
        log = besides.readAll();
    }
    QCOMPARE_GT(log.size(), 100'000);
    auto whole = salvaged(bytes, log);
    QVERIFY(whole.has_value());
    QCOMPARE(whole->connection.number("SELECT count(*) FROM messages"), 20);
    QCOMPARE(whole->connection.number("SELECT min(length(text)) > 8000 FROM messages"), 1);
    // One frame in the middle is spoilt: SQLite itself would end there.
    log[log.size() / 2] = char(~log[log.size() / 2]);
    auto rest = salvaged(bytes, log);
    QVERIFY(rest.has_value());
    QCOMPARE_GE(rest->connection.number("SELECT count(*) FROM messages").value_or(0), 19);
    QCOMPARE_GE(rest->connection.number("SELECT count(*) FROM messages WHERE length(text) > 8000")
                    .value_or(0),
        18);
    log[3] = 0; // and the log's own head
    QCOMPARE_GE(
        salvaged(bytes, log)->connection.number("SELECT count(*) FROM messages").value_or(0), 19);
}

void TestSalvage::keepsWhatTheFreeListHasAway()
{
    // A file by an SQLite that leaves what is deleted where it was.
    const QString path = m_folder.filePath("left.db");
    {
        auto opened = openFile(path, ponderSchema());
        QVERIFY(opened.has_value());
        Connection& connection = opened->connection;
        QVERIFY(connection.run("PRAGMA secure_delete = OFF").has_value());
        QVERIFY(connection
                .runScript("INSERT INTO conversations (title, created, updated) "
                           "VALUES ('kept', 1, 1), ('erased', 1, 1);"
                           "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                           "WHERE i < 200) INSERT INTO messages "
                           "(conversation, role, state, created, text) "
                           "SELECT 1 + i / 101, 'user', 'complete', 1, printf('%s %1000d', "
                           "CASE WHEN i < 101 THEN 'kept' ELSE 'erased' END, i) FROM n;"
                           "DELETE FROM conversations WHERE id = 2;"
                           "PRAGMA wal_checkpoint(TRUNCATE);")
                .has_value());
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    QVERIFY(bytes.contains("erased")); // it is there
    auto found = salvaged(bytes);
    QVERIFY(found.has_value());
    QCOMPARE(found->connection.number("SELECT count(*) FROM messages"), 100);
    QCOMPARE(
        found->connection.number("SELECT count(*) FROM messages WHERE text LIKE 'erased%'"), 0);
}

void TestSalvage::bringsBackFiles()
{
    const QString path = m_folder.filePath("files.db");
    struct File {
        QString name;
        QByteArray bytes;
        QSet<int> pages;
    };
    QList<File> files;
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path));
        QRandomGenerator random(7);
        const auto talk = addConversation(database, "files");
        MessageId parent = 0;
        for (int i = 0; i < 24; ++i) {
            File file{QString("<file %1>").arg(i), {}, {}};
            for (int k = random.bounded(i % 3 == 0 ? 12'000 : 900); k >= 0; --k)
                file.bytes += char(random.bounded(256)); // which zstd leaves as it is
            if (i == 5)
                file.bytes.clear();
            Message message = questionIn(talk.id, parent, {});
            message.parts = {textPart(marked(QString("=%1=").arg(i), 200)),
                filePart(file.name, "image/png", file.bytes), textPart("end")};
            parent = mustGive(tryToAdd(database, message)).id;
            files.append(file);
        }
    }
    QFile stored(path);
    QVERIFY(stored.open(QIODevice::ReadOnly));
    const QByteArray bytes = stored.readAll();
    for (File& file : files) {
        QList<QByteArray> pieces{file.name.toUtf8()};
        for (qsizetype at = 0; at < file.bytes.size(); at += 200)
            pieces.append(file.bytes.mid(at, 12));
        pieces.append(file.bytes.last(std::min<qsizetype>(12, file.bytes.size())));
        for (const QByteArray& piece : std::as_const(pieces)) {
            for (qsizetype at = bytes.indexOf(piece); piece.size() >= 8 && at >= 0;
                at = bytes.indexOf(piece, at + 1)) {
                file.pages.insert(int(at / kPage));
                file.pages.insert(int((at + piece.size() - 1) / kPage));
            }
        }
        QVERIFY(!file.pages.isEmpty());
    }
    // Whatever page is lost, every file on the others is there, in a message that names it.
    for (int lost = 0; lost < bytes.size() / kPage; ++lost) {
        QByteArray damaged = bytes;
        damaged.replace(lost * kPage, kPage, QByteArray(kPage, '\0'));
        auto found = salvaged(damaged);
        QVERIFY(found.has_value());
        Connection& connection = found->connection;
        int whole = 0;
        for (const File& file : std::as_const(files)) {
            if (file.pages.contains(lost))
                continue;
            Query row(connection,
                "SELECT a.id, m.conversation FROM attachments a "
                "JOIN parts p ON p.attachment = a.id AND p.message = a.message "
                "JOIN messages m ON m.id = a.message "
                "JOIN conversations c ON c.id = m.conversation WHERE a.name = ?",
                file.name);
            QVERIFY2(
                row.next(), qPrintable(QString("%1 without page %2").arg(file.name).arg(lost)));
            const auto read = readAttachment(connection, row.number(0));
            QVERIFY(read.has_value());
            QVERIFY(*read == file.bytes);
            ++whole;
        }
        QCOMPARE_GE(whole, 10);
        QCOMPARE(connection.number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    }
}

void TestSalvage::readsNotesAndSnapshots()
{
    const QString path = m_folder.filePath("beside.db");
    {
        Database database(ponderSchema());
        ConversationStore store(database);
        mustGive(database.open(path));
        NoteStore notes(database);
        SnapshotStore snapshots(database);
        const auto asked = mustGive(store.beginConversation("c", {}, {textPart("?")}, {}));
        const MessageId answer = asked.branch.last().id;
        mustGive(notes.add({0, answer, 0, StepNote::Kind::Bad, "no", {}}));
        mustGive(notes.add({0, answer, 3, StepNote::Kind::Note, {}, {}}));
        mustGive(snapshots.add({0, answer, "sha256:a", 12, "fp8", "/caches/1", {}}));
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray bytes = file.readAll();
    bytes.replace(0, 100, QByteArray(100, '\0'));
    auto found = salvaged(bytes);
    QVERIFY(found.has_value());
    Connection& connection = found->connection;
    QCOMPARE(connection.number("SELECT count(*) FROM notes WHERE kind = 'bad' AND text = 'no'"), 1);
    QCOMPARE(connection.number("SELECT count(*) FROM notes WHERE step = 3 AND text = ''"), 1);
    QCOMPARE(connection.number(
                 "SELECT count(*) FROM snapshots WHERE tokens = 12 AND path = '/caches/1'"),
        1);
    QCOMPARE(connection.number("SELECT count(*) FROM parts"), 0);
    QCOMPARE(connection.number("SELECT count(*) FROM attachments"), 0);
}

void TestSalvage::survivesTangledPages()
{
    // Every page the same leaf, whose rows go on in each other, again and again.
    const int leaf = *m_messages[40].pages.begin();
    QByteArray tangle = m_bytes.first(kPage);
    const QByteArray page = m_bytes.mid(qint64(leaf) * kPage, kPage);
    for (int k = 0; k < 3000; ++k)
        tangle += page;
    QElapsedTimer timer;
    timer.start();
    QVERIFY(salvaged(tangle).has_value());
    QVERIFY(salvaged(QByteArray(4'000'000, '\x0d')).has_value());
    QVERIFY(salvaged(QByteArray("SQLite format 3\0", 16)).has_value());
    QVERIFY(salvaged(QByteArray(1, '\0')).has_value());
    QCOMPARE_LT(timer.elapsed(), 20'000);
}

QTEST_GUILESS_MAIN(TestSalvage)
#include "tst_Salvage.moc"
