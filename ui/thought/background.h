#pragma once

#include <QFuture>
#include <QObject>
#include <QPromise>
#include <QThreadPool>

#include <memory>
#include <new>
#include <utility>

namespace ponder {

/// Calls work() on another thread and then done(its result) on `context`'s, unless `context` is gone by then. Where
/// memory runs out, the result is Result(). work() must own all that it uses.
template <typename Result, typename Work, typename Done>
void runInBackground(QObject* context, Work work, Done done)
{
    const auto promise = std::make_shared<QPromise<Result>>();
    promise->future().then(context, std::move(done));
    promise->start();
    QThreadPool::globalInstance()->start([promise, work = std::move(work)] {
        Result result{};
        try {
            result = work();
        } catch (const std::bad_alloc&) {
            result = Result();
        }
        promise->addResult(std::move(result));
        promise->finish();
    });
}

} // namespace ponder
