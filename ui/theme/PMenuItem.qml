import QtQuick
import QtQuick.Templates as T

// An entry of a PMenu: icon, words, and the keys that do the same.
T.MenuItem {
    id: root

    property string iconPath
    property string keys
    property bool danger: false

    readonly property color inkColor: !enabled ? Theme.inkOff : danger ? Theme.danger : Theme.ink

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: visible ? Metrics.control : 0
    leftPadding: Metrics.s + Metrics.xxs
    rightPadding: Metrics.m
    spacing: Metrics.s + Metrics.xxs
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    Accessible.role: Accessible.MenuItem
    Accessible.name: text

    contentItem: Item {
        implicitWidth: mark.width + root.spacing + label.implicitWidth + (root.keys === "" ? 0 : hint.implicitWidth + Metrics.xl)

        PIcon {
            id: mark

            readonly property bool used: path !== ""

            path: root.checked ? Icons.check : root.iconPath
            width: used || root.checkable ? implicitWidth : -root.spacing
            size: Metrics.icon - 1
            color: root.danger ? root.inkColor : root.enabled ? Theme.inkSoft : Theme.inkOff
            anchors.verticalCenter: parent.verticalCenter
        }

        PText {
            id: label

            x: mark.width + root.spacing
            width: parent.width - x - (root.keys === "" ? 0 : hint.width + Metrics.m)
            text: root.text
            font: root.font
            color: root.inkColor
            elide: Text.ElideRight
            anchors.verticalCenter: parent.verticalCenter
            Accessible.ignored: true
        }

        PText {
            id: hint

            visible: root.keys !== ""
            text: root.keys
            color: Theme.inkFaint
            font.pixelSize: Typography.caption
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            Accessible.ignored: true
        }
    }

    background: Rectangle {
        radius: Metrics.radiusSmall
        color: root.down ? Theme.press : root.highlighted && root.enabled ? Theme.hover : "transparent"
    }
}
