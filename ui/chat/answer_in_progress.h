#pragma once

#include "engine/generate/answer_rates.h"
#include "engine/generate/chat_session.h"
#include "engine/reasoning/token_statistics.h"
#include "storage/conversations/conversation.h"
#include "ui/chat/message_list_model.h"
#include "ui/thought/step_list_model.h"

#include <QByteArray>
#include <QList>

namespace ponder {

/// The content of an answer that is being written: turns tokens into what the window shows and the storage keeps.
/// Belongs to the GUI thread.
class AnswerInProgress {
public:
    /// `row` is the answer as it begins: in state Waiting, with its storage id, and empty but for what it goes
    /// on from; `statistics` are AnswerEnd::tokenStatistics of that. Where they cannot be read it goes on without them.
    explicit AnswerInProgress(MessageRow row, const QByteArray& statistics = {});

    /// The answer as far as it is, whether or not its conversation is on the screen.
    [[nodiscard]] const MessageRow& row() const { return m_row; }
    [[nodiscard]] int contextUsed() const { return m_contextUsed; } ///< tokens; 0 before the first

    /// Takes one frame's tokens and answers what they add to the last message, or put in its place.
    [[nodiscard]] MessageGrowth take(const QList<TokenEvent>& events);

    /// The end as the storage keeps it; row() then is the whole answer in its final state.
    /// On an error of the engine what was written so far stays.
    [[nodiscard]] storage::AnswerEnd end(const Result<Finish>& result);

private:
    void retell(const RetoldAnswer& retold, MessageGrowth& growth);

    MessageRow m_row;
    int m_tokensBefore; ///< of what it goes on from
    AnswerRates m_rates;
    int m_contextUsed = 0;
    int m_stepCount = 0; ///< that have begun
    StepListModel m_steps;
    TokenStatistics m_statistics;
};

} // namespace ponder
