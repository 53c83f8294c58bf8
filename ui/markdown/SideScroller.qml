import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// What is wider than the page, in a frame of its own: it moves sideways by touch, by a sideways wheel, by
// the wheel with Shift, and by the arrow keys. A fade at its right says that there is more.
Flickable {
    id: root

    property color ground: Theme.paper
    readonly property bool wide: contentWidth > width + 1
    readonly property real rest: contentWidth - width - contentX

    function move(by: real) {
        contentX = Math.max(0, Math.min(contentX + by, contentWidth - width));
    }

    clip: wide
    boundsBehavior: Flickable.StopAtBounds
    flickableDirection: Flickable.HorizontalFlick
    interactive: wide
    activeFocusOnTab: wide

    T.ScrollBar.horizontal: PScrollBar {}

    Keys.onLeftPressed: event => {
        event.accepted = wide && contentX > 0;
        move(-60);
    }
    Keys.onRightPressed: event => {
        event.accepted = wide && rest > 0;
        move(60);
    }
    Keys.onPressed: event => {
        if (!wide || (event.key !== Qt.Key_Home && event.key !== Qt.Key_End))
            return;
        move(event.key === Qt.Key_Home ? -contentWidth : contentWidth);
        event.accepted = true;
    }

    WheelHandler {
        acceptedModifiers: Qt.ShiftModifier
        acceptedDevices: PointerDevice.Mouse | PointerDevice.TouchPad
        enabled: root.wide
        target: null
        onWheel: event => root.move(-(event.angleDelta.y + event.angleDelta.x) / 2)
    }

    Rectangle {
        parent: root
        anchors.right: parent.right
        width: 24
        height: parent.height
        visible: root.rest > 1
        opacity: Math.min(1, root.rest / width)
        gradient: Gradient {
            orientation: Gradient.Horizontal
            GradientStop {
                position: 0
                color: Qt.rgba(root.ground.r, root.ground.g, root.ground.b, 0)
            }
            GradientStop {
                position: 1
                color: root.ground
            }
        }
    }

    PFocusRing {
        parent: root
        control: root
        anchors.margins: 0
    }
}
