pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Ponder.Theme

// The steps, one under the other. While `live` the newest text stays in view, until one scrolls up.
ListView {
    id: root

    required property StepListModel steps
    property bool live: false
    property bool following: true
    // Steps count from 0. Where a step goes on in further rows, its first is the current one.
    readonly property int currentStep: currentIndex < count ? steps.stepAt(currentIndex) : -1

    function goTo(step: int) {
        const row = steps.rowOf(step);
        if (row < 0)
            return;
        following = live && step === steps.stepCount - 1;
        currentIndex = row;
        positionViewAtIndex(row, ListView.Beginning);
    }

    // In the frame that brings the new text, and once for all the heights that change in it.
    AfterLayout {
        id: settled

        onLaidOut: if (root.live && root.following)
            root.positionViewAtEnd()
    }

    model: steps
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

    Keys.onDownPressed: goTo(currentStep + 1)
    Keys.onUpPressed: goTo(Math.max(currentStep - 1, 0))
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Home)
            goTo(0);
        else if (event.key === Qt.Key_End)
            goTo(steps.stepCount - 1);
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
        onChosen: root.goTo(number - 1)
    }
}
