#include "ui/library/library_view_model.h"

#include "storage/conversations/conversation_store.h"
#include "storage/database/error_report.h"

#include <chrono>

namespace ponder {

using storage::Conversation;
using storage::ConversationStore;

namespace {

constexpr std::chrono::minutes kNewDayCheck{10}; ///< "Today" becomes "Yesterday" in an open window
constexpr std::chrono::milliseconds kTypingPause{150};

} // namespace

LibraryViewModel::LibraryViewModel(ConversationStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
    m_newDay.setInterval(kNewDayCheck);
    connect(&m_newDay, &QTimer::timeout, &m_all, &ConversationListModel::refreshSections);
    m_newDay.start();
    m_search.setSingleShot(true);
    m_search.setInterval(kTypingPause);
    connect(&m_search, &QTimer::timeout, this, &LibraryViewModel::searchMessages);
    connect(&m_all, &ConversationListModel::countChanged, this, &LibraryViewModel::totalChanged);
    connect(&store, &ConversationStore::conversationAdded, this, &LibraryViewModel::put);
    connect(&store, &ConversationStore::conversationChanged, this, &LibraryViewModel::put);
    connect(
        &store, &ConversationStore::conversationRemoved, &m_all, &ConversationListModel::remove);
    connect(&store, &ConversationStore::binChanged, this, &LibraryViewModel::loadBin);
}

void LibraryViewModel::setFilter(const QString& filter)
{
    if (m_filter == filter)
        return;
    m_filter = filter;
    m_filtered.setFilter(filter);
    if (filter.trimmed().isEmpty())
        m_filtered.setFound({});
    else
        m_search.start();
    emit filterChanged();
}

void LibraryViewModel::searchMessages()
{
    const QString filter = m_filter;
    if (filter.trimmed().isEmpty())
        return;
    m_store.searchMessages(filter).then(
        this, [this, filter](const storage::Result<QList<storage::SearchHit>>& hits) {
            if (!hits) {
                fail(hits.error());
                return;
            }
            if (filter != m_filter)
                return; // the next search is on its way
            QHash<qint64, QString> snippets;
            for (const storage::SearchHit& hit : *hits)
                snippets.insert(hit.conversation, hit.snippet);
            m_filtered.setFound(std::move(snippets));
        });
}

int LibraryViewModel::daysInBin()
{
    return storage::kDaysInBin;
}

void LibraryViewModel::loadBin()
{
    m_store.conversations(ConversationStore::Include::Deleted)
        .then(this, [this](const storage::Result<QList<Conversation>>& listed) {
            if (!listed) {
                fail(listed.error());
                return;
            }
            QList<ConversationRow> rows;
            rows.reserve(listed->size());
            for (const Conversation& conversation : *listed)
                rows.append({conversation.id, conversation.title, conversation.deleted});
            m_bin.setRows(std::move(rows));
        });
}

void LibraryViewModel::load()
{
    loadBin();
    m_store.conversations().then(this, [this](const storage::Result<QList<Conversation>>& listed) {
        if (!listed) {
            fail(listed.error());
            return;
        }
        QList<ConversationRow> rows;
        rows.reserve(listed->size());
        for (const Conversation& conversation : *listed)
            rows.append(
                {conversation.id, conversation.title, conversation.updated, conversation.activity});
        m_all.setRows(std::move(rows));
        if (!m_loaded) {
            m_loaded = true;
            emit loadedChanged();
        }
    });
}

void LibraryViewModel::rename(qint64 conversationId, const QString& title)
{
    const QString simplified = title.simplified();
    const int row = m_all.indexOf(conversationId);
    if (simplified.isEmpty() || row < 0 || m_all.at(row).title == simplified)
        return;
    m_store.renameConversation(conversationId, simplified)
        .then(this, [this](const storage::Result<Conversation>& renamed) {
            if (!renamed)
                fail(renamed.error());
        });
}

void LibraryViewModel::remove(qint64 conversationId)
{
    const int row = m_all.indexOf(conversationId);
    if (row < 0)
        return;
    const QString title = m_all.at(row).title;
    m_store.deleteConversation(conversationId)
        .then(this, [this, conversationId, title](const storage::Result<void>& removed) {
            if (removed)
                setRemoved(conversationId, title.isEmpty() ? tr("Untitled") : title);
            else
                fail(removed.error());
        });
}

void LibraryViewModel::undoRemove()
{
    if (m_removedId == 0)
        return;
    restore(m_removedId);
}

void LibraryViewModel::restore(qint64 conversationId)
{
    if (conversationId == m_removedId)
        forgetRemoved();
    m_store.restoreConversation(conversationId)
        .then(this, [this](const storage::Result<Conversation>& conversation) {
            if (!conversation) {
                fail(conversation.error());
                return;
            }
            put(*conversation);
            emit restored(conversation->id);
        });
}

void LibraryViewModel::erase(qint64 conversationId)
{
    if (conversationId == m_removedId)
        forgetRemoved();
    m_store.eraseConversation(conversationId)
        .then(this, [this](const storage::Result<void>& erased) {
            if (!erased)
                fail(erased.error());
        });
}

void LibraryViewModel::emptyBin()
{
    forgetRemoved();
    m_store.emptyBin().then(this, [this](const storage::Result<int>& erased) {
        if (!erased)
            fail(erased.error());
    });
}

void LibraryViewModel::forgetRemoved()
{
    setRemoved(0, {});
}

void LibraryViewModel::dismissProblem()
{
    if (m_problem.isEmpty())
        return;
    m_problem.clear();
    m_problemDetails.clear();
    emit problemChanged();
}

qint64 LibraryViewModel::neighbour(qint64 conversationId, int steps) const
{
    const int count = m_filtered.rowCount();
    for (int row = 0; row < count; ++row) {
        const auto idAt = [this](int at) {
            return m_filtered.index(at, 0)
                .data(ConversationListModel::ConversationIdRole)
                .toLongLong();
        };
        if (idAt(row) == conversationId) {
            const int other = row + steps;
            return other >= 0 && other < count ? idAt(other) : 0;
        }
    }
    return 0;
}

void LibraryViewModel::put(const Conversation& conversation)
{
    if (conversation.deleted.isValid())
        m_all.remove(conversation.id);
    else
        m_all.put(
            {conversation.id, conversation.title, conversation.updated, conversation.activity});
    if (!m_filter.isEmpty())
        m_search.start(); // there may be more text
}

void LibraryViewModel::fail(const storage::Error& error)
{
    m_problem = error.message;
    m_problemDetails = storage::detailsOf(error);
    emit problemChanged();
}

void LibraryViewModel::setRemoved(qint64 conversationId, const QString& title)
{
    m_removedId = conversationId;
    if (m_removedTitle == title)
        return;
    m_removedTitle = title;
    emit removedTitleChanged();
}

} // namespace ponder

#include "moc_library_view_model.cpp"
