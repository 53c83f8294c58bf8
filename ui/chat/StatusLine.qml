import QtQuick
import Ponder.Models
import Ponder.Theme

// What is going on, where it is computed, how full the context is, and the lock.
Rectangle {
    id: root

    required property ChatViewModel chat
    required property ModelViewModel model
    required property OfflineViewModel offline

    signal deviceSettingsRequested
    signal deviceRetryRequested

    implicitHeight: Metrics.xxl
    color: Theme.margin
    Accessible.role: Accessible.StatusBar
    Accessible.name: qsTr("Status")

    PDivider {
        width: parent.width
    }

    Row {
        anchors.left: parent.left
        anchors.leftMargin: Metrics.l
        anchors.verticalCenter: parent.verticalCenter
        spacing: Metrics.s

        PBusy {
            anchors.verticalCenter: parent.verticalCenter
            running: root.chat.generating || root.model.opening
            color: running ? Theme.accent : root.model.ready ? Theme.success : Theme.inkOff
            Accessible.ignored: true
        }

        PText {
            objectName: "status.text"
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, tools.x - parent.x - x - Metrics.s)
            color: Theme.inkFaint
            elide: Text.ElideRight
            font.pixelSize: Typography.caption
            font.features: {
                "tnum": 1
            }
            text: {
                if (root.model.opening)
                    return qsTr("Opening %1 · %2 %").arg(root.model.name).arg(Math.round(root.model.progress * 100));
                if (!root.model.ready)
                    return qsTr("No model");
                const parts = [root.model.name];
                if (root.chat.activity !== "")
                    parts.push(root.chat.activity);
                if (root.chat.tokensPerSecond > 0)
                    parts.push(qsTr("%1 tokens/s").arg(Figures.rate(root.chat.tokensPerSecond)));
                else if (root.chat.activity === "")
                    parts.push(qsTr("Ready"));
                return parts.join(" · ");
            }
        }
    }

    Row {
        id: tools

        anchors.right: parent.right
        anchors.rightMargin: Metrics.s
        anchors.verticalCenter: parent.verticalCenter
        spacing: Metrics.m

        DeviceButton {
            textRoom: Math.max(0, root.width * 0.24 - Metrics.xl)
            model: root.model
            onSettingsRequested: root.deviceSettingsRequested()
            onRetryRequested: root.deviceRetryRequested()
        }

        ContextGauge {
            objectName: "status.context"
            used: root.chat.contextUsed
            limit: root.model.contextLength
            compact: root.width < 620
        }

        PIconButton {
            id: lock

            objectName: "status.lock"
            small: true
            iconPath: root.offline.sealed ? Icons.lock : Icons.alert
            iconColor: root.offline.sealed ? Theme.success : Theme.warning
            text: root.offline.sealed ? qsTr("Offline, provably") : qsTr("Not sealed")
            onClicked: popover.open()

            OfflinePopover {
                id: popover

                objectName: "offlinePopover"
                offline: root.offline
                x: lock.width - width
                y: -height - Metrics.s
            }
        }
    }
}
