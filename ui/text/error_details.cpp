#include "ui/text/error_details.h"

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

// ASCII's mark between records: no sentence has it.
constexpr QChar kBetween = u'\x1e';

QLatin1StringView nameOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::FileNotFound:
        return "FileNotFound"_L1;
    case ErrorCode::FileUnreadable:
        return "FileUnreadable"_L1;
    case ErrorCode::FileTruncated:
        return "FileTruncated"_L1;
    case ErrorCode::FileCorrupt:
        return "FileCorrupt"_L1;
    case ErrorCode::UnsupportedFormat:
        return "UnsupportedFormat"_L1;
    case ErrorCode::UnsupportedArchitecture:
        return "UnsupportedArchitecture"_L1;
    case ErrorCode::UnsupportedQuantisation:
        return "UnsupportedQuantisation"_L1;
    case ErrorCode::UnsupportedTokenizer:
        return "UnsupportedTokenizer"_L1;
    case ErrorCode::OutOfMemory:
        return "OutOfMemory"_L1;
    case ErrorCode::ContextFull:
        return "ContextFull"_L1;
    case ErrorCode::DeviceLost:
        return "DeviceLost"_L1;
    case ErrorCode::TemplateFailed:
        return "TemplateFailed"_L1;
    case ErrorCode::InvalidArgument:
        return "InvalidArgument"_L1;
    case ErrorCode::Cancelled:
        return "Cancelled"_L1;
    case ErrorCode::Internal:
        break;
    }
    return "Internal"_L1;
}

} // namespace

ErrorText textOf(const Error& error)
{
    ErrorText text{QString::fromStdString(error.message), u"engine: "_s + nameOf(error.code)};
    if (!error.context.empty())
        text.details += u'\n' + QString::fromStdString(error.context);
    return text;
}

QString toStored(const ErrorText& text)
{
    return text.details.isEmpty() ? text.message : text.message + kBetween + text.details;
}

ErrorText fromStored(const QString& stored)
{
    const qsizetype between = stored.indexOf(kBetween);
    if (between < 0)
        return {stored, {}};
    return {stored.first(between), stored.sliced(between + 1)};
}

} // namespace ponder
