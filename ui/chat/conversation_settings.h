#pragma once

#include "engine/generate/sampler.h"

#include <QJsonObject>
#include <QString>

namespace ponder {

class SettingsViewModel;

// A conversation's own settings, as storage::Conversation::settings holds them. They are what the
// settings were when it began, so that an old conversation goes on as it was:
//     {"systemPrompt": "…", "sampling": {"recommended": true}}, or numbers by describe()'s names.
// What is missing is that of the settings now.

/// Those of a conversation that begins now.
[[nodiscard]] QJsonObject ownSettings(const SettingsViewModel& settings);

[[nodiscard]] QString systemPromptOf(const QJsonObject& own, const SettingsViewModel& settings);

/// `recommended` is what the open model's makers recommend.
[[nodiscard]] SamplingOptions samplingOf(
    const QJsonObject& own, const SettingsViewModel& settings, const SamplingOptions& recommended);

/// As an answer keeps it, without the seed.
[[nodiscard]] QJsonObject describe(const SamplingOptions& sampling);

} // namespace ponder
