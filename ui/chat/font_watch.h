#pragma once

#include "ui/chat/missing_fonts.h"

#include <QObject>

namespace ponder {

class MessageListModel;
class SystemHints;

/// Shows a hint on which fonts to install when a message first shows letters that no font here has. Not at the first
/// start: who never reads Chinese need not hear of a package of 90 MB. Belongs to the GUI thread.
class FontWatch : public QObject {
    Q_OBJECT

public:
    /// Both must outlive the object.
    FontWatch(
        const MessageListModel& messages, SystemHints& hints, MissingFonts fonts = MissingFonts());

private:
    void lookAt(int first, int last);
    void lookAtEnd();
    void tell(const QList<MissingFonts::Kind>& kinds);

    const MessageListModel& m_messages;
    SystemHints& m_hints;
    MissingFonts m_fonts;
    qint64 m_lastId = 0; ///< of the last message, which may grow
    qsizetype m_seenText = 0; ///< letters of it that were looked at
    qsizetype m_seenThought = 0;
};

} // namespace ponder
