import QtQuick
import QtTest
import Ponder.Chat
import Ponder.TestChat
import Ponder.Thought
import Ponder.Markdown

// What an answer's delegate shows while it grows is what came so far, and in the end all of it: however the text was cut,
// and whenever the delegate was made.
TestCase {
    id: test

    name: "AnswerGrowth"
    when: windowShown
    width: 800
    height: 600
    visible: true

    readonly property string thought: "I need 347 + 586.\n\n1. ones: 7 + 6 😀\n٢. tens\n-\tcarry\n- one\n\n```py\n- x\n\n1. y\n```\n" + "Step 1: é " + "long words ".repeat(700) + "\n\nSo: **933**."
    readonly property string answer: "It is **933**.\n\n- a\n- b\n\n```py\nx = 1\n```\n\n" + "| a | b |\n|---|---|\n| 1 | 2 |\n\n" + "Words 😀 字.\n\n".repeat(40)

    Component {
        id: component

        Item {
            property alias subject: subject
            readonly property TestChat back: back

            width: 800
            height: 600

            TestChat {
                id: back
            }
            MessageList {
                id: subject
                anchors.fill: parent
                chat: back.chat
                foldsThoughts: true
            }
        }
    }

    Component {
        id: wholeThought

        ThoughtViewModel {}
    }
    Component {
        id: wholeAnswer

        MarkdownModel {}
    }

    function makeReady(): var {
        const root = createTemporaryObject(component, test);
        root.back.openModel();
        tryVerify(() => root.back.chat.canAsk);
        return root;
    }
    // Null while the delegate is being made.
    function inMessage(root: var, row: int, name: string): var {
        const item = root.subject.view.itemAtIndex(row);
        return item ? findChild(item, name) : null;
    }
    function rows(model: var, roles: list<string>): string {
        const found = [];
        for (let row = 0; row < model.rowCount(); ++row)
            found.push(roles.map(role => String(model.data(model.index(row, 0), roleOf(model, role)))).join("|"));
        return found.join("\n");
    }
    function roleOf(model: var, name: string): int {
        return model instanceof StepListModel ? StepListModel[name] : MarkdownModel[name];
    }

    // What the delegate shows is what the model has, and reads as if it had come at once.
    function check(root: var, row: int): void {
        const messages = root.back.chat.messages;
        const id = messages.data(messages.index(row, 0), MessageListModel.MessageIdRole);
        tryVerify(() => root.subject.view.itemAtIndex(row)?.messageId === id, 5000, "the view has caught up");
        const shown = inMessage(root, row, "answer.thought").thought;
        const view = inMessage(root, row, "answer.text");
        compare(shown.text, messages.thoughtOf(row));
        compare(view.source, messages.textOf(row));
        const thought = createTemporaryObject(wholeThought, test);
        thought.text = shown.text;
        const stepRoles = ["NumberRole", "ContinuedRole", "TextRole", "OffsetRole", "FenceRole"];
        compare(rows(shown.steps, stepRoles), rows(thought.steps, stepRoles));
        const text = createTemporaryObject(wholeAnswer, test);
        text.source = view.source;
        while (text.canFetchMore(text.index(-1, -1)))
            text.fetchMore(text.index(-1, -1));
        const blockRoles = ["TypeRole", "HtmlRole", "TextRole"];
        if (view.model.count === text.count)
            compare(rows(view.model, blockRoles), rows(text, blockRoles));
        const item = root.subject.view.itemAtIndex(row);
        compare(item.Accessible.name, "Answer: " + view.source.substring(0, 200));
        compare(view.visible, /\S/.test(view.source));
    }

    function test_anyCutsGiveTheWhole_data() {
        return [1, 2, 3, 4, 5, 6].map(seed => ({
                    tag: "seed " + seed,
                    seed: seed,
                    longest: [1, 3, 9, 30, 200, 2000][seed - 1]
                }));
    }

    function test_anyCutsGiveTheWhole(data) {
        const root = makeReady();
        root.back.scriptTexts(thought, answer, data.seed, data.longest, data.longest < 9 ? 0 : 1);
        root.back.chat.ask("What is 347 + 586?");
        tryVerify(() => inMessage(root, 1, "answer.thought"), 5000);
        let checks = 0;
        while (root.back.chat.generating && checks++ < 200) {
            if (inMessage(root, 1, "answer.thought"))
                check(root, 1);
            wait(10);
        }
        tryVerify(() => root.back.chat.canAsk, 20000);
        check(root, 1);
        compare(inMessage(root, 1, "answer.thought").thought.text, thought);
        compare(inMessage(root, 1, "answer.text").source, answer);
        compare(inMessage(root, 1, "answer.text").model.rowCount(), inMessage(root, 1, "answer.text").model.count);
        root.back.chat.copyMessage(1);
    }

    function test_toldAnew() {
        const root = makeReady();
        const told = "I should plan.\n\n- a b c\n- d e";
        root.back.scriptRetold(told, "So it is twelve and no more", 15);
        root.back.chat.ask("What?");
        tryVerify(() => inMessage(root, 1, "answer.text")?.source.startsWith("I should"), 5000);
        check(root, 1);
        compare(inMessage(root, 1, "answer.thought").thought.text, "");
        const delegate = root.subject.view.itemAtIndex(1);
        tryVerify(() => inMessage(root, 1, "answer.thought").thought.text === told, 5000);
        check(root, 1);
        verify(root.back.chat.generating);
        tryVerify(() => inMessage(root, 1, "answer.text").source.startsWith("So it"), 5000);
        check(root, 1);
        tryVerify(() => root.back.chat.canAsk, 5000);
        verify(root.subject.view.itemAtIndex(1) === delegate, "the same delegate has shown it all");
        check(root, 1);
        compare(inMessage(root, 1, "answer.thought").thought.steps.stepCount, 3);
        compare(inMessage(root, 1, "answer.text").source.trim(), "So it is twelve and no more");
    }

    // An answer whose words were all taken back, while its delegate was made before any of them.
    function test_toldAnewAsNothing() {
        const root = makeReady();
        root.back.scriptRetold("Words and more of them, and still more, until it turns out", " ", 60);
        root.back.chat.ask("What?");
        tryVerify(() => inMessage(root, 1, "answer.text")?.source.startsWith("Words"), 5000);
        tryVerify(() => root.back.chat.canAsk, 5000);
        check(root, 1);
        compare(inMessage(root, 1, "answer.text").source.trim(), "");
        verify(!inMessage(root, 1, "answer.text").visible);
    }

    // Made in the middle of the answer: after one looked elsewhere, at another conversation or another version.
    function test_madeInTheMiddle_data() {
        return [
            {
                tag: "in the thought",
                long: true
            },
            {
                tag: "in the answer",
                long: false
            }
        ];
    }

    function test_madeInTheMiddle(data) {
        const root = makeReady();
        const chat = root.back.chat;
        chat.ask("First?");
        tryVerify(() => chat.canAsk && chat.messages.count === 2, 5000);
        const first = chat.conversationId;
        root.back.scriptTexts(data.long ? thought.repeat(3) : "Hm.", data.long ? "12" : answer.repeat(40), 7, 12, 1);
        chat.answerAgain(1);
        tryVerify(() => chat.generatingHere && (data.long ? inMessage(root, 1, "answer.thought")?.thought.text.length > 300 : chat.messages.textOf(1).length > 300), 10000);
        check(root, 1);
        chat.startNew();
        wait(30);
        chat.open(first);
        tryVerify(() => chat.messages.count === 2 && inMessage(root, 1, "answer.thought"), 5000);
        verify(chat.generating);
        check(root, 1);
        const seen = chat.messages.thoughtOf(1).length + chat.messages.textOf(1).length;
        tryVerify(() => chat.messages.thoughtOf(1).length + chat.messages.textOf(1).length > seen + 50);
        check(root, 1);
        chat.showSibling(1, -1); // the other version, while this one is written
        tryVerify(() => chat.messages.textOf(1) === "It is **12**.");
        tryVerify(() => inMessage(root, 1, "answer.text")?.source === "It is **12**.");
        verify(chat.generating);
        wait(30);
        compare(inMessage(root, 1, "answer.text").source, "It is **12**.");
        check(root, 1);
        chat.showSibling(1, 1);
        tryVerify(() => chat.messages.textOf(1) !== "It is **12**." && inMessage(root, 1, "answer.thought"));
        check(root, 1);
        // Stopped, and gone on from.
        verify(chat.generating);
        chat.stop();
        tryVerify(() => chat.canAsk);
        check(root, 1);
        const before = inMessage(root, 1, "answer.thought").thought.text;
        root.back.scriptTexts("\n\nand more\n- steps", "\n\nThe end.", 3, 2, 1);
        chat.goOn(1);
        tryVerify(() => chat.messages.textOf(1).endsWith("The end.") && chat.canAsk, 10000);
        check(root, 1);
        verify(inMessage(root, 1, "answer.thought").thought.text.startsWith(before.trim()));
        compare(inMessage(root, 1, "answer.thought").thought.steps.stepCount, inMessage(root, 1, "answer.thought").thought.stepRecords.length);
    }
}
