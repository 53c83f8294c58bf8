// How answers end, what is offered then, and going on from there: with an engine that says what it is told, and with
// the starter model.
#include "engine/local_engine.h"
#include "tests/storage/stored.h"
#include "tests/ui/chat_fixture.h"
#include "ui/chat/answer_ending.h"
#include "ui/chat/conversation_rows.h"

#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace ponder;
using namespace Qt::StringLiterals;
using Remedy = MessageRow::Remedy;
using State = MessageRow::State;
using storage::await;
using storage::messageOf;
using storage::mustGive;

namespace {

/// The window's view models on the real engine, with the starter model, on a database in a file.
struct Starter {
    storage::Database database{storage::ponderSchema()};
    storage::ConversationStore conversations{database};
    storage::SettingsStore store{database};
    storage::DraftStore draftStore{database};
    InferenceWorker worker{std::make_unique<LocalEngine>()};
    SettingsViewModel settings{store};
    ModelViewModel model{worker, store, settings, path()};
    Drafts drafts{draftStore};
    ChatViewModel chat{conversations, worker, model, settings, drafts};

    static QString path()
    {
        return QStringLiteral(PONDER_SOURCE_DIR "/resources/starter/ponder-starter.gguf");
    }

    explicit Starter(const QString& file)
    {
        mustGive(database.open(file));
        settings.setRecommendedSampling(false);
        settings.setTemperature(0);
    }
    ~Starter() { worker.shutDown(); }

    [[nodiscard]] bool open(int context)
    {
        settings.setContextLength(context);
        model.openStarter();
        return QTest::qWaitFor([this] { return !model.isOpening(); }, 30000) && model.isReady();
    }
    [[nodiscard]] bool isDone()
    {
        return QTest::qWaitFor(
            [this] { return chat.messages()->count() > 1 && chat.canAsk(); }, 120000);
    }
    [[nodiscard]] const MessageRow& last() { return chat.messages()->rows().last(); }
};

} // namespace

class tst_AnswerEnding : public QObject {
    Q_OBJECT

private slots:
    void offersWhatHelps_data()
    {
        QTest::addColumn<int>("state");
        QTest::addColumn<QString>("reason");
        QTest::addColumn<QString>("thought");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("notice");
        QTest::addColumn<bool>("goOn");
        QTest::addColumn<bool>("again");
        QTest::addColumn<int>("remedy");
        const auto row = [](const char* name, storage::MessageState state, const char* reason,
                             const char* thought, const char* text, const char* notice, bool goOn,
                             bool again, Remedy remedy) {
            QTest::newRow(name) << int(state) << QString::fromLatin1(reason)
                                << QString::fromLatin1(thought) << QString::fromLatin1(text)
                                << QString::fromLatin1(notice) << goOn << again << int(remedy);
        };
        using S = storage::MessageState;
        row("whole", S::Complete, "stop", "hm", "12", "", false, false, Remedy::None);
        row("thought only", S::Complete, "stop", "hm", " \n", "The model ended without an answer",
            true, true, Remedy::None);
        row("nothing", S::Complete, "stop", "", "", "The model answered nothing", false, true,
            Remedy::None);
        row("stopped", S::Interrupted, "cancelled", "hm", "", "Stopped", true, true, Remedy::None);
        row("stopped before a word", S::Interrupted, "cancelled", "", "", "Stopped", false, true,
            Remedy::None);
        row("killed", S::Interrupted, "", "hm", "1", "Ponder ended while this was being written",
            true, true, Remedy::None);
        row("longest", S::Complete, "length", "hm", "1",
            "Ended at the longest answer that the settings allow", true, true,
            Remedy::LongerAnswer);
        row("longest, in the thought", S::Complete, "length", "hm", "",
            "Ended at the longest answer that the settings allow", true, true,
            Remedy::LongerAnswer);
        row("longest, inside the thought", S::Complete, "length_in_thought", "hm", "",
            "Ended inside its thought, at the longest answer that the settings allow", true, true,
            Remedy::LongerAnswer);
        row("full, inside the thought", S::Complete, "context_full_in_thought", "hm", "",
            "The context is full; the answer ended inside its thought", true, true,
            Remedy::MoreContext);
        row("ended inside the thought", S::Complete, "stop_in_thought", "hm", " ",
            "The model ended inside its thought", true, true, Remedy::None);
        row("stopped inside the thought", S::Interrupted, "cancelled_in_thought", "hm", "",
            "Stopped", true, true, Remedy::None);
        row("full", S::Complete, "context_full", "hm", "1", "The context is full", true, true,
            Remedy::MoreContext);
        row("too long", S::Failed, "too_long", "", "",
            "Why. What you ask next leaves this question out.", false, false,
            Remedy::ShorterQuestion);
        row("no room to go on", S::Failed, "too_long", "hm", "1", "Why.", false, true,
            Remedy::MoreContext);
        row("lost", S::Failed, "device_lost", "hm", "", "Why.", true, true, Remedy::Processor);
        row("failed", S::Failed, "error", "", "", "Why.", false, true, Remedy::None);
        row("failed half-way", S::Failed, "error", "", "1", "Why.", true, true, Remedy::None);
        row("elsewhere", S::Streaming, "", "hm", "",
            "This answer is being written in another window", false, false, Remedy::None);
    }

    void offersWhatHelps()
    {
        QFETCH(int, state);
        QFETCH(QString, reason);
        QFETCH(QString, thought);
        QFETCH(QString, text);
        storage::Message message;
        message.role = storage::Role::Assistant;
        message.state = storage::MessageState(state);
        message.finishReason = reason;
        message.error = u"Why."_s;
        message.reasoning = thought;
        message.text = text;
        const MessageRow row = rowOf(message);
        QTEST(row.notice, "notice");
        QTEST(row.canGoOn, "goOn");
        QTEST(row.canTryAgain, "again");
        QTEST(int(row.remedy), "remedy");
    }

    void namesTheSystemPromptThatAModelRefuses()
    {
        MessageRow row;
        describeEnding(row, storage::MessageState::Failed,
            finishReasonOf(ErrorCode::TemplateFailed),
            u"The model's chat template could not write this conversation: System role not supported."_s);
        QCOMPARE(row.remedy, Remedy::OtherSystemPrompt);
        QVERIFY(row.notice.contains(u"system prompt in the settings"_s));
        QVERIFY(!row.canTryAgain);
    }

    /// Live and after the conversation was opened again, in the same run and in another.
    void readsTheSameAfterOpeningAgain_data()
    {
        QTest::addColumn<int>("reason");
        QTest::addColumn<bool>("answers");
        QTest::addColumn<QString>("notice");
        QTest::newRow("longest") << int(FinishReason::Length) << true
                                 << u"Ended at the longest answer that the settings allow"_s;
        QTest::newRow("longest, in the thought")
            << int(FinishReason::Length) << false
            << u"Ended inside its thought, at the longest answer that the settings allow"_s;
        QTest::newRow("full") << int(FinishReason::Context) << true << u"The context is full"_s;
        QTest::newRow("full, in the thought")
            << int(FinishReason::Context) << false
            << u"The context is full; the answer ended inside its thought"_s;
        QTest::newRow("stopped") << int(FinishReason::Cancelled) << true << u"Stopped"_s;
        QTest::newRow("thought only")
            << int(FinishReason::Stop) << false << u"The model ended inside its thought"_s;
    }

    void namesTheEndInsideAThought()
    {
        Finish finish;
        finish.reason = FinishReason::Length;
        QCOMPARE(finishReasonOf(finish), u"length"_s);
        finish.endedInThought = true; // a second thought, after an answer
        QCOMPARE(finishReasonOf(finish), u"length"_s);
        finish.answerEmpty = true;
        QCOMPARE(finishReasonOf(finish), u"length_in_thought"_s);
        finish.endedInThought = false; // it was closed, and nothing came
        QCOMPARE(finishReasonOf(finish), u"length"_s);
    }

    void readsTheSameAfterOpeningAgain()
    {
        QFETCH(int, reason);
        QFETCH(bool, answers);
        QFETCH(QString, notice);
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        MessageRow live;
        qint64 conversation = 0;
        {
            ChatFixture f(path);
            QVERIFY(f.openModel());
            f.engine->endWith(FinishReason(reason));
            f.engine->setScript({{"Seven ", "and"},
                answers ? std::vector<std::string>{"It ", "is"} : std::vector<std::string>{}, {},
                {}});
            QVERIFY(f.askAndWait(u"What is 7 + 5?"_s));
            live = f.lastRow();
            QCOMPARE(live.notice, notice);
            conversation = f.chat.conversationId();
            const int used = f.chat.contextUsed();
            QTRY_COMPARE(messageOf(f.conversations, live.id).finishReason, live.finishReason);
            f.chat.startNew();
            QCOMPARE(f.chat.tokensPerSecond(), 0.0); // nothing of the last conversation
            QCOMPARE(f.chat.contextUsed(), 0);
            f.chat.open(conversation);
            QTRY_COMPARE(f.chat.messages()->count(), 2);
            compare(f.lastRow(), live);
            QCOMPARE(f.chat.contextUsed(), used);
        }
        ChatFixture f(path);
        QVERIFY(f.openModel());
        f.chat.open(conversation);
        QTRY_COMPARE(f.chat.messages()->count(), 2);
        compare(f.lastRow(), live);
    }

    void goesOnAfterAStop()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{"Seven "}, std::vector<std::string>(2000, "word "),
            std::chrono::milliseconds(2), {}});
        f.chat.ask(u"Talk."_s);
        QTRY_VERIFY(f.chat.messages()->count() == 2 && f.lastRow().text.size() > 20);
        f.chat.stop();
        QTRY_VERIFY(f.chat.canAsk());
        QVERIFY(f.lastRow().canGoOn);
        const QString before = f.lastRow().text.trimmed();
        QSignalSpy answered(&f.chat, &ChatViewModel::answered);
        f.engine->setScript({{}, {" end."}, {}, {}});
        f.chat.goOn(1);
        QTRY_COMPARE(f.lastRow().text, before + u" end."_s);
        QCOMPARE(f.lastRow().siblingCount, 2);
        QCOMPARE(f.lastRow().notice, QString());
        QCOMPARE(f.engine->lastRequest().continueContent, before.toStdString());
        QVERIFY(!f.engine->lastRequest().answerNow);
        QTRY_COMPARE(answered.count(), 1);
    }

    void closesTheThoughtOfAModelThatEndedAfterIt()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{"Seven ", "and"}, {}, {}, {}});
        QVERIFY(f.askAndWait(u"What is 7 + 5?"_s));
        QCOMPARE(f.lastRow().state, State::Complete);
        QVERIFY(f.lastRow().canGoOn);
        f.engine->setScript({{}, {"12"}, {}, {}});
        f.chat.goOn(1);
        QTRY_COMPARE(f.lastRow().text, u"12"_s);
        QCOMPARE(f.lastRow().thought, u"Seven and"_s);
        QVERIFY(f.engine->lastRequest().answerNow);

        f.engine->endWith(FinishReason::Length); // cut, which is another thing
        f.engine->setScript({{"Seven ", "and"}, {}, {}, {}});
        f.chat.answerAgain(1);
        QTRY_VERIFY(f.chat.canAsk() && f.lastRow().text.isEmpty());
        f.chat.goOn(1);
        QTRY_VERIFY(f.chat.canAsk() && f.lastRow().siblingIndex == 3);
        QVERIFY(!f.engine->lastRequest().answerNow);
    }

    void goesOnAfterAKill()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        qint64 conversation = 0;
        {
            ChatFixture f(path);
            const auto asked = mustGive(
                f.conversations.beginConversation(u"Q"_s, {}, {storage::textPart(u"Q?"_s)}, {}));
            conversation = asked.conversation.id;
            f.conversations.appendToMessage(asked.branch.last().id, u"Seven and"_s, {});
        } // without an end
        ChatFixture f(path);
        QVERIFY(f.openModel());
        f.chat.open(conversation);
        QTRY_COMPARE(f.chat.messages()->count(), 2);
        QCOMPARE(f.lastRow().notice, u"Ponder ended while this was being written"_s);
        QVERIFY(f.lastRow().canGoOn);
        f.engine->setScript({{" five."}, {"12"}, {}, {}});
        f.chat.goOn(1);
        QTRY_COMPARE(f.lastRow().text, u"12"_s);
        QCOMPARE(f.lastRow().thought, u"Seven and five."_s);
    }

    void anEmptyAnswerKeepsTheTurns()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{}, {}, {}, {}});
        QVERIFY(f.askAndWait(u"One?"_s));
        QCOMPARE(f.lastRow().notice, u"The model answered nothing"_s);
        f.engine->setScript({{}, {"Two."}, {}, {}});
        QVERIFY(f.askAndWait(u"Two?"_s));
        const auto messages = f.engine->lastRequest().messages;
        QCOMPARE(messages.size(), 3u);
        QCOMPARE(messages[1].role, "assistant");
        QCOMPARE(messages[1].content, "");
        QCOMPARE(messages[2].content, "Two?");
    }

    void aQuestionThatIsTooLongIsLeftOut()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QVERIFY(f.askAndWait(u"One?"_s));
        f.engine->setScript({{}, {}, {},
            Error{ErrorCode::ContextFull,
                "This conversation is 608899 tokens long, and the context holds 4096.", {}}});
        QVERIFY(f.askAndWait(u"Long?"_s));
        QCOMPARE(f.lastRow().remedy, Remedy::ShorterQuestion);
        const QLocale locale;
        QVERIFY2(
            f.lastRow().notice.contains(locale.toString(608899)), qPrintable(f.lastRow().notice));
        QVERIFY(f.lastRow().notice.contains(locale.toString(4096)));
        f.engine->setScript({{}, {"Two."}, {}, {}});
        QVERIFY(f.askAndWait(u"Two?"_s));
        const auto messages = f.engine->lastRequest().messages;
        QCOMPARE(messages.size(), 3u);
        QCOMPARE(messages[0].content, "One?");
        QCOMPARE(messages[2].content, "Two?");
        QCOMPARE(f.chat.messages()->count(), 6); // all that was written is still shown
    }

    void asksAnewWithTheQuestion()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        QVERIFY(f.askAndWait(u"One?"_s));
        f.chat.askAnew(1);
        QCOMPARE(f.chat.conversationId(), 0);
        QCOMPARE(f.chat.composer()->draft(), u"One?"_s);
    }

    void theGaugeIsNeverPastAFullContext()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->endWith(FinishReason::Context);
        f.engine->setScript({{}, std::vector<std::string>(4087, "x"), {}, {}});
        QVERIFY(f.askAndWait(u"One?"_s)); // 10 tokens more: the last of them found no room
        QCOMPARE(f.chat.contextLength(), 4096);
        QCOMPARE(f.chat.contextUsed(), 4096);
    }

    void theStarterModelGoesOn()
    {
        if (!QFileInfo::exists(Starter::path()))
            QSKIP("The starter model is not in resources/starter: train it, and this test runs.");
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        qint64 conversation = 0;
        MessageRow whole;
        {
            Starter s(path);
            QVERIFY(s.open(0));
            s.chat.ask(u"What is 347 + 586?"_s);
            QVERIFY(s.isDone());
            whole = s.last();
            QVERIFY(whole.text.contains(u"933"_s));
            conversation = s.chat.conversationId();
            s.settings.setMaxTokens(whole.thoughtTokens / 2);
            s.chat.answerAgain(1);
            QVERIFY(s.isDone());
            QVERIFY(s.last().text.isEmpty());
            QCOMPARE(s.last().remedy, Remedy::LongerAnswer);
        }
        // From the middle of the thought, in another run.
        Starter s(path);
        QVERIFY(s.open(0));
        s.chat.open(conversation);
        QTRY_COMPARE(s.chat.messages()->count(), 2);
        const QString cut = s.last().thought.trimmed();
        QVERIFY(!cut.isEmpty() && whole.thought.startsWith(cut));
        s.settings.setMaxTokens(whole.thoughtTokens / 2 + 4);
        s.chat.goOn(1);
        QVERIFY(s.isDone());
        QCOMPARE(s.last().siblingIndex, 2);
        QVERIFY2(s.last().thought.startsWith(cut) && s.last().thought.size() > cut.size(),
            qPrintable(s.last().thought));
        QCOMPARE(s.last().thought.trimmed(), whole.thought.trimmed());

        // From the middle of the answer, which ends as it did without a stop.
        s.settings.setMaxTokens(0);
        s.chat.goOn(1);
        QVERIFY(s.isDone());
        QCOMPARE(s.last().text.trimmed(), whole.text.trimmed());
        QCOMPARE(s.last().notice, QString());
    }

    void theStarterModelGoesOnWithMoreContext()
    {
        if (!QFileInfo::exists(Starter::path()))
            QSKIP("The starter model is not in resources/starter: train it, and this test runs.");
        Starter s(u":memory:"_s);
        QVERIFY(s.open(48));
        QVERIFY(s.chat.contextCanGrow());
        const int context = s.chat.contextLength();
        s.chat.ask(u"What is 347 + 586?"_s);
        QVERIFY(s.isDone());
        QCOMPARE(s.last().remedy, Remedy::MoreContext);
        QVERIFY(s.last().contextTokens >= context);
        QCOMPARE(s.chat.contextUsed(), context);
        QVERIFY(s.open(0));
        QVERIFY(!s.chat.contextCanGrow());
        QVERIFY(s.last().contextTokens < s.chat.contextLength());
        s.chat.goOn(1);
        QVERIFY(s.isDone());
        QVERIFY2(s.last().text.contains(u"933"_s), qPrintable(s.last().text));
    }

private:
    static void compare(const MessageRow& shown, const MessageRow& live)
    {
        QCOMPARE(shown.state, live.state);
        QCOMPARE(shown.notice, live.notice);
        QCOMPARE(shown.canGoOn, live.canGoOn);
        QCOMPARE(shown.canTryAgain, live.canTryAgain);
        QCOMPARE(shown.remedy, live.remedy);
        QCOMPARE(shown.contextTokens, live.contextTokens);
    }
};

QTEST_MAIN(tst_AnswerEnding)
#include "tst_AnswerEnding.moc"
