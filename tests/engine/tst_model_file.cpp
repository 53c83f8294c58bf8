// Models kept in several files: what they present, and what is refused.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "engine/file/gguf.h"
#include "engine/file/model_file.h"
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
        CHECK(file.isWhole());
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
