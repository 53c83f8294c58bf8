import QtQuick
import QtQuick.Templates as T

// A menu of PMenuItem and PMenuSeparator.
T.Menu {
    id: root

    implicitWidth: Math.max(190, contentItem.implicitWidth + leftPadding + rightPadding)
    implicitHeight: contentHeight + topPadding + bottomPadding
    padding: Metrics.xs
    margins: Metrics.s
    overlap: 1
    delegate: PMenuItem {}

    contentItem: ListView {
        implicitHeight: contentHeight
        implicitWidth: {
            let widest = 0;
            for (let i = 0; i < root.count; ++i)
                widest = Math.max(widest, root.itemAt(i)?.implicitWidth ?? 0);
            return Math.min(widest, 420);
        }
        model: root.contentModel
        currentIndex: root.currentIndex
        interactive: root.height < contentHeight + root.topPadding + root.bottomPadding
        clip: interactive
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: PScrollBar {}
    }

    background: PCard {
        elevation: 2
        radius: Metrics.radius + Metrics.xxs
    }

    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Motion.quick
            easing.type: Motion.easing
        }
    }
    exit: Transition {
        NumberAnimation {
            property: "opacity"
            to: 0
            duration: Motion.instant
        }
    }
}
