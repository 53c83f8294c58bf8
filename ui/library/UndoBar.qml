import QtQuick
import Ponder.Theme

// "Deleted: …", for as long as it can be taken back here.
PCard {
    id: root

    required property string title // empty: nothing was deleted

    signal undone
    signal forgotten

    function takeFocus(): void {
        button.forceActiveFocus(Qt.TabFocusReason);
    }

    objectName: "library.undo"
    visible: title !== ""
    height: visible ? Metrics.control + Metrics.s : 0
    radius: Metrics.radius
    elevation: 1
    Accessible.role: Accessible.AlertMessage
    Accessible.name: qsTr("Deleted: %1").arg(title)

    // The time begins anew with each deletion, and stands still while one is about to press Undo.
    onTitleChanged: {
        if (timer.running)
            timer.restart();
    }

    Timer {
        id: timer

        interval: 10000
        running: root.title !== "" && !button.activeFocus
        onTriggered: root.forgotten()
    }

    PText {
        anchors.left: parent.left
        anchors.leftMargin: Metrics.m
        anchors.right: button.left
        anchors.verticalCenter: parent.verticalCenter
        text: qsTr("Deleted: %1").arg(root.title)
        font.pixelSize: Typography.small
        color: Theme.inkSoft
        elide: Text.ElideRight
        Accessible.ignored: true
    }

    PButton {
        id: button

        objectName: "library.undo.button"
        anchors.right: parent.right
        anchors.rightMargin: Metrics.xs
        anchors.verticalCenter: parent.verticalCenter
        height: Metrics.controlSmall
        kind: PButton.Quiet
        text: qsTr("Undo")
        onClicked: root.undone()
    }
}
