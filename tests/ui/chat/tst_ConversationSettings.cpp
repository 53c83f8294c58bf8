// What a conversation brings with it to every answer: its system messages, and the settings with which it began.
#include "tests/storage/stored.h"
#include "tests/ui/chat_fixture.h"
#include "ui/chat/conversation_rows.h"
#include "ui/chat/conversation_settings.h"

#include <QTemporaryDir>

using namespace ponder;
using namespace Qt::StringLiterals;
using storage::addConversation;
using storage::mustGive;

class tst_ConversationSettings : public QObject {
    Q_OBJECT

private slots:
    void sendsTheSystemMessagesOfTheTree()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.settings.setSystemPrompt(u"Be brief."_s);
        const auto imported = addConversation(f.database, u"Imported"_s);
        const auto system
            = storage::addSystemMessage(f.database, imported.id, 0, u"You are a bee."_s);
        f.chat.open(imported.id);
        QTRY_VERIFY(f.chat.canAsk());
        QCOMPARE(f.chat.messages()->count(), 0); // it is not shown
        QVERIFY(f.askAndWait(u"Who are you?"_s));
        QCOMPARE(f.chat.messages()->rows().first().parentId, system.id);
        QCOMPARE(f.engine->lastRequest().messages.size(), 2u);
        QCOMPARE(f.engine->lastRequest().messages[0].role, "system");
        QCOMPARE(f.engine->lastRequest().messages[0].content, "You are a bee.");

        // An edited question stays below it, and so does what is asked next.
        f.chat.editQuestion(0, u"What are you?"_s);
        QTRY_COMPARE(f.chat.messages()->rows().first().text, u"What are you?"_s);
        QTRY_VERIFY(f.chat.canAsk());
        QCOMPARE(f.chat.messages()->rows().first().siblingCount, 2);
        QVERIFY(f.askAndWait(u"And?"_s));
        QCOMPARE(f.engine->lastRequest().messages.size(), 4u);
        QCOMPARE(f.engine->lastRequest().messages[0].content, "You are a bee.");
        QCOMPARE(f.engine->lastRequest().messages[1].content, "What are you?");
    }

    void goesOnWithTheSettingsItBeganWith()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(u"ponder.db"_s);
        qint64 old = 0;
        const auto isOld = [](const ChatRequest& request) {
            QCOMPARE(request.messages[0].role, "system");
            QCOMPARE(request.messages[0].content, "Be brief.");
            QCOMPARE(request.sampling.temperature, 0.25F);
        };
        {
            ChatFixture f(path);
            QVERIFY(f.openModel());
            f.settings.setSystemPrompt(u"Be brief."_s);
            f.settings.setRecommendedSampling(false);
            f.settings.setTemperature(0.25);
            QVERIFY(f.askAndWait(u"One"_s));
            old = f.chat.conversationId();
            isOld(f.engine->lastRequest());
        }
        ChatFixture f(path);
        mustGive(f.settingsStore.load());
        QVERIFY(f.openModel());
        f.settings.setSystemPrompt({});
        f.settings.setTemperature(1.5);
        f.chat.open(old);
        QTRY_VERIFY(f.chat.canAsk());
        QVERIFY(f.askAndWait(u"Two"_s));
        isOld(f.engine->lastRequest());
        f.chat.answerAgain(3);
        QTRY_VERIFY(f.chat.canAsk() && f.lastRow().siblingCount == 2);
        isOld(f.engine->lastRequest());
        QCOMPARE(
            mustGive(f.conversations.activeBranch(old)).last().sampling.value(u"temperature"_s),
            0.25);

        f.chat.startNew();
        QVERIFY(f.askAndWait(u"Three"_s));
        QCOMPARE(f.engine->lastRequest().messages.size(), 1u);
        QCOMPARE(f.engine->lastRequest().sampling.temperature, 1.5F);
        f.settings.setRecommendedSampling(true);
        QVERIFY(f.askAndWait(u"Four"_s));
        QCOMPARE(f.engine->lastRequest().sampling.temperature, 1.5F);
    }

    void takesNumbersWithinTheirLimits()
    {
        ChatFixture f;
        const QJsonObject own{{u"sampling"_s,
            QJsonObject{{u"temperature"_s, -1}, {u"topP"_s, 7}, {u"topK"_s, 1e300},
                {u"minP"_s, u"much"_s}, {u"repetitionPenalty"_s, 0}}}};
        SamplingOptions recommended;
        recommended.minP = 0.125F;
        const SamplingOptions sampling = samplingOf(own, f.settings, recommended);
        QCOMPARE(sampling.temperature, 0.0F);
        QCOMPARE(sampling.topP, 1.0F);
        QCOMPARE(sampling.topK, 1000);
        QCOMPARE(sampling.minP, 0.125F); // says nothing
        QCOMPARE(sampling.repetitionPenalty, 1.0F);
        // What begins today has all of it; what brings nothing has the settings of now.
        f.settings.setSystemPrompt(u"now"_s);
        f.settings.setRecommendedSampling(false);
        f.settings.setTopK(7);
        QCOMPARE(samplingOf({}, f.settings, recommended).topK, 7);
        QCOMPARE(systemPromptOf({}, f.settings), u"now"_s);
        const QJsonObject begun = ownSettings(f.settings);
        f.settings.setTopK(8);
        f.settings.setSystemPrompt({});
        QCOMPARE(samplingOf(begun, f.settings, recommended).topK, 7);
        QCOMPARE(systemPromptOf(begun, f.settings), u"now"_s);
    }

    void findsSiblings()
    {
        using storage::TreeNode;
        const QList<TreeNode> tree{TreeNode{1, 0, {}, {}, {}}, TreeNode{2, 1, {}, {}, {}},
            TreeNode{3, 1, {}, {}, {}}, TreeNode{4, 2, {}, {}, {}}, TreeNode{5, 1, {}, {}, {}},
            TreeNode{6, 0, {}, {}, {}}};
        QCOMPARE(siblingOf(tree, 3, 1), 5);
        QCOMPARE(siblingOf(tree, 3, -1), 2);
        QCOMPARE(siblingOf(tree, 2, -1), 0);
        QCOMPARE(siblingOf(tree, 5, 1), 0);
        QCOMPARE(siblingOf(tree, 1, 1), 6);
        QCOMPARE(siblingOf(tree, 4, 1), 0);
        QCOMPARE(siblingOf(tree, 7, 1), 0);
    }
};

QTEST_GUILESS_MAIN(tst_ConversationSettings)
#include "tst_ConversationSettings.moc"
