// Files that a fault of a disk, a download or an editor has changed somewhere: each is refused with a sentence
// or run, soon, and none ends the program. The sanitizers see what does not end it.
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include <unistd.h>

#include "engine/generate/chat_session.h"
#include "tests/engine/family_vocabularies.h"
#include "tests/engine/golden.h"

using namespace ponder;
using namespace ponder::test;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kSeed = 20261128;
constexpr std::chrono::milliseconds kBudget{1200}; // of one source; a slow machine tries fewer
constexpr std::chrono::seconds kLongest{10}; // of one file, on a machine that does much else
constexpr int kMax = 400; // files of one source
constexpr int kLeast = 5;

/// Changes bytes as faults and people do. Most hit the first `head` bytes, where structure is.
class Mutator {
public:
    explicit Mutator(std::uint32_t seed)
        : m_random(seed)
    {
    }

    [[nodiscard]] std::string operator()(std::string bytes, std::size_t head)
    {
        for (std::size_t times = 1 + below(3); times-- > 0 && bytes.size() > 16;)
            change(bytes, std::min(head, bytes.size()));
        return bytes;
    }

private:
    std::size_t below(std::size_t end) { return m_random() % std::max<std::size_t>(end, 1); }

    void change(std::string& bytes, std::size_t head)
    {
        const std::size_t at = below(below(8) == 0 ? bytes.size() : head);
        const std::size_t length = std::min(1 + below(16), bytes.size() - at);
        switch (below(8)) {
        case 0:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
            break;
        case 1:
            for (std::size_t i = 0; i < length; ++i)
                bytes[at + i] = static_cast<char>(m_random());
            break;
        case 2: { // a number that is too small, too large, or nearly
            constexpr std::array<std::uint64_t, 10> kNumbers = {0, 1, 2, 0x7F, 0xFF, 0xFFFF,
                0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF};
            const std::uint64_t number = kNumbers[below(kNumbers.size())] + below(3) - 1;
            bytes.replace(at, std::min<std::size_t>(below(2) == 0 ? 4 : 8, bytes.size() - at),
                std::string(reinterpret_cast<const char*>(&number), below(2) == 0 ? 4 : 8));
            break;
        }
        case 3:
            bytes.erase(at, length);
            break;
        case 4:
            bytes.insert(at, bytes.substr(below(head), length));
            break;
        case 5:
            bytes.resize(at);
            break;
        case 6:
            bytes.replace(at, length, std::string(length, '\0'));
            break;
        default: // a digit or a sign of JSON for another
            constexpr std::string_view kSigns = "0123456789-.eE\"{}[]:,tfn\\";
            bytes[at] = kSigns[below(kSigns.size())];
        }
    }

    std::mt19937 m_random;
};

/// A folder of this test's own.
class Scratch {
public:
    Scratch()
        : m_path(fs::temp_directory_path() / ("ponder-tst-mutated-" + std::to_string(::getpid())))
    {
        fs::remove_all(m_path);
        fs::create_directories(m_path);
    }
    ~Scratch() { fs::remove_all(m_path); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    [[nodiscard]] fs::path write(const std::string& name, const std::string& bytes) const
    {
        std::ofstream(m_path / name, std::ios::binary | std::ios::trunc) << bytes;
        return m_path / name;
    }
    [[nodiscard]] const fs::path& path() const { return m_path; }

private:
    fs::path m_path;
};

std::string readBytes(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <typename T> void hasSentence(const Result<T>& result)
{
    if (!result)
        CHECK_FALSE(result.error().message.empty());
}

/// Opens a model and computes with it.
void useModel(const fs::path& path)
{
    const auto model = Model::open(path);
    hasSentence(model);
    if (!model)
        return;
    hasSentence(ModelText::load((*model)->file()));
    auto session = Session::create(*model, {.contextLength = 64, .threads = 1});
    hasSentence(session);
    if (session)
        hasSentence((*session)->prefill(std::array<std::int32_t, 3>{0, 1, 2}));
}

/// Mutates until the time is over; the same files in the same order every time.
void mutate(const std::string& bytes, std::size_t head, std::uint32_t seed,
    const std::function<void(const std::string&)>& use)
{
    Mutator mutator(seed);
    const auto start = Clock::now();
    int tried = 0;
    for (; tried < kMax && (tried < kLeast || Clock::now() - start < kBudget); ++tried) {
        CAPTURE(tried);
        const auto began = Clock::now();
        use(mutator(bytes, head));
        CHECK(Clock::now() - began < kLongest);
    }
    MESSAGE(tried << " files");
}

} // namespace

TEST_CASE("mutated GGUFs are refused or run")
{
    const Scratch scratch;
    std::uint32_t seed = kSeed;
    for (const std::string name : {"v3_yarn", "gpt_oss_mxfp4", "llama"}) {
        CAPTURE(name);
        const std::string bytes
            = readBytes(fs::path(PONDER_TEST_DATA) / "golden" / (name + ".gguf"));
        const auto file = GgufFile::fromBytes(bytesOf(bytes));
        REQUIRE(file);
        mutate(bytes, file->headBytes().size(), seed++,
            [&](const std::string& mutated) { useModel(scratch.write("m.gguf", mutated)); });
    }
}

TEST_CASE("mutated vocabularies of GGUFs are refused or used")
{
    GgufBytes vocabulary = smallVocabulary("llama-bpe");
    vocabulary.putText(
        "tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}");
    const std::string bytes = vocabulary.build();
    mutate(bytes, bytes.size(), kSeed + 10, [](const std::string& mutated) {
        const auto file = ModelFile::fromBytes(bytesOf(mutated));
        hasSentence(file);
        if (!file)
            return;
        const auto text = ModelText::load(*file);
        hasSentence(text);
        if (text)
            static_cast<void>(
                text->tokenizer->encode("What is 347 + 586?\n", ParseSpecial::Yes, {}));
    });
}

TEST_CASE("mutated folders are refused or run")
{
    std::uint32_t seed = kSeed + 20;
    const Families families;
    const fs::path folders = fs::path(PONDER_TEST_DATA) / "huggingface";
    for (const std::string name : {"llama_bf16", "gpt_oss_mxfp4", "v3_ue8m0"}) {
        const Scratch scratch;
        for (const auto& entry : fs::directory_iterator(folders / name))
            fs::copy(entry.path(), scratch.path() / entry.path().filename());
        static_cast<void>(
            scratch.write("tokenizer.json", families.all["families"]["qwen3"]["tokenizer"].dump()));
        static_cast<void>(scratch.write("generation_config.json", R"({"temperature": 0.6})"));
        for (const std::string file :
            {"config.json", "model.safetensors", "tokenizer.json", "generation_config.json"}) {
            CAPTURE(name);
            CAPTURE(file);
            const std::string bytes = readBytes(scratch.path() / file);
            REQUIRE_FALSE(bytes.empty());
            std::size_t head = bytes.size();
            if (file == "model.safetensors") {
                std::memcpy(&head, bytes.data(), sizeof head);
                head += sizeof head;
            }
            mutate(bytes, head, seed++, [&](const std::string& mutated) {
                static_cast<void>(scratch.write(file, mutated));
                useModel(scratch.path());
            });
            static_cast<void>(scratch.write(file, bytes));
        }
    }
}
