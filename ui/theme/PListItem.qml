import QtQuick
import QtQuick.Templates as T

// A row of a list: a title, a line under it if there is one, and room for buttons at the end that
// show while the pointer or the keyboard is on the row.
T.ItemDelegate {
    id: root

    property string detail
    property string iconPath
    property alias actions: actionRow.data
    property bool actionsShown: hovered || visualFocus || actionRow.activeFocus

    implicitWidth: 240
    implicitHeight: detail === "" ? Metrics.control + Metrics.xxs : 50
    leftPadding: Metrics.m
    rightPadding: Metrics.s
    spacing: Metrics.s + Metrics.xxs
    hoverEnabled: true
    font.family: Typography.sans
    font.pixelSize: Typography.ui
    font.hintingPreference: Font.PreferNoHinting
    Accessible.role: Accessible.ListItem
    Accessible.name: detail === "" ? text : text + ", " + detail
    // In a view, that says what Enter does.
    Keys.onReturnPressed: event => takeEnter(event)
    Keys.onEnterPressed: event => takeEnter(event)

    function takeEnter(event: var): void {
        event.accepted = !ListView.view;
        if (event.accepted)
            click();
    }

    contentItem: Item {
        PIcon {
            id: mark

            visible: root.iconPath !== ""
            path: root.iconPath
            color: root.highlighted ? Theme.accent : Theme.inkFaint
            anchors.verticalCenter: parent.verticalCenter
        }

        Column {
            anchors.left: mark.visible ? mark.right : parent.left
            anchors.leftMargin: mark.visible ? root.spacing : 0
            anchors.right: actionRow.visible ? actionRow.left : parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: Metrics.xxs

            PText {
                width: parent.width
                text: root.text
                font.pixelSize: root.font.pixelSize
                font.weight: root.highlighted ? Font.Medium : Font.Normal
                color: root.enabled ? Theme.ink : Theme.inkOff
                elide: Text.ElideRight
                Accessible.ignored: true
            }

            PText {
                width: parent.width
                visible: text !== ""
                text: root.detail
                font.pixelSize: Typography.caption
                color: Theme.inkFaint
                elide: Text.ElideRight
                Accessible.ignored: true
            }
        }

        Row {
            id: actionRow

            visible: root.actionsShown && children.length > 0
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
        }
    }

    background: Rectangle {
        radius: Metrics.radius
        color: root.highlighted ? Theme.accentTint : "transparent"

        Rectangle {
            anchors.fill: parent
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
            anchors.margins: 0
        }
    }
}
