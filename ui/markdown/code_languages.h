#pragma once

#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/Theme>
#include <QObject>
#include <QtQmlIntegration>

namespace ponder {

/// The languages that code can be highlighted in, loaded once for each QML engine.
/// Belongs to the GUI thread.
class CodeLanguages : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON

public:
    explicit CodeLanguages(QObject* parent = nullptr);

    /// From what stands after a fence: "py", "c++", "Python", "js {1,3}". Invalid where unknown.
    [[nodiscard]] KSyntaxHighlighting::Definition definition(const QString& info) const;
    [[nodiscard]] KSyntaxHighlighting::Theme theme(bool dark) const;

private:
    KSyntaxHighlighting::Repository m_repository;
};

} // namespace ponder
