#include "app/window_options.h"

#include "storage/database/data_folder.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include <cstdlib>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

/// Beside the program once it is installed, in the source tree before.
QString findStarter()
{
    const QString installed = QDir(QCoreApplication::applicationDirPath())
                                  .absoluteFilePath(u"../share/ponder/ponder-starter.gguf"_s);
    for (const QString& path :
        {QDir::cleanPath(installed), QString::fromUtf8(PONDER_STARTER_IN_TREE)}) {
        if (QFileInfo::exists(path))
            return path;
    }
    return {};
}

} // namespace

WindowOptions readWindowOptions(const QCoreApplication& application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "Chat with reasoning models on this computer, offline."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(u"MODEL.gguf"_s,
        QCoreApplication::translate(
            "main", "The model to open; the one used last if none is given."),
        u"[MODEL.gguf]"_s);
    const QCommandLineOption dataFolder(u"data-dir"_s,
        QCoreApplication::translate("main", "Keep conversations in this folder."), u"FOLDER"_s);
    parser.addOption(dataFolder);
    parser.process(application);
    if (parser.positionalArguments().size() > 1) {
        fputs(qPrintable(parser.helpText()), stderr);
        std::exit(2);
    }

    if (parser.isSet(dataFolder))
        qputenv("PONDER_DATA_DIR", QFile::encodeName(parser.value(dataFolder)));
    WindowOptions options;
    options.databasePath = storage::databasePath();
    options.starterPath = findStarter();
    if (!parser.positionalArguments().isEmpty())
        options.modelPath = QFileInfo(parser.positionalArguments().constFirst()).absoluteFilePath();
    return options;
}

} // namespace ponder
