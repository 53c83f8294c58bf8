// The safetensors reader: what it reads, and what it refuses.
#include <chrono>
#include <cstring>

#include <doctest/doctest.h>

#include "engine/file/safetensors.h"
#include "tests/engine/contains.h"

using namespace ponder;
using namespace ponder::test;

namespace {

std::string build(const std::string& header, std::size_t dataBytes)
{
    const std::uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    bytes += header;
    for (std::size_t i = 0; i < dataBytes; ++i)
        bytes += static_cast<char>(i);
    return bytes;
}

std::string refusal(const std::string& bytes, ErrorCode code = ErrorCode::FileCorrupt)
{
    const auto start = std::chrono::steady_clock::now();
    const auto file = SafeTensorsFile::fromBytes(std::as_bytes(std::span(bytes)));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
    REQUIRE_FALSE(file);
    CHECK(file.error().code == code);
    return file.error().message;
}

} // namespace

TEST_CASE("tensors are found where the header says")
{
    const std::string bytes = build(
        R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[2,26]},)"
        R"("b":{"shape":[],"dtype":"BF16","data_offsets":[0,2],"more":{"x":[1,{"y":null}]}},)"
        R"("c":{"dtype":"U8","shape":[1],"data_offsets":[26,27]}})",
        27);
    const auto file = SafeTensorsFile::fromBytes(std::as_bytes(std::span(bytes)));
    REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
    REQUIRE(file->tensors().size() == 3);
    const SafeTensor& a = file->tensors()[0];
    CHECK(a.name == "a");
    CHECK(a.type == TensorType::F32);
    CHECK(a.dimensionCount == 2);
    CHECK(a.dimensions == std::array<std::uint64_t, 4>{2, 3, 1, 1});
    CHECK(a.data.size() == 24);
    CHECK(a.data[0] == std::byte{2});
    CHECK(file->tensors()[1].dimensionCount == 0);
    CHECK(file->tensors()[1].data.size() == 2);
    CHECK(file->tensors()[2].dtype == "U8");
    CHECK_FALSE(file->tensors()[2].type);
    CHECK(file->headBytes().size() == bytes.size() - 27);
}

TEST_CASE("lying headers are refused with a sentence")
{
    const auto one
        = [](const std::string& fields) { return build("{\"t\":{" + fields + "}}", 16); };
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[4],"data_offsets":[8,24])"),
                       ErrorCode::FileTruncated),
        "8 bytes are missing"));
    CHECK(contains(
        refusal(one(R"("dtype":"F32","shape":[4],"data_offsets":[0,18446744073709551615])"),
            ErrorCode::FileTruncated),
        "incomplete"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[4],"data_offsets":[0,12])")),
        "takes 16 bytes by its shape"));
    CHECK(contains(
        refusal(one(R"("dtype":"F32","shape":[4],"data_offsets":[16,0])")), "by its place"));
    CHECK(contains(
        refusal(one(
            R"("dtype":"F32","shape":[1152921504606846976,1152921504606846976],"data_offsets":[0,16])")),
        "impossible dimensions"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[0],"data_offsets":[0,0])")),
        "impossible dimensions"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[1,1,1,1,4],"data_offsets":[0,16])")),
        "four dimensions"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[-4],"data_offsets":[0,16])")),
        "wrong type, shape or place"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[4.0],"data_offsets":[0,16])")),
        "wrong type, shape or place"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[[4]],"data_offsets":[0,16])")),
        "a list where none belongs"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":{"x":4},"data_offsets":[0,16])")),
        "an object where none belongs"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[4],"data_offsets":[0,16,32])")),
        "more than two offsets"));
    CHECK(contains(
        refusal(one(R"("dtype":"F32","shape":[4],"data_offsets":[16])")), "lacks its type"));
    CHECK(contains(refusal(one(R"("dtype":"F32","shape":[4])")), "lacks its type"));
    CHECK(contains(
        refusal(one(R"("dtype":"F32","shape":[4],"shape":[4],"data_offsets":[0,16])")), "twice"));
    CHECK(contains(refusal(one(R"("dtype":"F4","shape":[4],"data_offsets":[0,16])"),
                       ErrorCode::UnsupportedFormat),
        "stored as F4"));
    CHECK(contains(refusal(build(R"({"t":3})", 16)), "a value where a tensor belongs"));
    CHECK(contains(refusal(build(R"({"t":[3]})", 16)), "a list where none belongs"));
    CHECK(contains(refusal(build(R"({"":{}})", 16)), "name has 0 bytes"));
    CHECK(contains(refusal(build(R"({"t":{"dtype")", 16)), "no JSON"));
}

TEST_CASE("tensors that overlap or share a name are refused")
{
    const std::string a = R"("a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]})";
    CHECK(contains(
        refusal(build("{" + a + R"(,"b":{"dtype":"U8","shape":[4],"data_offsets":[12,16]}})", 16)),
        "a and b overlap"));
    CHECK(contains(
        refusal(build("{" + a + R"(,"a":{"dtype":"U8","shape":[4],"data_offsets":[16,20]}})", 20)),
        "a occurs twice"));
}

TEST_CASE("headers that claim or nest too much end at once")
{
    CHECK(
        contains(refusal(std::string("\0\0\0\0\0\0\0\1{}", 10)), "claims 72057594037927936 bytes"));
    CHECK(contains(refusal(std::string("\xff\0\0\0\0\0\0\0{}", 10), ErrorCode::FileTruncated),
        "middle of its header"));
    CHECK(contains(refusal("not it at all", ErrorCode::UnsupportedFormat), "is not"));
    std::string deep = R"({"__metadata__":)";
    for (int i = 0; i < 100'000; ++i)
        deep += "{\"a\":";
    CHECK(contains(refusal(build(deep, 0)), "nested too deeply"));
}
