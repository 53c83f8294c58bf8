pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// All of a text, however long: only the lines in sight are made.
PDialog {
    id: root

    function show(text: string): void {
        whole.text = text;
        view.model = whole.lines;
        open();
        view.positionViewAtBeginning();
        view.forceActiveFocus();
    }

    width: Math.min(900, (parent?.width ?? 0) - 2 * Metrics.l)
    onClosed: view.model = null

    actions: PButton {
        objectName: "viewer.close"
        kind: PButton.Primary
        text: qsTr("Done")
        onClicked: root.close()
    }

    LongText {
        id: whole
    }

    PText {
        text: whole.extent
        color: Theme.inkFaint
        font.pixelSize: Typography.small
    }

    Rectangle {
        width: parent.width
        height: Math.max(120, (root.parent?.height ?? 600) - 230)
        radius: Metrics.radius
        color: Theme.sunken

        ListView {
            id: view

            objectName: "viewer.lines"
            anchors.fill: parent
            anchors.margins: Metrics.m
            clip: true
            focus: true
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            reuseItems: true
            Accessible.role: Accessible.List
            Accessible.name: root.title
            T.ScrollBar.vertical: PScrollBar {}

            delegate: PText {
                required property string line

                width: ListView.view.width - Metrics.m
                text: line
                font.pixelSize: Typography.ui
                wrapMode: Text.Wrap
            }

            Keys.onPressed: event => {
                const end = Math.max(originY, originY + contentHeight - height);
                const steps = new Map([[Qt.Key_Up, -40], [Qt.Key_Down, 40], [Qt.Key_PageUp, -height * 0.9], [Qt.Key_PageDown, height * 0.9], [Qt.Key_Space, height * 0.9]]);
                if (event.key === Qt.Key_Home)
                    positionViewAtBeginning();
                else if (event.key === Qt.Key_End)
                    positionViewAtEnd();
                else if (steps.has(event.key))
                    contentY = Math.max(originY, Math.min(end, contentY + steps.get(event.key)));
                else
                    return;
                event.accepted = true;
            }
        }
    }
}
