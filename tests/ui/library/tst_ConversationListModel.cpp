#include "storage/conversations/conversation_store.h"
#include "storage/database/database.h"
#include "tests/storage/stored.h"
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
        storage::Database database(storage::ponderSchema());
        storage::ConversationStore store(database);
        LibraryViewModel library(store);
        QVERIFY(storage::await(database.open(u":memory:"_s)).has_value());
        const auto first = storage::addConversation(database, u"First"_s);
        storage::addConversation(database, u"Second"_s);
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

    void searchesTitlesAndMessages()
    {
        storage::Database database(storage::ponderSchema());
        storage::ConversationStore store(database);
        LibraryViewModel library(store);
        QVERIFY(storage::await(database.open(u":memory:"_s)).has_value());
        const auto bees = storage::addConversation(database, u"Of bees"_s);
        const auto question = storage::addQuestion(database, bees.id, 0, u"Why do they dance?"_s);
        storage::addAnswer(database, store, bees.id, question.id, u"To show the way."_s,
            u"The waggle dance tells where nectar is"_s);
        storage::addConversation(database, u"Nectar"_s);
        storage::addConversation(database, u"Nothing of it"_s);
        library.load();
        QTRY_COMPARE(library.total(), 3);
        const auto snippetOf = [&](int row) {
            return library.conversations()
                ->index(row, 0)
                .data(ConversationListModel::SnippetRole)
                .toString();
        };
        library.setFilter(u"nectar"_s);
        QCOMPARE(titles(*library.conversations()), QStringList{u"Nectar"_s}); // at once
        QTRY_COMPARE(titles(*library.conversations()), (QStringList{u"Nectar"_s, u"Of bees"_s}));
        QCOMPARE(snippetOf(0), QString());
        QCOMPARE(snippetOf(1), u"The waggle dance tells where nectar is"_s);
        library.setFilter(u"danc"_s);
        QTRY_COMPARE(snippetOf(0), u"Why do they dance?"_s);
        QCOMPARE(titles(*library.conversations()), QStringList{u"Of bees"_s});
        library.setFilter(u"dance xyz"_s);
        QTRY_COMPARE(library.conversations()->count(), 0);
        storage::addAnswer(database, store, bees.id, question.id, u"A dance, xyz."_s);
        QTRY_COMPARE(library.conversations()->count(), 1); // found as it is written
        library.setFilter(u" "_s);
        QCOMPARE(library.conversations()->count(), 3);
        QCOMPARE(snippetOf(0), QString());
    }

    void findsTheNeighbourInTheOrderShown()
    {
        storage::Database database(storage::ponderSchema());
        storage::ConversationStore store(database);
        LibraryViewModel library(store);
        QVERIFY(storage::await(database.open(u":memory:"_s)).has_value());
        const auto older = storage::addConversation(database, u"Older"_s);
        QTest::qWait(5);
        const auto newer = storage::addConversation(database, u"Newer"_s);
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
