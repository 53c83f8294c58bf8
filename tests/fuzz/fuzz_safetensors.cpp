// Any bytes as a safetensors file: either a sentence that says what is wrong, or tensors that can be read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "engine/file/safetensors.h"

namespace {

volatile unsigned long keptSum = 0;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto file = ponder::SafeTensorsFile::fromBytes(bytes);
    if (!file) {
        require(!file.error().message.empty());
        return 0;
    }
    require(file->headBytes().size() <= size);
    unsigned long sum = 0;
    for (const ponder::SafeTensor& tensor : file->tensors()) {
        require(!tensor.data.empty() && !tensor.dtype.empty());
        for (const std::byte byte : tensor.data)
            sum += std::to_integer<unsigned char>(byte);
    }
    keptSum = keptSum + sum;
    return 0;
}
