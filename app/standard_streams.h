#pragma once

#include <csignal>

#include <fcntl.h>

namespace ponder {

/// Gives a program that was started without standard input, output or error /dev/null for it:
/// otherwise the next file that it opens, such as a model's, would be taken for one of them. Called
/// first in main.
inline void openStandardStreams()
{
    for (int stream = 0; stream <= 2; ++stream) {
        // The lowest number that is free is the one that was closed.
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return;
    }
}

/// A write past a limit of file sizes then fails, which is explained, and does not end the program.
inline void surviveFileSizeLimit()
{
    std::signal(SIGXFSZ, SIG_IGN);
}

} // namespace ponder
