import QtQuick
import QtQuick.Templates as T

// A button with words, and an icon before them if one is given.
T.Button {
    id: root

    enum Kind {
        Plain,
        Primary,
        Quiet,
        Danger
    }

    property int kind: PButton.Plain
    property string iconPath

    readonly property color inkColor: !enabled ? Theme.inkOff : kind === PButton.Primary ? Theme.accentInk : kind === PButton.Danger ? Theme.danger : kind === PButton.Quiet ? Theme.inkSoft : Theme.ink

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: Metrics.control
    leftPadding: Metrics.m + Metrics.xxs
    rightPadding: leftPadding
    spacing: Metrics.s
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    font.weight: Font.Medium
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        implicitWidth: row.implicitWidth
        implicitHeight: row.implicitHeight

        Row {
            id: row

            anchors.centerIn: parent
            spacing: root.spacing

            PIcon {
                visible: root.iconPath !== ""
                path: root.iconPath
                color: root.inkColor
                anchors.verticalCenter: parent.verticalCenter
            }

            PText {
                visible: root.text !== ""
                text: root.text
                font: root.font
                color: root.inkColor
                anchors.verticalCenter: parent.verticalCenter
                Accessible.ignored: true
            }
        }
    }

    background: Rectangle {
        radius: Metrics.radius
        color: root.kind !== PButton.Primary ? (root.kind === PButton.Quiet ? "transparent" : Theme.raised) : !root.enabled ? Theme.press : root.down ? Theme.accentPress : root.hovered ? Theme.accentHover : Theme.accent
        border.width: root.kind === PButton.Plain || root.kind === PButton.Danger ? Metrics.hair : 0
        border.color: root.kind === PButton.Danger && root.enabled ? Theme.danger : Theme.line

        Behavior on color {
            ColorAnimation {
                duration: Motion.instant
            }
        }

        Rectangle {
            anchors.fill: parent
            visible: root.kind !== PButton.Primary && root.enabled
            radius: parent.radius
            color: root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"

            Behavior on color {
                ColorAnimation {
                    duration: Motion.instant
                }
            }
        }

        PFocusRing {
            control: root
            shown: root.visualFocus
        }
    }
}
