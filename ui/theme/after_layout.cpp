#include "ui/theme/after_layout.h"

#include <utility>

namespace ponder {
namespace {

constexpr int kMaxCalls
    = 4; // a frame: lists only estimate the heights of what they have not laid out

} // namespace

void AfterLayout::schedule()
{
    if (m_calls < kMaxCalls)
        polish();
    else
        m_isAsked = true;
}

void AfterLayout::updatePolish()
{
    if (m_calls++ == 0)
        QMetaObject::invokeMethod(this, &AfterLayout::beginAnew, Qt::QueuedConnection);
    emit laidOut();
}

void AfterLayout::beginAnew()
{
    m_calls = 0;
    if (std::exchange(m_isAsked, false))
        polish();
}

} // namespace ponder
