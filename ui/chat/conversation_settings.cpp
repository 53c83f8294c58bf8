#include "ui/chat/conversation_settings.h"

#include "ui/settings/settings_view_model.h"

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

/// A number of `own`, which a file may bring, within the range of the setting of that name.
float numberIn(
    const QJsonObject& own, const QString& name, float fallback, const NumberRange& range)
{
    return float(range.clamped(own.value(name).toDouble(fallback)));
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
    sampling.temperature
        = numberIn(chosen, kTemperature, sampling.temperature, SettingsViewModel::temperatureRange);
    sampling.topP = numberIn(chosen, kTopP, sampling.topP, SettingsViewModel::topPRange);
    sampling.topK
        = int(numberIn(chosen, kTopK, float(sampling.topK), SettingsViewModel::topKRange));
    sampling.minP = numberIn(chosen, kMinP, sampling.minP, SettingsViewModel::minPRange);
    sampling.repetitionPenalty = numberIn(chosen, kRepetitionPenalty, sampling.repetitionPenalty,
        SettingsViewModel::repetitionPenaltyRange);
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
