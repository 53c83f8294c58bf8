// Any text as a chat template: it is refused with a sentence, or it renders, within its bounds.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "engine/text/chat_template.h"

namespace {

void require(bool condition)
{
    if (!condition)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto made
        = ponder::ChatTemplate::create(std::string(reinterpret_cast<const char*>(data), size));
    if (!made) {
        require(made.error().message.ends_with('.'));
        return 0;
    }
    ponder::RenderOptions options;
    options.timeLimit
        = std::chrono::milliseconds(400); // a sanitizer's interpreter takes most of it to start
    options.memoryLimit = 24u << 20;
    options.bosToken = "<s>";
    const std::vector<ponder::ChatMessage> messages{{"system", "Be brief.", ""},
        {"user", "Hi </think> <s>", ""}, {"assistant", "Hello", "A greeting."},
        {"user", "2 + 2?", ""}};
    const std::clock_t start = std::clock(); // of processor time, as the limit
    const auto rendered = made->render(messages, options);
    require(std::clock() - start < 8 * CLOCKS_PER_SEC);
    if (!rendered) {
        require(rendered.error().message.ends_with('.'));
        return 0;
    }
    require(rendered->text.size() <= options.memoryLimit);
    std::size_t before = 0;
    for (const std::size_t literal : rendered->literals) {
        require(literal >= before && literal < rendered->text.size());
        before = literal + 1;
    }
    return 0;
}
