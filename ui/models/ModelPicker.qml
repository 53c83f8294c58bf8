pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// The model that answers, and the way to another: the starter model, recent files, any file.
T.Button {
    id: root

    required property ModelViewModel model
    property real room: 340 // pixels that there are for it

    signal openRequested

    function toggle(): void {
        popover.opened ? popover.close() : popover.open();
    }

    objectName: "modelPicker"
    implicitWidth: Math.max(0, Math.min(row.implicitWidth + leftPadding + rightPadding, 340, room))
    implicitHeight: Metrics.control
    leftPadding: Metrics.m
    rightPadding: Metrics.s
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    text: model.name !== "" ? model.name : qsTr("Choose a model")
    Accessible.role: Accessible.ButtonMenu
    Accessible.name: qsTr("Model: %1").arg(text)
    onClicked: toggle()

    contentItem: Row {
        id: row

        spacing: Metrics.s

        PIcon {
            anchors.verticalCenter: parent.verticalCenter
            path: Icons.chip
            color: root.model.ready ? Theme.accent : Theme.inkFaint
        }

        PText {
            anchors.verticalCenter: parent.verticalCenter
            width: Math.max(0, Math.min(implicitWidth, Math.min(340, root.room) - root.leftPadding - root.rightPadding - Metrics.icon - Metrics.iconSmall - 2 * row.spacing))
            text: root.text
            font.weight: Font.Medium
            elide: Text.ElideRight
            Accessible.ignored: true
        }

        PIcon {
            anchors.verticalCenter: parent.verticalCenter
            path: Icons.chevronDown
            size: Metrics.iconSmall
        }
    }

    background: Rectangle {
        radius: Metrics.radius
        color: root.down || popover.opened ? Theme.press : root.hovered ? Theme.hover : "transparent"

        Rectangle {
            visible: root.model.opening
            anchors.left: parent.left
            anchors.bottom: parent.bottom
            width: parent.width * root.model.progress
            height: Metrics.xxs
            radius: 1
            color: Theme.accent
        }

        PFocusRing {
            control: root
            shown: root.visualFocus
        }
    }

    PPopover {
        id: popover

        title: qsTr("Models")
        x: root.width - width
        y: root.height + Metrics.xs
        padding: Metrics.s
        contentWidth: 360

        contentItem: Column {
            spacing: Metrics.xxs

            PListItem {
                id: starterItem

                objectName: "modelPicker.starter"
                width: parent.width
                visible: root.model.starterAvailable
                highlighted: root.model.starter
                iconPath: Icons.thought
                text: qsTr("Starter model")
                detail: qsTr("Comes with Ponder · small, for practice")
                focus: true
                onClicked: {
                    popover.close();
                    root.model.openStarter();
                }
            }

            Repeater {
                model: root.model.recent

                PListItem {
                    id: item

                    required property recentModel modelData
                    required property int index

                    objectName: "modelPicker.recent." + index
                    width: parent.width
                    highlighted: root.model.path === modelData.path
                    iconPath: Icons.file
                    text: modelData.name
                    detail: highlighted ? root.model.detail : modelData.folder
                    onClicked: {
                        popover.close();
                        root.model.openFile(modelData.path);
                    }

                    actions: PIconButton {
                        small: true
                        iconPath: Icons.close
                        text: qsTr("Remove from this list")
                        onClicked: root.model.forget(item.modelData.path)
                    }
                }
            }

            PDivider {
                width: parent.width
            }

            PListItem {
                objectName: "modelPicker.open"
                width: parent.width
                iconPath: Icons.folder
                text: qsTr("Open a model file…")
                detail: qsTr("GGUF or safetensors · or drop it on the window")
                onClicked: {
                    popover.close();
                    root.openRequested();
                }
            }

            PListItem {
                objectName: "modelPicker.retry"
                width: parent.width
                visible: root.model.problemFile !== "" && !root.model.opening
                iconPath: Icons.regenerate
                text: qsTr("Try the last file again")
                detail: root.model.problemFile
                onClicked: {
                    popover.close();
                    root.model.retry();
                }
            }

            PListItem {
                objectName: "modelPicker.close"
                width: parent.width
                visible: root.model.ready && !root.model.opening
                iconPath: Icons.close
                text: qsTr("Close the model")
                detail: qsTr("Gives its memory back")
                onClicked: {
                    popover.close();
                    root.model.close();
                }
            }

            PListItem {
                objectName: "modelPicker.stop"
                width: parent.width
                visible: root.model.opening
                iconPath: Icons.stop
                text: qsTr("Stop opening %1").arg(root.model.name)
                onClicked: {
                    popover.close();
                    root.model.cancelOpening();
                }
            }

            PText {
                width: parent.width
                visible: root.model.ready && !root.model.opening
                padding: Metrics.m
                text: root.model.detail + "\n" + root.model.plan
                color: Theme.inkFaint
                font.pixelSize: Typography.caption
                lineHeight: Typography.denseLineHeight
                wrapMode: Text.Wrap
            }
        }
    }
}
