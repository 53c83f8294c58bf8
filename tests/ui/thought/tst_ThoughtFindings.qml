import QtQuick
import QtTest
import Ponder.Theme
import Ponder.Thought

// Outline, findings and steering of a thought, as a person uses them.
TestCase {
    id: root

    name: "ThoughtFindings"
    when: windowShown
    visible: true
    width: 700
    height: 600

    readonly property string wrong: "I need to find how many apples there are.\n\nFirst, 12 * 7 = 94, and 94 + 10 = 104.\n\nSo the answer is 104.\n\nWait, no, that is wrong. Let me start over.\n\n12 * 7 = 84, so 84 + 10 = 94.\n\nTherefore, the answer is 94."

    Component {
        id: paneType

        ThoughtPane {
            width: 700
            maximumHeight: 400
            canSteer: true
            thought: ThoughtViewModel {}
        }
    }

    SignalSpy {
        id: steered

        signalName: "steerRequested"
    }

    function init() {
        Motion.reduced = true;
        steered.clear();
    }
    function cleanup() {
        Motion.reduced = false;
    }

    function read(text: string, answer: string): ThoughtPane {
        const pane = createTemporaryObject(paneType, root);
        pane.thought.text = text;
        pane.thought.expanded = true;
        pane.thought.read(answer, "12 boxes of 7 apples and 10 more: how many?");
        tryVerify(() => !pane.thought.reading);
        steered.target = pane;
        return pane;
    }
    function find(item: Item, test: var): Item {
        for (const child of item.children) {
            const found = test(child) ? child : find(child, test);
            if (found)
                return found;
        }
        return null;
    }
    function bar(pane: Item): FindingBar {
        return find(pane, item => item instanceof FindingBar);
    }
    function steps(pane: Item): StepList {
        return find(pane, item => item instanceof StepList);
    }
    function outline(pane: Item): OutlineList {
        return find(pane, item => item instanceof OutlineList);
    }

    function test_aCalmThoughtShowsNoBar() {
        const pane = read("2 + 2 = 4.\n\nSo the answer is 4.", "4");
        verify(!bar(pane).visible);
        compare(bar(pane).height, 0);
    }

    function test_f8GoesFromFindingToFinding() {
        const pane = read(wrong, "94");
        verify(bar(pane).visible);
        verify(bar(pane).findings.summary.includes("wrong sum at step 2"));
        steps(pane).forceActiveFocus();
        keyClick(Qt.Key_F8);
        compare(pane.currentStep, 1);
        keyClick(Qt.Key_F8);
        verify(pane.currentStep > 1);
        keyClick(Qt.Key_F8, Qt.ShiftModifier);
        compare(pane.currentStep, 1);
    }

    function test_aFoldedPaneSaysWhatWasFoundAndUnfoldsThere() {
        const pane = read(wrong, "94");
        pane.thought.expanded = false;
        tryVerify(() => pane.implicitHeight < 100);
        verify(bar(pane).visible);
        pane.stepFinding(1);
        verify(pane.thought.expanded);
        compare(pane.currentStep, 1);
    }

    function test_theStepSaysWhyItIsMarked() {
        const pane = read(wrong, "94");
        pane.goToStep(1);
        const item = steps(pane).currentItem;
        verify(item.Accessible.description.includes("84"));
        verify(item.height > steps(pane).itemAtIndex(2).height);
    }

    function test_outlineShowsMovesAndLeadsToTheirSteps() {
        const pane = read(wrong, "94");
        const toggle = find(pane, item => item.objectName === "thought.outline");
        verify(toggle.visible);
        mouseClick(toggle);
        verify(pane.outlined);
        verify(outline(pane).visible);
        verify(!steps(pane).visible);
        compare(outline(pane).outline.attemptCount, 2);
        const all = outline(pane).count;
        outline(pane).currentIndex = 0;
        outline(pane).forceActiveFocus();
        keyClick(Qt.Key_Return); // folds the first attempt
        verify(outline(pane).count < all);
        keyClick(Qt.Key_Return);
        compare(outline(pane).count, all);
        outline(pane).choose(outline(pane).outline.rowOfStep(4));
        verify(!pane.outlined);
        compare(pane.currentStep, outline(pane).outline.firstStepOf(outline(pane).outline.rowOfStep(4)));
    }

    function test_editingAStepGoesOnFromThere() {
        const pane = read(wrong, "94");
        pane.goToStep(1);
        steps(pane).forceActiveFocus();
        keyClick(Qt.Key_F2);
        const editor = find(steps(pane), item => item.objectName === "step.editor");
        verify(editor);
        tryVerify(() => editor.activeFocus);
        compare(editor.text, "First, 12 * 7 = 94, and 94 + 10 = 104.");
        editor.text = "First, 12 * 7 = 84.\n";
        keyClick(Qt.Key_Return, Qt.ControlModifier);
        compare(steered.count, 1);
        compare(steered.signalArguments[0][0], "I need to find how many apples there are.\n\nFirst, 12 * 7 = 84.");
        compare(steered.signalArguments[0][1], false);
    }

    function test_escapeLeavesTheStepAsItWas() {
        const pane = read(wrong, "94");
        steps(pane).edit(2);
        keyClick(Qt.Key_Escape);
        compare(steps(pane).editedStep, -1);
        compare(steered.count, 0);
        verify(steps(pane).activeFocus);
    }

    function test_goingOnAfterAStep() {
        const pane = read(wrong, "94");
        steps(pane).goOnAfter(0, "Wait.");
        compare(steered.signalArguments[0][0], "I need to find how many apples there are.\n\nWait.");
        steps(pane).goOnAfter(2, "");
        verify(steered.signalArguments[1][0].endsWith("So the answer is 104."));
    }

    function test_nothingIsSteeredWhileTheModelIsBusy() {
        const pane = read(wrong, "94");
        pane.canSteer = false;
        steps(pane).edit(1);
        compare(steps(pane).editedStep, -1);
    }

    function test_withoutTokensNoConfidence() {
        const pane = read(wrong, "94");
        verify(!find(pane, item => item instanceof ConfidenceRow).visible);
        steps(pane).forceActiveFocus();
        keyClick(Qt.Key_F7);
        verify(!pane.inspecting);
    }
}
