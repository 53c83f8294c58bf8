import QtQuick
import Ponder.Theme

// The thought of one message: a header that says how long it took and folds it, and below the
// steps, in a list of their own that follows the newest text while it grows.
Rectangle {
    id: root

    required property ThoughtViewModel thought

    // The list that shows `root` among other things, if any: while the pane folds above what one
    // reads there, the text under the eye stays where it is.
    property Flickable page: null
    property real maximumHeight: Math.max(180, (Window.window?.height ?? 800) * 0.4)

    // Whether the newest text stays in view. Off once one scrolls up, on again at the end.
    readonly property alias following: list.following
    readonly property alias currentStep: list.currentStep

    function goToStep(step: int) {
        thought.expanded = true;
        list.goTo(step);
    }
    function nextStep() {
        goToStep(list.currentStep + 1);
    }
    function previousStep() {
        goToStep(list.currentStep - 1);
    }

    visible: !thought.empty
    implicitWidth: 600
    implicitHeight: thought.empty ? 0 : header.height + body.height
    color: Theme.thought
    radius: Metrics.radius
    border.width: Metrics.hair
    border.color: Theme.thoughtLine
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Thought")

    onHeightChanged: page && keeper.keep(height)

    QtObject {
        id: keeper

        property real height: 0

        function keep(now: real) {
            const change = now - height;
            const top = root.mapToItem(root.page, 0, 0).y;
            if (height > 0 && top + height <= 0)
                root.page.contentY += change;
            height = now;
        }
    }

    ThoughtHeader {
        id: header

        width: parent.width
        thought: root.thought
        current: list.currentStep
        onPreviousRequested: root.previousStep()
        onNextRequested: root.nextStep()
        onStepRequested: step => root.goToStep(step)
    }

    Item {
        id: body

        y: header.height
        width: parent.width
        height: root.thought.expanded ? Math.min(list.contentHeight + Metrics.m, root.maximumHeight) : 0
        visible: height > 0
        clip: true

        Behavior on height {
            // Only folding moves; growing text must not be shown late.
            enabled: folding.running || !root.thought.expanded
            NumberAnimation {
                duration: Motion.calm
                easing.type: Motion.easing
            }
        }

        Timer {
            id: folding
            interval: Motion.calm
        }

        Connections {
            target: root.thought
            function onExpandedChanged() {
                folding.restart();
            }
        }

        StepList {
            id: list

            width: parent.width
            height: Math.min(contentHeight + Metrics.m, root.maximumHeight)
            steps: root.thought.steps
            live: root.thought.phase === ThoughtViewModel.Thinking
        }
    }
}
