pragma ComponentBehavior: Bound

import QtQuick
import Ponder.Theme

// What the lock means, and how to check it.
PPopover {
    id: root

    required property OfflineViewModel offline

    title: qsTr("Offline, provably")
    contentWidth: 380
    onAboutToShow: offline.probeAgain()

    contentItem: Column {
        spacing: Metrics.m

        PText {
            width: parent.width
            text: root.offline.sealed ? qsTr("Nothing can leave this computer") : qsTr("Ponder sends nothing, but is not sealed")
            font.pixelSize: Typography.title
            font.weight: Font.DemiBold
            wrapMode: Text.Wrap
            Accessible.role: Accessible.Heading
        }

        PText {
            width: parent.width
            color: Theme.inkSoft
            lineHeight: Typography.denseLineHeight
            wrapMode: Text.Wrap
            text: root.offline.sealed ? qsTr("Ponder has no network code. Besides, it asked the kernel at its start to refuse every socket that leads out of this computer, for good and for all of its threads (a seccomp filter). Tried again just now:") : root.offline.reason + "\n" + qsTr("Ponder has no network code all the same. Tried just now:")
        }

        Column {
            width: parent.width
            spacing: Metrics.xs

            Repeater {
                model: root.offline.probes

                Item {
                    id: probe

                    required property offlineProbe modelData
                    readonly property bool local: modelData.family === "Unix"
                    readonly property bool good: modelData.allowed === local

                    width: parent.width
                    height: Metrics.xl

                    PIcon {
                        anchors.verticalCenter: parent.verticalCenter
                        size: Metrics.iconSmall
                        path: probe.good ? Icons.check : Icons.alert
                        color: probe.good ? Theme.success : Theme.danger
                    }

                    PText {
                        x: Metrics.xl
                        anchors.verticalCenter: parent.verticalCenter
                        text: probe.local ? qsTr("Unix (the display)") : probe.modelData.family
                    }

                    PText {
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        text: probe.modelData.allowed ? qsTr("open") : qsTr("refused: %1").arg(probe.modelData.answer)
                        color: Theme.inkFaint
                        font.pixelSize: Typography.small
                    }
                }
            }
        }

        PText {
            objectName: "offline.handedOver"
            width: parent.width
            visible: root.offline.sealed
            color: Theme.inkFaint
            font.pixelSize: Typography.small
            lineHeight: Typography.denseLineHeight
            wrapMode: Text.Wrap
            text: root.offline.handedOverClosed ? qsTr("A socket that another program might hand over can open no TCP connection either (Landlock).") : qsTr("A socket that another program hands over would stay open: this kernel has no Landlock for the network (Linux 6.7).")
        }

        PDivider {
            width: parent.width
        }

        PText {
            width: parent.width
            text: qsTr("See for yourself: the first command prints 2 (a filter is in), the second prints no line.")
            color: Theme.inkSoft
            wrapMode: Text.Wrap
            lineHeight: Typography.denseLineHeight
        }

        Rectangle {
            width: parent.width
            height: commands.implicitHeight
            radius: Metrics.radiusSmall
            color: Theme.sunken

            TextEdit {
                id: commands

                width: parent.width
                padding: Metrics.s
                text: "grep Seccomp: /proc/%1/status\nss -tuanp | grep pid=%1".arg(root.offline.processId)
                readOnly: true
                selectByMouse: true
                wrapMode: TextEdit.WrapAnywhere
                color: Theme.ink
                selectionColor: Theme.selection
                selectedTextColor: Theme.ink
                font.family: Typography.mono
                font.pixelSize: Typography.code
                Accessible.name: qsTr("Commands to check it")
            }
        }
    }
}
