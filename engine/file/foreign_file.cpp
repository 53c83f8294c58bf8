#include "engine/file/foreign_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string_view>

namespace ponder {
namespace {

struct Signature {
    std::string_view start;
    std::string_view verdict;
};

using namespace std::string_view_literals;

constexpr std::array kSignatures = {
    Signature{"version https://git-lfs"sv,
        "is a Git LFS pointer, not the model itself. Fetch the model with \"git lfs pull\" or "
        "download it again."},
    Signature{"PK\x03\x04"sv,
        "is a ZIP archive (PyTorch keeps checkpoints in such). Ponder reads GGUF files; choose a "
        ".gguf of this model."},
    Signature{"\x80\x02"sv,
        "is a pickled PyTorch checkpoint. Ponder reads GGUF files; choose a .gguf of this model."},
    Signature{"ggjt"sv, "is in GGML's format from before GGUF. Download a GGUF of this model."},
    Signature{"tjgg"sv, "is in GGML's format from before GGUF. Download a GGUF of this model."},
    Signature{"lmgg"sv, "is in GGML's format from before GGUF. Download a GGUF of this model."},
    Signature{
        "\x89HDF"sv, "is an HDF5 file. Ponder reads GGUF files; choose a .gguf of this model."},
    Signature{"\x1f\x8b"sv, "is compressed with gzip. Unpack it first."},
    Signature{"\x28\xb5\x2f\xfd"sv, "is compressed with zstd. Unpack it first."},
    Signature{"7z\xbc\xaf"sv, "is a 7-Zip archive. Unpack it first."},
    Signature{"\x7f"
              "ELF"sv,
        "is a program, not a model."},
    Signature{"%PDF"sv, "is a PDF document, not a model."},
};

bool startsWithoutCase(std::string_view text, std::string_view start)
{
    return text.size() >= start.size()
        && std::equal(start.begin(), start.end(), text.begin(),
            [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

/// Safetensors: a u64 length, then that many bytes of JSON.
bool looksLikeSafetensors(std::span<const std::byte> bytes)
{
    if (bytes.size() < 10 || bytes[8] != std::byte{'{'})
        return false;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8; ++i)
        length |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return length >= 2 && length <= bytes.size() - 8;
}

} // namespace

std::string describeForeignFile(std::span<const std::byte> bytes)
{
    const std::string_view text{
        reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 512)};
    for (const Signature& s : kSignatures) {
        if (text.starts_with(s.start))
            return std::string(s.verdict);
    }
    if (looksLikeSafetensors(bytes))
        return "holds weights in the safetensors format. Choose the folder that it was published "
               "in, "
               "with its config.json.";
    const auto firstInk = std::min(text.find_first_not_of(" \t\r\n\xef\xbb\xbf"), text.size());
    const std::string_view ink = text.substr(firstInk);
    if (startsWithoutCase(ink, "<!doctype") || startsWithoutCase(ink, "<html")
        || startsWithoutCase(ink, "<?xml"))
        return "is a web page, not a model: the download was probably a page that asks for a "
               "login. "
               "Download the file itself.";
    if (ink.starts_with('{') || ink.starts_with('['))
        return "is a JSON text, not a model. Choose a .gguf file.";
    if (std::all_of(text.begin(), text.end(), [](char c) { return c == 0; }))
        return "begins with zeros only: the download was probably interrupted. Download it again.";
    return "is not a GGUF model. Choose a .gguf file.";
}

} // namespace ponder
