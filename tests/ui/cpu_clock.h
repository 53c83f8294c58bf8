#pragma once

#include <ctime>

/// Milliseconds of processor time that this thread has used. What other programs do on a busy machine
/// does not count.
inline double cpuMilliseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}
