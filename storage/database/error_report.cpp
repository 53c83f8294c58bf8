#include "storage/database/error_report.h"

#include "storage/database/translate.h"

#include <cerrno>

namespace ponder::storage {

using namespace Qt::StringLiterals;

namespace {

QLatin1StringView nameOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::NotOpen:
        return "NotOpen"_L1;
    case ErrorCode::NotFound:
        return "NotFound"_L1;
    case ErrorCode::InvalidArgument:
        return "InvalidArgument"_L1;
    case ErrorCode::ReadOnly:
        return "ReadOnly"_L1;
    case ErrorCode::NewerVersion:
        return "NewerVersion"_L1;
    case ErrorCode::NoPermission:
        return "NoPermission"_L1;
    case ErrorCode::DiskFull:
        return "DiskFull"_L1;
    case ErrorCode::Damaged:
        return "Damaged"_L1;
    case ErrorCode::Busy:
        return "Busy"_L1;
    case ErrorCode::Io:
        return "Io"_L1;
    case ErrorCode::Internal:
        break;
    }
    return "Internal"_L1;
}

} // namespace

QString detailsOf(const Error& error)
{
    const QString code = u"storage: "_s + nameOf(error.code);
    return error.context.isEmpty() ? code : code + u'\n' + error.context;
}

tl::unexpected<Error> failToWrite(int systemError, const QString& sentence, const QString& path)
{
    const QString context = path + u": "_s + qt_error_string(systemError);
    if (systemError == ENOSPC || systemError == EDQUOT)
        return fail(ErrorCode::DiskFull, diskIsFull(), context);
    return fail(ErrorCode::NoPermission, sentence, context);
}

QString diskIsFull()
{
    return tr("The disk is full: new text cannot be saved. Free some room; what is stored "
              "already is safe.");
}

} // namespace ponder::storage
