#include "ui/models/model_path.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QUrl>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

struct Spelled {
    QString path;
    QString problem;
};

QString tr(const char* text)
{
    return ModelPath::tr(text);
}

/// Puts their values in the place of $NAME and ${NAME}.
Spelled withVariables(const QString& words)
{
    static const QRegularExpression variable(u"\\$(?:([A-Za-z_]\\w*)|\\{([A-Za-z_]\\w*)\\})"_s);
    QString path;
    qsizetype end = 0;
    for (const QRegularExpressionMatch& match : variable.globalMatch(words)) {
        const QString name = match.captured(1) + match.captured(2);
        if (!qEnvironmentVariableIsSet(name.toUtf8().constData()))
            return {words, tr("There is no variable $%1 in Ponder's environment.").arg(name)};
        path += words.sliced(end, match.capturedStart() - end);
        path += qEnvironmentVariable(name.toUtf8().constData());
        end = match.capturedEnd();
    }
    return {path + words.sliced(end), {}};
}

Spelled absolute(const QString& words, const QString& folder)
{
    QString path = words.trimmed();
    for (const QChar quote : {u'"', u'\''}) {
        if (path.size() > 1 && path.startsWith(quote) && path.endsWith(quote))
            path = path.sliced(1, path.size() - 2);
    }
    if (path.startsWith("file:"_L1))
        path = QUrl(path).toLocalFile();
    else if (QFileInfo::exists(QDir(folder).absoluteFilePath(path)))
        return {QDir::cleanPath(QDir(folder).absoluteFilePath(path)), {}}; // a $ in its name, too
    if (path == "~"_L1 || path.startsWith("~/"_L1))
        path.replace(0, 1, QDir::homePath());
    Spelled spelled = withVariables(path);
    spelled.path = QDir::cleanPath(QDir(folder).absoluteFilePath(spelled.path));
    return spelled;
}

QString nearestFolder(const QString& path)
{
    QFileInfo info(path);
    while (!info.isDir() && !info.isRoot())
        info.setFile(info.absolutePath());
    return info.absoluteFilePath();
}

bool isWanted(const QString& path, const QStringList& endings)
{
    if (endings.contains(QFileInfo(path).suffix(), Qt::CaseInsensitive))
        return true;
    if (!endings.contains(u"gguf"_s))
        return false;
    QFile file(path); // as some programs keep them, under a number
    return file.open(QIODevice::ReadOnly) && file.read(4) == "GGUF";
}

} // namespace

ModelPlace ModelPath::look(const QString& words, const QString& folder, const QStringList& endings)
{
    const Spelled spelled = absolute(words, folder);
    const QFileInfo info(spelled.path);
    ModelPlace place{nearestFolder(spelled.path), false, spelled.problem};
    if (!place.problem.isEmpty()) {
        place.path = folder;
    } else if (info.isDir()) {
        if (!info.isReadable() || !info.isExecutable())
            place.problem = tr("The folder %1 may not be read by this user.").arg(spelled.path);
    } else if (!info.exists()) {
        place.problem = info.isSymLink()
            ? tr("%1 is a link to something that is not there.").arg(spelled.path)
            : tr("There is no file or folder %1.").arg(spelled.path);
    } else if (!info.isFile()) {
        place.problem = tr("%1 is neither a file nor a folder.").arg(info.fileName());
    } else if (!info.isReadable()) {
        place.problem = tr("The file %1 may not be read by this user.").arg(info.fileName());
    } else if (!isWanted(spelled.path, endings)) {
        place.problem = endings.contains(u"gguf"_s)
            ? tr("%1 is not a model: Ponder opens GGUF files, and folders with safetensors.")
                  .arg(info.fileName())
            : tr("%1 is not such a file: its name would end in .%2.")
                  .arg(info.fileName(), endings.join(u" or ."_s));
    } else {
        place.path = spelled.path;
        place.file = true;
    }
    return place;
}

} // namespace ponder

#include "moc_model_path.cpp"
