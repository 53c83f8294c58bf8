// Conversations as trees: what a person does to them, and what is found of it afterwards.

#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"
#include "tests/storage/await.h"
#include "tests/storage/stored.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <ctime>

using namespace ponder::storage;

/// What this process has computed so far: unlike a clock, the same on a busy machine.
static qint64 processorMs()
{
    return qint64(std::clock()) * 1000 / CLOCKS_PER_SEC;
}

class TestConversationStore : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void listsByActivity();
    void beginsWithQuestionAndAnswerOrNotAtAll();
    void asksInOneTransaction();
    void keepsSystemMessages();
    void drawsTheTree();
    void renamesWithoutCountingAsActivity();
    void deletesAndRestores();
    void erasesOnlyFromTheBin();
    void tellsWhatChanged();

    void keepsAnAnswerWhole();
    void streamsText();
    void readsTextBeforeItIsWritten();
    void rewritesText();
    void keepsStatisticsCompressed();
    void keepsEveryStateApart();
    void editsAsSiblings();
    void regeneratesAsSiblings();
    void switchesBranches();
    void refusesWhatMakesNoSense();
    void ignoresTextForAFinishedMessage();
    void keepsAnyText();

    void opensAThousandMessagesQuickly();
    void listsAThousandConversationsQuickly();

private:
    ConversationId converse(const QString& title);
    Message ask(ConversationId conversation, MessageId parent, const QString& text);
    Message answer(ConversationId conversation, MessageId parent, const QString& text,
        const QString& reasoning = {});
    QStringList titles(ConversationStore::Include include = ConversationStore::Include::Present);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ConversationStore> m_store;
};

void TestConversationStore::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_database = std::make_unique<Database>(ponderSchema());
    m_store = std::make_unique<ConversationStore>(*m_database);
    QVERIFY(mustGive(m_database->open(m_folder->filePath("deep/er/ponder.db"))).created);
}

void TestConversationStore::cleanup()
{
    m_store.reset();
    m_database.reset();
    m_folder.reset();
}

ConversationId TestConversationStore::converse(const QString& title)
{
    return addConversation(*m_database, title).id;
}

Message TestConversationStore::ask(
    ConversationId conversation, MessageId parent, const QString& text)
{
    return addQuestion(*m_database, conversation, parent, text);
}

Message TestConversationStore::answer(
    ConversationId conversation, MessageId parent, const QString& text, const QString& reasoning)
{
    const MessageId id = beginAnswer(*m_database, conversation, parent).id;
    m_store->appendToMessage(id, reasoning, text);
    return mustGive(m_store->finishMessage(id, {}));
}

QStringList TestConversationStore::titles(ConversationStore::Include include)
{
    QStringList names;
    for (const Conversation& c : mustGive(m_store->conversations(include)))
        names.append(c.title);
    return names;
}

void TestConversationStore::listsByActivity()
{
    QCOMPARE(titles(), QStringList());
    const ConversationId first = converse("first");
    converse("second");
    QCOMPARE(titles(), (QStringList{"second", "first"}));
    QTest::qWait(2);
    const Message question = ask(first, 0, "again");
    QCOMPARE(titles(), (QStringList{"first", "second"}));
    const Conversation conversation = mustGive(m_store->conversation(first));
    QCOMPARE(conversation.activeLeaf, question.id);
    QCOMPARE_GT(conversation.updated, conversation.created);
}

void TestConversationStore::beginsWithQuestionAndAnswerOrNotAtAll()
{
    QSignalSpy added(m_store.get(), &ConversationStore::conversationAdded);
    const QJsonObject settings{{"systemPrompt", "Be brief."}, {"sampling", QJsonObject{}}};
    const Asked asked = mustGive(m_store->beginConversation(
        "Brücken 橋", settings, {textPart("What is 7 + 5?")}, {"Starter", "sha256:abc", 5, {}}));
    QCOMPARE(asked.branch.size(), 2);
    QCOMPARE(asked.branch[0].role, Role::User);
    QCOMPARE(asked.branch[0].text, "What is 7 + 5?");
    QCOMPARE(asked.branch[1].role, Role::Assistant);
    QCOMPARE(asked.branch[1].state, MessageState::Streaming);
    QCOMPARE(asked.branch[1].parent, asked.branch[0].id);
    QCOMPARE(asked.branch[1].seed, 5U);
    QCOMPARE(added.size(), 1);
    const auto conversation = added.first().first().value<Conversation>();
    QCOMPARE(conversation.id, asked.conversation.id);
    QCOMPARE(conversation.title, "Brücken 橋");
    QCOMPARE(conversation.settings, settings);
    QCOMPARE(mustGive(m_store->conversation(conversation.id)).settings, settings);
    QCOMPARE(conversation.activeLeaf, asked.branch[1].id);
    QVERIFY(!conversation.deleted.isValid());
    QVERIFY(qAbs(conversation.created.secsTo(QDateTime::currentDateTime())) < 60);
    QCOMPARE(mustGive(m_store->activeBranch(conversation.id)).size(), 2);

    // Where the answer cannot begin there is no question either.
    mustGive(m_database->run([](Connection& connection) {
        return connection.runScript("CREATE TRIGGER never BEFORE INSERT ON messages "
                                    "WHEN new.role = 'assistant' "
                                    "BEGIN SELECT RAISE(ABORT, 'never'); END;");
    }));
    const QList<MessagePart> question{textPart("And 8 + 5?")};
    QVERIFY(!await(m_store->beginConversation("More", {}, question, {})).has_value());
    QVERIFY(!await(m_store->ask(conversation.id, asked.branch[1].id, question, {})).has_value());
    QCOMPARE(added.size(), 1);
    QCOMPARE(titles(), QStringList{"Brücken 橋"});
    QCOMPARE(mustGive(m_store->tree(conversation.id)).size(), 2);
}

void TestConversationStore::asksInOneTransaction()
{
    const Asked first = mustGive(m_store->beginConversation("c", {}, {textPart("one")}, {}));
    const ConversationId id = first.conversation.id;
    m_store->appendToMessage(first.branch[1].id, "thought", "eins");
    mustGive(m_store->finishMessage(first.branch[1].id, {}));
    const Asked second
        = mustGive(m_store->ask(id, first.branch[1].id, {textPart("two")}, {"M", "f", 3, {}}));
    QCOMPARE(second.branch.size(), 4);
    QCOMPARE(second.branch[1].text, "eins");
    QCOMPARE(second.branch[2].text, "two");
    QCOMPARE(second.branch[3].modelName, "M");
    QCOMPARE(second.conversation.activeLeaf, second.branch[3].id);

    // An edited question, and another answer.
    const Asked edited = mustGive(m_store->ask(id, 0, {textPart("three")}, {}));
    QCOMPARE(edited.branch.size(), 2);
    QCOMPARE(edited.branch[0].siblingIndex, 1);
    QCOMPARE(edited.branch[0].siblingCount, 2);
    const Asked again = mustGive(m_store->askAgain(first.branch[0].id, {"N", {}, 4, {}}));
    QCOMPARE(again.branch.size(), 2);
    QCOMPARE(again.branch[0].text, "one");
    QCOMPARE(again.branch[1].siblingIndex, 1);
    QCOMPARE(again.branch[1].seed, 4U);
    QCOMPARE(again.conversation.activeLeaf, again.branch[1].id);
}

void TestConversationStore::keepsSystemMessages()
{
    const ConversationId id = converse("c");
    const Message system = addSystemMessage(*m_database, id, 0, "You are a bee.");
    const Asked asked = mustGive(m_store->ask(id, system.id, {textPart("Who are you?")}, {}));
    QCOMPARE(asked.branch.size(), 3);
    QCOMPARE(asked.branch[0].role, Role::System);
    QCOMPARE(asked.branch[0].text, "You are a bee.");
    QCOMPARE(mustGive(m_store->activeBranch(id)).first().role, Role::System);
    QCOMPARE(mustGive(m_store->tree(id)).first().role, Role::System);
}

void TestConversationStore::drawsTheTree()
{
    const ConversationId id = converse("c");
    const Message question = ask(id, 0, "  Why\n\tis " + QString("the sky ").repeated(100));
    const Message a = answer(id, question.id, "Because");
    const MessageId streaming = beginAnswer(*m_database, id, question.id).id;
    ask(converse("d"), 0, "elsewhere");
    const auto tree = mustGive(m_store->tree(id));
    QCOMPARE(tree.size(), 3);
    QCOMPARE(tree[0].id, question.id);
    QCOMPARE(tree[0].parent, 0);
    QCOMPARE(tree[0].role, Role::User);
    QCOMPARE(tree[0].beginning.size(), TreeNode::kBeginning);
    QVERIFY(tree[0].beginning.startsWith("Why is the sky the sky"));
    QCOMPARE(tree[1].id, a.id);
    QCOMPARE(tree[1].parent, question.id);
    QCOMPARE(tree[1].state, MessageState::Complete);
    QCOMPARE(tree[1].beginning, "Because");
    QCOMPARE(tree[2].id, streaming);
    QCOMPARE(tree[2].state, MessageState::Streaming);
    QVERIFY(mustGive(m_store->tree(12345)).isEmpty());
}

void TestConversationStore::renamesWithoutCountingAsActivity()
{
    const ConversationId old = converse("old");
    QTest::qWait(2);
    converse("new");
    QCOMPARE(mustGive(m_store->renameConversation(old, "older")).title, "older");
    QCOMPARE(titles(), (QStringList{"new", "older"}));
}

void TestConversationStore::deletesAndRestores()
{
    const ConversationId id = converse("here");
    const Message question = ask(id, 0, "What?");
    mustGive(m_store->deleteConversation(id));
    QCOMPARE(titles(), QStringList());
    QCOMPARE(titles(ConversationStore::Include::Deleted), QStringList{"here"});
    QVERIFY(!mustGive(m_store->restoreConversation(id)).deleted.isValid());
    QCOMPARE(titles(), QStringList{"here"});
    QCOMPARE(mustGive(m_store->activeBranch(id)).last().id, question.id);
}

void TestConversationStore::erasesOnlyFromTheBin()
{
    const ConversationId gone = converse("gone");
    const Message question = ask(gone, 0, "unmistakable");
    answer(gone, question.id, "an answer", "a thought");
    const ConversationId kept = converse("kept");
    mustGive(m_store->eraseConversation(kept)); // is not in the bin
    QCOMPARE(mustGive(m_store->emptyBin()), 0);
    mustGive(m_store->deleteConversation(gone));
    mustGive(m_store->eraseConversation(gone));
    QCOMPARE(titles(ConversationStore::Include::Deleted), QStringList());
    QCOMPARE(titles(), QStringList{"kept"});
    QCOMPARE(await(m_store->activateBranch(question.id)).error().code, ErrorCode::NotFound);
    QVERIFY(mustGive(m_store->searchMessages("unmistakable")).isEmpty());
}

void TestConversationStore::tellsWhatChanged()
{
    QSignalSpy added(m_store.get(), &ConversationStore::conversationAdded);
    QSignalSpy changed(m_store.get(), &ConversationStore::conversationChanged);
    QSignalSpy removed(m_store.get(), &ConversationStore::conversationRemoved);
    const Asked asked = mustGive(m_store->beginConversation("c", {}, {textPart("?")}, {}));
    const ConversationId id = asked.conversation.id;
    QCOMPARE(added.size(), 1);
    QCOMPARE(added.first().first().value<Conversation>().id, id);
    QCOMPARE(changed.size(), 0);
    mustGive(m_store->renameConversation(id, "d"));
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.last().first().value<Conversation>().title, "d");
    const Asked more = mustGive(m_store->ask(id, asked.branch[1].id, {textPart("!")}, {}));
    QCOMPARE(changed.size(), 2);
    QCOMPARE(changed.last().first().value<Conversation>().activeLeaf, more.branch.last().id);
    mustGive(m_store->finishMessage(more.branch.last().id, {}));
    QCOMPARE(changed.size(), 3);
    mustGive(m_store->askAgain(more.branch[2].id, {}));
    QCOMPARE(changed.size(), 4);
    mustGive(m_store->deleteConversation(id));
    QCOMPARE(removed.size(), 1);
    QCOMPARE(removed.first().first().toLongLong(), id);
    mustGive(m_store->restoreConversation(id));
    QCOMPARE(added.size(), 2);
    QCOMPARE(await(m_store->renameConversation(999, "x")).error().code, ErrorCode::NotFound);
    QCOMPARE(changed.size(), 4);
}

void TestConversationStore::keepsAnAnswerWhole()
{
    const ConversationId id = converse("c");
    const Message question = ask(id, 0, "2 + 2?");
    AnswerStart start;
    start.modelName = "Ponder Starter";
    start.modelFingerprint = "sha256:abc";
    start.seed = 0xfedcba9876543210ULL;
    start.sampling = {{"temperature", 0.6}, {"topP", 0.95}};
    const Message begun = mustGive(m_store->askAgain(question.id, start)).branch.last();
    QCOMPARE(begun.state, MessageState::Streaming);
    QCOMPARE(begun.role, Role::Assistant);
    QVERIFY(!begun.finished.isValid());

    AnswerEnd end;
    end.finishReason = "stop";
    end.reasoningSeconds = 12.5;
    end.reasoningTokens = 340;
    end.steps = {QJsonObject{{"title", "Add"}, {"at", 3}}, QJsonObject{{"title", "Check"}}};
    end.promptTokens = 11;
    end.completionTokens = 360;
    end.promptSeconds = 0.25;
    end.generationSeconds = 13.75;
    m_store->appendToMessage(begun.id, "Two and two", "");
    m_store->appendToMessage(begun.id, " is four.", "4");
    mustGive(m_store->finishMessage(begun.id, end));

    mustGive(m_database->close());
    mustGive(m_database->open(m_folder->filePath("deep/er/ponder.db")));
    const QList<Message> branch = mustGive(m_store->activeBranch(id));
    QCOMPARE(branch.size(), 2);
    QCOMPARE(branch[0].text, "2 + 2?");
    QCOMPARE(branch[0].role, Role::User);
    const Message& kept = branch[1];
    QCOMPARE(kept.parent, question.id);
    QCOMPARE(kept.state, MessageState::Complete);
    QCOMPARE(kept.reasoning, "Two and two is four.");
    QCOMPARE(kept.text, "4");
    QCOMPARE(kept.modelName, start.modelName);
    QCOMPARE(kept.modelFingerprint, start.modelFingerprint);
    QCOMPARE(kept.seed, start.seed);
    QCOMPARE(kept.sampling, start.sampling);
    QCOMPARE(kept.finishReason, end.finishReason);
    QCOMPARE(kept.reasoningSeconds, end.reasoningSeconds);
    QCOMPARE(kept.reasoningTokens, end.reasoningTokens);
    QCOMPARE(kept.steps, end.steps);
    QCOMPARE(kept.promptTokens, end.promptTokens);
    QCOMPARE(kept.completionTokens, end.completionTokens);
    QCOMPARE(kept.promptSeconds, end.promptSeconds);
    QCOMPARE(kept.generationSeconds, end.generationSeconds);
    QVERIFY(kept.finished.isValid());
    QVERIFY(!kept.hasTokenStatistics);
}

void TestConversationStore::streamsText()
{
    const ConversationId id = converse("c");
    const MessageId reply = beginAnswer(*m_database, id, 0).id;
    QString expected;
    for (int i = 0; i < 2000; ++i) {
        const QString piece = QString::number(i) + ' ';
        expected += piece;
        m_store->appendToMessage(reply, piece, i % 2 ? "x" : "");
        if (i == 1000)
            QTest::qWait(Database::kFlushDelayMs + 100); // some of it is on the disk by now
    }
    QCOMPARE(messageOf(*m_store, reply).reasoning, expected);
    const Message done = mustGive(m_store->finishMessage(reply, {}));
    QCOMPARE(done.reasoning, expected);
    QCOMPARE(done.text, QString(1000, 'x'));
    QCOMPARE(mustGive(m_store->searchMessages("1999")).size(), 1);
}

void TestConversationStore::readsTextBeforeItIsWritten()
{
    const ConversationId id = converse("c");
    const MessageId reply = beginAnswer(*m_database, id, 0).id;
    m_store->appendToMessage(reply, "so far", "so good");
    const Message now = mustGive(m_store->activeBranch(id)).last();
    QCOMPARE(now.reasoning, "so far");
    QCOMPARE(now.text, "so good");
    QCOMPARE(now.state, MessageState::Streaming);
}

void TestConversationStore::rewritesText()
{
    const ConversationId id = converse("c");
    const MessageId reply = beginAnswer(*m_database, id, 0).id;
    m_store->appendToMessage(reply, {}, "I should plan");
    QTest::qWait(Database::kFlushDelayMs + 100); // on the disk
    m_store->appendToMessage(reply, {}, " it"); // and not yet
    m_store->rewriteMessage(reply, "I should plan it", {});
    m_store->appendToMessage(reply, {}, "Done");
    const Message now = messageOf(*m_store, reply);
    QCOMPARE(now.reasoning, "I should plan it");
    QCOMPARE(now.text, "Done");
    QTest::qWait(Database::kFlushDelayMs + 100);
    m_store->appendToMessage(reply, {}, ".");
    const Message done = mustGive(m_store->finishMessage(reply, {}));
    QCOMPARE(done.reasoning, "I should plan it");
    QCOMPARE(done.text, "Done.");
}

void TestConversationStore::keepsStatisticsCompressed()
{
    const ConversationId id = converse("c");
    const MessageId reply = beginAnswer(*m_database, id, 0).id;
    AnswerEnd end;
    end.tokenStatistics = QByteArray("0123456789abcdef").repeated(40'000);
    QVERIFY(mustGive(m_store->finishMessage(reply, end)).hasTokenStatistics);
    QCOMPARE(mustGive(m_store->tokenStatistics(reply)), end.tokenStatistics);
    QVERIFY(mustGive(m_store->tokenStatistics(12345)).isEmpty());
    mustGive(m_database->close());
    QCOMPARE_LT(QFileInfo(m_folder->filePath("deep/er/ponder.db")).size(), 200'000);
}

void TestConversationStore::keepsEveryStateApart()
{
    const ConversationId id = converse("c");
    for (const MessageState state :
        {MessageState::Complete, MessageState::Interrupted, MessageState::Failed}) {
        const MessageId reply = beginAnswer(*m_database, id, 0).id;
        AnswerEnd end;
        end.state = state;
        end.error = state == MessageState::Failed ? "The memory ran out." : "";
        m_store->appendToMessage(reply, {}, "part");
        mustGive(m_store->finishMessage(reply, end));
        const Message kept = messageOf(*m_store, reply);
        QCOMPARE(kept.state, state);
        QCOMPARE(kept.error, end.error);
        QCOMPARE(kept.text, "part");
    }
}

void TestConversationStore::editsAsSiblings()
{
    const ConversationId id = converse("c");
    const Message first = ask(id, 0, "one");
    const Message reply = answer(id, first.id, "eins");
    const Message edited = ask(id, 0, "two");
    QCOMPARE(edited.siblingIndex, 1);
    QCOMPARE(edited.siblingCount, 2);
    const QList<Message> now = mustGive(m_store->activeBranch(id));
    QCOMPARE(now.size(), 1);
    QCOMPARE(now.first().text, "two");
    const QList<Message> before = mustGive(m_store->activateBranch(reply.id));
    QCOMPARE(before.size(), 2);
    QCOMPARE(before[0].text, "one");
    QCOMPARE(before[0].siblingCount, 2);
    QCOMPARE(before[1].text, "eins");

    // Roots of another conversation are no siblings.
    ask(converse("d"), 0, "elsewhere");
    QCOMPARE(mustGive(m_store->activeBranch(id))[0].siblingCount, 2);
}

void TestConversationStore::regeneratesAsSiblings()
{
    const ConversationId id = converse("c");
    const Message question = ask(id, 0, "?");
    answer(id, question.id, "a");
    const Message second = answer(id, question.id, "b");
    QCOMPARE(second.siblingIndex, 1);
    QCOMPARE(second.siblingCount, 2);
    QCOMPARE(mustGive(m_store->activeBranch(id)).last().text, "b");
}

void TestConversationStore::switchesBranches()
{
    const ConversationId id = converse("c");
    const Message question = ask(id, 0, "?");
    const Message a = answer(id, question.id, "a");
    const Message more = ask(id, a.id, "more");
    const Message deep = answer(id, more.id, "deep");
    const Message b = answer(id, question.id, "b");
    QCOMPARE(mustGive(m_store->activeBranch(id)).size(), 2);

    const QList<Message> through = mustGive(m_store->activateBranch(a.id));
    QCOMPARE(through.size(), 4);
    QCOMPARE(through.last().id, deep.id);
    QCOMPARE(mustGive(m_store->conversation(id)).activeLeaf, deep.id);
    QCOMPARE(mustGive(m_store->activateBranch(b.id)).last().id, b.id);
    QCOMPARE(await(m_store->activateBranch(4711)).error().code, ErrorCode::NotFound);
}

void TestConversationStore::refusesWhatMakesNoSense()
{
    const ConversationId id = converse("c");
    const ConversationId other = converse("d");
    const Message elsewhere = ask(other, 0, "?");
    const QList<MessagePart> x{textPart("x")};
    QCOMPARE(await(m_store->ask(id, elsewhere.id, x, {})).error().code, ErrorCode::NotFound);
    QCOMPARE(await(m_store->ask(99, 0, x, {})).error().code, ErrorCode::NotFound);
    QCOMPARE(await(m_store->askAgain(99, {})).error().code, ErrorCode::NotFound);
    QCOMPARE(await(m_store->finishMessage(99, {})).error().code, ErrorCode::NotFound);
    QCOMPARE(await(m_store->finishMessage(elsewhere.id, {})).error().code, ErrorCode::NotFound);
    const MessageId reply = beginAnswer(*m_database, id, 0).id;
    AnswerEnd end;
    end.state = MessageState::Streaming;
    QCOMPARE(await(m_store->finishMessage(reply, end)).error().code, ErrorCode::InvalidArgument);
    QVERIFY(!await(m_store->activateBranch(0)).has_value());

    Database closed(ponderSchema());
    ConversationStore nowhere(closed);
    const auto refused = await(nowhere.conversations());
    QCOMPARE(refused.error().code, ErrorCode::NotOpen);
    QVERIFY(refused.error().message.endsWith('.'));
}

void TestConversationStore::ignoresTextForAFinishedMessage()
{
    const ConversationId id = converse("c");
    const Message reply = answer(id, 0, "done");
    QSignalSpy failed(m_database.get(), &Database::writeFailed);
    m_store->appendToMessage(reply.id, "late", "late");
    m_store->appendToMessage(123456, "to", "nobody");
    QTest::qWait(Database::kFlushDelayMs + 200);
    QCOMPARE(messageOf(*m_store, reply.id).text, "done");
    QCOMPARE(messageOf(*m_store, reply.id).reasoning, QString());
    QCOMPARE(failed.size(), 0);
}

void TestConversationStore::keepsAnyText()
{
    const ConversationId id = converse("c");
    const QString odd
        = QString("'; DROP TABLE messages; -- 🧮 \r\n\t </think> ") + QChar(0) + "end";
    QCOMPARE(messageOf(*m_store, ask(id, 0, odd).id).text, odd);
    QCOMPARE(messageOf(*m_store, answer(id, 0, odd, odd).id).reasoning, odd);
    QCOMPARE(ask(id, 0, "").text, "");
    const QString large(8'000'000, QChar(u'ä'));
    QCOMPARE(messageOf(*m_store, answer(id, 0, large).id).text, large);
}

void TestConversationStore::opensAThousandMessagesQuickly()
{
    const ConversationId id = converse("long");
    MessageId last = 0;
    const QString thought = QString("Let me think about the carry once more. ").repeated(50);
    for (int i = 0; i < 500; ++i) {
        last = ask(id, last, "What is the next number?").id;
        last = answer(id, last, "It is **" + QString::number(i) + "**.", thought).id;
    }
    mustGive(m_database->close());
    mustGive(m_database->open(m_folder->filePath("deep/er/ponder.db")));
    QElapsedTimer timer;
    timer.start();
    const qint64 before = processorMs();
    const QList<Message> branch = mustGive(m_store->activeBranch(id));
    const qint64 spent = processorMs() - before;
    QCOMPARE(branch.size(), 1000);
    QCOMPARE(branch[999].text, "It is **499**.");
    QCOMPARE(branch[999].reasoning, thought);
    qInfo("1,000 messages read in %lld ms, %lld ms of processor", timer.elapsed(), spent);
    QCOMPARE_LT(spent, 150);
}

void TestConversationStore::listsAThousandConversationsQuickly()
{
    for (int i = 0; i < 1000; ++i)
        converse("Conversation about matter " + QString::number(i));
    QElapsedTimer timer;
    timer.start();
    const qint64 before = processorMs();
    QCOMPARE(mustGive(m_store->conversations()).size(), 1000);
    const qint64 spent = processorMs() - before;
    qInfo("1,000 conversations listed in %lld ms, %lld ms of processor", timer.elapsed(), spent);
    QCOMPARE_LT(spent, 300);
}

QTEST_GUILESS_MAIN(TestConversationStore)
#include "tst_ConversationStore.moc"
