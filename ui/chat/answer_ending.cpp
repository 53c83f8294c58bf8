#include "ui/chat/answer_ending.h"

#include "ui/text/error_details.h"
#include "ui/text/plain_text.h"

#include <QCoreApplication>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;
using storage::MessageState;
using Remedy = MessageRow::Remedy;

namespace {

const QString kGpuLost = u"device_lost"_s;
const QString kTooLong = u"too_long"_s;
const QString kTemplateFailed = u"template_failed"_s;
const QString kError = u"error"_s;
const QString kInThought = u"_in_thought"_s;

QString tr(const char* text)
{
    return QCoreApplication::translate("AnswerEnding", text);
}

bool isBlank(const QString& text)
{
    return std::ranges::all_of(text, [](QChar c) { return c.isSpace(); });
}

bool isInThought(const QString& finishReason)
{
    return finishReason.endsWith(kInThought);
}

bool is(const QString& finishReason, FinishReason reason)
{
    const qsizetype extra = isInThought(finishReason) ? kInThought.size() : 0;
    return QStringView(finishReason).chopped(extra) == QLatin1StringView(toString(reason));
}

MessageRow::State stateOf(MessageState state)
{
    switch (state) {
    case MessageState::Complete:
        return MessageRow::State::Complete;
    case MessageState::Failed:
        return MessageRow::State::Failed;
    case MessageState::Streaming: // by another window, which shows it as it grows
    case MessageState::Interrupted:
        return MessageRow::State::Interrupted;
    }
    return MessageRow::State::Complete;
}

void describeComplete(MessageRow& answer)
{
    const bool inThought = isInThought(answer.finishReason);
    if (is(answer.finishReason, FinishReason::Length)) {
        answer.notice = inThought
            ? tr("Ended inside its thought, at the longest answer that the settings allow")
            : tr("Ended at the longest answer that the settings allow");
        answer.remedy = Remedy::LongerAnswer;
    } else if (is(answer.finishReason, FinishReason::Context)) {
        answer.notice = inThought ? tr("The context is full; the answer ended inside its thought")
                                  : tr("The context is full");
        answer.remedy = Remedy::MoreContext;
    } else if (isBlank(answer.text)) {
        answer.notice = isBlank(answer.thought) ? tr("The model answered nothing")
            : inThought                         ? tr("The model ended inside its thought")
                                                : tr("The model ended without an answer");
    } else {
        answer.canGoOn = answer.canTryAgain = false;
    }
}

void describeFailure(MessageRow& answer, const ErrorText& error)
{
    answer.notice = withGroupedFigures(error.message);
    answer.noticeDetails = error.details;
    if (answer.finishReason == kGpuLost) {
        answer.remedy = Remedy::Processor;
    } else if (answer.finishReason == kTooLong) {
        if (!wasTooLong(answer)) { // an answer went on from here, with too little room
            answer.canGoOn = false;
            answer.remedy = Remedy::MoreContext;
            return;
        }
        answer.canTryAgain = false; // the same question would be too long again
        answer.remedy = Remedy::ShorterQuestion;
        answer.notice += u' ' + tr("What you ask next leaves this question out.");
    } else if (answer.finishReason == kTemplateFailed
        && error.message.contains("system"_L1, Qt::CaseInsensitive)) {
        answer.canTryAgain = false;
        answer.remedy = Remedy::OtherSystemPrompt;
        answer.notice += u' '
            + tr("Clear the system prompt in the settings, and ask in a new conversation: this one "
                 "keeps "
                 "the system prompt with which it began.");
    }
}

} // namespace

QString finishReasonOf(const Finish& finish)
{
    QString reason = QString::fromLatin1(toString(finish.reason));
    if (finish.answerEmpty && finish.endedInThought)
        reason += kInThought;
    return reason;
}

QString finishReasonOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Cancelled:
        return QString::fromLatin1(toString(FinishReason::Cancelled));
    case ErrorCode::DeviceLost:
        return kGpuLost;
    case ErrorCode::ContextFull:
        return kTooLong;
    case ErrorCode::TemplateFailed:
        return kTemplateFailed;
    default:
        return kError;
    }
}

bool wasTooLong(const MessageRow& answer)
{
    return answer.finishReason == kTooLong && isBlank(answer.text) && isBlank(answer.thought);
}

bool endedAfterItsThought(const MessageRow& answer)
{
    return is(answer.finishReason, FinishReason::Stop) && isBlank(answer.text)
        && !isBlank(answer.thought);
}

void describeEnding(
    MessageRow& answer, MessageState state, const QString& finishReason, const QString& error)
{
    answer.state = stateOf(state);
    answer.finishReason = finishReason;
    answer.notice.clear();
    answer.noticeDetails.clear();
    answer.remedy = Remedy::None;
    answer.canGoOn = !isBlank(answer.text) || !isBlank(answer.thought);
    answer.canTryAgain = true;
    switch (state) {
    case MessageState::Complete:
        describeComplete(answer);
        break;
    case MessageState::Failed:
        describeFailure(answer, fromStored(error));
        break;
    case MessageState::Interrupted:
        answer.notice = is(finishReason, FinishReason::Cancelled)
            ? tr("Stopped")
            : tr("Ponder ended while this was being written");
        break;
    case MessageState::Streaming:
        answer.notice = tr("This answer is being written in another window");
        answer.canGoOn = answer.canTryAgain = false;
        break;
    }
}

} // namespace ponder
