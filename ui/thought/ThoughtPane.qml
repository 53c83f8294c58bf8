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
        outlined = false;
        list.goTo(step);
    }
    function goToFinding(finding: int): void {
        bar.current = finding;
        const step = thought.findings.stepOf(finding);
        if (step >= 0)
            goToStep(step);
        else
            answerRequested();
    }
    // The last value that the thought names as the answer.
    function goToLastValue(): void {
        const named = thought.values.filter(value => value.step >= 0);
        if (named.length > 0)
            goToStep(named[named.length - 1].step);
    }
    // To the next place where another token weighed nearly as much, with its alternatives.
    function stepDoubt(direction: int): void {
        if (!thought.trace.available) {
            thought.expanded = true; // the tokens are fetched
            return;
        }
        const next = thought.trace.nextForking(popover.token, direction);
        if (next < 0)
            return;
        inspecting = true;
        goToOffset(thought.trace.beginOf(next));
        popover.showFor(next, list, Qt.point(list.width / 3, Metrics.xxl));
    }
    function goToOffset(offset: int): void {
        thought.expanded = true;
        outlined = false;
        list.goToRow(thought.steps.rowAtOffset(offset));
    }
    function stepFinding(direction: int): void {
        bar.step(direction);
    }
    function nextStep() {
        goToStep(list.currentStep + 1);
    }
    function previousStep() {
        goToStep(list.currentStep - 1);
    }

    // A finding in the answer was chosen.
    signal answerRequested
    // The model is to go on from this thought, as a new branch; or to answer it.
    signal steerRequested(thought: string, answerNow: bool)

    // Whether the model can be asked now.
    property bool canSteer: false
    // Whether each word shows how sure the model was of it, and what else it might have written.
    property bool inspecting: false

    // Whether the body shows the outline instead of the steps.
    property bool outlined: false

    onOutlinedChanged: if (outlined)
        outline.showStep(Math.max(list.currentStep, 0))
    Keys.onPressed: event => {
        const direction = event.modifiers & Qt.ShiftModifier ? -1 : 1;
        if (event.key === Qt.Key_F8)
            stepFinding(direction);
        else if (event.key === Qt.Key_F7)
            stepDoubt(direction);
        else
            return;
        event.accepted = true;
    }

    visible: !thought.empty
    implicitWidth: 600
    implicitHeight: thought.empty ? 0 : header.height + bar.height + confidence.height + body.height
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
        outlined: root.outlined
        onStepRequested: step => root.goToStep(step)
        onOutlineRequested: root.outlined = !root.outlined
    }

    FindingBar {
        id: bar

        y: header.height
        width: parent.width
        height: implicitHeight
        thought: root.thought
        onFindingRequested: finding => root.goToFinding(finding)
    }

    ConfidenceRow {
        id: confidence

        y: header.height + bar.height
        width: parent.width
        visible: root.thought.expanded && root.thought.trace.available
        height: implicitHeight
        thought: root.thought
        inspecting: root.inspecting
        onOffsetRequested: offset => root.goToOffset(offset)
        onInspectRequested: root.inspecting = !root.inspecting
    }

    TokenPopover {
        id: popover

        function showFor(of: int, item: Item, place: point): void {
            token = of;
            parent = item;
            x = place.x;
            y = place.y + Metrics.m;
            open();
        }

        trace: root.thought.trace
        canSteer: root.canSteer
        onAlternativeChosen: (token, text) => root.steerRequested(root.thought.trace.thoughtWith(token, text), false)
    }

    Item {
        id: body

        y: header.height + bar.height + confidence.height
        width: parent.width
        height: root.thought.expanded ? Math.min(root.outlined ? outline.contentHeight : list.contentHeight + Metrics.m, root.maximumHeight) : 0
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
            visible: !root.outlined
            canSteer: root.canSteer
            trace: root.inspecting && root.thought.trace.available ? root.thought.trace : null
            onSteerRequested: (thought, answerNow) => root.steerRequested(thought, answerNow)
            onTokenChosen: (token, item, place) => popover.showFor(token, item, place)
        }

        OutlineList {
            id: outline

            anchors.fill: parent
            visible: root.outlined
            outline: root.thought.outline
            onStepChosen: step => root.goToStep(step)
        }
    }
}
