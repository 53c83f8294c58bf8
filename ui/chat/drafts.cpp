#include "ui/chat/drafts.h"

#include "storage/settings_store.h"

#include <QJsonObject>
#include <chrono>

namespace ponder {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString kKey = u"drafts"_s;

} // namespace

Drafts::Drafts(storage::SettingsStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
    m_saving.setSingleShot(true);
    m_saving.setInterval(500ms);
    connect(&m_saving, &QTimer::timeout, this, &Drafts::save);
    connect(&store, &storage::SettingsStore::changed, this, [this](const QString& key) {
        if (key == kKey)
            restore();
    });
}

Drafts::~Drafts()
{
    if (m_saving.isActive())
        save();
}

void Drafts::setText(qint64 conversation, const QString& text)
{
    if (m_texts.value(conversation) == text)
        return;
    m_texts[conversation] = text;
    m_saving.start();
}

void Drafts::restore()
{
    const QJsonObject stored = m_store.value(kKey).toObject();
    bool changed = false;
    for (auto it = stored.begin(); it != stored.end(); ++it) {
        const qint64 conversation = it.key().toLongLong();
        if (m_texts.contains(conversation))
            continue;
        m_texts[conversation] = it.value().toString();
        changed = true;
    }
    if (changed)
        emit restored();
}

void Drafts::save()
{
    QJsonObject texts;
    for (auto it = m_texts.cbegin(); it != m_texts.cend(); ++it) {
        if (!it.value().trimmed().isEmpty())
            texts.insert(QString::number(it.key()), it.value());
    }
    m_store.setValue(kKey, texts);
}

} // namespace ponder
