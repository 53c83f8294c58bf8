#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace ponder {

struct ScriptBounds {
    std::chrono::milliseconds time{1500}; ///< of the thread's processor, from the engine's creation
    std::size_t memory = 256u << 20; ///< bytes
    std::size_t stack = 1u << 20; ///< bytes of the calling thread's stack
};

/// A JavaScript interpreter (QuickJS) for code that is not trusted: bounded in time, memory and stack, and
/// with nothing but the language: no files, no clock, no modules.
///
/// To be made, used and destroyed on one thread. After a failure it may only be destroyed.
class ScriptEngine {
public:
    /// Fails with OutOfMemory.
    [[nodiscard]] static Result<ScriptEngine> create(const ScriptBounds& bounds);
    ScriptEngine(ScriptEngine&&) noexcept;
    ScriptEngine& operator=(ScriptEngine&&) noexcept;
    ~ScriptEngine();

    /// Runs a script for its effects. Fails with TemplateFailed; see call().
    [[nodiscard]] Result<void> run(std::string_view script, const char* name);

    /// Calls a global function with strings (UTF-8) and returns its result as a string.
    /// Fails with TemplateFailed: the message is the exception's, or says which bound was reached.
    [[nodiscard]] Result<std::string> call(
        const char* function, const std::vector<std::string_view>& arguments);

private:
    class Private;
    explicit ScriptEngine(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace ponder
