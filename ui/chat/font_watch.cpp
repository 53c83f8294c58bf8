#include "ui/chat/font_watch.h"

#include "ui/chat/message_list_model.h"
#include "ui/settings/system_hints.h"

#include <QCoreApplication>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

SystemHint hintFor(MissingFonts::Kind kind)
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("FontWatch", text); };
    SystemHint hint;
    QString package;
    switch (kind) {
    case MissingFonts::Kind::Emoji:
        hint.text = tr("This computer has no font for emoji: a box stands in the place of each.");
        package = u"fonts-noto-color-emoji"_s;
        break;
    case MissingFonts::Kind::EastAsian:
        hint.text
            = tr("This computer has no font for Chinese, Japanese or Korean: a box stands in the "
                 "place of each sign.");
        package = u"fonts-noto-cjk"_s;
        break;
    case MissingFonts::Kind::Other:
        hint.text
            = tr("This computer has no font for a script in this conversation: a box stands in "
                 "the place of each letter.");
        package = u"fonts-noto-core"_s;
        break;
    }
    hint.key = u"font:"_s + package;
    hint.detail = tr("Install the package %1 (that is its name on Debian and Ubuntu), then start "
                     "Ponder again.")
                      .arg(package);
    hint.onlyOnce = true;
    return hint;
}

} // namespace

FontWatch::FontWatch(const MessageListModel& messages, SystemHints& hints, MissingFonts fonts)
    : m_messages(messages)
    , m_hints(hints)
    , m_fonts(std::move(fonts))
{
    connect(&messages, &QAbstractItemModel::modelReset, this,
        [this] { lookAt(0, m_messages.count() - 1); });
    connect(&messages, &QAbstractItemModel::rowsInserted, this,
        [this](const QModelIndex&, int first, int last) { lookAt(first, last); });
    connect(&messages, &QAbstractItemModel::dataChanged, this, [this] { lookAtEnd(); });
}

void FontWatch::lookAt(int first, int last)
{
    for (int row = first; row <= last; ++row) {
        const MessageRow& message = m_messages.at(row);
        tell(m_fonts.look(message.text));
        tell(m_fonts.look(message.thought));
        m_lastId = message.id;
        m_seenText = message.text.size();
        m_seenThought = message.thought.size();
    }
}

void FontWatch::lookAtEnd()
{
    if (m_messages.count() == 0)
        return;
    const MessageRow& message = m_messages.rows().last();
    if (message.id != m_lastId) {
        m_lastId = message.id;
        m_seenText = m_seenThought = 0;
    }
    // One letter back: a pair of halves may have been cut between two pieces.
    const auto fresh = [](const QString& text, qsizetype& seen) {
        const qsizetype from = std::clamp<qsizetype>(seen - 1, 0, text.size());
        seen = text.size();
        return QStringView(text).sliced(from);
    };
    tell(m_fonts.look(fresh(message.text, m_seenText)));
    tell(m_fonts.look(fresh(message.thought, m_seenThought)));
}

void FontWatch::tell(const QList<MissingFonts::Kind>& kinds)
{
    for (const MissingFonts::Kind kind : kinds)
        m_hints.tell(hintFor(kind));
}

} // namespace ponder

#include "moc_font_watch.cpp"
