// Conversations as trees: what a person does to them, and what is found of it afterwards.

#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "storage/database/sqlite.h"
#include "tests/storage/await.h"

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
    void createsWithWhatItWasGiven();
    void beginsWithItsQuestionOrNotAtAll();
    void renamesWithoutCountingAsActivity();
    void deletesAndRestores();
    void purgesOnlyWhatIsOldInTheBin();
    void archives();
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
    m_database = std::make_unique<Database>();
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
    return mustGive(m_store->createConversation(title)).id;
}

Message TestConversationStore::ask(
    ConversationId conversation, MessageId parent, const QString& text)
{
    return mustGive(m_store->addUserMessage(conversation, parent, text));
}

Message TestConversationStore::answer(
    ConversationId conversation, MessageId parent, const QString& text, const QString& reasoning)
{
    const MessageId id = mustGive(m_store->beginAnswer(conversation, parent, {})).id;
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

void TestConversationStore::createsWithWhatItWasGiven()
{
    const QJsonObject settings{{"system", "Be brief."}, {"temperature", 0.6}};
    const auto made = mustGive(m_store->createConversation("Brücken 橋", settings));
    QCOMPARE(made.title, "Brücken 橋");
    QCOMPARE(made.settings, settings);
    QCOMPARE(made.activeLeaf, 0);
    QVERIFY(!made.deleted.isValid());
    QVERIFY(qAbs(made.created.secsTo(QDateTime::currentDateTime())) < 60);
    QVERIFY(mustGive(m_store->activeBranch(made.id)).isEmpty());

    const auto changed = mustGive(m_store->setConversationSettings(made.id, {{"system", "x"}}));
    QCOMPARE(changed.settings, (QJsonObject{{"system", "x"}}));
}

void TestConversationStore::beginsWithItsQuestionOrNotAtAll()
{
    QSignalSpy added(m_store.get(), &ConversationStore::conversationAdded);
    const Message question = mustGive(m_store->beginConversation("Sums", "What is 7 + 5?"));
    QCOMPARE(question.role, Role::User);
    QCOMPARE(question.text, "What is 7 + 5?");
    QCOMPARE(added.size(), 1);
    const auto conversation = added.first().first().value<Conversation>();
    QCOMPARE(conversation.id, question.conversation);
    QCOMPARE(conversation.title, "Sums");
    QCOMPARE(conversation.activeLeaf, question.id);
    QCOMPARE(mustGive(m_store->activeBranch(conversation.id)).size(), 1);

    mustGive(m_database->run([](Connection& connection) {
        return connection.runScript("CREATE TRIGGER never BEFORE INSERT ON messages "
                                    "BEGIN SELECT RAISE(ABORT, 'never'); END;");
    }));
    QVERIFY(!await(m_store->beginConversation("More", "And 8 + 5?")).has_value());
    QCOMPARE(added.size(), 1);
    QCOMPARE(titles(), QStringList{"Sums"});
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

void TestConversationStore::purgesOnlyWhatIsOldInTheBin()
{
    const ConversationId gone = converse("gone");
    const Message question = ask(gone, 0, "unmistakable");
    answer(gone, question.id, "an answer", "a thought");
    converse("kept");
    mustGive(m_store->deleteConversation(gone));
    QCOMPARE(mustGive(m_store->purgeDeleted(QDateTime::currentDateTime().addDays(-1))), 0);
    QCOMPARE(mustGive(m_store->purgeDeleted(QDateTime::currentDateTime().addSecs(1))), 1);
    QCOMPARE(titles(ConversationStore::Include::Deleted), QStringList());
    QCOMPARE(titles(), QStringList{"kept"});
    QCOMPARE(await(m_store->message(question.id)).error().code, ErrorCode::NotFound);
    QVERIFY(mustGive(m_store->searchMessages("unmistakable")).isEmpty());
}

void TestConversationStore::archives()
{
    const ConversationId id = converse("shelf");
    QVERIFY(mustGive(m_store->setArchived(id, true)).archived);
    QCOMPARE(titles(), QStringList());
    QCOMPARE(titles(ConversationStore::Include::Archived), QStringList{"shelf"});
    mustGive(m_store->setArchived(id, false));
    QCOMPARE(titles(), QStringList{"shelf"});
}

void TestConversationStore::tellsWhatChanged()
{
    QSignalSpy added(m_store.get(), &ConversationStore::conversationAdded);
    QSignalSpy changed(m_store.get(), &ConversationStore::conversationChanged);
    QSignalSpy removed(m_store.get(), &ConversationStore::conversationRemoved);
    const ConversationId id = converse("c");
    QCOMPARE(added.size(), 1);
    QCOMPARE(added.first().first().value<Conversation>().id, id);
    mustGive(m_store->renameConversation(id, "d"));
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.last().first().value<Conversation>().title, "d");
    const Message question = ask(id, 0, "?");
    QCOMPARE(changed.size(), 2);
    QCOMPARE(changed.last().first().value<Conversation>().activeLeaf, question.id);
    answer(id, question.id, "!");
    QCOMPARE(changed.size(), 4); // begun, finished
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
    const Message begun = mustGive(m_store->beginAnswer(id, question.id, start));
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
    const MessageId reply = mustGive(m_store->beginAnswer(id, 0, {})).id;
    QString expected;
    for (int i = 0; i < 2000; ++i) {
        const QString piece = QString::number(i) + ' ';
        expected += piece;
        m_store->appendToMessage(reply, piece, i % 2 ? "x" : "");
        if (i == 1000)
            QTest::qWait(Database::kFlushDelayMs + 100); // some of it is on the disk by now
    }
    QCOMPARE(mustGive(m_store->message(reply)).reasoning, expected);
    const Message done = mustGive(m_store->finishMessage(reply, {}));
    QCOMPARE(done.reasoning, expected);
    QCOMPARE(done.text, QString(1000, 'x'));
    QCOMPARE(mustGive(m_store->searchMessages("1999")).size(), 1);
}

void TestConversationStore::readsTextBeforeItIsWritten()
{
    const ConversationId id = converse("c");
    const MessageId reply = mustGive(m_store->beginAnswer(id, 0, {})).id;
    m_store->appendToMessage(reply, "so far", "so good");
    const Message now = mustGive(m_store->activeBranch(id)).last();
    QCOMPARE(now.reasoning, "so far");
    QCOMPARE(now.text, "so good");
    QCOMPARE(now.state, MessageState::Streaming);
}

void TestConversationStore::rewritesText()
{
    const ConversationId id = converse("c");
    const MessageId reply = mustGive(m_store->beginAnswer(id, 0, {})).id;
    m_store->appendToMessage(reply, {}, "I should plan");
    QTest::qWait(Database::kFlushDelayMs + 100); // on the disk
    m_store->appendToMessage(reply, {}, " it"); // and not yet
    m_store->rewriteMessage(reply, "I should plan it", {});
    m_store->appendToMessage(reply, {}, "Done");
    const Message now = mustGive(m_store->message(reply));
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
    const MessageId reply = mustGive(m_store->beginAnswer(id, 0, {})).id;
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
        const MessageId reply = mustGive(m_store->beginAnswer(id, 0, {})).id;
        AnswerEnd end;
        end.state = state;
        end.error = state == MessageState::Failed ? "The memory ran out." : "";
        m_store->appendToMessage(reply, {}, "part");
        mustGive(m_store->finishMessage(reply, end));
        const Message kept = mustGive(m_store->message(reply));
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
    const QList<Message> before = mustGive(m_store->branch(reply.id));
    QCOMPARE(before.size(), 2);
    QCOMPARE(before[0].text, "one");
    QCOMPARE(before[0].siblingCount, 2);
    QCOMPARE(before[1].text, "eins");
    const QList<Message> both = mustGive(m_store->siblings(first.id));
    QCOMPARE(both.size(), 2);
    QCOMPARE(both[1].id, edited.id);

    // Roots of another conversation are no siblings.
    ask(converse("d"), 0, "elsewhere");
    QCOMPARE(mustGive(m_store->siblings(first.id)).size(), 2);
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
    QCOMPARE(
        await(m_store->addUserMessage(id, elsewhere.id, "x")).error().code, ErrorCode::NotFound);
    QCOMPARE(await(m_store->addUserMessage(99, 0, "x")).error().code, ErrorCode::NotFound);
    QCOMPARE(await(m_store->finishMessage(99, {})).error().code, ErrorCode::NotFound);
    QCOMPARE(await(m_store->finishMessage(elsewhere.id, {})).error().code, ErrorCode::NotFound);
    const MessageId reply = mustGive(m_store->beginAnswer(id, 0, {})).id;
    AnswerEnd end;
    end.state = MessageState::Streaming;
    QCOMPARE(await(m_store->finishMessage(reply, end)).error().code, ErrorCode::InvalidArgument);
    QVERIFY(!await(m_store->branch(0)).has_value());

    Database closed;
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
    QCOMPARE(mustGive(m_store->message(reply.id)).text, "done");
    QCOMPARE(mustGive(m_store->message(reply.id)).reasoning, QString());
    QCOMPARE(failed.size(), 0);
}

void TestConversationStore::keepsAnyText()
{
    const ConversationId id = converse("c");
    const QString odd
        = QString("'; DROP TABLE messages; -- 🧮 \r\n\t </think> ") + QChar(0) + "end";
    QCOMPARE(mustGive(m_store->message(ask(id, 0, odd).id)).text, odd);
    QCOMPARE(mustGive(m_store->message(answer(id, 0, odd, odd).id)).reasoning, odd);
    QCOMPARE(ask(id, 0, "").text, "");
    const QString large(8'000'000, QChar(u'ä'));
    QCOMPARE(mustGive(m_store->message(answer(id, 0, large).id)).text, large);
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
    QCOMPARE(mustGive(m_store->searchTitles("matter 77")).size(), 19);
    const qint64 spent = processorMs() - before;
    qInfo("1,000 conversations listed and searched in %lld ms, %lld ms of processor",
        timer.elapsed(), spent);
    QCOMPARE_LT(spent, 300);
}

QTEST_GUILESS_MAIN(TestConversationStore)
#include "tst_ConversationStore.moc"
