import QtQuick

// The ring around whatever the keyboard is on.
Rectangle {
    id: root

    required property Item control
    property bool shown: control.activeFocus

    anchors.fill: parent
    anchors.margins: -Metrics.focusRing - 1
    visible: shown
    color: "transparent"
    radius: Metrics.radius + Metrics.focusRing + 1
    border.width: Metrics.focusRing
    border.color: Theme.accent
}
