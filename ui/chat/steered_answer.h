#pragma once

#include <QByteArray>
#include <QString>

#include "ui/chat/message_list_model.h"

namespace ponder {

/// An answer as it was up to a place in its thought, from where the model is to go on.
struct SteeredAnswer {
    MessageRow
        row; ///< the new thought; no answer; steps, tokens and seconds of what is left of the old one
    QByteArray statistics; ///< of the tokens that are left; empty where none were kept
};

/// `thought` begins as `old`'s thought does, and then goes its own way. `statistics` are the old answer's
/// (TokenStatistics::encode()); bytes that cannot be read count as none.
[[nodiscard]] SteeredAnswer steeredAnswer(
    const MessageRow& old, const QString& thought, const QByteArray& statistics);

} // namespace ponder
