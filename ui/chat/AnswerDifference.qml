import QtQuick
import Ponder.Theme

// The answer's mark where its thought ended with another value; the button leads there.
Item {
    id: root

    required property string sentence

    signal placeRequested

    implicitHeight: Math.max(words.implicitHeight, place.height)
    Accessible.role: Accessible.StaticText
    Accessible.name: sentence

    PIcon {
        id: mark

        anchors.verticalCenter: parent.verticalCenter
        path: Icons.alert
        size: Metrics.iconSmall
        color: Theme.warning
    }

    PText {
        id: words

        anchors.left: mark.right
        anchors.leftMargin: Metrics.s
        anchors.right: place.left
        anchors.rightMargin: Metrics.s
        anchors.verticalCenter: parent.verticalCenter
        text: root.sentence
        textFormat: Text.PlainText
        color: Theme.warning
        font.pixelSize: Typography.small
        wrapMode: Text.Wrap
        maximumLineCount: 3
        elide: Text.ElideRight
        Accessible.ignored: true
    }

    PButton {
        id: place

        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        height: Metrics.controlSmall
        kind: PButton.Quiet
        font.pixelSize: Typography.small
        text: qsTr("Show in the thought")
        onClicked: root.placeRequested()
    }
}
