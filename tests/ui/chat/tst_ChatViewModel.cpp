#include "engine/local_engine.h"
#include "storage/database/sqlite.h"
#include "tests/storage/stored.h"
#include "tests/ui/chat_fixture.h"
#include "ui/chat/conversation_rows.h"

#include <QClipboard>
#include <QDir>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace ponder;
using namespace Qt::StringLiterals;
using storage::addAnswer;
using storage::addConversation;
using storage::addQuestion;
using storage::await;
using storage::messageOf;
using storage::mustGive;

class tst_ChatViewModel : public QObject {
    Q_OBJECT

private slots:
    void asksAndStoresTheAnswerWithItsThought()
    {
        ChatFixture f;
        QVERIFY(!f.chat.canAsk());
        QVERIFY(f.chat.composer()->obstacle().contains(u"No model"_s));
        QVERIFY(f.openModel());
        QVERIFY2(f.chat.canAsk(), qPrintable(f.chat.composer()->obstacle()));

        f.chat.composer()->setDraft(u"What is 7 + 5?"_s);
        QVERIFY(f.askAndWait(f.chat.composer()->draft()));
        QCOMPARE(f.chat.composer()->draft(), QString());
        QCOMPARE(f.chat.title(), u"What is 7 + 5?"_s);
        QCOMPARE(f.lastRow().text, u"It is **12**."_s);
        QCOMPARE(f.lastRow().thought, u"Seven and five."_s);
        QCOMPARE(f.lastRow().state, MessageRow::State::Complete);

        QTRY_COMPARE(mustGive(f.conversations.activeBranch(f.chat.conversationId())).last().state,
            storage::MessageState::Complete);
        const auto stored = mustGive(f.conversations.activeBranch(f.chat.conversationId()));
        QCOMPARE(stored.size(), 2);
        QCOMPARE(stored.at(0).text, u"What is 7 + 5?"_s);
        QCOMPARE(stored.at(1).text, u"It is **12**."_s);
        QCOMPARE(stored.at(1).reasoning, u"Seven and five."_s);
        QCOMPARE(stored.at(1).reasoningTokens, 3);
        QCOMPARE(stored.at(1).completionTokens, 5);
        QCOMPARE(stored.at(1).modelFingerprint, u"0123456789abcdef"_s);
        QCOMPARE(stored.at(1).sampling.value(u"temperature"_s).toDouble(), double(0.6f));
        const auto statistics = TokenStatistics::decode(
            mustGive(f.conversations.tokenStatistics(stored.at(1).id)).toStdString());
        QVERIFY(statistics);
        QCOMPARE(statistics->tokens().size(), 5u);
        QCOMPARE(statistics->textOf(2), "five.");
        QCOMPARE(statistics->tokenAt(TextPart::Reasoning, 10), 2u); // the f of "five."
        QCOMPARE(statistics->bytes(TextPart::Answer), 13u);
        QCOMPARE(f.chat.contextUsed(), 15);
    }

    void aQuestionThatCannotBeStoredLeavesNothingBehind()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        mustGive(f.database.run([](storage::Connection& connection) {
            return connection.runScript("CREATE TRIGGER never BEFORE INSERT ON messages "
                                        "BEGIN SELECT RAISE(ABORT, 'never'); END;");
        }));
        f.chat.composer()->setDraft(u"What is 7 + 5?"_s);
        f.chat.ask(f.chat.composer()->draft());
        QTRY_VERIFY(!f.chat.problem().isEmpty());
        QVERIFY2(f.chat.problem().contains(u"SQLite"_s) && f.chat.problem().contains(u"never"_s),
            qPrintable(f.chat.problem()));
        QVERIFY2(f.chat.problemDetails().startsWith(u"storage: Internal\nSQLite "_s),
            qPrintable(f.chat.problemDetails()));
        QVERIFY(f.chat.canAsk());
        QCOMPARE(f.chat.conversationId(), 0);
        QCOMPARE(f.chat.composer()->draft(), u"What is 7 + 5?"_s);
        QCOMPARE(f.chat.messages()->count(), 0);
        QCOMPARE(f.library.total(), 0);
        QVERIFY(mustGive(f.conversations.conversations()).isEmpty());

        mustGive(f.database.run([](storage::Connection& connection) {
            return connection.runScript("DROP TRIGGER never;");
        }));
        QVERIFY(f.askAndWait(f.chat.composer()->draft()));
        QCOMPARE(f.library.total(), 1);
        QCOMPARE(f.chat.title(), u"What is 7 + 5?"_s);
    }

    void keepsDraftsAcrossRuns()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        qint64 asked = 0;
        {
            ChatFixture f(path);
            QVERIFY(f.openModel());
            QVERIFY(f.askAndWait(u"One"_s));
            asked = f.chat.conversationId();
            f.chat.composer()->setDraft(u"more of one"_s);
            f.chat.startNew();
            f.chat.composer()->setDraft(u"something else"_s);
        } // closed before the half second is over
        ChatFixture f(path);
        f.chat.open(asked);
        QSignalSpy changes(f.chat.composer(), &ComposerViewModel::draftChanged);
        f.drafts.load();
        QTRY_VERIFY(!changes.isEmpty());
        QCOMPARE(f.chat.composer()->draft(), u"more of one"_s);
        f.chat.startNew();
        QCOMPARE(f.chat.composer()->draft(), u"something else"_s);
    }

    void whatIsTypedFirstIsNotReplacedByAnOldDraft()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        {
            ChatFixture f(path);
            f.chat.composer()->setDraft(u"old"_s);
        }
        {
            ChatFixture f(path);
            f.chat.composer()->setDraft(u"new"_s);
            f.drafts.load();
            await(f.draftStore.load());
            QCOMPARE(f.chat.composer()->draft(), u"new"_s);
            f.chat.composer()->setDraft({});
        }
        ChatFixture f(path);
        f.drafts.load();
        await(f.draftStore.load());
        QCOMPARE(f.chat.composer()->draft(), QString());
    }

    void storesWhatIsTypedWithoutAPause()
    {
        ChatFixture f;
        QString typed;
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < 1500) {
            typed += u'x';
            f.chat.composer()->setDraft(typed);
            QTest::qWait(60); // less than it takes to be stored
        }
        const auto stored = await(f.draftStore.load());
        QVERIFY(stored.has_value());
        // All but what came within the last half second, and some for a busy machine.
        QCOMPARE_GE(stored->value(0).size(), typed.size() / 3);
        QCOMPARE_LT(stored->value(0).size(), typed.size() + 1);
    }

    void givesTheEngineTheWholeConversation()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.settings.setSystemPrompt(u"Be brief."_s);
        f.settings.setRecommendedSampling(false);
        f.settings.setTemperature(0.25);
        f.settings.setSeed(42);
        f.settings.setMaxTokens(99);
        QVERIFY(f.askAndWait(u"One?"_s));
        QVERIFY(f.askAndWait(u"Two?"_s));
        const ChatRequest request = f.engine->lastRequest();
        QCOMPARE(request.messages.size(), 4u);
        QCOMPARE(request.messages[0].role, "system");
        QCOMPARE(request.messages[2].role, "assistant");
        QCOMPARE(request.messages[2].reasoningContent, "Seven and five.");
        QCOMPARE(request.messages[3].content, "Two?");
        QCOMPARE(request.sampling.temperature, 0.25f);
        QCOMPARE(request.sampling.seed, 42u);
        QCOMPARE(request.maxTokens, 99u);
    }

    void stopsAndKeepsWhatWasWritten()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript(
            {{}, std::vector<std::string>(2000, "word "), std::chrono::milliseconds(2), {}});
        f.chat.ask(u"Talk."_s);
        QTRY_VERIFY(f.chat.messages()->count() == 2 && f.lastRow().text.size() > 20);
        QElapsedTimer clock;
        clock.start();
        f.chat.stop();
        QTRY_VERIFY(!f.chat.isGenerating());
        QVERIFY2(clock.elapsed() < 500, qPrintable(QString::number(clock.elapsed())));
        QCOMPARE(f.lastRow().state, MessageRow::State::Interrupted);
        QVERIFY(!f.lastRow().notice.isEmpty());
        const auto stored = [&] { return messageOf(f.conversations, f.lastRow().id); };
        QTRY_COMPARE(stored().state, storage::MessageState::Interrupted);
        QCOMPARE(stored().text, f.lastRow().text);
    }

    void answersAgainBesideTheFirstAnswer()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QVERIFY(f.askAndWait(u"What?"_s));
        f.engine->setScript({{}, {"Another."}, {}, {}});
        f.chat.answerAgain(1);
        QTRY_VERIFY(f.lastRow().text == u"Another."_s && f.chat.canAsk());
        QCOMPARE(f.chat.messages()->count(), 2);
        QCOMPARE(f.lastRow().siblingIndex, 1);
        QCOMPARE(f.lastRow().siblingCount, 2);
        f.chat.showSibling(1, -1);
        QTRY_COMPARE(f.lastRow().text, u"It is **12**."_s);
        f.chat.showSibling(1, -1); // there is none before the first
        QTest::qWait(50);
        QCOMPARE(f.lastRow().siblingIndex, 0);
    }

    void editsAQuestionAsABranchOfItsOwn()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QVERIFY(f.askAndWait(u"Frist"_s));
        QVERIFY(f.askAndWait(u"Then"_s));
        f.chat.editQuestion(0, u"First"_s);
        QTRY_VERIFY(f.chat.messages()->count() == 2 && f.chat.canAsk());
        QCOMPARE(f.chat.messages()->at(0).text, u"First"_s);
        QCOMPARE(f.chat.messages()->at(0).siblingCount, 2);
        f.chat.showSibling(0, -1);
        QTRY_COMPARE(f.chat.messages()->count(), 4);
        QCOMPARE(f.chat.messages()->at(0).text, u"Frist"_s);
    }

    void goesOnAnsweringWhileAnotherConversationIsRead()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QVERIFY(f.askAndWait(u"Quiet one"_s));
        const qint64 quiet = f.chat.conversationId();
        f.chat.startNew();
        f.engine->setScript(
            {{"Hm. "}, std::vector<std::string>(100, "la "), std::chrono::milliseconds(3), {}});
        f.chat.ask(u"Sing"_s);
        QTRY_VERIFY(f.chat.isGeneratingHere());
        const qint64 singing = f.chat.conversationId();
        f.chat.open(quiet);
        QTRY_COMPARE(f.lastRow().text, u"It is **12**."_s);
        QVERIFY(f.chat.isGenerating() && !f.chat.isGeneratingHere());
        QCOMPARE(f.chat.answeringElsewhere(), u"Sing"_s);
        QVERIFY(f.chat.composer()->obstacle().contains(u"Sing"_s));
        f.chat.stop(); // acts on what is on the screen
        QTest::qWait(20);
        QVERIFY(f.chat.isGenerating());
        f.chat.showAnswering();
        QCOMPARE(f.chat.conversationId(), singing);
        QCOMPARE(f.chat.answeringElsewhere(), QString());
        QTRY_VERIFY(!f.chat.isGenerating());
        QCOMPARE(f.lastRow().text, QString(u"la "_s).repeated(100));
        QCOMPARE(f.lastRow().thought, u"Hm."_s);
    }

    void explainsAFailureAndKeepsTheWords()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript(
            {{}, {"Half an "}, {}, Error{ErrorCode::OutOfMemory, "The memory ran out.", "12 GB"}});
        QVERIFY(f.askAndWait(u"What?"_s));
        QCOMPARE(f.lastRow().state, MessageRow::State::Failed);
        QCOMPARE(f.lastRow().notice, u"The memory ran out."_s);
        QCOMPARE(f.lastRow().noticeDetails, u"engine: OutOfMemory\n12 GB"_s);
        QCOMPARE(f.lastRow().text, u"Half an "_s);
        QVERIFY(f.chat.canAsk());
        // The same after it was closed and opened.
        const qint64 conversation = f.chat.conversationId();
        f.chat.startNew();
        f.chat.open(conversation);
        QTRY_COMPARE(f.chat.messages()->count(), 2);
        QCOMPARE(f.lastRow().notice, u"The memory ran out."_s);
        QCOMPARE(f.lastRow().noticeDetails, u"engine: OutOfMemory\n12 GB"_s);
    }

    void readsFailuresStoredWithoutDetails()
    {
        const ErrorText old{u"It failed."_s, {}};
        QCOMPARE(fromStored(u"It failed."_s), old);
        QCOMPARE(fromStored(toStored(old)), old);
        const ErrorText whole{u"Two\nlines."_s, u"engine: Internal\nwhy"_s};
        QCOMPARE(fromStored(toStored(whole)), whole);
    }

    void goesOnWithAnAnswerWhoseGpuWasLost()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        qint64 conversation = 0;
        {
            ChatFixture f(path);
            f.engine->setGpus({{{0, "NVIDIA H100", 80'000'000'000, 79'000'000'000, 0}}, {}});
            QVERIFY(f.openModel());
            QVERIFY(!f.chat.isOnProcessor());
            f.engine->setScript({{"Seven ", "and "}, {"It ", "is \n"}, {},
                Error{ErrorCode::DeviceLost, "The GPU stopped answering.", {}}});
            QVERIFY(f.askAndWait(u"What is 7 + 5?"_s));
            QCOMPARE(f.lastRow().state, MessageRow::State::Failed);
            QCOMPARE(f.lastRow().text, u"It is \n"_s);
            QCOMPARE(f.lastRow().notice, u"The GPU stopped answering."_s);
            QVERIFY(f.lastRow().canGoOn);
            QVERIFY(f.chat.isOnProcessor());
            QCOMPARE(f.model.remark(), u"The GPU stopped answering."_s);
            conversation = f.chat.conversationId();
            QTRY_COMPARE(mustGive(f.conversations.activeBranch(conversation)).last().state,
                storage::MessageState::Failed);
        } // and it can go on in another run, too
        ChatFixture f(path);
        QVERIFY(f.openModel());
        f.chat.open(conversation);
        QTRY_COMPARE(f.chat.messages()->count(), 2);
        QVERIFY(f.lastRow().canGoOn);
        QCOMPARE(f.lastRow().text, u"It is \n"_s);
        f.engine->setScript({{}, {" **12**", "."}, {}, {}});
        f.chat.goOn(0); // a question does not go on
        QVERIFY(f.chat.canAsk());
        f.chat.goOn(1);
        QTRY_VERIFY(f.lastRow().state == MessageRow::State::Complete && f.chat.canAsk());
        QCOMPARE(f.lastRow().text, u"It is **12**."_s);
        QCOMPARE(f.lastRow().thought, u"Seven and"_s);
        QCOMPARE(f.lastRow().tokens, 6);
        QCOMPARE(f.lastRow().thoughtTokens, 2);
        QCOMPARE(f.lastRow().siblingIndex, 1); // the one that was cut off is still there
        QCOMPARE(f.lastRow().siblingCount, 2);
        QVERIFY(!f.lastRow().canGoOn);
        const ChatRequest request = f.engine->lastRequest();
        QCOMPARE(request.messages.size(), 1u);
        QCOMPARE(request.continueReasoning, "Seven and");
        QCOMPARE(request.continueContent, "It is");

        const auto stored = [&] { return messageOf(f.conversations, f.lastRow().id); };
        QTRY_COMPARE(stored().state, storage::MessageState::Complete);
        QCOMPARE(stored().text, u"It is **12**."_s);
        QCOMPARE(stored().reasoning, u"Seven and"_s);
        QCOMPARE(stored().completionTokens, 6);
        QCOMPARE(stored().steps.size(), 1);
        const auto statistics = TokenStatistics::decode(
            mustGive(f.conversations.tokenStatistics(stored().id)).toStdString());
        QVERIFY(statistics);
        QCOMPARE(statistics->tokens().size(), 6u);
        QCOMPARE(statistics->bytes(TextPart::Reasoning), 9u);
        QCOMPARE(statistics->bytes(TextPart::Answer), 13u);
        QCOMPARE(statistics->tokenAt(TextPart::Answer, 5), 4u); // the first that is new
    }

    void goesOnInTheMiddleOfAThought()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{"Seven ", "and\n\n"}, {}, {},
            Error{ErrorCode::DeviceLost, "The GPU stopped answering.", {}}});
        QVERIFY(f.askAndWait(u"What is 7 + 5?"_s));
        QVERIFY(f.lastRow().canGoOn);
        f.engine->setScript({{" five"}, {"12"}, {}, {}});
        f.chat.goOn(1);
        QTRY_VERIFY(f.lastRow().state == MessageRow::State::Complete && f.chat.canAsk());
        QCOMPARE(f.lastRow().thought, u"Seven and five"_s);
        QCOMPARE(f.lastRow().text, u"12"_s);
        QCOMPARE(f.lastRow().thoughtTokens, 3);
        QVERIFY(f.lastRow().thoughtSeconds >= 0);
        QCOMPARE(f.engine->lastRequest().continueReasoning, "Seven and");
        QCOMPARE(f.engine->lastRequest().continueContent, "");
        const QJsonObject step = f.lastRow().steps.last().toObject();
        QVERIFY(step[u"endSeconds"_s].toDouble() >= 0); // over in the end
    }

    void keepsADraftForEachConversation()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QVERIFY(f.askAndWait(u"One"_s));
        const qint64 one = f.chat.conversationId();
        f.chat.composer()->setDraft(u"more of one"_s);
        f.chat.startNew();
        QCOMPARE(f.chat.composer()->draft(), QString());
        f.chat.composer()->setDraft(u"two"_s);
        f.chat.open(one);
        QCOMPARE(f.chat.composer()->draft(), u"more of one"_s);
    }

    void tellsAFloodOfTokensInFewSteps()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{}, std::vector<std::string>(5000, "x"), {}, {}});
        QSignalSpy changed(f.chat.messages(), &QAbstractItemModel::dataChanged);
        QVERIFY(f.askAndWait(u"Flood"_s));
        QCOMPARE(f.lastRow().text.size(), 5000);
        QVERIFY2(changed.count() < 500, qPrintable(QString::number(changed.count())));
    }

    void keepsTheOldModelWhenAnotherIsRefused()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.model.openFile(u"/models/bad.gguf"_s);
        QTRY_VERIFY(!f.model.isOpening());
        QVERIFY(f.model.isReady());
        QCOMPARE(f.model.name(), u"good"_s);
        QCOMPARE(f.model.problem(), u"bad.gguf is not a model."_s);
        QCOMPARE(f.model.problemFile(), u"/models/bad.gguf"_s);
        QCOMPARE(f.model.problemDetails(), u"engine: FileCorrupt\nbytes 0 to 4"_s);
        QCOMPARE(f.model.recent().size(), 1);
        f.model.openUrl(QUrl(u"https://example.org/model.gguf"_s));
        QVERIFY(f.model.problem().contains(u"this computer"_s));
        f.model.openFile(u"/models/endless.gguf"_s);
        QVERIFY(f.model.isOpening());
        f.model.cancelOpening();
        QTRY_VERIFY(!f.model.isOpening());
        QCOMPARE(f.model.problem(), QString());
        QVERIFY(f.askAndWait(u"Still there?"_s));
    }

    void opensWhatIsLargerThanMemoryAllTheSame()
    {
        ChatFixture f;
        QVERIFY(!f.openModel(u"/models/bad.gguf"_s));
        QVERIFY(!f.model.canOpenAllTheSame());
        f.model.openAllTheSame(); // there is nothing of the kind
        QVERIFY(!f.model.isOpening());
        QVERIFY(!f.openModel(u"/models/large.gguf"_s));
        QCOMPARE(f.model.problem(), u"large.gguf is larger than memory."_s);
        QVERIFY(f.model.canOpenAllTheSame());
        f.model.openAllTheSame();
        QVERIFY(f.model.isOpening());
        QTRY_VERIFY(f.model.isReady());
        QCOMPARE(f.model.problem(), QString());
        QVERIFY(!f.model.canOpenAllTheSame());
        QVERIFY(f.openModel());
        QVERIFY(f.openModel(u"/models/large.gguf"_s)); // asked once, remembered for this model
        QVERIFY(f.openModel(u"/elsewhere/large.gguf"_s)); // the one before is still open
        QVERIFY(f.model.canOpenAllTheSame());
    }

    void saysThatTheLastModelIsGone()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        const QString starter = folder.filePath(u"starter.gguf"_s);
        const QString gone = folder.filePath(u"disk/mine.gguf"_s);
        QVERIFY(QFile(starter).open(QIODevice::WriteOnly));
        const auto start = [&](auto check) {
            ChatFixture f(path, starter);
            mustGive(f.settingsStore.load());
            f.model.openFirst({});
            QTRY_VERIFY(!f.model.isOpening());
            check(f.model);
        };
        {
            ChatFixture f(path);
            mustGive(f.settingsStore.load());
            QVERIFY(f.openModel(gone));
        }
        for (int run = 0; run < 2; ++run) { // the second still knows which it was
            start([&](ModelViewModel& model) {
                QVERIFY(model.isStarter());
                QVERIFY2(
                    model.problem().contains(u"not there any more"_s), qPrintable(model.problem()));
                QCOMPARE(model.problemFile(), gone);
            });
        }
        QVERIFY(QDir(folder.path()).mkdir(u"disk"_s));
        QVERIFY(QFile(gone).open(QIODevice::WriteOnly)); // the disk is back
        start([&](ModelViewModel& model) {
            QCOMPARE(model.path(), gone);
            QCOMPARE(model.problem(), QString());
            model.openStarter();
            QTRY_VERIFY(model.isStarter());
        });
        QVERIFY(QFile::remove(gone));
        start([&](ModelViewModel& model) { // chosen since, and not in its place
            QVERIFY(model.isStarter());
            QCOMPARE(model.problem(), QString());
        });
    }

    void savesAtTheEndOfTheProgram()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        qint64 conversation = 0;
        {
            ChatFixture f(path);
            QVERIFY(f.openModel());
            f.engine->setScript(
                {{}, std::vector<std::string>(9000, "on "), std::chrono::milliseconds(1), {}});
            f.chat.ask(u"Go on"_s);
            QTRY_VERIFY(f.chat.messages()->count() == 2 && f.lastRow().text.size() > 30);
            conversation = f.chat.conversationId();
        }
        ChatFixture again(path);
        const auto stored = mustGive(again.conversations.activeBranch(conversation));
        QCOMPARE(stored.size(), 2);
        QCOMPARE(stored.last().state, storage::MessageState::Interrupted);
        QVERIFY(stored.last().text.size() > 30);
    }

    void opensAThousandMessagesAtOnce()
    {
        ChatFixture f;
        const auto conversation = addConversation(f.database, u"Long"_s);
        qint64 parent = 0;
        const QString text
            = QString(u"Some words of a message, **bold** and plain. "_s).repeated(20);
        for (int i = 0; i < 500; ++i) {
            parent = addQuestion(f.database, conversation.id, parent, text).id;
            parent = addAnswer(f.database, f.conversations, conversation.id, parent, text, text).id;
        }
        QElapsedTimer clock;
        clock.start();
        f.chat.open(conversation.id);
        QTRY_COMPARE(f.chat.messages()->count(), 1000);
        qInfo("1,000 messages were read in %lld ms", clock.elapsed());
        QVERIFY(clock.elapsed() < 1500); // 300 ms where nothing else runs
    }

    void makesTitles_data()
    {
        QTest::addColumn<QString>("question");
        QTest::addColumn<QString>("title");
        QTest::newRow("short") << u"Why?"_s << u"Why?"_s;
        QTest::newRow("mark-up") << u"\n# **Plan** my `day`\nplease"_s << u"Plan my day"_s;
        QTest::newRow("emphasis") << u"> *Why* is `a*b` slow?"_s << u"Why is a*b slow?"_s;
        for (const QString& sum : {u"What is 347 * 8?"_s, u"2*3*4 = ?"_s, u"-5 + 3"_s,
                 u"2**3 and 4**2"_s, u"(a)*b*(c)"_s})
            QTest::newRow(qPrintable(sum)) << sum << sum;
        QTest::newRow("code first") << u"```python\nprint(1)\n```"_s << u"print(1)"_s;
        QTest::newRow("sentence") << u"Tell me of bees. And then of wasps."_s
                                  << u"Tell me of bees."_s;
        QTest::newRow("long")
            << u"Explain how the tides come about when the moon is new and the wind blows"_s
            << u"Explain how the tides come about when the moon is…"_s;
        QTest::newRow("one word") << QString(100, u'a') << QString(51, u'a') + u'…';
    }

    void makesTitles()
    {
        QFETCH(QString, question);
        QFETCH(QString, title);
        QCOMPARE(titleFor(question), title);
    }

    void copiesTheAnswerWithoutItsThought()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QVERIFY(f.askAndWait(u"What?"_s));
        f.chat.copyLastAnswer();
        QCOMPARE(QGuiApplication::clipboard()->text(), u"It is **12**."_s);
        // What would cut or turn round what it is pasted into stays behind.
        f.engine->setScript({{}, {std::string("be\0fore\x1b", 8), "\u202Eafter"}, {}, {}});
        QVERIFY(f.askAndWait(u"And?"_s));
        f.chat.copyLastAnswer();
        QCOMPARE(QGuiApplication::clipboard()->text(), u"beforeafter"_s);
    }

    void answersWithTheStarterModel()
    {
        const QString starter
            = QStringLiteral(PONDER_SOURCE_DIR "/resources/starter/ponder-starter.gguf");
        if (!QFileInfo::exists(starter))
            QSKIP("The starter model is not in resources/starter: train it, and this test runs.");
        storage::Database database(storage::ponderSchema());
        storage::ConversationStore conversations(database);
        storage::SettingsStore store(database);
        InferenceWorker worker(std::make_unique<LocalEngine>());
        SettingsViewModel settings(store);
        ModelViewModel model(worker, store, settings, starter);
        storage::DraftStore draftStore(database);
        Drafts drafts(draftStore);
        ChatViewModel chat(conversations, worker, model, settings, drafts);
        QVERIFY(await(database.open(u":memory:"_s)).has_value());
        model.openFirst({});
        QTRY_VERIFY_WITH_TIMEOUT(model.isReady() && !model.isOpening(), 30000);
        QVERIFY(model.isStarter());
        settings.setRecommendedSampling(false);
        settings.setTemperature(0);
        chat.ask(u"What is 347 + 586?"_s);
        QTRY_VERIFY_WITH_TIMEOUT(chat.messages()->count() == 2 && !chat.isGenerating(), 120000);
        const MessageRow& row = chat.messages()->rows().last();
        QVERIFY2(row.text.contains(u"933"_s), qPrintable(row.text));
        QVERIFY(!row.thought.isEmpty());
        QVERIFY(row.thoughtTokens > 0 && row.tokens > row.thoughtTokens);
        worker.shutDown();
    }
};

QTEST_MAIN(tst_ChatViewModel)
#include "tst_ChatViewModel.moc"
