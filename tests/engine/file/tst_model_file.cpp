// Models kept in several files: what they present, and what is refused.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "engine/file/gguf.h"
#include "engine/file/model_file.h"
#include "engine/file/printable.h"
#include "tests/engine/contains.h"
#include "tests/engine/gguf_bytes.h"

using namespace ponder;
using namespace ponder::test;

namespace {

namespace fs = std::filesystem;

/// A folder that is gone after the test.
class Folder {
public:
    Folder()
        : m_path(fs::temp_directory_path() / "ponder-tst-model-file")
    {
        fs::remove_all(m_path);
        fs::create_directories(m_path);
    }
    ~Folder() { fs::remove_all(m_path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] fs::path write(const std::string& name, const std::string& bytes) const
    {
        std::ofstream(m_path / name, std::ios::binary | std::ios::trunc) << bytes;
        return m_path / name;
    }

private:
    fs::path m_path;
};

std::string partName(unsigned number)
{
    return "model-0000" + std::to_string(number) + "-of-00003.gguf";
}

/// Part `number` (from 1) of three with one tensor.
GgufBytes part(unsigned number)
{
    GgufBytes g;
    if (number == 1)
        g.putText("general.architecture", "deepseek2");
    g.put("split.no", 2, GgufBytes::raw(static_cast<std::uint16_t>(number - 1)));
    g.put("split.count", 2, GgufBytes::raw<std::uint16_t>(3));
    g.put("split.tensors.count", 5, GgufBytes::raw<std::int32_t>(3));
    g.tensors.push_back({"t" + std::to_string(number), {2}, 0, std::string(8, char('a' + number))});
    return g;
}

std::string sentence(const fs::path& path, ErrorCode code)
{
    const auto file = ModelFile::open(path);
    REQUIRE_FALSE(file);
    CHECK(file.error().code == code);
    return file.error().message;
}

} // namespace

TEST_CASE("a split model opens by any of its parts")
{
    const Folder folder;
    for (unsigned i = 1; i <= 3; ++i)
        static_cast<void>(folder.write(partName(i), part(i).build()));
    for (unsigned i = 1; i <= 3; ++i) {
        auto opened = ModelFile::open(folder.write(partName(i), part(i).build()));
        REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
        const ModelFile file = std::move(*opened);
        CHECK(file.kind() == ModelFile::Kind::SplitGguf);
        CHECK(file.format() == "GGUF 3 in 3 files");
        CHECK(file.getString("general.architecture") == "deepseek2");
        CHECK(file.heads().size() == 3);
        CHECK_FALSE(file.change());
        REQUIRE(file.tensors().size() == 3);
        for (unsigned t = 1; t <= 3; ++t) {
            const ModelTensor* tensor = file.tensor("t" + std::to_string(t));
            REQUIRE(tensor != nullptr);
            CHECK(tensor->bytes == 8);
            CHECK(tensor->piece(0)[7] == std::byte('a' + t));
        }
    }
}

TEST_CASE("a missing part is named")
{
    const Folder folder;
    static_cast<void>(folder.write(partName(1), part(1).build()));
    const fs::path third = folder.write(partName(3), part(3).build());
    const std::string said = sentence(third, ErrorCode::FileNotFound);
    CHECK(contains(said, "part 3 of a model split into 3 files"));
    CHECK(contains(said, "model-00002-of-00003.gguf is missing"));
}

TEST_CASE("parts that do not belong together are refused")
{
    const Folder folder;
    const fs::path first = folder.write(partName(1), part(1).build());
    static_cast<void>(folder.write(partName(3), part(3).build()));

    static_cast<void>(folder.write(partName(2), part(3).build()));
    CHECK(contains(sentence(first, ErrorCode::FileCorrupt), "name says otherwise"));

    GgufBytes other = part(2);
    other.put("split.count", 2, GgufBytes::raw<std::uint16_t>(4));
    static_cast<void>(folder.write(partName(2), other.build()));
    CHECK(contains(sentence(first, ErrorCode::FileCorrupt), "name says otherwise"));

    other = part(2);
    other.putText("general.architecture", "llama");
    static_cast<void>(folder.write(partName(2), other.build()));
    CHECK(contains(sentence(first, ErrorCode::FileCorrupt), "general.architecture"));

    other = part(2);
    other.tensors[0].name = "t1";
    static_cast<void>(folder.write(partName(2), other.build()));
    CHECK(contains(sentence(first, ErrorCode::FileCorrupt), "t1 occurs in two parts"));

    other = part(2);
    other.tensors.clear();
    static_cast<void>(folder.write(partName(2), other.build()));
    CHECK(contains(
        sentence(first, ErrorCode::FileCorrupt), "a model of 3 tensors, and its parts hold 2"));

    static_cast<void>(folder.write(partName(2), part(2).build().substr(0, 60)));
    CHECK(contains(sentence(first, ErrorCode::FileTruncated), partName(2)));

    const fs::path renamed = folder.write("model.gguf", part(1).build());
    CHECK(contains(sentence(renamed, ErrorCode::FileCorrupt), "name says otherwise"));

    const std::string bytes = part(2).build();
    const auto alone = ModelFile::fromBytes(bytesOf(bytes));
    REQUIRE_FALSE(alone);
    CHECK(contains(alone.error().message, "part 2 of a model split into 3 files"));
}

TEST_CASE("the parts of a split model may have capital letters")
{
    const Folder folder;
    const std::string names[]
        = {"Model-00001-OF-00003.GGUF", "Model-00002-OF-00003.GGUF", "Model-00003-of-00003.Gguf"};
    for (unsigned i = 1; i <= 3; ++i)
        static_cast<void>(folder.write(names[i - 1], part(i).build()));
    for (unsigned i = 1; i <= 3; ++i) {
        CAPTURE(i);
        const auto opened = ModelFile::open(folder.write(names[i - 1], part(i).build()));
        REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
        CHECK(opened->format() == "GGUF 3 in 3 files");
    }
    GgufBytes whole = part(1);
    for (const char* key : {"split.no", "split.count", "split.tensors.count"})
        whole.drop(key);
    CHECK(ModelFile::open(folder.write("MODEL.GGUF", whole.build())));
}

TEST_CASE("pieces that were cut by bytes are to be joined, in the order of their numbers")
{
    GgufBytes whole = part(1);
    for (const char* key : {"split.no", "split.count", "split.tensors.count"})
        whole.drop(key);
    const std::string bytes = whole.build();
    const std::size_t half = bytes.size() - 40;
    struct Row {
        std::vector<std::string> names;
        std::string command;
    };
    const Row rows[] = {
        {{"m.gguf.part1of2", "m.gguf.part2of2"}, "cat m.gguf.part1of2 m.gguf.part2of2 > m.gguf"},
        {{"m.gguf.part01", "m.gguf.part02"}, "cat m.gguf.part01 m.gguf.part02 > m.gguf"},
        {{"m.gguf.part9", "m.gguf.part10"}, "cat m.gguf.part9 m.gguf.part10 > m.gguf"},
        {{"m.gguf.001", "m.gguf.002"}, "cat m.gguf.001 m.gguf.002 > m.gguf"},
        {{"m.gguf.1of2", "m.gguf.2of2"}, "cat m.gguf.1of2 m.gguf.2of2 > m.gguf"},
        {{"m.gguf-split-a", "m.gguf-split-b"}, "cat m.gguf-split-a m.gguf-split-b > m.gguf"},
        {{"m.gguf-split-aa", "m.gguf-split-ab"}, "cat m.gguf-split-aa m.gguf-split-ab > m.gguf"},
        {{"m.gguf.aa", "m.gguf.ab"}, "cat m.gguf.aa m.gguf.ab > m.gguf"},
        {{"m.gguf.part-1-of-2", "m.gguf.part-2-of-2"},
            "cat m.gguf.part-1-of-2 m.gguf.part-2-of-2 > m.gguf"},
        {{"M.GGUF.PART1", "M.GGUF.PART2"}, "cat M.GGUF.PART1 M.GGUF.PART2 > M.GGUF"},
        {{"a b's.gguf.part1", "a b's.gguf.part2"},
            "cat 'a b'\\''s.gguf.part1' 'a b'\\''s.gguf.part2' > 'a b'\\''s.gguf'"},
        {{"m.safetensors.001", "m.safetensors.002"},
            "cat m.safetensors.001 m.safetensors.002 > m.safetensors"},
    };
    for (const Row& row : rows) {
        const Folder folder;
        const fs::path first = folder.write(row.names[0], bytes.substr(0, half));
        const fs::path second = folder.write(row.names[1], bytes.substr(half));
        for (const fs::path& path : {first, second}) {
            CAPTURE(path.string());
            const std::string said = sentence(path, ErrorCode::UnsupportedFormat);
            CHECK_MESSAGE(contains(said, ": " + row.command + ". Then open "), said);
            CHECK(contains(said, path.filename().string() + " is a piece"));
        }
        // A piece alone: the others have to come first.
        fs::remove(first);
        CHECK(contains(sentence(second, ErrorCode::UnsupportedFormat), "all of its pieces"));
    }
    const Folder folder;
    for (int i = 1; i <= 12; ++i)
        static_cast<void>(folder.write("m.gguf.part" + std::to_string(i), "x"));
    CHECK(contains(sentence(folder.write("m.gguf.part3", "x"), ErrorCode::UnsupportedFormat),
        "cat m.gguf.part{1..12} > m.gguf"));
    const Folder lettered;
    for (char letter = 'a'; letter <= 'k'; ++letter) {
        static_cast<void>(lettered.write(std::string("m.gguf.parta") + letter, "x"));
        static_cast<void>(
            lettered.write(std::string("a b.gguf.PART") + static_cast<char>(letter - 32), "x"));
    }
    CHECK(contains(sentence(lettered.write("m.gguf.partab", "x"), ErrorCode::UnsupportedFormat),
        "cat m.gguf.part[a-z][a-z] > m.gguf"));
    CHECK(contains(sentence(lettered.write("a b.gguf.PARTC", "x"), ErrorCode::UnsupportedFormat),
        "cat 'a b.gguf.PART'[A-Z] > 'a b.gguf'"));
    // What only looks like one.
    for (const char* name : {"m.gguf.1of", "m.gguf.part", "m.gguf.bak", "m.gguf.gz", "m.gguf.1",
             "m.part1.gguf", "m.gguf.partial", "m.gguf.tmp"}) {
        CAPTURE(name);
        const auto file = ModelFile::open(folder.write(name, bytes.substr(0, half)));
        REQUIRE_FALSE(file);
        CHECK_FALSE(contains(file.error().message, "piece"));
    }
    // A whole file may be called as it likes.
    CHECK(ModelFile::open(folder.write("w.gguf.001", bytes)));
}

TEST_CASE("no name of a file gives a terminal orders")
{
    const Folder folder;
    for (const std::string name :
        {"a\x1b[31mb.gguf", "a\nb.gguf", "a\u202eb.gguf", "a\u009bb.gguf"}) {
        const auto file = ModelFile::open(folder.write(name, "nothing"));
        REQUIRE_FALSE(file);
        CHECK(contains(file.error().message, "a\uFFFD"));
        for (const char c : file.error().message)
            CHECK(static_cast<unsigned char>(c) >= 0x20);
        const auto missing = ModelFile::open(fs::path("nowhere") / name);
        REQUIRE_FALSE(missing);
        CHECK(contains(missing.error().message, "a\uFFFD"));
    }
}

TEST_CASE("what is printable stays, and what gives orders does not")
{
    CHECK(printable("grüße 日本 🙂 e\u0301") == "grüße 日本 🙂 e\u0301");
    CHECK(printable("a\x1b]0;x\x07z") == "a\uFFFD]0;x\uFFFDz");
    CHECK(printable("tab\tline\nnul" + std::string(1, '\0') + "\x7f")
        == "tab\uFFFDline\uFFFDnul\uFFFD\uFFFD");
    CHECK(printable("\u0085\u009b\u200f\u202e\u2028\u2066\ufeff")
        == "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
    CHECK(printable("\xff\xc3(\xed\xa0\x80") == "\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD");
    CHECK(printable("ends in the middle \xe6\x97") == "ends in the middle \uFFFD\uFFFD");
    CHECK(printable("12345678", 8) == "12345678");
    CHECK(printable("123456789", 8) == "12345678…");
    CHECK(printable("日本日本", 8) == "日本…");
}
