pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// Where the model computes; a click says what it takes there, and leads to the choice.
T.Button {
    id: root

    required property ModelViewModel model
    property real textRoom: 230 // pixels

    readonly property string words: [model.plan, model.remark].filter(text => text !== "").join("\n")

    signal settingsRequested
    signal retryRequested

    objectName: "status.device"
    implicitWidth: row.implicitWidth + leftPadding + rightPadding
    implicitHeight: Metrics.controlSmall
    leftPadding: Metrics.s
    rightPadding: Metrics.s
    visible: text !== ""
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    text: model.place
    Accessible.role: Accessible.ButtonMenu
    Accessible.name: qsTr("Computes on: %1").arg(text)
    Accessible.description: words
    onClicked: popover.opened ? popover.close() : popover.open()

    contentItem: Row {
        id: row

        spacing: Metrics.xs + Metrics.xxs

        PIcon {
            anchors.verticalCenter: parent.verticalCenter
            path: root.model.remark === "" ? Icons.chip : Icons.alert
            size: Metrics.iconSmall
            color: root.model.remark === "" ? Theme.inkFaint : Theme.warning
        }

        PText {
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, root.textRoom)
            text: root.text
            color: root.hovered ? Theme.inkSoft : Theme.inkFaint
            font.pixelSize: Typography.caption
            elide: Text.ElideRight
            Accessible.ignored: true
        }
    }

    background: Rectangle {
        radius: Metrics.radius
        color: root.down || popover.opened ? Theme.press : root.hovered ? Theme.hover : "transparent"

        PFocusRing {
            control: root
            shown: root.visualFocus
        }
    }

    PToolTip {
        visible: root.hovered && !popover.opened
        text: root.words
    }

    PPopover {
        id: popover

        objectName: "devicePopover"
        title: root.Accessible.name
        x: root.width - width
        y: -height - Metrics.s
        contentWidth: 380

        contentItem: Column {
            spacing: Metrics.m

            PText {
                width: parent.width
                text: root.text
                font.pixelSize: Typography.title
                font.weight: Font.DemiBold
                wrapMode: Text.Wrap
                Accessible.role: Accessible.Heading
            }

            PText {
                width: parent.width
                visible: text !== ""
                text: root.model.plan
                color: Theme.inkSoft
                lineHeight: Typography.denseLineHeight
                wrapMode: Text.Wrap
            }

            PBanner {
                width: parent.width
                visible: text !== ""
                kind: PBanner.Warning
                text: root.model.remark
                closable: false
            }

            Row {
                spacing: Metrics.s

                PButton {
                    objectName: "devicePopover.choose"
                    text: qsTr("Choose the device…")
                    focus: true
                    onClicked: {
                        popover.close();
                        root.settingsRequested();
                    }
                }

                PButton {
                    objectName: "devicePopover.retry"
                    visible: root.model.remark !== ""
                    text: qsTr("Try the GPU again")
                    onClicked: {
                        popover.close();
                        root.retryRequested();
                    }
                }
            }
        }
    }
}
