#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

namespace ponder {

/// What a person's words for a place on this computer lead to.
struct ModelPlace {
    Q_GADGET
    QML_VALUE_TYPE(modelPlace)
    Q_PROPERTY(QString path MEMBER path CONSTANT)
    Q_PROPERTY(bool file MEMBER file CONSTANT)
    Q_PROPERTY(QString problem MEMBER problem CONSTANT)

public:
    QString
        path; ///< absolute: the model, the folder, or the nearest folder above what is not there
    bool file = false; ///< it is a file of the wanted kind; else a folder
    QString problem; ///< a sentence on why it is not what was asked for; mostly empty
};

/// Reads what is typed or pasted where a model is chosen. Looks at the disk, no further than a file's first
/// bytes.
class ModelPath : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON

public:
    using QObject::QObject;

    /// A path as people write it: with ~ or ~/ for the home folder, $VARIABLES, quotes, as a file: address,
    /// or relative to `folder`. `endings`: of the files that will do, without their dots.
    [[nodiscard]] Q_INVOKABLE static ponder::ModelPlace look(const QString& words,
        const QString& folder,
        const QStringList& endings = {QStringLiteral("gguf"), QStringLiteral("safetensors")});
};

} // namespace ponder
