#include "ui/chat/answer_in_progress.h"
#include "ui/chat/message_list_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

MessageRow row(qint64 id, const QString& text)
{
    MessageRow row;
    row.id = id;
    row.text = text;
    return row;
}

} // namespace

class tst_MessageListModel : public QObject {
    Q_OBJECT

private slots:
    void keepsTheRowsThatTwoBranchesShare()
    {
        MessageListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRows({row(1, u"q"_s), row(2, u"old"_s), row(3, u"more"_s)});
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);

        model.setRows({row(1, u"q"_s), row(4, u"new"_s)});

        QCOMPARE(reset.count(), 0);
        QCOMPARE(removed.first().at(1).toInt(), 1);
        QCOMPARE(removed.first().at(2).toInt(), 2);
        QCOMPARE(inserted.count(), 1);
        QCOMPARE(model.at(1).text, u"new"_s);
        QCOMPARE(model.count(), 2);
    }

    void startsAnewForAnotherConversation()
    {
        MessageListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRows({row(1, u"a"_s)});
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setRows({row(7, u"b"_s), row(8, u"c"_s)});
        QCOMPARE(reset.count(), 1);
        model.setRows({});
        QCOMPARE(model.count(), 0);
    }

    void announcesOnlyTheRolesThatGrew()
    {
        MessageListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRows({row(1, u"q"_s), row(2, u""_s)});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);

        MessageGrowth growth;
        growth.text = u"Hel"_s;
        growth.state = MessageRow::State::Answering;
        model.growLast(growth);
        growth.text = u"lo"_s;
        model.growLast(growth);

        QCOMPARE(model.at(1).text, u"Hello"_s);
        QCOMPARE(changed.count(), 2);
        for (const auto& arguments : changed)
            QCOMPARE(arguments.at(0).toModelIndex().row(), 1);
        const auto roles = changed.at(1).at(2).value<QList<int>>();
        QVERIFY(roles.contains(MessageListModel::BeginningRole));
        QVERIFY(!roles.contains(MessageListModel::HasTextRole)); // it had some
        QVERIFY(!roles.contains(MessageListModel::StateRole));
        const auto first = changed.at(0).at(2).value<QList<int>>();
        QVERIFY(first.contains(MessageListModel::HasTextRole));
        QCOMPARE(first.last(), int(MessageListModel::StateRole)); // after what belongs to it
        for (const auto& announced : {first, roles}) {
            QVERIFY(!announced.contains(MessageListModel::TextRole));
            QVERIFY(!announced.contains(MessageListModel::ThoughtRole));
        }
    }

    void givesOnlyTheNewTextOn()
    {
        MessageListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRows({row(1, u"q"_s), row(2, u""_s)});
        QString thought;
        QString text;
        QStringList pieces;
        connect(&model, &MessageListModel::grown, this,
            [&](int at, const QString& newThought, const QList<StepBegin>& steps,
                const QString& newText) {
                QCOMPARE(at, 1);
                thought += newThought;
                text += newText;
                pieces << newThought + u'|' + newText;
                QCOMPARE(steps.size(), newThought.isEmpty() ? 0 : 1);
                QCOMPARE(model.textOf(1), text); // who reads now has it
                QCOMPARE(model.thoughtOf(1), thought);
            });
        QSignalSpy rewritten(&model, &MessageListModel::rewritten);
        MessageGrowth growth;
        growth.thought = u"Hm. "_s;
        growth.steps = {StepBegin{0, 0, 0}};
        model.growLast(growth);
        growth = {};
        growth.text = u" \n"_s;
        model.growLast(growth);
        QVERIFY(!model.index(1).data(MessageListModel::HasTextRole).toBool());
        model.growLast({}); // a token without text
        growth.text = u"12"_s;
        model.growLast(growth);
        QCOMPARE(pieces, (QStringList{u"Hm. |"_s, u"| \n"_s, u"|12"_s}));
        QVERIFY(model.index(1).data(MessageListModel::HasTextRole).toBool());
        QCOMPARE(model.index(1).data(MessageListModel::BeginningRole).toString(), u" \n12"_s);
        QCOMPARE(rewritten.count(), 0);
        model.update(1, model.at(1)); // as at the end of an answer
        QCOMPARE(rewritten.count(), 0);
        model.update(1, row(2, u"other"_s));
        QCOMPARE(rewritten.count(), 1);
        QCOMPARE(model.textOf(2) + model.thoughtOf(-1), QString());
    }

    void theBeginningEndsToGrow()
    {
        MessageListModel model;
        model.setRows({row(1, QString(MessageListModel::kBeginning - 1, u'x'))});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        MessageGrowth growth;
        growth.text = u"yz"_s;
        model.growLast(growth);
        model.growLast(growth);
        QVERIFY(changed.at(0).at(2).value<QList<int>>().contains(MessageListModel::BeginningRole));
        QVERIFY(!changed.at(1).at(2).value<QList<int>>().contains(MessageListModel::BeginningRole));
        const QString beginning = model.index(0).data(MessageListModel::BeginningRole).toString();
        QCOMPARE(beginning, QString(MessageListModel::kBeginning - 1, u'x') + u'y');
    }

    void takesStepsFromTheTokens()
    {
        AnswerInProgress answer{row(2, u""_s)};
        const auto token = [](const char* text, int step, int seconds, std::uint32_t part = 0) {
            TokenEvent event;
            event.text = text;
            event.phase = Phase::Reasoning;
            event.ofThought = true;
            event.step = step;
            event.part = part;
            event.time = std::chrono::seconds(seconds);
            return event;
        };
        MessageGrowth growth = answer.take({token("\u00e9ins", 0, 1), token("", 0, 2)});
        QCOMPARE(growth.steps, (QList{StepBegin{0, 0, 0}}));
        // The text itself is not looked at: what the engine says counts.
        growth = answer.take({token(" more\n\n", 0, 3), token("two", 1, 3, 1),
            token("\n- a\n- b", 1, 4), token("\nc", 2, 6), token("", 3, 7)});
        QCOMPARE(growth.thought, u" more\n\ntwo\n- a\n- b\nc"_s);
        QCOMPARE(growth.steps, (QList{StepBegin{7, 2, 3}, StepBegin{18, 3, 4}}));
        (void)answer.take({token("d", 3, 9)});
        const QJsonArray steps = answer.end(Finish{}).steps;
        QCOMPARE(steps.size(), 4);
        QCOMPARE(steps.at(1).toObject()[u"offset"_s].toInt(), 11);
        QCOMPARE(steps.at(1).toObject()[u"seconds"_s].toDouble(), 2.0);
        QCOMPARE(steps.at(1).toObject()[u"endSeconds"_s].toDouble(), 3.0);
        QCOMPARE(steps.at(1).toObject()[u"tokens"_s].toInt(), 1);
        QCOMPARE(steps.at(3).toObject()[u"endSeconds"_s].toDouble(), 8.0);
    }

    void countsStepsOnFromWhatThereWas()
    {
        MessageRow begun = row(2, u""_s);
        begun.thought = u"one\n\n\u0661. two"_s;
        AnswerInProgress answer{begun};
        TokenEvent event;
        event.phase = Phase::Reasoning;
        event.ofThought = true;
        event.text = " goes on\n\n";
        event.step = 1;
        TokenEvent next = event;
        next.text = "three";
        next.step = 2;
        next.part = 1;
        const MessageGrowth growth = answer.take({event, next});
        QCOMPARE(growth.steps.size(), 1);
        QCOMPARE(growth.steps.first().offset, 10);
        QCOMPARE(answer.end(Finish{}).steps.size(), 3);
    }

    void takesAnAnswerThatIsToldAnew()
    {
        MessageListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRows({row(1, u"q"_s), row(2, u""_s)});
        AnswerInProgress answer{model.at(1)};
        const auto take = [&](std::vector<TokenEvent> events) {
            QList<TokenEvent> list(events.begin(), events.end());
            model.growLast(answer.take(list));
        };
        const auto token = [](const char* text, Phase phase) {
            TokenEvent event;
            event.id = 1;
            event.text = text;
            event.phase = phase;
            event.ofThought = phase == Phase::Reasoning;
            event.time = std::chrono::seconds(1);
            return event;
        };
        take({token("I should", Phase::Answer), token(" plan", Phase::Answer)});
        QCOMPARE(model.at(1).text, u"I should plan"_s);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy rewritten(&model, &MessageListModel::rewritten);
        QSignalSpy grown(&model, &MessageListModel::grown);
        TokenEvent tag = token("", Phase::Reasoning);
        tag.time = std::chrono::seconds(3);
        tag.retold = std::make_shared<const RetoldAnswer>(RetoldAnswer{"I should plan", "", 3});
        take({tag, token("Done", Phase::Answer)});
        QCOMPARE(model.at(1).thought, u"I should plan"_s);
        QCOMPARE(model.at(1).text, u"Done"_s);
        QCOMPARE(model.at(1).thoughtTokens, 3);
        QCOMPARE(model.at(1).tokens, 4);
        QCOMPARE(model.at(1).thoughtSeconds, 2.0);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(rewritten.count(), 1);
        QCOMPARE(grown.count(), 0);
        const auto roles = changed.at(0).at(2).value<QList<int>>();
        QVERIFY(roles.contains(MessageListModel::TextRole));
        QVERIFY(roles.contains(MessageListModel::ThoughtRole));
        take({token(".", Phase::Answer)});
        QCOMPARE(model.at(1).text, u"Done."_s);
        QCOMPARE(answer.row().thought, u"I should plan"_s);
        QCOMPARE(answer.row().text, u"Done."_s);
        const storage::AnswerEnd end = answer.end(Finish{});
        QCOMPARE(end.steps.size(), 1);
        const auto statistics = TokenStatistics::decode(end.tokenStatistics.toStdString());
        QVERIFY(statistics);
        QCOMPARE(statistics->tokens().size(), 5u);
        QCOMPARE(statistics->bytes(TextPart::Reasoning), 13u);
        QCOMPARE(statistics->tokenAt(TextPart::Reasoning, 12), 1u);
        QCOMPARE(statistics->tokens()[1].part, TextPart::Reasoning);
        QCOMPARE(statistics->bytes(TextPart::Answer), 5u);
        QCOMPARE(statistics->tokenAt(TextPart::Answer, 0), 3u);
        QCOMPARE(statistics->tokenAt(TextPart::Answer, 4), 4u);
    }

    void goesOnWithoutStatisticsThatCannotBeRead()
    {
        MessageRow begun = row(2, u"It is "_s);
        begun.thought = u"Sieben über"_s;
        for (const QByteArray& old :
            {QByteArray(17, '\0'), QByteArray("\1\0\0\0", 4), QByteArray(34, '\1'), QByteArray()}) {
            AnswerInProgress answer{begun, old};
            QVERIFY(answer.end(Finish{}).tokenStatistics.isEmpty()); // nothing came
            TokenEvent event;
            event.id = 7;
            event.bytes = event.text = "12";
            (void)answer.take({event});
            QCOMPARE(answer.row().text, u"It is 12"_s);
            const auto statistics
                = TokenStatistics::decode(answer.end(Finish{}).tokenStatistics.toStdString());
            QVERIFY(statistics);
            QCOMPARE(statistics->tokens().size(), 1u);
            QCOMPARE(statistics->bytesBefore(TextPart::Reasoning), 12u);
            QCOMPARE(statistics->bytesBefore(TextPart::Answer), 6u);
            QCOMPARE(statistics->tokenAt(TextPart::Answer, 6), 0u);
        }
    }

    void saysNothingWhenARowIsReplacedByItsEqual()
    {
        MessageListModel model;
        model.setRows({row(1, u"q"_s)});
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.update(0, row(1, u"q"_s));
        QCOMPARE(changed.count(), 0);
        model.update(0, row(1, u"other"_s));
        QCOMPARE(changed.count(), 1);
    }

    void namesEveryRole()
    {
        MessageListModel model;
        model.setRows({row(1, u"q"_s)});
        const auto names = model.roleNames();
        for (int role = MessageListModel::MessageIdRole; role <= MessageListModel::CreatedAtRole;
            ++role)
            QVERIFY2(names.contains(role), qPrintable(QString::number(role)));
        QVERIFY(!model.index(5).isValid());
    }
};

QTEST_GUILESS_MAIN(tst_MessageListModel)
#include "tst_MessageListModel.moc"
