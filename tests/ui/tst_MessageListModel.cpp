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
        QVERIFY(roles.contains(MessageListModel::TextRole));
        QVERIFY(!roles.contains(MessageListModel::ThoughtRole));
        QVERIFY(!roles.contains(MessageListModel::StateRole));
    }

    void takesAnAnswerThatIsToldAnew()
    {
        MessageListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRows({row(1, u"q"_s), row(2, u""_s)});
        AnswerInProgress answer(1, 1, model.at(1));
        const auto take = [&](std::vector<TokenEvent> events) {
            QList<TokenEvent> list(events.begin(), events.end());
            model.growLast(answer.take(list));
        };
        const auto token = [](const char* text, Phase phase) {
            TokenEvent event;
            event.id = 1;
            event.text = text;
            event.phase = phase;
            event.time = std::chrono::seconds(1);
            return event;
        };
        take({token("I should", Phase::Answer), token(" plan", Phase::Answer)});
        QCOMPARE(model.at(1).text, u"I should plan"_s);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
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
        const auto roles = changed.at(0).at(2).value<QList<int>>();
        QVERIFY(roles.contains(MessageListModel::TextRole));
        QVERIFY(roles.contains(MessageListModel::ThoughtRole));
        take({token(".", Phase::Answer)});
        QCOMPARE(model.at(1).text, u"Done."_s);
        QCOMPARE(answer.row().thought, u"I should plan"_s);
        QCOMPARE(answer.row().text, u"Done."_s);
        QCOMPARE(answer.end(Finish{}).steps.size(), 1);
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
