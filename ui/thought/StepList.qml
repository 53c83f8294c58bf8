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
    property bool canSteer: false
    property TokenTrace trace: null // each token is shown with its doubt; null: the steps as they read
    property int editedStep: -1

    // The thought from which the model is to go on, and whether it is to answer.
    signal steerRequested(thought: string, answerNow: bool)
    signal tokenChosen(token: int, item: Item, place: point)

    function edit(step: int): void {
        if (!canSteer || step < 0)
            return;
        goTo(step);
        editedStep = step;
    }
    // A step, and new words after it.
    function goOnAfter(step: int, words: string): void {
        const before = steps.textThrough(step);
        steerRequested(words === "" ? before : before + "\n\n" + words, false);
    }
    // Steps count from 0. Where a step goes on in further rows, its first is the current one.
    readonly property int currentStep: currentIndex < count ? steps.stepAt(currentIndex) : -1

    function goTo(step: int) {
        goToRow(steps.rowOf(step));
    }
    function goToRow(row: int): void {
        if (row < 0)
            return;
        following = live && steps.stepAt(row) === steps.stepCount - 1;
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
        else if (event.key === Qt.Key_F2 && canSteer && currentStep >= 0)
            edit(currentStep);
        else if (event.key === Qt.Key_Menu && canSteer && currentStep >= 0)
            menu.openFor(currentStep, currentItem);
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
        canSteer: root.canSteer
        trace: root.trace
        editing: root.editedStep === number - 1 && !continued
        wholeText: editing ? root.steps.stepText(number - 1) : ""
        onChosen: root.goTo(number - 1)
        onMenuRequested: anchor => menu.openFor(number - 1, anchor)
        onEditingEnded: {
            root.editedStep = -1;
            root.forceActiveFocus();
        }
        onEdited: words => {
            root.editedStep = -1;
            root.steerRequested(root.steps.textWith(number - 1, words), false);
        }
        onTokenChosen: (token, place) => root.tokenChosen(token, this, place)
    }

    StepMenu {
        id: menu

        property int step: -1

        function openFor(of: int, anchor: Item): void {
            step = of;
            parent = anchor;
            x = anchor.width - width;
            y = Math.min(anchor.height, Metrics.controlSmall);
            open();
        }

        onEditRequested: root.edit(step)
        onGoOnRequested: words => root.goOnAfter(step, words)
        onAnswerRequested: root.steerRequested(root.steps.textThrough(step), true)
    }
}
