#pragma once

#include <QJsonValue>
#include <QObject>
#include <QtQmlIntegration>

namespace ponder {

namespace storage {
class SettingsStore;
}

/// What a person can set, kept in the storage. Values take effect at once; what is out of range is
/// brought into it. Belongs to the GUI thread.
class SettingsViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    Q_PROPERTY(Theme theme READ theme WRITE setTheme NOTIFY themeChanged)
    /// Thoughts fold by themselves when the answer begins.
    Q_PROPERTY(
        bool foldsThoughts READ foldsThoughts WRITE setFoldsThoughts NOTIFY foldsThoughtsChanged)
    Q_PROPERTY(bool sidebarVisible READ sidebarVisible WRITE setSidebarVisible NOTIFY
            sidebarVisibleChanged)

    /// Sample as the model's makers recommend; temperature to repetitionPenalty then do not count.
    Q_PROPERTY(bool recommendedSampling READ recommendedSampling WRITE setRecommendedSampling NOTIFY
            recommendedSamplingChanged)
    Q_PROPERTY(double temperature READ temperature WRITE setTemperature NOTIFY temperatureChanged)
    Q_PROPERTY(double topP READ topP WRITE setTopP NOTIFY topPChanged)
    Q_PROPERTY(int topK READ topK WRITE setTopK NOTIFY topKChanged)
    Q_PROPERTY(double minP READ minP WRITE setMinP NOTIFY minPChanged)
    Q_PROPERTY(double repetitionPenalty READ repetitionPenalty WRITE setRepetitionPenalty NOTIFY
            repetitionPenaltyChanged)
    /// -1: another one for every answer.
    Q_PROPERTY(int seed READ seed WRITE setSeed NOTIFY seedChanged)
    /// Tokens of thought and answer together; 0: until the model ends or the context is full.
    Q_PROPERTY(int maxTokens READ maxTokens WRITE setMaxTokens NOTIFY maxTokensChanged)
    Q_PROPERTY(
        QString systemPrompt READ systemPrompt WRITE setSystemPrompt NOTIFY systemPromptChanged)

    /// 0: all cores. Counts from the next time a model is opened, like contextLength.
    Q_PROPERTY(int threads READ threads WRITE setThreads NOTIFY threadsChanged)
    /// Tokens; 0: as much as the model allows and the machine holds.
    Q_PROPERTY(
        int contextLength READ contextLength WRITE setContextLength NOTIFY contextLengthChanged)

    /// Where models compute: "auto", "cpu", "cuda:1". Anything else counts as "auto".
    Q_PROPERTY(QString device READ device WRITE setDevice NOTIFY deviceChanged)

    /// Why the last change could not be stored; empty when it was.
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    /// For whoever looks for the cause: code and context.
    Q_PROPERTY(QString problemDetails READ problemDetails NOTIFY problemChanged)

public:
    enum Theme { SystemTheme, LightTheme, DarkTheme };
    Q_ENUM(Theme)

    /// `store` must outlive the view model.
    explicit SettingsViewModel(storage::SettingsStore& store, QObject* parent = nullptr);

    [[nodiscard]] Theme theme() const;
    void setTheme(Theme theme);
    [[nodiscard]] bool foldsThoughts() const;
    void setFoldsThoughts(bool folds);
    [[nodiscard]] bool sidebarVisible() const;
    void setSidebarVisible(bool visible);
    [[nodiscard]] bool recommendedSampling() const;
    void setRecommendedSampling(bool recommended);
    [[nodiscard]] double temperature() const;
    void setTemperature(double temperature);
    [[nodiscard]] double topP() const;
    void setTopP(double topP);
    [[nodiscard]] int topK() const;
    void setTopK(int topK);
    [[nodiscard]] double minP() const;
    void setMinP(double minP);
    [[nodiscard]] double repetitionPenalty() const;
    void setRepetitionPenalty(double penalty);
    [[nodiscard]] int seed() const;
    void setSeed(int seed);
    [[nodiscard]] int maxTokens() const;
    void setMaxTokens(int tokens);
    [[nodiscard]] QString systemPrompt() const;
    void setSystemPrompt(const QString& prompt);
    [[nodiscard]] int threads() const;
    void setThreads(int threads);
    [[nodiscard]] int contextLength() const;
    void setContextLength(int tokens);
    [[nodiscard]] QString device() const;
    void setDevice(const QString& device);
    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] QString problemDetails() const { return m_problemDetails; }

signals:
    void themeChanged();
    void foldsThoughtsChanged();
    void sidebarVisibleChanged();
    void recommendedSamplingChanged();
    void temperatureChanged();
    void topPChanged();
    void topKChanged();
    void minPChanged();
    void repetitionPenaltyChanged();
    void seedChanged();
    void maxTokensChanged();
    void systemPromptChanged();
    void threadsChanged();
    void contextLengthChanged();
    void deviceChanged();
    void problemChanged();

private:
    void put(const QString& key, const QJsonValue& value);
    void announce(const QString& key);
    [[nodiscard]] double number(const QString& key, double fallback, double low, double high) const;

    storage::SettingsStore& m_store;
    QString m_problem;
    QString m_problemDetails;
};

} // namespace ponder
