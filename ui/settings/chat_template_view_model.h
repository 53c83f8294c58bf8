#pragma once

#include <QObject>
#include <QStringList>
#include <QUrl>
#include <QtQmlIntegration>

#include "engine/text/chat_template.h"

namespace ponder {

namespace storage {
class SettingsStore;
}

/// With which chat template the model that is open is asked: its own, the form that its special tokens imply, one of the
/// known forms, or a file of the person's own. Kept for each model, by its path. Belongs to the GUI thread.
class ChatTemplateViewModel : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Handed over by the application")

    /// What can be chosen, for people; the last is a file.
    Q_PROPERTY(QStringList choices READ choices CONSTANT)
    /// Which of them holds for the model that is open.
    Q_PROPERTY(int current READ current NOTIFY changed)
    /// The file that was chosen, absolute; else empty.
    Q_PROPERTY(QString file READ file NOTIFY changed)
    /// What the model is asked with now, for people: "the ChatML form"; empty while none is open.
    Q_PROPERTY(QString inUse READ inUse NOTIFY changed)

public:
    /// What a model is to be opened with; nothing in it: the model's own template.
    struct Wish {
        std::string form; ///< as TemplateChoice::form
        QString file; ///< absolute path

        bool operator==(const Wish&) const = default;
    };

    /// `store` must outlive the view model.
    explicit ChatTemplateViewModel(storage::SettingsStore& store, QObject* parent = nullptr);

    [[nodiscard]] QStringList choices() const;
    [[nodiscard]] int current() const;
    [[nodiscard]] QString file() const { return wishFor(m_model).file; }
    [[nodiscard]] QString inUse() const { return m_inUse; }

    /// What was chosen for the model at that path.
    [[nodiscard]] Wish wishFor(const QString& modelPath) const;
    /// The model that is open, and its template's name; empty: none is open.
    void setModel(const QString& modelPath, const QString& inUse);

public slots:
    /// One of choices(); the last asks for a file.
    void choose(int index);
    /// A file of Jinja on this machine.
    void chooseFile(const QUrl& url);

signals:
    void changed();
    void fileWanted(); ///< the person is to pick a file: chooseFile() follows
    void chosen(); ///< something else was chosen: the model is to be opened again

private:
    void keep(const Wish& wish);

    storage::SettingsStore& m_store;
    QString m_model;
    QString m_inUse;
};

} // namespace ponder
