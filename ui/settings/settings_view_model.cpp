#include "ui/settings/settings_view_model.h"

#include "engine/plan/device_choice.h"
#include "storage/database/error_report.h"
#include "storage/settings_store.h"

#include <QHash>

#include <algorithm>
#include <cmath>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

const QString kTheme = u"theme"_s;
const QString kFoldsThoughts = u"foldsThoughts"_s;
const QString kSidebarVisible = u"sidebarVisible"_s;
const QString kRecommendedSampling = u"recommendedSampling"_s;
const QString kTemperature = u"temperature"_s;
const QString kTopP = u"topP"_s;
const QString kTopK = u"topK"_s;
const QString kMinP = u"minP"_s;
const QString kRepetitionPenalty = u"repetitionPenalty"_s;
const QString kSeed = u"seed"_s;
const QString kMaxTokens = u"maxTokens"_s;
const QString kSystemPrompt = u"systemPrompt"_s;
const QString kThreads = u"threads"_s;
const QString kContextLength = u"contextLength"_s;
const QString kDevice = u"device"_s;

constexpr int kMostTokens = 1 << 24;
constexpr int kMostThreads = 1024;

} // namespace

SettingsViewModel::SettingsViewModel(storage::SettingsStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
    connect(&store, &storage::SettingsStore::changed, this, &SettingsViewModel::announce);
}

SettingsViewModel::Theme SettingsViewModel::theme() const
{
    return Theme(int(number(kTheme, SystemTheme, SystemTheme, DarkTheme)));
}
void SettingsViewModel::setTheme(Theme theme)
{
    put(kTheme, int(theme));
}

bool SettingsViewModel::foldsThoughts() const
{
    return m_store.value(kFoldsThoughts, true).toBool(true);
}
void SettingsViewModel::setFoldsThoughts(bool folds)
{
    put(kFoldsThoughts, folds);
}

bool SettingsViewModel::sidebarVisible() const
{
    return m_store.value(kSidebarVisible, true).toBool(true);
}
void SettingsViewModel::setSidebarVisible(bool visible)
{
    put(kSidebarVisible, visible);
}

bool SettingsViewModel::recommendedSampling() const
{
    return m_store.value(kRecommendedSampling, true).toBool(true);
}
void SettingsViewModel::setRecommendedSampling(bool recommended)
{
    put(kRecommendedSampling, recommended);
}

double SettingsViewModel::temperature() const
{
    return number(kTemperature, 0.6, 0, 2);
}
void SettingsViewModel::setTemperature(double temperature)
{
    put(kTemperature, temperature);
}

double SettingsViewModel::topP() const
{
    return number(kTopP, 0.95, 0, 1);
}
void SettingsViewModel::setTopP(double topP)
{
    put(kTopP, topP);
}

int SettingsViewModel::topK() const
{
    return int(number(kTopK, 0, 0, 1000));
}
void SettingsViewModel::setTopK(int topK)
{
    put(kTopK, topK);
}

double SettingsViewModel::minP() const
{
    return number(kMinP, 0, 0, 1);
}
void SettingsViewModel::setMinP(double minP)
{
    put(kMinP, minP);
}

double SettingsViewModel::repetitionPenalty() const
{
    return number(kRepetitionPenalty, 1, 1, 2);
}
void SettingsViewModel::setRepetitionPenalty(double penalty)
{
    put(kRepetitionPenalty, penalty);
}

int SettingsViewModel::seed() const
{
    return int(number(kSeed, -1, -1, std::numeric_limits<int>::max()));
}
void SettingsViewModel::setSeed(int seed)
{
    put(kSeed, seed);
}

int SettingsViewModel::maxTokens() const
{
    return int(number(kMaxTokens, 0, 0, kMostTokens));
}
void SettingsViewModel::setMaxTokens(int tokens)
{
    put(kMaxTokens, tokens);
}

QString SettingsViewModel::systemPrompt() const
{
    return m_store.value(kSystemPrompt).toString();
}
void SettingsViewModel::setSystemPrompt(const QString& prompt)
{
    put(kSystemPrompt, prompt);
}

int SettingsViewModel::threads() const
{
    return int(number(kThreads, 0, 0, kMostThreads));
}
void SettingsViewModel::setThreads(int threads)
{
    put(kThreads, threads);
}

int SettingsViewModel::contextLength() const
{
    return int(number(kContextLength, 0, 0, kMostTokens));
}
void SettingsViewModel::setContextLength(int tokens)
{
    put(kContextLength, tokens);
}

QString SettingsViewModel::device() const
{
    const QString kept = m_store.value(kDevice).toString();
    const auto choice = DeviceChoice::parse(kept.toStdString());
    return QString::fromStdString(choice.value_or(DeviceChoice{}).text());
}
void SettingsViewModel::setDevice(const QString& device)
{
    put(kDevice, device);
}

double SettingsViewModel::number(const QString& key, double fallback, double low, double high) const
{
    const double value = m_store.value(key, fallback).toDouble(fallback);
    return std::isfinite(value) ? std::clamp(value, low, high) : fallback;
}

void SettingsViewModel::put(const QString& key, const QJsonValue& value)
{
    if (m_store.value(key) == value)
        return;
    m_store.setValue(key, value).then(this, [this](const storage::Result<void>& stored) {
        const QString problem = stored ? QString() : stored.error().message;
        if (problem == m_problem)
            return;
        m_problem = problem;
        m_problemDetails = stored ? QString() : storage::detailsOf(stored.error());
        emit problemChanged();
    });
}

void SettingsViewModel::announce(const QString& key)
{
    using Signal = void (SettingsViewModel::*)();
    static const QHash<QString, Signal> signalOf{
        {kTheme, &SettingsViewModel::themeChanged},
        {kFoldsThoughts, &SettingsViewModel::foldsThoughtsChanged},
        {kSidebarVisible, &SettingsViewModel::sidebarVisibleChanged},
        {kRecommendedSampling, &SettingsViewModel::recommendedSamplingChanged},
        {kTemperature, &SettingsViewModel::temperatureChanged},
        {kTopP, &SettingsViewModel::topPChanged},
        {kTopK, &SettingsViewModel::topKChanged},
        {kMinP, &SettingsViewModel::minPChanged},
        {kRepetitionPenalty, &SettingsViewModel::repetitionPenaltyChanged},
        {kSeed, &SettingsViewModel::seedChanged},
        {kMaxTokens, &SettingsViewModel::maxTokensChanged},
        {kSystemPrompt, &SettingsViewModel::systemPromptChanged},
        {kThreads, &SettingsViewModel::threadsChanged},
        {kContextLength, &SettingsViewModel::contextLengthChanged},
        {kDevice, &SettingsViewModel::deviceChanged},
    };
    if (const Signal signal = signalOf.value(key))
        emit(this->*signal)();
}

} // namespace ponder

#include "moc_settings_view_model.cpp"
