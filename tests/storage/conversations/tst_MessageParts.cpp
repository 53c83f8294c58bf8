// What messages are made of: texts and files, and what belongs to them beside.

#include "storage/conversations/conversation_store.h"
#include "storage/conversations/note_store.h"
#include "storage/conversations/snapshot_store.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QTemporaryDir>

using namespace ponder::storage;

class TestMessageParts : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void keepsParts();
    void readsPartsThatTheRowsDoNotTell();
    void keepsNotes();
    void keepsSnapshots();

private:
    qint64 count(const char* sql);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ConversationStore> m_store;
};

void TestMessageParts::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_database = std::make_unique<Database>(ponderSchema());
    m_store = std::make_unique<ConversationStore>(*m_database);
    QVERIFY(mustGive(m_database->open(m_folder->filePath("deep/er/ponder.db"))).created);
}

void TestMessageParts::cleanup()
{
    m_store.reset();
    m_database.reset();
    m_folder.reset();
}

qint64 TestMessageParts::count(const char* sql)
{
    return mustGive(
        m_database->run([sql](Connection& connection) { return connection.number(sql); }));
}

void TestMessageParts::keepsParts()
{
    QByteArray large;
    for (int i = 0; i < 200'000; ++i)
        large += char(i * i >> 3);
    const QList<MessagePart> parts{textPart("Look at"), filePart("a b ö.bin", "image/png", large),
        textPart("and at 🧮"), textPart(""), filePart("", "text/plain", {}), textPart("\n\nthere")};
    const Asked asked = mustGive(m_store->beginConversation("c", {}, parts, {}));
    mustGive(m_database->close());
    mustGive(m_database->open(m_folder->filePath("deep/er/ponder.db")));
    const Message kept = mustGive(m_store->activeBranch(asked.conversation.id)).first();
    QCOMPARE(kept.text, "Look at\n\nand at 🧮\n\n\n\n\n\nthere");
    QCOMPARE(kept.parts.size(), parts.size());
    for (qsizetype k = 0; k < parts.size(); ++k) {
        QCOMPARE(kept.parts[k].kind, parts[k].kind);
        QCOMPARE(kept.parts[k].text, parts[k].text);
        QCOMPARE(kept.parts[k].file.name, parts[k].file.name);
        QCOMPARE(kept.parts[k].file.mediaType, parts[k].file.mediaType);
        QCOMPARE(kept.parts[k].file.size, parts[k].file.size);
        if (kept.parts[k].kind == MessagePart::Kind::Text)
            continue;
        QVERIFY(kept.parts[k].file.created.isValid());
        QVERIFY(mustGive(m_store->attachment(kept.parts[k].file.id)) == parts[k].file.bytes);
    }
    QCOMPARE(await(m_store->attachment(99)).error().code, ErrorCode::NotFound);

    // A message that is only text is one part; one without a word has none.
    const Asked plain = mustGive(m_store->ask(asked.conversation.id, 0, {textPart("plain")}, {}));
    QCOMPARE(plain.branch[0].parts.size(), 1);
    QCOMPARE(plain.branch[0].parts[0].text, "plain");
    QVERIFY(plain.branch[1].parts.isEmpty());
    m_store->appendToMessage(plain.branch[1].id, {}, "so far");
    QCOMPARE(mustGive(m_store->activeBranch(asked.conversation.id)).last().parts[0].text, "so far");

    // Files go with their message.
    mustGive(m_store->deleteConversation(asked.conversation.id));
    QCOMPARE(mustGive(m_store->emptyBin()), 1);
    QCOMPARE(mustGive(m_database->run([](Connection& connection) {
        return connection.number("SELECT (SELECT count(*) FROM parts) + "
                                 "(SELECT count(*) FROM attachments)");
    })),
        0);
}

void TestMessageParts::readsPartsThatTheRowsDoNotTell()
{
    // As after a repair: rows of parts are lost, or their texts are cut.
    const QList<MessagePart> parts{
        textPart("before"), filePart("f", "text/plain", "f"), textPart("after")};
    const Asked asked = mustGive(m_store->beginConversation("c", {}, parts, {}));
    const auto read = [&] {
        const auto branch = mustGive(m_store->activeBranch(asked.conversation.id));
        QStringList all;
        for (const MessagePart& part : branch.first().parts)
            all.append(part.kind == MessagePart::Kind::Text ? part.text : '[' + part.file.name + ']');
        return all;
    };
    const auto change = [this](const char* sql) {
        mustGive(
            m_database->write([sql](Connection& connection) { return connection.runScript(sql); }));
    };
    QCOMPARE(read(), (QStringList{"before", "[f]", "after"}));
    change("UPDATE messages SET text = substr(text, 1, 10) WHERE role = 'user'");
    QCOMPARE(read(), (QStringList{"before", "[f]", "af"}));
    change("UPDATE messages SET text = 'bef' WHERE role = 'user'");
    QCOMPARE(read(), (QStringList{"bef", "[f]", ""}));
    change("UPDATE messages SET text = 'before, and much more' WHERE role = 'user';"
           "DELETE FROM parts WHERE place = 2;");
    QCOMPARE(read(), (QStringList{"before, and much more", "[f]"}));
    change("DELETE FROM parts WHERE kind = 'text'");
    QCOMPARE(read(), (QStringList{"before, and much more", "[f]"}));
    change("UPDATE attachments SET zstd = substr(zstd, 1, 8)");
    const auto lost = await(m_store->attachment(1));
    QVERIFY(!lost.has_value());
    QVERIFY(lost.error().message.contains("“f”"));
}

void TestMessageParts::keepsNotes()
{
    NoteStore notes(*m_database);
    const Asked asked = mustGive(m_store->beginConversation("c", {}, {textPart("?")}, {}));
    const MessageId answer = asked.branch.last().id;
    using Kind = StepNote::Kind;
    const auto second = mustGive(notes.add({0, answer, 4, Kind::Bad, "wrong sum", {}}));
    mustGive(notes.add({0, answer, 1, Kind::Good, {}, {}}));
    mustGive(notes.add({0, answer, 4, Kind::Note, "see above", {}}));
    QVERIFY(second.id > 0);
    const auto kept = mustGive(notes.notes(answer));
    QCOMPARE(kept.size(), 3);
    QCOMPARE(kept[0].step, 1);
    QCOMPARE(kept[0].kind, Kind::Good);
    QCOMPARE(kept[1].id, second.id);
    QCOMPARE(kept[1].kind, Kind::Bad);
    QCOMPARE(kept[1].text, "wrong sum");
    QCOMPARE(kept[1].created.toMSecsSinceEpoch(), second.created.toMSecsSinceEpoch());
    QCOMPARE(kept[2].kind, Kind::Note);
    QVERIFY(mustGive(notes.notes(asked.branch.first().id)).isEmpty());
    QCOMPARE(await(notes.add({0, 99, 0, Kind::Note, "x", {}})).error().code, ErrorCode::NotFound);

    mustGive(notes.remove(second.id));
    mustGive(notes.remove(second.id));
    QCOMPARE(mustGive(notes.notes(answer)).size(), 2);
    mustGive(m_store->deleteConversation(asked.conversation.id));
    mustGive(m_store->emptyBin());
    QCOMPARE(count("SELECT count(*) FROM notes"), 0);
}

void TestMessageParts::keepsSnapshots()
{
    SnapshotStore snapshots(*m_database);
    const Asked first = mustGive(m_store->beginConversation("c", {}, {textPart("one")}, {}));
    const Asked second
        = mustGive(m_store->ask(first.conversation.id, first.branch[1].id, {textPart("two")}, {}));
    const Asked beside = mustGive(m_store->askAgain(first.branch[0].id, {}));
    const auto save = [&](MessageId message, const QString& model, int tokens) {
        return mustGive(snapshots.add({0, message, model, tokens, "bf16", "/caches/x", {}})).id;
    };
    const SnapshotId early = save(first.branch[1].id, "sha256:a", 30);
    const SnapshotId late = save(second.branch[3].id, "sha256:a", 70);
    save(second.branch[3].id, "sha256:b", 71);
    save(beside.branch[1].id, "sha256:a", 35);
    const auto found = mustGive(snapshots.ofBranch(second.branch[3].id, "sha256:a"));
    QCOMPARE(found.size(), 2);
    QCOMPARE(found[0].id, late);
    QCOMPARE(found[0].message, second.branch[3].id);
    QCOMPARE(found[0].tokens, 70);
    QCOMPARE(found[0].cacheType, "bf16");
    QCOMPARE(found[0].path, "/caches/x");
    QVERIFY(found[0].created.isValid());
    QCOMPARE(found[1].id, early);
    QVERIFY(mustGive(snapshots.ofBranch(second.branch[3].id, "sha256:c")).isEmpty());
    QCOMPARE(
        await(snapshots.add({0, 99, "m", 1, "f32", "p", {}})).error().code, ErrorCode::NotFound);

    mustGive(snapshots.remove(early));
    QCOMPARE(mustGive(snapshots.all()).size(), 3);
    mustGive(m_store->deleteConversation(first.conversation.id));
    mustGive(m_store->emptyBin());
    QVERIFY(mustGive(snapshots.all()).isEmpty());
}

QTEST_GUILESS_MAIN(TestMessageParts)
#include "tst_MessageParts.moc"
