import QtQuick.Templates as T

// A hairline between groups of a menu.
T.MenuSeparator {
    implicitWidth: 120
    implicitHeight: Metrics.s + Metrics.hair
    horizontalPadding: Metrics.s
    verticalPadding: Metrics.xs
    contentItem: PDivider {}
}
