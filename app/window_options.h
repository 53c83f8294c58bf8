#pragma once

#include <QString>

class QCoreApplication;

namespace ponder {

/// What the command line and the environment ask of the window.
struct WindowOptions {
    QString modelPath; ///< absolute; empty: the model used last, or the starter model
    QString databasePath;
    QString starterPath; ///< empty when the starter model is not installed
};

/// Reads the command line; prints and leaves the process for --help, --version and wrong usage (2).
[[nodiscard]] WindowOptions readWindowOptions(const QCoreApplication& application);

} // namespace ponder
