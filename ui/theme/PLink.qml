import QtQuick
import QtQuick.Templates as T

// A choice among words: a button that reads as a part of its line.
T.Button {
    id: root

    implicitWidth: implicitContentWidth
    implicitHeight: Metrics.controlSmall
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    font.family: Typography.sans
    font.pixelSize: Typography.small
    font.hintingPreference: Font.PreferNoHinting
    font.weight: Font.Medium
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: PText {
        text: root.text
        font: root.font
        color: !root.enabled ? Theme.inkOff : root.down ? Theme.accentPress : root.hovered ? Theme.accentHover : Theme.accent
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true

        Rectangle {
            visible: root.hovered
            width: parent.width
            height: Metrics.hair
            y: parent.height / 2 + Typography.small * 0.6
            color: parent.color
        }
    }

    background: PFocusRing {
        control: root
        shown: root.visualFocus
        radius: Metrics.radiusSmall
    }

    HoverHandler {
        cursorShape: Qt.PointingHandCursor
    }
}
