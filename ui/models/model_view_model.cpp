#include "ui/models/model_view_model.h"

#include "storage/settings_store.h"
#include "ui/settings/settings_view_model.h"
#include "ui/text/plain_text.h"
#include "ui/worker/inference_worker.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QLocale>

#include <algorithm>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

constexpr int kMaxRecent = 8;
const QString kRecent = u"recentModels"_s;
const QString kLast = u"lastModel"_s;
const QString kAgreedLarger = u"largerThanMemory"_s; // a list of paths
const QString kName = u"name"_s;
const QString kPath = u"path"_s;

QString folderForPeople(const QString& path)
{
    const QString folder = QFileInfo(path).absolutePath();
    const QString home = QDir::homePath();
    const bool inside = folder == home || folder.startsWith(home + u'/');
    return plainName(inside ? u'~' + folder.sliced(home.size()) : folder);
}

/// What a model is called before it is open: a file without its ending, a folder as it is.
QString nameOfFile(const QString& path)
{
    const QFileInfo info(path);
    return info.isDir() ? info.fileName() : info.completeBaseName();
}

/// What an open model is called: as it calls itself, where that can be read.
QString nameOf(const OpenModel& model)
{
    const QString name = plainName(QString::fromStdString(model.name));
    return name.isEmpty() ? plainName(nameOfFile(QString::fromStdString(model.path.string())))
                          : name;
}

QString pathOf(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

} // namespace

ModelViewModel::ModelViewModel(InferenceWorker& worker, storage::SettingsStore& store,
    const SettingsViewModel& settings, QString starterPath, QObject* parent)
    : QObject(parent)
    , m_worker(worker)
    , m_store(store)
    , m_settings(settings)
    , m_starterPath(std::move(starterPath))
    , m_chatTemplate(store)
{
    connect(&m_chatTemplate, &ChatTemplateViewModel::chosen, this, &ModelViewModel::reopen);
    connect(&worker, &InferenceWorker::finished, this, [this](const AnswerOutcome& outcome) {
        if (!outcome.result && outcome.result.error().code == ErrorCode::TemplateFailed)
            setNotice(
                tr("Another chat template may help: this one could not write the conversation."));
    });
    connect(&worker, &InferenceWorker::opened, this, &ModelViewModel::adopt);
    connect(&worker, &InferenceWorker::openFailed, this, &ModelViewModel::refuse);
    connect(&worker, &InferenceWorker::placed, this, &ModelViewModel::setPlace);
    connect(&worker, &InferenceWorker::openProgressed, this, [this](double fraction) {
        m_progress = fraction;
        emit progressChanged();
    });
}

QString ModelViewModel::name() const
{
    if (isOpening())
        return m_wantedPath == m_starterPath ? tr("Starter model")
                                             : plainName(nameOfFile(m_wantedPath));
    if (!m_ready)
        return {};
    return isStarter() ? tr("Starter model") : nameOf(m_model);
}

QString ModelViewModel::detail() const
{
    if (!m_ready)
        return {};
    // The commonest type speaks for the file: "Q4_K 71 %, Q6_K 27 %, F32 2 %".
    const QString type = QString::fromStdString(m_model.quantisation).section(u' ', 0, 0);
    return u"%1 · %2 · %3"_s.arg(plainName(QString::fromStdString(m_model.architecture)), type,
        QLocale().formattedDataSize(qint64(m_model.fileBytes), 1, QLocale::DataSizeSIFormat));
}

QString ModelViewModel::path() const
{
    return m_ready ? pathOf(m_model.path) : QString();
}

QString ModelViewModel::place() const
{
    if (m_place.device.empty())
        return {};
    if (isOnProcessor())
        return tr("CPU");
    return m_place.shared ? tr("GPU + processor")
                          : tr("GPU: %1").arg(QString::fromStdString(m_place.gpu));
}

bool ModelViewModel::isStarter() const
{
    return m_ready && !m_starterPath.isEmpty() && pathOf(m_model.path) == m_starterPath;
}

void ModelViewModel::loadRecent()
{
    QList<RecentModel> recent;
    const QJsonArray stored = m_store.value(kRecent).toArray();
    for (const QJsonValue& value : stored) {
        const QString path = value[kPath].toString();
        if (!path.isEmpty())
            recent.append({plainName(value[kName].toString()), path, folderForPeople(path)});
    }
    if (recent == m_recent)
        return;
    m_recent = recent;
    emit recentChanged();
}

void ModelViewModel::openFirst(const QString& path)
{
    const QString last = m_store.value(kLast).toString();
    if (!path.isEmpty())
        openFile(path);
    else if (!last.isEmpty() && QFileInfo::exists(last))
        openFile(last);
    else if (last.isEmpty())
        openStarter();
    else
        replaceLost(last);
}

void ModelViewModel::replaceLost(const QString& path)
{
    openStarter();
    // It may be on a disk that is not there now: the next start looks for it again.
    m_standsIn = isStarterAvailable();
    setProblem({isStarterAvailable()
                       ? tr("The model that you used last is not there any more, so the starter "
                            "model is open. Connect its disk, or choose where it is now.")
                       : tr("The model that you used last is not there any more. Connect its disk, "
                            "or choose where it is now."),
                   {}},
        path);
}

void ModelViewModel::openFile(const QString& path)
{
    m_worker.stop(); // whatever was opening or answering
    m_standsIn = false;
    m_wantedPath = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
    ++m_openings;
    m_progress = 0;
    setProblem({}, {});
    setNotice({});
    OpenRequest request;
    request.path = m_wantedPath.toStdString();
    const ChatTemplateViewModel::Wish wish = m_chatTemplate.wishFor(m_wantedPath);
    request.templateForm = wish.form;
    request.templateFile = wish.file.toStdString();
    request.contextLength = std::uint32_t(m_settings.contextLength());
    request.threads = unsigned(m_settings.threads());
    request.device
        = DeviceChoice::parse(m_settings.device().toStdString()).value_or(DeviceChoice{});
    request.largerThanMemory = m_store.value(kAgreedLarger).toArray().contains(m_wantedPath);
    m_worker.open(request);
    emit progressChanged();
    emit stateChanged();
}

void ModelViewModel::openUrl(const QUrl& url)
{
    if (url.isLocalFile())
        openFile(url.toLocalFile());
    else
        setProblem({tr("Ponder opens files on this computer only. Download the model first, then "
                       "open the file."),
                       {}},
            url.toDisplayString());
}

void ModelViewModel::openStarter()
{
    if (isStarterAvailable())
        openFile(m_starterPath);
}

void ModelViewModel::reopen()
{
    if (isOpening())
        openFile(m_wantedPath);
    else if (m_ready)
        openFile(pathOf(m_model.path));
}

void ModelViewModel::close()
{
    if (!m_ready)
        return;
    m_worker.stop(); // whatever was answering
    m_worker.close();
    m_ready = false;
    m_chatTemplate.setModel({}, {});
    setNotice({});
    emit stateChanged();
}

void ModelViewModel::cancelOpening()
{
    if (isOpening())
        m_worker.stop();
}

void ModelViewModel::retry()
{
    if (!m_problemPath.isEmpty())
        openFile(m_problemPath);
}

void ModelViewModel::openAllTheSame()
{
    if (!m_canOpenAllTheSame)
        return;
    QJsonArray agreed = m_store.value(kAgreedLarger).toArray();
    if (!agreed.contains(m_problemPath))
        agreed.append(m_problemPath);
    m_store.setValue(kAgreedLarger, agreed);
    retry();
}

void ModelViewModel::dismissProblem()
{
    setProblem({}, {});
}

void ModelViewModel::forget(const QString& path)
{
    if (m_recent.removeIf([&](const RecentModel& model) { return model.path == path; }) == 0)
        return;
    storeRecent();
    emit recentChanged();
}

void ModelViewModel::adopt(const OpenModel& model)
{
    --m_openings;
    m_model = model;
    m_ready = true;
    const QString path = pathOf(model.path);
    if (!m_standsIn)
        m_store.setValue(kLast, path);
    m_chatTemplate.setModel(path, QString::fromStdString(model.chatTemplate));
    setNotice(QString::fromStdString(model.remark));
    if (path != m_starterPath)
        remember({nameOf(model), path, folderForPeople(path)});
    emit stateChanged();
}

void ModelViewModel::setPlace(const ComputePlace& place)
{
    m_place = place;
    if (place.device.empty() && m_ready) {
        m_ready = false; // it could not come back after another that failed to open
        emit stateChanged();
    }
    emit placeChanged();
}

void ModelViewModel::refuse(const Error& error)
{
    --m_openings;
    if (error.code != ErrorCode::Cancelled) {
        ErrorText text = textOf(error);
        text.message = withGroupedFigures(text.message);
        setProblem(text, m_wantedPath, opensLargerThanMemory(error));
    }
    emit stateChanged();
}

void ModelViewModel::dismissNotice()
{
    setNotice({});
}

void ModelViewModel::setNotice(const QString& notice)
{
    if (m_notice == notice)
        return;
    m_notice = notice;
    emit noticeChanged();
}

void ModelViewModel::setProblem(
    const ErrorText& problem, const QString& path, bool canOpenAllTheSame)
{
    if (m_problem == problem && m_problemPath == path && m_canOpenAllTheSame == canOpenAllTheSame)
        return;
    m_canOpenAllTheSame = canOpenAllTheSame;
    m_problem = problem;
    m_problemPath = path;
    emit problemChanged();
}

void ModelViewModel::remember(const RecentModel& model)
{
    m_recent.removeIf([&](const RecentModel& other) { return other.path == model.path; });
    m_recent.prepend(model);
    m_recent.resize(std::min<qsizetype>(m_recent.size(), kMaxRecent));
    storeRecent();
    emit recentChanged();
}

void ModelViewModel::storeRecent()
{
    QJsonArray stored;
    for (const RecentModel& model : std::as_const(m_recent))
        stored.append(QJsonObject{{kName, model.name}, {kPath, model.path}});
    m_store.setValue(kRecent, stored);
}

} // namespace ponder

#include "moc_model_view_model.cpp"
