#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/file/huggingface/config_keys.h"
#include "engine/file/huggingface/folder.h"

namespace ponder {

/// Turns the tensors of a folder's shards into GGUF's: names, experts gathered into stacks, FP8
/// weights with their scales.
class TensorCollector {
public:
    TensorCollector(HuggingFaceFolder& folder, const FolderFacts& facts)
        : m_folder(folder)
        , m_facts(facts)
    {
    }

    /// Fails with FileCorrupt, UnsupportedFormat or UnsupportedQuantisation.
    [[nodiscard]] Result<void> collect();

private:
    using Expert = std::pair<std::uint32_t, const SafeTensor*>;

    [[nodiscard]] Result<void> sortByName();
    [[nodiscard]] Result<void> addPlain(const std::string& name, const SafeTensor& tensor);
    [[nodiscard]] Result<void> addStack(const std::string& name, std::vector<Expert>& experts);
    [[nodiscard]] Result<ModelTensor> describe(const SafeTensor& tensor) const;
    /// The scales of an FP8 tensor: in place where they are aligned f32, otherwise a copy.
    [[nodiscard]] Result<const float*> scalesOf(const SafeTensor& tensor);
    void addRopeFactors();
    /// gpt-oss's experts: blocks and scales become MXFP4, gate and up become two tensors.
    [[nodiscard]] Result<void> addMxfp4();
    [[nodiscard]] Result<void> addExpertBiases();
    void add(const std::string& name, ModelTensor tensor);

    HuggingFaceFolder& m_folder;
    const FolderFacts& m_facts;
    std::unordered_map<std::string_view, const SafeTensor*> m_scales; // by the weights' name
    std::map<std::string, const SafeTensor*> m_plain; // by GGUF's name
    std::map<std::string, std::vector<Expert>> m_stacks;
    std::map<std::string, const SafeTensor*> m_mxfp4; // "blk.3.ffn_down_exps.scales"
    std::map<std::string, const SafeTensor*> m_gateUpBiases; // "blk.3.ffn_gate_up_exps.bias"
};

} // namespace ponder
