// What is found again of conversations in their texts.

#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QTemporaryDir>

using namespace ponder::storage;

class TestSearch : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void findsTheBestOfEachConversation();
    void searchesTextPartsOnly();
    void searchesMessages();
    void searchesTextWithoutSpaces_data();
    void searchesTextWithoutSpaces();

private:
    ConversationId converse(const QString& title);
    Message ask(ConversationId conversation, MessageId parent, const QString& text);
    Message answer(ConversationId conversation, MessageId parent, const QString& text,
        const QString& reasoning = {});

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ConversationStore> m_store;
};

void TestSearch::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_database = std::make_unique<Database>(ponderSchema());
    m_store = std::make_unique<ConversationStore>(*m_database);
    QVERIFY(mustGive(m_database->open(m_folder->filePath("deep/er/ponder.db"))).created);
}

void TestSearch::cleanup()
{
    m_store.reset();
    m_database.reset();
    m_folder.reset();
}

ConversationId TestSearch::converse(const QString& title)
{
    return addConversation(*m_database, title).id;
}

Message TestSearch::ask(ConversationId conversation, MessageId parent, const QString& text)
{
    return addQuestion(*m_database, conversation, parent, text);
}

Message TestSearch::answer(
    ConversationId conversation, MessageId parent, const QString& text, const QString& reasoning)
{
    const MessageId id = beginAnswer(*m_database, conversation, parent).id;
    m_store->appendToMessage(id, reasoning, text);
    return mustGive(m_store->finishMessage(id, {}));
}

void TestSearch::searchesMessages()
{
    const ConversationId id = converse("talk");
    const Message question = ask(id, 0, "How does a Kalman filter work?");
    const ConversationId other = converse("more");
    const Message reply = answer(other, 0, "It predicts and corrects: `kalman_step(x)`.",
        "Rudolf published the algorithm in 1960");
    const auto found = [&](const QString& words) {
        QList<MessageId> ids;
        for (const SearchHit& hit : mustGive(m_store->searchMessages(words)))
            ids.append(hit.message);
        return ids;
    };
    QCOMPARE(found("filter KALMAN"), QList{question.id});
    QCOMPARE(found("kalman_st"), QList{reply.id});
    QCOMPARE(found("published 1960"), QList{reply.id});
    QCOMPARE(found("nothing"), QList<MessageId>());
    QCOMPARE(found("\" OR (NEAR* -"), QList<MessageId>());
    QCOMPARE(found(""), QList<MessageId>());

    const SearchHit thought = mustGive(m_store->searchMessages("rudolf")).first();
    QVERIFY(thought.inReasoning);
    QCOMPARE(thought.title, "more");
    QCOMPARE(thought.conversation, other);
    QVERIFY(thought.snippet.startsWith("Rudolf published"));
    QVERIFY(!mustGive(m_store->searchMessages("corrects")).first().inReasoning);
}

void TestSearch::findsTheBestOfEachConversation()
{
    const ConversationId first = converse("first");
    const Message question = ask(first, 0, "numbat");
    for (int i = 0; i < 30; ++i)
        answer(first, question.id, "It is a marsupial.", "numbat, that is a word");
    const ConversationId second = converse("second");
    answer(second, 0, "A numbat eats termites.");
    const ConversationId binned = converse("binned");
    ask(binned, 0, "numbat");
    mustGive(m_store->deleteConversation(binned));
    const auto hits = mustGive(m_store->searchMessages("numb"));
    QCOMPARE(hits.size(), 2);
    QCOMPARE(hits[0].message, question.id); // the shorter text
    QCOMPARE(hits[1].conversation, second);
    QCOMPARE(hits[1].snippet, "A numbat eats termites.");
    QCOMPARE(mustGive(m_store->searchMessages("numb", 1)).size(), 1);
}

void TestSearch::searchesTextPartsOnly()
{
    const auto asked = mustGive(m_store->beginConversation("talk", {},
        {textPart("one quokka"), filePart("wombat.txt", "text/plain", "wombat"),
            textPart("two bilbies")},
        {}));
    for (const char* words : {"quokka", "bilbies", "quokka two"}) {
        const auto hits = mustGive(m_store->searchMessages(words));
        QCOMPARE(hits.size(), 1);
        QCOMPARE(hits[0].message, asked.branch.first().id);
    }
    QVERIFY(mustGive(m_store->searchMessages("wombat")).isEmpty());
    QVERIFY(mustGive(m_store->searchMessages("quokkatwo")).isEmpty()); // words stay apart
}

void TestSearch::searchesTextWithoutSpaces_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("found");
    QTest::addColumn<QStringList>("notFound");

    QTest::newRow("Chinese") << "请解释数据库索引的作用。"
                             << QStringList{"数据库", "索引", "库索", "库", "请", "用",
                                    "数据库 作用", "请解释数据库索引的作用"}
                             << QStringList{"据数", "数据索引", "桥", "库数据"};
    QTest::newRow("Chinese with words between")
        << "用GPU加速DeepSeek模型，2024年。"
        << QStringList{"GPU", "gpu加速", "加速deep", "模型", "2024年", "速DeepSeek模", "年"}
        << QStringList{"GPU模型", "加deepseek"};
    QTest::newRow("Japanese") << "データベースの索引は、検索を速くします。"
                              << QStringList{"データ", "ベース", "ース", "索引", "速く", "検", "ー",
                                     "データベースの索引", "検索 データ"}
                              << QStringList{"データの", "索検", "はい"};
    QTest::newRow("Korean") << "데이터베이스를 설명해 주세요"
                            << QStringList{"데이터", "베이스", "데이터베이스", "설명", "주세", "를"}
                            << QStringList{"이데", "설주"};
    QTest::newRow("Thai") << "อธิบายการทำงานของฐานข้อมูล" << QStringList{"ฐานข้อมูล", "ข้อมูล", "งาน"}
                          << QStringList{"มูลฐาน"};
    QTest::newRow("characters past 16 bits")
        << "𠮷野家で食べる" << QStringList{"𠮷", "𠮷野", "野家で"} << QStringList{"野𠮷", "𠮟"};
    QTest::newRow("words as before")
        << "Café naïve straße foo_bar x1y" << QStringList{"cafe", "NAIVE", "straß", "foo_b", "x1y"}
        << QStringList{"afe", "bar", "1y"};
}

void TestSearch::searchesTextWithoutSpaces()
{
    QFETCH(QString, text);
    QFETCH(QStringList, found);
    QFETCH(QStringList, notFound);
    const ConversationId id = converse("talk");
    const Message question = ask(id, 0, text);
    const ConversationId other = converse("other");
    const Message reply = answer(other, 0, "nothing", text);
    for (const QString& words : std::as_const(found)) {
        const auto hits = mustGive(m_store->searchMessages(words));
        QVERIFY2(hits.size() == 2, qPrintable(words));
        QCOMPARE(hits[0].message, question.id);
        QCOMPARE(hits[1].message, reply.id);
        QVERIFY(hits[1].inReasoning);
        QVERIFY2(text.contains(QString(hits[0].snippet).remove("…").simplified()),
            qPrintable(hits[0].snippet));
    }
    for (const QString& words : std::as_const(notFound))
        QVERIFY2(mustGive(m_store->searchMessages(words)).isEmpty(), qPrintable(words));
}

QTEST_GUILESS_MAIN(TestSearch)
#include "tst_Search.moc"
