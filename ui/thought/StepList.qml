pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// The steps, one under the other. While `live` the newest text stays in view, until one scrolls up.
ListView {
    id: root

    property bool live: false
    property bool following: true

    function goTo(index: int) {
        if (index < 0 || index >= count)
            return;
        following = live && index === count - 1;
        currentIndex = index;
        positionViewAtIndex(index, ListView.Beginning);
    }

    // In the frame that brings the new text, and once for all the heights that change in it.
    AfterLayout {
        id: settled

        onLaidOut: if (root.live && root.following)
            root.positionViewAtEnd()
    }

    clip: true
    topMargin: Metrics.xs
    currentIndex: -1
    boundsBehavior: Flickable.StopAtBounds
    keyNavigationEnabled: false
    activeFocusOnTab: true
    cacheBuffer: 200
    reuseItems: true
    highlightFollowsCurrentItem: false
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Steps of the thought")

    // Following ends where the reader scrolls away, and begins again at the end.
    onMovementStarted: following = false
    onMovementEnded: following = atYEnd
    onContentHeightChanged: settled.schedule()
    onCountChanged: settled.schedule()
    onHeightChanged: settled.schedule()
    onLiveChanged: if (live)
        following = true

    Keys.onDownPressed: goTo(currentIndex + 1)
    Keys.onUpPressed: goTo(Math.max(currentIndex - 1, 0))
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Home)
            goTo(0);
        else if (event.key === Qt.Key_End)
            goTo(count - 1);
        else
            return;
        event.accepted = true;
    }

    T.ScrollBar.vertical: PScrollBar {
        onPressedChanged: root.following = !pressed && root.atYEnd
    }

    delegate: StepDelegate {
        width: root.width
        current: ListView.isCurrentItem
        growing: root.live && index === root.count - 1
        last: index === root.count - 1
        onChosen: root.goTo(index)
    }
}
