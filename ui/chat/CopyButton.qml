import QtQuick
import Ponder.Theme

// Copies, and says so for a moment.
PIconButton {
    id: root

    property bool copied: false

    small: true
    iconPath: copied ? Icons.check : Icons.copy
    iconColor: copied ? Theme.success : Theme.inkFaint
    text: copied ? qsTr("Copied") : qsTr("Copy")
    onClicked: {
        copied = true;
        pause.restart();
    }

    Timer {
        id: pause

        interval: 1500
        onTriggered: root.copied = false
    }
}
