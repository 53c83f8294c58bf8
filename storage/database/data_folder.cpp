#include "storage/database/data_folder.h"

#include <QDir>
#include <QStandardPaths>

namespace ponder::storage {

QString dataFolder()
{
    const QString chosen = qEnvironmentVariable("PONDER_DATA_DIR");
    if (!chosen.isEmpty())
        return QDir::cleanPath(QDir(chosen).absolutePath());
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + "/ponder";
}

QString databasePath()
{
    return dataFolder() + "/ponder.db";
}

} // namespace ponder::storage
