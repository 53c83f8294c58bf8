#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/generate/chat_session.h"
#include "engine/model/agreement.h"
#include "engine/model/model.h"
#include "engine/plan/placement_plan.h"

namespace ponder::cli {

/// What there is to say of a model before one asks it anything.
struct InspectReport {
    std::filesystem::path path;
    std::shared_ptr<const Model> model; ///< null: cannot be run; problem says why
    std::string problem;
    std::optional<ModelFile> file; ///< where model is null
    std::optional<ModelText> text; ///< null: textProblem says why
    std::string textProblem;
    std::optional<Result<PlacementPlan>> plan;
    double bandwidth = 0; ///< bytes a second, measured
    std::vector<Gpu> gpus; ///< that a plan might have used
    std::string gpuRemark; ///< why there are none
    std::string thinking; ///< how the model separates its thought from its answer
    std::vector<std::string> lacks; ///< what the file does not say, and what Ponder does about it
    IgnoredParts ignored; ///< what it holds and Ponder does not use; of a model that can be run

    [[nodiscard]] const ModelFile& contents() const { return model ? model->file() : *file; }
};

/// Fails where the file cannot be read at all, or a GPU was asked for and there can be none.
[[nodiscard]] Result<InspectReport> makeReport(const std::filesystem::path& path,
    const DeviceChoice& device, const TemplateChoice& chatTemplate = {});

[[nodiscard]] nlohmann::ordered_json toJson(const InspectReport& report);
void print(const InspectReport& report); ///< for a person

} // namespace ponder::cli
