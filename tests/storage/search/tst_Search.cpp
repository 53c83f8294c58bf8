// What is found again of conversations, in titles and in texts.

#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "tests/storage/await.h"

#include <QTemporaryDir>

using namespace ponder::storage;

class TestSearch : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void searchesTitles();
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
    m_database = std::make_unique<Database>();
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
    return mustGive(m_store->createConversation(title)).id;
}

Message TestSearch::ask(ConversationId conversation, MessageId parent, const QString& text)
{
    return mustGive(m_store->addUserMessage(conversation, parent, text));
}

Message TestSearch::answer(
    ConversationId conversation, MessageId parent, const QString& text, const QString& reasoning)
{
    const MessageId id = mustGive(m_store->beginAnswer(conversation, parent, {})).id;
    m_store->appendToMessage(id, reasoning, text);
    return mustGive(m_store->finishMessage(id, {}));
}

void TestSearch::searchesTitles()
{
    converse("Über Brücken in Köln");
    converse("Bridges of Königsberg");
    converse("100% \"quoted\" under_score");
    converse("关于桥梁的问题");
    const ConversationId binned = converse("Bridges in the bin");
    mustGive(m_store->deleteConversation(binned));
    const auto found = [&](const QString& words) {
        QStringList names;
        for (const Conversation& c : mustGive(m_store->searchTitles(words)))
            names.append(c.title);
        return names;
    };
    QCOMPARE(found("bridge"), QStringList{"Bridges of Königsberg"});
    QCOMPARE(found("kon"), QStringList{"Bridges of Königsberg"});
    QCOMPARE(found("KÖ"), (QStringList{"Bridges of Königsberg", "Über Brücken in Köln"}));
    QCOMPARE(found("koln uber"), QStringList{"Über Brücken in Köln"});
    QCOMPARE(found("0%"), QStringList{"100% \"quoted\" under_score"});
    QCOMPARE(found("\"quo"), QStringList{"100% \"quoted\" under_score"});
    QCOMPARE(found("桥梁"), QStringList{"关于桥梁的问题"});
    QCOMPARE(found("bridge nowhere"), QStringList());
    QCOMPARE(found("  ").size(), 4);
}

void TestSearch::searchesMessages()
{
    const ConversationId id = converse("talk");
    const Message question = ask(id, 0, "How does a Kalman filter work?");
    const Message reply = answer(id, question.id, "It predicts and corrects: `kalman_step(x)`.",
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
    QCOMPARE(thought.title, "talk");
    QCOMPARE(thought.conversation, id);
    QVERIFY(thought.snippet.startsWith("Rudolf published"));
    QVERIFY(!mustGive(m_store->searchMessages("corrects")).first().inReasoning);
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
    const Message reply = answer(id, question.id, "nothing", text);
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
