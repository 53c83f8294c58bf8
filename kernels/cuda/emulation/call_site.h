#pragma once

#include <cstring>
#include <source_location>

// Where a kernel calls what its lanes do together. A wrapper around such a call takes PONDER_CALL_SITE as
// its last parameter and hands it on with PONDER_PASS_CALL_SITE: then its own callers are told apart.
#define PONDER_CALL_SITE                                                                           \
    , ::ponder::emulation::CallSite where = ::ponder::emulation::CallSite::current()
#define PONDER_PASS_CALL_SITE , where

namespace ponder::emulation {

/// A place in the source, not in the machine's code: compilers make several of one where they unroll.
using CallSite = std::source_location;

[[nodiscard]] inline bool isSame(const CallSite& a, const CallSite& b)
{
    return a.line() == b.line() && a.column() == b.column()
        && (a.file_name() == b.file_name() || std::strcmp(a.file_name(), b.file_name()) == 0);
}

} // namespace ponder::emulation
