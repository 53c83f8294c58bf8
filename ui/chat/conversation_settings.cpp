#include "ui/chat/conversation_settings.h"

#include "ui/settings/settings_view_model.h"

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

const QString kSystemPrompt = u"systemPrompt"_s;
const QString kSampling = u"sampling"_s;
const QString kRecommended = u"recommended"_s;
const QString kTemperature = u"temperature"_s;
const QString kTopP = u"topP"_s;
const QString kTopK = u"topK"_s;
const QString kMinP = u"minP"_s;
const QString kRepetitionPenalty = u"repetitionPenalty"_s;

QJsonObject samplingNow(const SettingsViewModel& settings)
{
    if (settings.recommendedSampling())
        return {{kRecommended, true}};
    return {
        {kTemperature, settings.temperature()},
        {kTopP, settings.topP()},
        {kTopK, settings.topK()},
        {kMinP, settings.minP()},
        {kRepetitionPenalty, settings.repetitionPenalty()},
    };
}

/// A number of `own`, which a file may bring; as SettingsViewModel limits its own.
float numberIn(const QJsonObject& own, const QString& name, float fallback, double high)
{
    return float(std::clamp(own.value(name).toDouble(fallback), 0.0, high));
}

} // namespace

QJsonObject ownSettings(const SettingsViewModel& settings)
{
    return {{kSystemPrompt, settings.systemPrompt()}, {kSampling, samplingNow(settings)}};
}

QString systemPromptOf(const QJsonObject& own, const SettingsViewModel& settings)
{
    return own.value(kSystemPrompt).toString(settings.systemPrompt());
}

SamplingOptions samplingOf(
    const QJsonObject& own, const SettingsViewModel& settings, const SamplingOptions& recommended)
{
    const QJsonValue stored = own.value(kSampling);
    const QJsonObject chosen = stored.isObject() ? stored.toObject() : samplingNow(settings);
    SamplingOptions sampling = recommended;
    if (chosen.value(kRecommended).toBool())
        return sampling;
    sampling.temperature = numberIn(chosen, kTemperature, sampling.temperature, 2);
    sampling.topP = numberIn(chosen, kTopP, sampling.topP, 1);
    sampling.topK = int(numberIn(chosen, kTopK, float(sampling.topK), 1000));
    sampling.minP = numberIn(chosen, kMinP, sampling.minP, 1);
    sampling.repetitionPenalty
        = std::max(1.0F, numberIn(chosen, kRepetitionPenalty, sampling.repetitionPenalty, 2));
    return sampling;
}

QJsonObject describe(const SamplingOptions& sampling)
{
    return {
        {kTemperature, double(sampling.temperature)},
        {kTopP, double(sampling.topP)},
        {kTopK, sampling.topK},
        {kMinP, double(sampling.minP)},
        {kRepetitionPenalty, double(sampling.repetitionPenalty)},
        {u"repetitionWindow"_s, sampling.repetitionWindow},
    };
}

} // namespace ponder
