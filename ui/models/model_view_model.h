#pragma once

#include "engine/inference_engine.h"
#include "ui/settings/chat_template_view_model.h"
#include "ui/text/error_details.h"
#include "ui/text/plain_text.h"

#include <QObject>
#include <QUrl>
#include <QtQmlIntegration>

namespace ponder {

class InferenceWorker;
class SettingsViewModel;
namespace storage {
class SettingsStore;
}

/// A model file or folder that was used before.
struct RecentModel {
    Q_GADGET
    QML_VALUE_TYPE(recentModel)
    Q_PROPERTY(QString name MEMBER name CONSTANT)
    Q_PROPERTY(QString path MEMBER path CONSTANT)
    Q_PROPERTY(QString folder MEMBER folder CONSTANT)

public:
    QString name; ///< what the model calls itself, or the file's name
    QString path; ///< absolute
    QString folder; ///< for people: with ~ for the home folder

    bool operator==(const RecentModel&) const = default;
};

/// Which model answers: opening, the files used before, the starter model.
/// Belongs to the GUI thread; nothing here waits for the engine.
class ModelViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    Q_PROPERTY(bool ready READ isReady NOTIFY stateChanged)
    Q_PROPERTY(bool opening READ isOpening NOTIFY stateChanged)
    /// While opening: from 0 to 1.
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)
    /// The model that is open, or while opening the one to come; empty: none.
    Q_PROPERTY(QString name READ name NOTIFY stateChanged)
    /// "deepseek2 · Q8_0 · 24 MB", empty while none is open.
    Q_PROPERTY(QString detail READ detail NOTIFY stateChanged)
    Q_PROPERTY(QString path READ path NOTIFY stateChanged)
    Q_PROPERTY(bool starter READ isStarter NOTIFY stateChanged)
    Q_PROPERTY(bool starterAvailable READ isStarterAvailable CONSTANT)
    Q_PROPERTY(int contextLength READ contextLength NOTIFY stateChanged)
    /// Where it computes: "CPU", "GPU: NVIDIA H100", "GPU + processor"; empty while none is open.
    Q_PROPERTY(QString place READ place NOTIFY placeChanged)
    Q_PROPERTY(bool onProcessor READ isOnProcessor NOTIFY placeChanged)
    /// One line: what it takes there.
    Q_PROPERTY(QString plan READ plan NOTIFY placeChanged)
    /// Why it does not compute where it was wished for; mostly empty.
    Q_PROPERTY(QString remark READ remark NOTIFY placeChanged)
    Q_PROPERTY(double recommendedTemperature READ recommendedTemperature NOTIFY stateChanged)
    Q_PROPERTY(double recommendedTopP READ recommendedTopP NOTIFY stateChanged)
    Q_PROPERTY(QList<ponder::RecentModel> recent READ recent NOTIFY recentChanged)
    /// Why the last file could not be opened, and which it was.
    Q_PROPERTY(QString problem READ problem NOTIFY problemChanged)
    Q_PROPERTY(QString problemFile READ problemFile NOTIFY problemChanged)
    /// It was refused only because it is larger than memory; the problem says what opening it would mean.
    Q_PROPERTY(bool canOpenAllTheSame READ canOpenAllTheSame NOTIFY problemChanged)
    /// For finding the cause: code and context.
    Q_PROPERTY(QString problemDetails READ problemDetails NOTIFY problemChanged)
    /// What had to be guessed of how the model is asked, or why its chat template failed; mostly empty.
    Q_PROPERTY(QString notice READ notice NOTIFY noticeChanged)
    Q_PROPERTY(ponder::ChatTemplateViewModel* chatTemplate READ chatTemplate CONSTANT)

public:
    /// All must outlive the view model. starterPath: empty when there is no starter model.
    ModelViewModel(InferenceWorker& worker, storage::SettingsStore& store,
        const SettingsViewModel& settings, QString starterPath, QObject* parent = nullptr);

    [[nodiscard]] bool isReady() const { return m_ready; }
    [[nodiscard]] bool isOpening() const { return m_openings > 0; }
    [[nodiscard]] double progress() const { return m_progress; }
    [[nodiscard]] QString name() const;
    [[nodiscard]] QString detail() const;
    [[nodiscard]] QString path() const;
    [[nodiscard]] bool isStarter() const;
    [[nodiscard]] bool isStarterAvailable() const { return !m_starterPath.isEmpty(); }
    [[nodiscard]] int contextLength() const { return m_ready ? int(m_model.contextLength) : 0; }
    [[nodiscard]] QString place() const;
    [[nodiscard]] bool isOnProcessor() const { return m_place.gpu.empty(); }
    [[nodiscard]] QString plan() const
    {
        return withGroupedFigures(QString::fromStdString(m_place.plan));
    }
    [[nodiscard]] QString remark() const
    {
        return withGroupedFigures(QString::fromStdString(m_place.remark));
    }
    [[nodiscard]] double recommendedTemperature() const
    {
        return double(m_model.recommended.temperature);
    }
    [[nodiscard]] double recommendedTopP() const { return double(m_model.recommended.topP); }
    [[nodiscard]] const QList<RecentModel>& recent() const { return m_recent; }
    [[nodiscard]] QString problem() const { return m_problem.message; }
    [[nodiscard]] QString problemFile() const { return m_problemPath; }
    [[nodiscard]] bool canOpenAllTheSame() const { return m_canOpenAllTheSame; }
    [[nodiscard]] QString problemDetails() const { return m_problem.details; }
    [[nodiscard]] QString notice() const { return m_notice; }
    [[nodiscard]] ChatTemplateViewModel* chatTemplate() { return &m_chatTemplate; }
    /// Precondition: isReady().
    [[nodiscard]] const OpenModel& model() const { return m_model; }

    /// Reads the list of recent files; call once the settings are loaded.
    void loadRecent();
    /// The model to begin with: `path` if given, else the one used last, else the starter model.
    void openFirst(const QString& path);

public slots:
    void openFile(const QString& path);
    /// A file or folder picked or dropped; what is not on this machine is refused with a sentence.
    void openUrl(const QUrl& url);
    void openStarter();
    /// Opens the same file again, as after a change of the settings.
    void reopen();
    /// Gives the model's memory back, in RAM and on a GPU.
    void close();
    void cancelOpening();
    void retry();
    /// Opens the file that was refused as larger than memory, now and whenever it is opened again.
    void openAllTheSame();
    void dismissProblem();
    void dismissNotice();
    void forget(const QString& path);

signals:
    void stateChanged();
    void placeChanged();
    void progressChanged();
    void recentChanged();
    void problemChanged();
    void noticeChanged();

private:
    /// Opens the starter model in the place of one that is gone, and says so.
    void replaceLost(const QString& path);
    void adopt(const OpenModel& model);
    void setPlace(const ComputePlace& place);
    void refuse(const Error& error);
    void setProblem(const ErrorText& problem, const QString& path, bool canOpenAllTheSame = false);
    void setNotice(const QString& notice);
    void remember(const RecentModel& model);
    void storeRecent();

    InferenceWorker& m_worker;
    storage::SettingsStore& m_store;
    const SettingsViewModel& m_settings;
    QString m_starterPath;
    bool m_ready = false;
    bool m_standsIn = false; ///< the starter model, for one that is gone
    int m_openings = 0; ///< asked of the worker and not answered yet
    double m_progress = 0;
    OpenModel m_model;
    ComputePlace m_place;
    QString m_wantedPath;
    QList<RecentModel> m_recent;
    ErrorText m_problem;
    QString m_problemPath;
    bool m_canOpenAllTheSame = false;
    QString m_notice;
    ChatTemplateViewModel m_chatTemplate;
};

} // namespace ponder
