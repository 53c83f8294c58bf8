// Going on from a changed thought: the branch that comes of it, and what is kept of the old one.
#include "engine/reasoning/token_statistics.h"
#include "tests/storage/stored.h"
#include "tests/ui/chat_fixture.h"

#include <QSignalSpy>

using namespace ponder;
using namespace Qt::StringLiterals;
using storage::messageOf;

class tst_Steering : public QObject {
    Q_OBJECT

private slots:
    void goesOnFromAChangedThoughtAsAnotherBranch()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{"7 + 5 ", "is 13.\n\n", "So 13."}, {"13"}, {}, {}});
        QVERIFY(f.askAndWait(u"What is 7 + 5?"_s));
        const qint64 wrong = f.lastRow().id;
        f.engine->setScript({{" So 12."}, {"12"}, {}, {}});
        f.chat.steer(0, u"no question"_s, false); // only answers have a thought
        f.chat.steer(1, u" \n"_s, false);
        QVERIFY(f.chat.canAsk());
        f.chat.steer(1, u"7 + 5 is 12."_s, false);
        QTRY_VERIFY(f.lastRow().state == MessageRow::State::Complete && f.chat.canAsk());
        QCOMPARE(f.engine->lastRequest().continueReasoning, "7 + 5 is 12.");
        QCOMPARE(f.engine->lastRequest().continueContent, "");
        QVERIFY(!f.engine->lastRequest().answerNow);
        QCOMPARE(f.lastRow().thought, u"7 + 5 is 12. So 12."_s);
        QCOMPARE(f.lastRow().text, u"12"_s);
        QCOMPARE(f.lastRow().siblingCount, 2);
        QCOMPARE(f.lastRow().siblingIndex, 1);
        QVERIFY(f.lastRow().id != wrong);
        QCOMPARE(f.lastRow().thoughtTokens, 2); // "7 + 5 " stayed, and one is new
        f.chat.showSibling(1, -1); // the old branch is one key away, as it was
        QTRY_COMPARE(f.lastRow().id, wrong);
        QCOMPARE(f.lastRow().thought, u"7 + 5 is 13.\n\nSo 13."_s);
        QCOMPARE(f.lastRow().text, u"13"_s);
    }

    void answersAChangedThoughtAtOnce()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{"Let me", " think."}, {"13"}, {}, {}});
        QVERIFY(f.askAndWait(u"What is 7 + 5?"_s));
        f.engine->setScript({{}, {"12"}, {}, {}});
        f.chat.steer(1, u"It is 12."_s, true);
        QTRY_VERIFY(f.lastRow().state == MessageRow::State::Complete && f.chat.canAsk());
        QVERIFY(f.engine->lastRequest().answerNow);
        QCOMPARE(f.engine->lastRequest().continueReasoning, "It is 12.");
        QCOMPARE(f.lastRow().thought, u"It is 12."_s);
        QCOMPARE(f.lastRow().text, u"12"_s);
    }

    void findsWhatWasKeptOfTokens()
    {
        ChatFixture f;
        QVERIFY(f.openModel());
        f.engine->setScript({{"7 + 5 ", "is 12."}, {"12"}, {}, {}});
        QVERIFY(f.askAndWait(u"What is 7 + 5?"_s));
        QSignalSpy found(&f.chat, &ChatViewModel::tokensFound);
        const qint64 id = f.lastRow().id;
        QTRY_COMPARE(messageOf(f.conversations, id).state, storage::MessageState::Complete);
        f.chat.findTokens(qreal(id));
        QTRY_COMPARE(found.size(), 1);
        QCOMPARE(found.first().at(0).toDouble(), double(id));
        const auto tokens
            = TokenStatistics::decode(found.first().at(1).toByteArray().toStdString());
        QVERIFY(tokens);
        QCOMPARE(tokens->tokens().size(), std::size_t{3});
    }
};

QTEST_MAIN(tst_Steering)
#include "tst_Steering.moc"
