#include "ui/composer/drafts.h"

#include "storage/conversations/draft_store.h"

#include <chrono>
#include <utility>

namespace ponder {

using namespace std::chrono_literals;

namespace {

constexpr auto kSaveAfter = 400ms;
constexpr auto kTryAgainAfter = 3s;

} // namespace

Drafts::Drafts(storage::DraftStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
    m_saving.setSingleShot(true);
    connect(&m_saving, &QTimer::timeout, this, &Drafts::save);
}

Drafts::~Drafts()
{
    save();
}

void Drafts::load()
{
    using Texts = QHash<qint64, QString>;
    m_store.load().then(this, [this](const storage::Result<Texts>& stored) {
        if (!stored)
            return;
        bool changed = false;
        for (auto it = stored->cbegin(); it != stored->cend(); ++it) {
            if (m_texts.contains(it.key()))
                continue;
            m_texts[it.key()] = it.value();
            changed = true;
        }
        if (changed)
            emit restored();
    });
}

void Drafts::setText(qint64 conversation, const QString& text)
{
    if (m_texts.value(conversation) == text)
        return;
    m_texts[conversation] = text;
    m_unsaved.insert(conversation);
    // The timer is not restarted at each key: a draft that is typed without a pause is saved, too.
    if (!m_saving.isActive())
        m_saving.start(kSaveAfter);
}

void Drafts::save()
{
    for (const qint64 conversation : std::exchange(m_unsaved, {})) {
        m_store.save(conversation, m_texts.value(conversation))
            .then(this, [this, conversation](const storage::Result<void>& saved) {
                const bool mayHelp = !saved
                    && (saved.error().code == storage::ErrorCode::DiskFull
                        || saved.error().code == storage::ErrorCode::Busy
                        || saved.error().code == storage::ErrorCode::Io);
                if (!mayHelp)
                    return;
                m_unsaved.insert(conversation);
                if (!m_saving.isActive())
                    m_saving.start(kTryAgainAfter);
            });
    }
}

} // namespace ponder

#include "moc_drafts.cpp"
