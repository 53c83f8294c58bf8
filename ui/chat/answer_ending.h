#pragma once

#include "engine/base/result.h"
#include "engine/generate/chat_session.h"
#include "storage/conversations/conversation.h"
#include "ui/chat/message_list_model.h"

#include <QString>

namespace ponder {

/// The storage's finishReason of an answer: that of toString(FinishReason), followed by "_in_thought" where the answer
/// had not begun and the thought was not over.
[[nodiscard]] QString finishReasonOf(const Finish& finish);
/// That of an answer that ended with this error.
[[nodiscard]] QString finishReasonOf(ErrorCode code);

/// The question, with what was before it, did not fit the context, and nothing was answered: what is asked next
/// leaves both out, so that the conversation goes on.
[[nodiscard]] bool wasTooLong(const MessageRow& answer);

/// The model ended by itself after its thought, without an answer: to go on, the answer begins.
[[nodiscard]] bool endedAfterItsThought(const MessageRow& answer);

/// Says under an answer how it ended and what helps: fills in `answer`'s state, finishReason, notice, noticeDetails,
/// canGoOn, canTryAgain and remedy. Its text and thought must be there already. The one place for this, so that an answer
/// reads the same when it ends and when its conversation is opened again.
/// error: as toStored() has it, for MessageState::Failed.
void describeEnding(MessageRow& answer, storage::MessageState state, const QString& finishReason,
    const QString& error);

} // namespace ponder
