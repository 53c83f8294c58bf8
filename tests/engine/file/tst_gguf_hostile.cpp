// Files that are cut, flipped, lying or of another kind: each gives a sentence, soon.
#include <chrono>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/engine/contains.h"
#include "tests/engine/gguf_bytes.h"

using namespace ponder;
using namespace ponder::test;

namespace {

GgufBytes small()
{
    GgufBytes g;
    g.putText("general.architecture", "deepseek2");
    g.putUint("deepseek2.block_count", 2);
    g.put("list", 9,
        GgufBytes::raw(8U) + GgufBytes::raw<std::uint64_t>(2) + GgufBytes::text("one")
            + GgufBytes::text("two"));
    g.put(
        "numbers", 9, GgufBytes::raw(6U) + GgufBytes::raw<std::uint64_t>(1) + GgufBytes::raw(1.0F));
    g.tensors.push_back({"a", {32, 2}, 8, std::string(68, 'a')});
    g.tensors.push_back({"b", {7}, 0, std::string(28, 'b')});
    return g;
}

/// The sentence for these bytes; empty where they are accepted. Fails the test if it takes long.
std::string sentence(const std::string& bytes, ErrorCode* code = nullptr)
{
    const auto start = std::chrono::steady_clock::now();
    const auto file = GgufFile::fromBytes(bytesOf(bytes));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
    if (file)
        return {};
    if (code != nullptr)
        *code = file.error().code;
    CHECK_FALSE(file.error().message.empty());
    return file.error().message;
}

/// Overwrites bytes at the place where `before` ends.
std::string patched(std::string bytes, const std::string& before, const std::string& with)
{
    const auto at = bytes.find(before);
    REQUIRE(at != std::string::npos);
    return bytes.replace(at + before.size(), with.size(), with);
}

void touchEverything(const GgufFile& file)
{
    for (const GgufEntry& e : file.entries()) {
        static_cast<void>(describeValue(e));
        static_cast<void>(file.getStrings(e.key));
        static_cast<void>(file.getInts(e.key));
        static_cast<void>(file.getFloats(e.key));
        static_cast<void>(file.getInt(e.key));
        static_cast<void>(file.getFloat(e.key));
        static_cast<void>(file.getString(e.key));
    }
    unsigned sum = 0;
    for (const ModelTensor& t : file.tensors()) {
        for (const std::byte b : t.data)
            sum += std::to_integer<unsigned>(b);
    }
    static_cast<void>(sum);
}

} // namespace

TEST_CASE("a file cut anywhere is refused, and says what is missing")
{
    const GgufBytes g = small();
    const std::string whole = g.build();
    REQUIRE(sentence(whole).empty());
    const std::size_t needed = whole.size() - 4; // the last tensor's padding may be missing
    for (std::size_t length = 0; length < needed; ++length) {
        CAPTURE(length);
        ErrorCode code{};
        CHECK_FALSE(sentence(whole.substr(0, length), &code).empty());
        CHECK((code == ErrorCode::FileTruncated || length < 4));
    }
    CHECK(sentence(whole.substr(0, needed)).empty());
    CHECK(contains(sentence(whole.substr(0, needed - 10)),
        "10 of " + std::to_string(needed) + " bytes are missing"));
}

TEST_CASE("no flipped bit leads outside the file")
{
    const std::string whole = small().build();
    const std::size_t head = small().head().size();
    int accepted = 0;
    for (std::size_t bit = 0; bit < head * 8; ++bit) {
        std::string flipped = whole;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        const auto file = GgufFile::fromBytes(bytesOf(flipped));
        if (file) {
            ++accepted;
            touchEverything(*file);
        } else {
            CHECK_FALSE(file.error().message.empty());
        }
    }
    CHECK(accepted > 0); // letters of names, for example
    CHECK(static_cast<std::size_t>(accepted) < head * 8);
}

TEST_CASE("lying counts and lengths fail at once")
{
    const std::string whole = small().build();
    for (const unsigned shift : {20U, 32U, 60U, 63U}) {
        const std::string huge = GgufBytes::raw<std::uint64_t>(1ULL << shift);
        CAPTURE(shift);
        std::string many = whole;
        CHECK_FALSE(sentence(many.replace(8, 8, huge)).empty()); // tensors
        many = whole;
        CHECK_FALSE(sentence(many.replace(16, 8, huge)).empty()); // entries
        many = whole;
        CHECK_FALSE(sentence(many.replace(24, 8, huge)).empty()); // the first key's length
        CHECK_FALSE(sentence(patched(whole, "list" + GgufBytes::raw(9U) + GgufBytes::raw(8U), huge))
                .empty());
        CHECK_FALSE(
            sentence(patched(whole, "numbers" + GgufBytes::raw(9U) + GgufBytes::raw(6U), huge))
                .empty());
        CHECK_FALSE(sentence(patched(whole, GgufBytes::text("b") + GgufBytes::raw(1U), huge))
                .empty()); // a dimension
    }
    const std::string most = GgufBytes::raw<std::uint64_t>(~0ULL);
    CHECK_FALSE(sentence(patched(whole, "numbers" + GgufBytes::raw(9U) + GgufBytes::raw(6U), most))
            .empty());
}

TEST_CASE("counts that no model comes near are refused, though a file of holes has room for them")
{
    // Zeros are empty strings, keys of no bytes and zeros: all that a sparse file has for nothing.
    const std::string many = GgufBytes::raw<std::uint64_t>(6'000'000);
    GgufBytes tokens = small();
    tokens.put("list", 9, GgufBytes::raw(8U) + many + std::string(48'000'000, '\0'));
    CHECK(contains(sentence(tokens.build()), "the list list claims 6000000 elements"));
    GgufBytes scores = small();
    scores.put("numbers", 9, GgufBytes::raw(0U) + many + std::string(6'000'000, '\0'));
    CHECK(contains(sentence(scores.build()), "numbers claims 6000000 elements"));

    const std::string whole = small().build();
    std::string lying = whole + std::string(2'000'000, '\0');
    CHECK(contains(sentence(lying.replace(8, 8, GgufBytes::raw<std::uint64_t>(140'000))),
        "140000 tensors, more than any model has"));
    lying = whole + std::string(2'000'000, '\0');
    CHECK(contains(sentence(lying.replace(16, 8, GgufBytes::raw<std::uint64_t>(70'000))),
        "70000 metadata keys"));
}

TEST_CASE("a sparse file that claims much takes little before it is refused")
{
    const auto path = std::filesystem::temp_directory_path() / "ponder-tst-sparse.gguf";
    const auto write = [&path](const GgufBytes& g, std::uint64_t size) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << g.head();
        std::filesystem::resize_file(path, size);
    };
    GgufBytes g;
    g.putText("general.architecture", "llama");
    g.put("tokenizer.ggml.tokens", 9,
        GgufBytes::raw(8U) + GgufBytes::raw<std::uint64_t>(300'000'000));
    write(g, 3'000'000'000);
    const auto many = GgufFile::open(path);
    REQUIRE_FALSE(many);
    CHECK(contains(many.error().message, "300000000 elements"));
    // One text of two gigabytes: it is never copied.
    g.put("tokenizer.ggml.tokens", 8, GgufBytes::raw<std::uint64_t>(2'000'000'000));
    write(g, 3'000'000'000);
    const auto long_ = GgufFile::open(path);
    REQUIRE_FALSE(long_);
    CHECK(contains(long_.error().message, "256 MiB"));
    std::filesystem::remove(path);
}

TEST_CASE("impossible shapes are refused")
{
    const auto withDimensions = [](std::vector<std::uint64_t> dimensions) {
        GgufBytes g = small();
        g.tensors[1].dimensions = std::move(dimensions);
        return sentence(g.build());
    };
    CHECK(contains(withDimensions({1ULL << 32U, 1ULL << 32U}), "impossible dimensions"));
    CHECK(contains(withDimensions({1ULL << 62U}), "impossible size"));
    CHECK(contains(withDimensions({0}), "impossible dimensions"));
    CHECK(contains(withDimensions({}), "0 dimensions"));
    CHECK(contains(withDimensions({1, 1, 1, 1, 7}), "5 dimensions"));
    GgufBytes g = small();
    g.tensors[0].dimensions = {33, 2};
    CHECK(contains(sentence(g.build()), "no multiple of 32"));
}

TEST_CASE("misplaced, overlapping and repeated parts are refused")
{
    GgufBytes g = small();
    g.tensors[1].shift = 4;
    CHECK(contains(sentence(g.build()), "multiple of 32"));
    g.tensors[1].shift = -96;
    CHECK(contains(sentence(g.build()), "overlap"));
    g.tensors[1].shift = 1 << 20;
    CHECK(contains(sentence(g.build()), "bytes are missing"));
    g.tensors[1].shift = -128; // wraps around
    CHECK(contains(sentence(g.build()), "impossible place"));
    g = small();
    g.tensors[1].name = "a";
    CHECK(contains(sentence(g.build()), "the tensor a occurs twice"));
    g = small();
    g.entries.push_back(g.entries[0]);
    CHECK(contains(sentence(g.build()), "general.architecture occurs twice"));
    for (const std::uint32_t alignment : {0U, 4U, 33U, 1U << 21U}) {
        g = small();
        g.putUint("general.alignment", alignment);
        CHECK(contains(sentence(g.build()), "alignment"));
    }
}

TEST_CASE("unknown types are named")
{
    GgufBytes g = small();
    g.tensors[0].type = 137;
    ErrorCode code{};
    CHECK(contains(sentence(g.build(), &code), "type 137"));
    CHECK(code == ErrorCode::UnsupportedQuantisation);
    g = small();
    g.entries[1].type = 13;
    CHECK(contains(sentence(g.build()), "unknown type 13"));
    g = small();
    g.put("nested", 9,
        GgufBytes::raw(9U) + GgufBytes::raw<std::uint64_t>(1) + GgufBytes::raw(4U)
            + GgufBytes::raw<std::uint64_t>(0));
    CHECK(contains(sentence(g.build()), "lists of lists"));
}

TEST_CASE("other versions are refused")
{
    GgufBytes g = small();
    g.version = 1;
    CHECK(contains(sentence(g.build()), "version 1"));
    g.version = 4;
    CHECK(contains(sentence(g.build()), "newer Ponder"));
    g.version = 0x03000000;
    CHECK(contains(sentence(g.build()), "big-endian"));
}

TEST_CASE("files of other kinds are recognised")
{
    const std::pair<std::string, std::string> kinds[] = {
        {"version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git LFS pointer"},
        {std::string("PK\x03\x04", 4) + std::string(60, 'z'), "PyTorch"},
        {GgufBytes::raw<std::uint64_t>(20) + R"({"a":{"dtype":"F32"}})", "safetensors"},
        {"\n <!DOCTYPE html><html>", "web page"},
        {R"({"error": "not found"})", "JSON"},
        {std::string(4096, '\0'), "zeros"},
        {"\x7f"
         "ELF and so on",
            "program"},
        {"hello", "not a GGUF model"},
        {"GG", "not a GGUF model"},
        {std::string("ggjt") + std::string(60, 'z'), "before GGUF"},
    };
    for (const auto& [bytes, expected] : kinds) {
        CAPTURE(expected);
        ErrorCode code{};
        CHECK(contains(sentence(bytes, &code), expected));
        CHECK(code == ErrorCode::UnsupportedFormat);
    }
}

TEST_CASE("what is no readable file is told apart")
{
    const auto folder = std::filesystem::temp_directory_path();
    CHECK(GgufFile::open(folder / "ponder-no-such-file").error().code == ErrorCode::FileNotFound);
    CHECK(contains(GgufFile::open(folder).error().message, "is a folder"));
    CHECK(contains(GgufFile::open("/dev/null").error().message, "not a regular file"));
    const auto empty = folder / "ponder-tst-empty.gguf";
    std::ofstream(empty).close();
    CHECK(contains(GgufFile::open(empty).error().message, "is empty"));
    std::ofstream(empty) << "hello";
    CHECK(contains(GgufFile::open(empty).error().message, "ponder-tst-empty.gguf: "));
    std::filesystem::remove(empty);
}
