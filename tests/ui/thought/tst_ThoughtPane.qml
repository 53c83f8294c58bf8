import QtQuick
import QtTest
import Ponder.Theme
import Ponder.Thought

TestCase {
    id: root

    name: "ThoughtPane"
    when: windowShown
    visible: true
    width: 600
    height: 600

    readonly property string words: "I need 347 + 586.\n\nOnes: 7 + 6 = 13, carry 1.\n\nTens: 4 + 8 + 1 = 13.\n\nHundreds: 9."
    readonly property string manySteps: Array.from({
        length: 60
    }, (_, i) => "Step " + (i + 1) + ": words").join("\n\n")

    Component {
        id: paneType

        ThoughtPane {
            width: 600
            maximumHeight: 240
            thought: ThoughtViewModel {}
        }
    }

    Component {
        id: pageType

        Flickable {
            id: page

            readonly property ThoughtPane pane: thoughtPane

            width: 600
            height: 300
            contentHeight: column.height

            Column {
                id: column

                ThoughtPane {
                    id: thoughtPane
                    page: page
                    width: 600
                    thought: ThoughtViewModel {
                        foldAutomatically: false
                    }
                }
                Rectangle {
                    width: 600
                    height: 1500
                }
            }
        }
    }

    function init() {
        Motion.reduced = true;
    }
    function cleanup() {
        Motion.reduced = false;
    }

    function thinking(text: string): ThoughtPane {
        const pane = createTemporaryObject(paneType, root);
        pane.thought.phase = ThoughtViewModel.Thinking;
        pane.thought.text = text;
        return pane;
    }

    // Each of `steps` begins with a blank line.
    function grow(pane: ThoughtPane, steps: list<string>) {
        for (const step of steps)
            pane.thought.append(step, [
                {
                    offset: 2
                }
            ]);
    }

    function header(pane: Item): Item {
        return pane.children.find(item => item instanceof ThoughtHeader);
    }
    function list(item: Item): ListView {
        for (const child of item.children) {
            const found = child instanceof StepList ? child : list(child);
            if (found)
                return found;
        }
        return null;
    }

    function test_nothingForAnEmptyThought() {
        const pane = thinking("\n");
        verify(!pane.visible);
        compare(pane.implicitHeight, 0);
        pane.thought.text = "\nnow";
        verify(pane.visible);
        verify(pane.implicitHeight > 0);
    }

    function test_openWhileThinkingFoldedAtTheAnswer() {
        const pane = thinking(words);
        verify(pane.thought.expanded);
        const open = pane.implicitHeight;
        pane.thought.seconds = 12.3;
        pane.thought.tokens = 340;
        pane.thought.phase = ThoughtViewModel.Done;
        tryVerify(() => pane.implicitHeight < open && pane.implicitHeight <= 48);
        compare(header(pane).Accessible.name, "Thought for 12 s · 340 tokens");
    }

    function test_staysOpenUntilAnAnswerBegins_data() {
        return [
            {
                tag: "stopped",
                phase: ThoughtViewModel.Stopped,
                words: "Stopped after 12 s · 340 tokens",
                untimed: "Stopped while it was thinking · 340 tokens"
            },
            {
                tag: "no answer",
                phase: ThoughtViewModel.Unanswered,
                words: "Thought for 12 s · 340 tokens",
                untimed: "Thought · 340 tokens"
            }
        ];
    }

    function test_staysOpenUntilAnAnswerBegins(data) {
        const pane = thinking(words);
        pane.thought.seconds = 12.3;
        pane.thought.tokens = 340;
        pane.thought.phase = data.phase;
        verify(pane.thought.expanded);
        compare(pane.thought.headline, data.words);
        pane.thought.seconds = 0; // nobody took the time, as before a kill
        compare(pane.thought.headline, data.untimed);
        pane.thought.phase = ThoughtViewModel.Done;
        verify(!pane.thought.expanded);
    }

    function test_foldsByClickAndKeys() {
        const pane = thinking(words);
        mouseClick(header(pane), 20, 10);
        verify(!pane.thought.expanded);
        header(pane).forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        verify(pane.thought.expanded);
        keyClick(Qt.Key_Space);
        verify(!pane.thought.expanded);
        keyClick(Qt.Key_Enter);
        verify(pane.thought.expanded);
        pane.thought.phase = ThoughtViewModel.Done;
        verify(pane.thought.expanded, "a fold that was touched is left alone");
    }

    function test_heightIsBounded() {
        const pane = thinking(manySteps);
        tryVerify(() => pane.implicitHeight > 200);
        verify(pane.implicitHeight <= 240 + 48);
    }

    function test_followsTheNewestText() {
        const pane = thinking(manySteps);
        const view = list(pane);
        tryVerify(() => view.atYEnd);
        grow(pane, ["\n\nmore words", "\n\nand more"]);
        tryVerify(() => view.atYEnd);
        compare(view.count, 62);
    }

    function test_followingStopsWhereOneReads() {
        const pane = thinking(manySteps);
        const view = list(pane);
        tryVerify(() => view.atYEnd);
        for (let i = 0; i < 5 && pane.following; ++i) {
            mouseWheel(view, 300, 100, 0, 240);
            wait(50);
        }
        tryVerify(() => !pane.following);
        tryVerify(() => !view.moving);
        const before = view.contentY;
        grow(pane, ["\n\nmore", "\n\nmore", "\n\nmore"]);
        wait(50);
        compare(view.contentY, before);
        for (let i = 0; i < 30 && !view.atYEnd; ++i) {
            mouseWheel(view, 300, 100, 0, -480);
            wait(20);
        }
        tryVerify(() => pane.following);
        grow(pane, ["\n\nlast"]);
        tryVerify(() => view.atYEnd);
    }

    function test_stepsCanBeReached() {
        const pane = thinking(manySteps);
        const view = list(pane);
        pane.thought.phase = ThoughtViewModel.Done;
        pane.thought.expanded = true;
        pane.goToStep(10);
        compare(pane.currentStep, 10);
        tryVerify(() => view.itemAtIndex(10) && Math.abs(view.itemAtIndex(10).y - view.contentY) < 20);
        pane.nextStep();
        compare(pane.currentStep, 11);
        pane.previousStep();
        pane.previousStep();
        compare(pane.currentStep, 9);
        view.forceActiveFocus();
        keyClick(Qt.Key_Down);
        compare(pane.currentStep, 10);
        keyClick(Qt.Key_Home);
        compare(pane.currentStep, 0);
        keyClick(Qt.Key_Up);
        compare(pane.currentStep, 0);
        keyClick(Qt.Key_End);
        compare(pane.currentStep, 59);
        pane.nextStep();
        compare(pane.currentStep, 59);
    }

    function test_stepsAreNamed() {
        const pane = thinking(words);
        const view = list(pane);
        tryVerify(() => view.itemAtIndex(1));
        compare(view.itemAtIndex(1).Accessible.name, "Step 2: Ones: 7 + 6 = 13, carry 1.");
    }

    // A very long step has several rows and one number; the way through the steps stops once at it.
    function test_aVeryLongStepIsOneStep() {
        const pane = thinking("One.\n\n" + "word ".repeat(2000) + "\n\nThree.");
        const view = list(pane);
        pane.thought.phase = ThoughtViewModel.Done;
        pane.thought.expanded = true;
        verify(view.count > 4);
        compare(pane.thought.steps.stepCount, 3);
        pane.goToStep(1);
        compare(pane.currentStep, 1);
        tryVerify(() => view.itemAtIndex(1));
        const first = view.itemAtIndex(1);
        verify(first.Accessible.name.startsWith("Step 2: word"), first.Accessible.name);
        compare(mark(first).visible, true);
        view.positionViewAtIndex(2, ListView.Beginning);
        tryVerify(() => view.itemAtIndex(2));
        const second = view.itemAtIndex(2);
        verify(second.Accessible.name.startsWith("Step 2, continued: word"), second.Accessible.name);
        compare(mark(second).visible, false);
        compare(pane.currentStep, 1);
        pane.nextStep();
        compare(pane.currentStep, 2);
        tryVerify(() => view.itemAtIndex(view.count - 1));
        compare(view.itemAtIndex(view.count - 1).Accessible.name, "Step 3: Three.");
        pane.previousStep();
        compare(pane.currentStep, 1);
        view.forceActiveFocus();
        keyClick(Qt.Key_End);
        compare(pane.currentStep, 2);
        keyClick(Qt.Key_Up);
        compare(pane.currentStep, 1);
        const switcher = findSwitcher(header(pane).contentItem);
        compare(switcher.children[1].text, "Step 2 of 3");
        compare(pane.thought.steps.outline.rowCount(), 3);
    }

    function mark(row: Item): Item {
        return row.children.find(item => item.Accessible.name.startsWith("Go to step"));
    }
    function findSwitcher(item: Item): StepSwitcher {
        return item.children.find(child => child instanceof StepSwitcher);
    }

    function test_onlyWhatIsSeenIsMade() {
        const pane = thinking(Array.from({
            length: 3000
        }, (_, i) => "Words " + i).join("\n\n"));
        const view = list(pane);
        compare(view.count, 3000);
        tryVerify(() => view.contentItem.children.length > 3);
        verify(view.contentItem.children.length < 100);
    }

    function test_thePageStaysWhereOneReads() {
        const page = createTemporaryObject(pageType, root);
        page.pane.thought.text = manySteps;
        tryVerify(() => page.pane.height > 200);
        page.contentY = page.pane.height + 400;
        const place = page.contentY - page.pane.height;
        page.pane.thought.expanded = false;
        tryVerify(() => page.pane.height < 60);
        compare(page.contentY - page.pane.height, place);
    }
}
