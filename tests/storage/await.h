#pragma once

#include "storage/database/error.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QTest>

namespace ponder::storage {

/// Turns the event loop until the future is finished, as a window would; fails the test after 30 s.
template <typename R> R await(const QFuture<R>& future)
{
    QDeadlineTimer deadline(30'000);
    while (!future.isFinished() && !deadline.hasExpired())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 5);
    if (!future.isFinished() || future.resultCount() == 0) {
        QTest::qFail("the storage did not answer", __FILE__, __LINE__);
        return R(fail(ErrorCode::Internal, "no answer"));
    }
    return future.result();
}

/// The value of a future that must succeed; a default one (and a failed test) otherwise.
template <typename T> T mustGive(const Future<T>& future)
{
    const Result<T> result = await(future);
    if (!result) {
        const QByteArray why
            = (result.error().message + " [" + result.error().context + ']').toUtf8();
        QTest::qFail(why.constData(), __FILE__, __LINE__);
        if constexpr (!std::is_void_v<T>)
            return T{};
    }
    if constexpr (!std::is_void_v<T>)
        return *result;
}

} // namespace ponder::storage
