// Files as they should be. Hostile ones: tst_gguf_hostile.cpp.
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/engine/gguf_bytes.h"

using namespace ponder;
using namespace ponder::test;

namespace {

std::string oneOfEach()
{
    GgufBytes g;
    g.put("u8", 0, GgufBytes::raw<std::uint8_t>(200));
    g.put("i8", 1, GgufBytes::raw<std::int8_t>(-5));
    g.put("u16", 2, GgufBytes::raw<std::uint16_t>(60000));
    g.put("i16", 3, GgufBytes::raw<std::int16_t>(-300));
    g.put("u32", 4, GgufBytes::raw<std::uint32_t>(4000000000U));
    g.put("i32", 5, GgufBytes::raw<std::int32_t>(-7));
    g.put("f32", 6, GgufBytes::raw(1.5F));
    g.put("bool", 7, GgufBytes::raw<std::uint8_t>(1));
    g.put("string", 8, GgufBytes::text("grüße"));
    g.put("u64", 10, GgufBytes::raw<std::uint64_t>(1ULL << 63U));
    g.put("i64", 11, GgufBytes::raw<std::int64_t>(-(1LL << 40U)));
    g.put("f64", 12, GgufBytes::raw(0.1));
    g.put("strings", 9,
        GgufBytes::raw(8U) + GgufBytes::raw<std::uint64_t>(3) + GgufBytes::text("a")
            + GgufBytes::text("") + GgufBytes::text("ccc"));
    g.put("ints", 9,
        GgufBytes::raw(5U) + GgufBytes::raw<std::uint64_t>(2) + GgufBytes::raw<std::int32_t>(-1)
            + GgufBytes::raw<std::int32_t>(2));
    g.put("floats", 9,
        GgufBytes::raw(6U) + GgufBytes::raw<std::uint64_t>(2) + GgufBytes::raw(0.5F)
            + GgufBytes::raw(-2.0F));
    g.put("none", 9, GgufBytes::raw(4U) + GgufBytes::raw<std::uint64_t>(0));
    g.tensors.push_back({"f32", {3, 2}, 0, std::string(24, 'x')});
    g.tensors.push_back({"q4_k", {512, 3, 2}, 12, std::string(144 * 12, 'y')});
    return g.build();
}

} // namespace

TEST_CASE("values are read in their types, and only in those")
{
    const std::string bytes = oneOfEach();
    const auto file = GgufFile::fromBytes(bytesOf(bytes));
    REQUIRE(file);
    CHECK(file->version() == 3);
    CHECK(file->entries().size() == 16);
    CHECK(file->getUint("u8") == 200);
    CHECK(file->getInt("i8") == -5);
    CHECK(file->getUint("i8") == std::nullopt);
    CHECK(file->getInt("u16") == 60000);
    CHECK(file->getInt("i16") == -300);
    CHECK(file->getUint("u32") == 4000000000U);
    CHECK(file->getFloat("i32") == -7.0);
    CHECK(file->getFloat("f32") == 1.5);
    CHECK(file->getUint("f32") == std::nullopt);
    CHECK(file->getBool("bool") == true);
    CHECK(file->getBool("u8") == std::nullopt);
    CHECK(file->getString("string") == "grüße");
    CHECK(file->getString("u8") == std::nullopt);
    CHECK(file->getUint("u64") == 1ULL << 63U);
    CHECK(file->getInt("u64") == std::nullopt);
    CHECK(file->getInt("i64") == -(1LL << 40U));
    CHECK(file->getFloat("f64") == 0.1);
    CHECK(file->getUint("absent") == std::nullopt);
    CHECK(file->getStrings("strings") == std::vector<std::string_view>{"a", "", "ccc"});
    CHECK(file->getStrings("string") == std::nullopt);
    CHECK(file->getInts("ints") == std::vector<std::int64_t>{-1, 2});
    CHECK(file->getInts("floats") == std::nullopt);
    CHECK(file->getFloats("floats") == std::vector<float>{0.5F, -2.0F});
    CHECK(file->getInts("none")->empty());
    CHECK(file->getUint("ints") == std::nullopt);
}

TEST_CASE("tensors are found with their shapes and bytes")
{
    const std::string bytes = oneOfEach();
    const auto file = GgufFile::fromBytes(bytesOf(bytes));
    REQUIRE(file);
    REQUIRE(file->tensors().size() == 2);
    const ModelTensor* q = file->tensor("q4_k");
    REQUIRE(q != nullptr);
    CHECK(q->type == TensorType::Q4_K);
    CHECK(q->dimensionCount == 3);
    CHECK(q->dimensions == std::array<std::uint64_t, 4>{512, 3, 2, 1});
    CHECK(q->weightCount() == 3072);
    CHECK(q->data.size() == 1728);
    CHECK(q->data[0] == std::byte{'y'});
    CHECK(file->tensor("absent") == nullptr);
}

TEST_CASE("values are described for people")
{
    const std::string bytes = oneOfEach();
    const auto file = GgufFile::fromBytes(bytesOf(bytes));
    REQUIRE(file);
    CHECK(describeValue(*file->entry("i64")) == "-1099511627776");
    CHECK(describeValue(*file->entry("u64")) == "9223372036854775808");
    CHECK(describeValue(*file->entry("bool")) == "true");
    CHECK(describeValue(*file->entry("f64")) == "0.1");
    CHECK(describeValue(*file->entry("string")) == "\"grüße\"");
    CHECK(describeValue(*file->entry("string"), 4) == "\"grü…\"");
    CHECK(describeValue(*file->entry("string"), 3) == "\"gr…\""); // never half a character
    CHECK(describeValue(*file->entry("strings")) == R"(["a", "", "ccc"])");
    CHECK(describeValue(*file->entry("floats"), 4) == "[0.5, …] (2)");
    CHECK(describeValue(*file->entry("none")) == "[]");
}

TEST_CASE("version 2 and other alignments are read")
{
    GgufBytes g;
    g.version = 2;
    g.alignment = 64;
    g.putUint("general.alignment", 64);
    g.tensors.push_back({"a", {5}, 0, std::string(20, 'a')});
    g.tensors.push_back({"b", {5}, 0, std::string(20, 'b')});
    const std::string bytes = g.build();
    const auto file = GgufFile::fromBytes(bytesOf(bytes));
    REQUIRE(file);
    CHECK(file->version() == 2);
    CHECK(file->tensor("b")->data[0] == std::byte{'b'});
}

TEST_CASE("a vocabulary alone is a file without tensors")
{
    GgufBytes g;
    g.putText("general.architecture", "deepseek2");
    const std::string bytes = g.head();
    const auto file = GgufFile::fromBytes(bytesOf(bytes));
    REQUIRE(file);
    CHECK(file->tensors().empty());
}

TEST_CASE("a mapped file stays readable when it is moved, and tells when it was cut short")
{
    const auto path = std::filesystem::temp_directory_path() / "ponder-tst-gguf.gguf";
    std::ofstream(path, std::ios::binary) << oneOfEach();
    auto opened = GgufFile::open(path);
    REQUIRE(opened);
    const GgufFile file = std::move(*opened);
    CHECK(file.getString("string") == "grüße");
    CHECK(file.tensor("f32")->data[0] == std::byte{'x'});
    CHECK_FALSE(file.map().change());
    std::filesystem::resize_file(path, 100);
    REQUIRE(file.map().change());
    CHECK(file.map().change()->kind == FileChange::Kind::Shorter);
    std::filesystem::remove(path);
}
