import QtQuick
import Ponder.Theme

// Where a link leads, and a way to take the address along. It is never opened from here.
PPopover {
    id: root

    property string address

    function show(target: string, place: point) {
        address = target;
        x = place.x;
        y = place.y + Metrics.xs;
        open();
    }

    title: qsTr("Link")
    padding: Metrics.m

    contentItem: Column {
        spacing: Metrics.s

        PText {
            text: qsTr("Ponder opens no links. This one leads to")
            font.pixelSize: Typography.caption
            color: Theme.inkFaint
        }

        PText {
            width: Math.min(implicitWidth, 420)
            text: root.address
            font.family: Typography.mono
            font.pixelSize: Typography.caption
            wrapMode: Text.WrapAnywhere
            maximumLineCount: 6
            elide: Text.ElideRight
        }

        PButton {
            text: qsTr("Copy address")
            iconPath: Icons.copy
            height: Metrics.controlSmall
            onClicked: {
                clipboard.text = root.address;
                clipboard.selectAll();
                clipboard.copy();
                root.close();
            }
        }

        TextEdit {
            id: clipboard
            visible: false
        }
    }
}
