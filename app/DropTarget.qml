import QtQuick
import Ponder.Theme

// A file or a folder dropped anywhere on the window.
DropArea {
    id: root

    signal fileDropped(url: url)

    keys: ["text/uri-list"]
    onDropped: drop => {
        if (drop.hasUrls) {
            drop.accept(Qt.CopyAction);
            fileDropped(drop.urls[0]);
        }
    }

    Rectangle {
        anchors.fill: parent
        anchors.margins: Metrics.m
        visible: root.containsDrag
        radius: Metrics.radiusLarge
        color: Theme.accentTint
        opacity: 0.96
        border.width: Metrics.focusRing
        border.color: Theme.accent

        Column {
            anchors.centerIn: parent
            spacing: Metrics.m

            PIcon {
                anchors.horizontalCenter: parent.horizontalCenter
                path: Icons.chip
                size: 40
                color: Theme.accent
            }

            PText {
                text: qsTr("Drop a model file or folder to open it")
                font.pixelSize: Typography.title
                font.weight: Font.DemiBold
            }
        }
    }
}
