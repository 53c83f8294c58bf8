#pragma once

#include <QHash>
#include <QObject>
#include <QQmlParserStatus>
#include <QString>
#include <QtQmlIntegration>

namespace ponder {

/// Chooses the widths of a table's columns, and writes them into its HTML (TableText): as wide as their
/// text where all have room, else at least as wide as their longest word, so that words are never broken.
/// Belongs to the GUI thread.
class TableColumns : public QObject, public QQmlParserStatus {
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_ELEMENT
    Q_PROPERTY(QString html MEMBER m_html WRITE setHtml NOTIFY inputChanged)
    Q_PROPERTY(double available MEMBER m_available WRITE setAvailable NOTIFY inputChanged)
    Q_PROPERTY(QString family MEMBER m_family NOTIFY inputChanged)
    Q_PROPERTY(QString mono MEMBER m_mono NOTIFY inputChanged)
    Q_PROPERTY(int pixelSize MEMBER m_pixelSize NOTIFY inputChanged)
    Q_PROPERTY(int monoPixelSize MEMBER m_monoPixelSize NOTIFY inputChanged)
    Q_PROPERTY(double padding MEMBER m_padding NOTIFY inputChanged)
    Q_PROPERTY(bool rightToLeft MEMBER m_rightToLeft NOTIFY inputChanged)
    Q_PROPERTY(QString sized READ sized NOTIFY sizedChanged)
    Q_PROPERTY(double width READ width NOTIFY sizedChanged)

public:
    explicit TableColumns(QObject* parent = nullptr);

    void classBegin() override { m_complete = false; }
    void componentComplete() override;

    void setHtml(const QString& html);
    /// Pixels that the page has room for.
    void setAvailable(double available);
    [[nodiscard]] QString sized() const { return m_sized; }
    /// Of the whole table, in pixels.
    [[nodiscard]] double width() const { return m_width; }

signals:
    void inputChanged();
    void sizedChanged();

private:
    /// Of one cell, in pixels: on one line, and of its longest word.
    struct Extent {
        double line = 0;
        double word = 0;
    };

    void update();
    [[nodiscard]] Extent measured(QStringView cell, bool header) const;
    [[nodiscard]] static QList<int> chosen(const QList<Extent>& columns, double available);

    bool m_complete = true; ///< all properties have been set
    QString m_html;
    double m_available = 0;
    QString m_family;
    QString m_mono;
    int m_pixelSize = 14;
    int m_monoPixelSize = 13;
    double m_padding = 0;
    bool m_rightToLeft = false;
    QHash<QString, Extent> m_known; ///< of the cells that were measured with these fonts
    QString m_sized;
    double m_width = 0;
};

} // namespace ponder
