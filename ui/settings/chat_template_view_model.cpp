#include "ui/settings/chat_template_view_model.h"

#include "engine/text/template_forms.h"
#include "storage/settings_store.h"

#include <QJsonObject>

namespace ponder {

using namespace Qt::StringLiterals;

namespace {

const QString kKey = u"chatTemplates"_s; // model's path → {"form": …} or {"file": …}
const QString kForm = u"form"_s;
const QString kFile = u"file"_s;

// Where they stand among the choices; the known forms come between.
constexpr int kOwn = 0;
constexpr int kByVocabulary = 1;
constexpr int kFirstForm = 2;

} // namespace

ChatTemplateViewModel::ChatTemplateViewModel(storage::SettingsStore& store, QObject* parent)
    : QObject(parent)
    , m_store(store)
{
    connect(&store, &storage::SettingsStore::changed, this, [this](const QString& key) {
        if (key == kKey)
            emit changed();
    });
}

QStringList ChatTemplateViewModel::choices() const
{
    QStringList names{tr("The model's own"), tr("By its special tokens")};
    for (const TemplateForm& form : templateForms())
        names << (isPlainText(form)
                ? tr("Plain text")
                : QString::fromUtf8(form.name.data(), qsizetype(form.name.size())));
    return names << tr("From a file…");
}

int ChatTemplateViewModel::current() const
{
    const Wish wish = wishFor(m_model);
    if (!wish.file.isEmpty())
        return kFirstForm + int(templateForms().size());
    if (wish.form.empty())
        return kOwn;
    for (int i = 0; i < int(templateForms().size()); ++i)
        if (templateForms()[std::size_t(i)].id == wish.form)
            return kFirstForm + i;
    return kByVocabulary;
}

ChatTemplateViewModel::Wish ChatTemplateViewModel::wishFor(const QString& modelPath) const
{
    const QJsonObject stored = m_store.value(kKey).toObject().value(modelPath).toObject();
    const std::string form = stored.value(kForm).toString().toStdString();
    const bool known = form == kTemplateByVocabulary || findTemplateForm(form) != nullptr;
    return {known ? form : std::string(), stored.value(kFile).toString()};
}

void ChatTemplateViewModel::setModel(const QString& modelPath, const QString& inUse)
{
    if (m_model == modelPath && m_inUse == inUse)
        return;
    m_model = modelPath;
    m_inUse = inUse;
    emit changed();
}

void ChatTemplateViewModel::choose(int index)
{
    const int forms = int(templateForms().size());
    if (index < 0 || index > kFirstForm + forms || m_model.isEmpty())
        return;
    if (index == kFirstForm + forms) {
        emit fileWanted();
        emit changed(); // until there is a file, what held holds
        return;
    }
    Wish wish;
    if (index == kByVocabulary)
        wish.form = kTemplateByVocabulary;
    else if (index >= kFirstForm)
        wish.form = templateForms()[std::size_t(index - kFirstForm)].id;
    keep(wish);
}

void ChatTemplateViewModel::chooseFile(const QUrl& url)
{
    if (url.isLocalFile() && !m_model.isEmpty())
        keep({{}, url.toLocalFile()});
}

void ChatTemplateViewModel::keep(const Wish& wish)
{
    QJsonObject all = m_store.value(kKey).toObject();
    if (!wish.file.isEmpty())
        all.insert(m_model, QJsonObject{{kFile, wish.file}});
    else if (!wish.form.empty())
        all.insert(m_model, QJsonObject{{kForm, QString::fromStdString(wish.form)}});
    else
        all.remove(m_model);
    // The same file again is read again: it may have been edited.
    if (wish == wishFor(m_model) && wish.file.isEmpty())
        return;
    m_store.setValue(kKey, all);
    emit chosen();
}

} // namespace ponder

#include "moc_chat_template_view_model.cpp"
