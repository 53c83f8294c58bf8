#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "tests/storage/await.h"
#include "ui/library/library_view_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace ponder;
using namespace Qt::StringLiterals;

namespace {

QStringList titles(const ConversationFilterModel& model)
{
    QStringList found;
    for (int row = 0; row < model.rowCount(); ++row)
        found << model.index(row, 0).data(ConversationListModel::TitleRole).toString();
    return found;
}

} // namespace

class tst_ConversationListModel : public QObject {
    Q_OBJECT

private slots:
    void sortsByTheLastUseAndFiltersByEveryWord()
    {
        ConversationListModel all;
        ConversationFilterModel shown(&all);
        QAbstractItemModelTester testAll(&all);
        QAbstractItemModelTester testShown(&shown);
        const QDateTime now = QDateTime::currentDateTime();
        all.setRows({{1, u"Older sum"_s, now.addSecs(-60)}, {2, u"A new Sum of squares"_s, now},
            {3, u"Tomatoes"_s, now.addDays(-3)}});

        QCOMPARE(
            titles(shown), (QStringList{u"A new Sum of squares"_s, u"Older sum"_s, u"Tomatoes"_s}));
        shown.setFilter(u"sum sq"_s);
        QCOMPARE(titles(shown), QStringList{u"A new Sum of squares"_s});
        shown.setFilter(u"nothing like it"_s);
        QCOMPARE(shown.rowCount(), 0);
        shown.setFilter(u"  "_s);
        QCOMPARE(shown.rowCount(), 3);

        all.put({3, u"Tomatoes"_s, now.addSecs(5)});
        QCOMPARE(titles(shown).constFirst(), u"Tomatoes"_s);
        all.put({4, u"Newest"_s, now.addSecs(9)});
        QCOMPARE(titles(shown).constFirst(), u"Newest"_s);
        all.remove(4);
        all.remove(4);
        QCOMPARE(all.count(), 3);
    }

    void namesTheSections()
    {
        const QDate today(2026, 3, 20);
        const auto at = [](int year, int month, int day) {
            return QDateTime(QDate(year, month, day), QTime(12, 0));
        };
        QCOMPARE(ConversationListModel::sectionFor(at(2026, 3, 20), today), u"Today"_s);
        QCOMPARE(ConversationListModel::sectionFor(at(2026, 3, 21), today), u"Today"_s);
        QCOMPARE(ConversationListModel::sectionFor(at(2026, 3, 19), today), u"Yesterday"_s);
        QCOMPARE(ConversationListModel::sectionFor(at(2026, 3, 13), today), u"Previous 7 days"_s);
        QCOMPARE(ConversationListModel::sectionFor(at(2026, 2, 20), today), u"Previous 30 days"_s);
        QVERIFY(ConversationListModel::sectionFor(at(2025, 2, 20), today).endsWith(u"2025"_s));
    }

    void renamesDeletesAndTakesBack()
    {
        storage::Database database;
        storage::ConversationStore store(database);
        LibraryViewModel library(store);
        QVERIFY(storage::await(database.open(u":memory:"_s)).has_value());
        const auto first = storage::mustGive(store.createConversation(u"First"_s));
        storage::mustGive(store.createConversation(u"Second"_s));
        library.load();
        QTRY_VERIFY(library.isLoaded());
        QCOMPARE(library.total(), 2);

        library.rename(first.id, u"  Better \n title "_s);
        QTRY_VERIFY(titles(*library.conversations()).contains(u"Better title"_s));
        library.rename(first.id, u"   "_s);
        QCOMPARE(storage::mustGive(store.conversation(first.id)).title, u"Better title"_s);

        QSignalSpy restored(&library, &LibraryViewModel::restored);
        library.remove(first.id);
        QTRY_COMPARE(library.removedTitle(), u"Better title"_s);
        QTRY_COMPARE(library.total(), 1);
        library.undoRemove();
        QTRY_COMPARE(restored.count(), 1);
        QTRY_COMPARE(library.total(), 2);
        QCOMPARE(library.removedTitle(), QString());
    }

    void findsTheNeighbourInTheOrderShown()
    {
        storage::Database database;
        storage::ConversationStore store(database);
        LibraryViewModel library(store);
        QVERIFY(storage::await(database.open(u":memory:"_s)).has_value());
        const auto older = storage::mustGive(store.createConversation(u"Older"_s));
        QTest::qWait(5);
        const auto newer = storage::mustGive(store.createConversation(u"Newer"_s));
        library.load();
        QTRY_COMPARE(library.total(), 2);
        QCOMPARE(library.neighbour(newer.id, 1), older.id);
        QCOMPARE(library.neighbour(older.id, -1), newer.id);
        QCOMPARE(library.neighbour(older.id, 1), 0);
        QCOMPARE(library.neighbour(12345, 1), 0);
    }
};

QTEST_GUILESS_MAIN(tst_ConversationListModel)
#include "tst_ConversationListModel.moc"
