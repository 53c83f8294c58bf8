import QtQuick
import QtTest
import Ponder.Settings
import Ponder.TestChat
import Ponder.Theme

TestCase {
    id: test

    name: "SettingsDialog"
    when: windowShown
    width: 900
    height: 1200
    visible: true

    Component {
        id: component

        Item {
            id: page

            property alias subject: subject
            readonly property TestChat back: back
            property int reopened: 0

            width: 900
            height: 1200

            TestChat {
                id: back
            }
            SettingsDialog {
                id: subject

                settings: back.settings
                recommendedTemperature: 0.6
                recommendedTopP: 0.95
                modelReady: true
                devices: back.device.devices
                deviceStanding: back.device.standing
                deviceReason: back.device.reason
                chatTemplate: back.model.chatTemplate
                onDevicesWanted: back.device.look()
                onReopenModelRequested: ++page.reopened
            }
        }
    }

    function make(): var {
        const root = createTemporaryObject(component, test);
        root.subject.open();
        tryVerify(() => root.subject.opened);
        return root;
    }

    // The control with that accessible name.
    function control(root: Item, name: string): Item {
        const search = item => {
            if (item.Accessible.name === name && item.Accessible.role !== Accessible.StaticText)
                return item;
            for (const child of item.children) {
                const found = search(child);
                if (found)
                    return found;
            }
            return null;
        };
        const found = search(root.subject.contentItem);
        verify(found !== null, name);
        return found;
    }

    function test_theme() {
        const root = make();
        const box = findChild(root.subject.contentItem, "settings.theme");
        compare(box.currentIndex, SettingsViewModel.SystemTheme);
        box.forceActiveFocus();
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Down);
        compare(root.back.settings.theme, SettingsViewModel.DarkTheme);
        tryVerify(() => root.back.stored("theme") === SettingsViewModel.DarkTheme);
        compare(box.currentIndex, SettingsViewModel.DarkTheme);
    }

    function test_chatTemplate() {
        const root = make();
        root.back.openModel();
        tryVerify(() => root.back.model.ready && !root.back.model.opening);
        const templates = root.back.model.chatTemplate;
        const box = findChild(root.subject.contentItem, "settings.chatTemplate");
        const words = findChild(root.subject.contentItem, "settings.templateWords");
        verify(box.Accessible.name !== "");
        compare(box.currentIndex, 0);
        compare(words.text, "Now: the model's own.");
        box.forceActiveFocus();
        keyClick(Qt.Key_Down);
        compare(templates.current, 1);
        tryVerify(() => root.back.stored("chatTemplates") !== undefined);
        tryVerify(() => !root.back.model.opening);
        keyClick(Qt.Key_Up);
        compare(templates.current, 0);
        tryVerify(() => !root.back.model.opening);
        // The last asks for a file; until there is one, what held holds.
        box.activated(box.count - 1);
        compare(box.currentIndex, 0);
        templates.chooseFile("file:///tmp/own.jinja");
        compare(box.currentIndex, box.count - 1);
        verify(words.text.includes("/tmp/own.jinja"));
        tryVerify(() => !root.back.model.opening);
    }

    function test_openAtTemplate() {
        const root = createTemporaryObject(component, test);
        root.back.openModel();
        tryVerify(() => root.back.model.ready);
        root.subject.openAtTemplate();
        tryVerify(() => root.subject.opened);
        const box = findChild(root.subject.contentItem, "settings.chatTemplate");
        tryVerify(() => box.activeFocus);
    }

    function test_switches_data() {
        return [
            {
                tag: "settings.foldsThoughts",
                key: "foldsThoughts"
            },
            {
                tag: "settings.recommended",
                key: "recommendedSampling"
            }
        ];
    }

    function test_switches(data) {
        const root = make();
        const button = findChild(root.subject.contentItem, data.tag);
        verify(button.Accessible.name !== "");
        verify(button.checked);
        mouseClick(button);
        compare(root.back.settings[data.key], false);
        tryVerify(() => root.back.stored(data.key) === false);
        button.forceActiveFocus();
        keyClick(Qt.Key_Space);
        compare(root.back.settings[data.key], true);
        tryVerify(() => root.back.stored(data.key) === true);
    }

    function test_samplingShowsWhenItCounts() {
        const root = make();
        const slider = control(root, "Temperature");
        verify(!slider.visible);
        root.back.settings.recommendedSampling = false;
        tryVerify(() => slider.visible);
    }

    function test_numbers_data() {
        return [
            {
                tag: "Temperature",
                key: "temperature",
                press: Qt.Key_Right,
                by: 0.05
            },
            {
                tag: "Top-p",
                key: "topP",
                press: Qt.Key_Left,
                by: -0.01
            },
            {
                tag: "Min-p",
                key: "minP",
                press: Qt.Key_Right,
                by: 0.01
            },
            {
                tag: "Repetition penalty",
                key: "repetitionPenalty",
                press: Qt.Key_Right,
                by: 0.01
            },
            {
                tag: "Top-k",
                key: "topK",
                press: Qt.Key_Up,
                by: 1
            },
            {
                tag: "Seed",
                key: "seed",
                press: Qt.Key_Up,
                by: 1
            },
            {
                tag: "Longest answer in tokens",
                key: "maxTokens",
                press: Qt.Key_Up,
                by: 256
            },
            {
                tag: "Context length in tokens",
                key: "contextLength",
                press: Qt.Key_Up,
                by: 1024
            },
            {
                tag: "Threads",
                key: "threads",
                press: Qt.Key_Up,
                by: 1
            }
        ];
    }

    function test_numbers(data) {
        const root = make();
        root.back.settings.recommendedSampling = false;
        const knob = control(root, data.tag);
        tryVerify(() => knob.visible);
        const before = root.back.settings[data.key];
        fuzzyCompare(knob.value, before, 1e-6);
        knob.forceActiveFocus();
        keyClick(data.press);
        fuzzyCompare(root.back.settings[data.key], before + data.by, 1e-6);
        tryVerify(() => Math.abs(root.back.stored(data.key) - before - data.by) < 1e-6);
        fuzzyCompare(knob.value, before + data.by, 1e-6);
    }

    function test_numbersCanBeTyped() {
        const root = make();
        const box = control(root, "Seed");
        box.contentItem.forceActiveFocus();
        box.contentItem.selectAll();
        for (const key of "1234")
            keyClick(key);
        keyClick(Qt.Key_Return);
        compare(root.back.settings.seed, 1234);
        tryVerify(() => root.back.stored("seed") === 1234);
    }

    function test_systemPrompt() {
        const root = make();
        const field = findChild(root.subject.contentItem, "settings.systemPrompt");
        field.forceActiveFocus();
        for (const key of "Be brief")
            keyClick(key);
        root.subject.close();
        tryCompare(root.back.settings, "systemPrompt", "Be brief");
        tryVerify(() => root.back.stored("systemPrompt") === "Be brief");
    }

    function test_opensTheModelAgain() {
        const root = make();
        const button = control(root, "Open the model again with these");
        button.forceActiveFocus();
        keyClick(Qt.Key_Space);
        compare(root.reopened, 1);
        root.subject.modelReady = false;
        verify(!button.visible);
    }

    // However small the window is, one sees what one works with.
    function test_theKeyboardFindsItsWay() {
        const root = createTemporaryObject(component, test);
        root.height = 420;
        root.subject.parent = root;
        root.subject.openAtDevice();
        tryVerify(() => root.subject.opened);
        const box = findChild(root.subject.contentItem, "settings.device");
        tryVerify(() => box.activeFocus);
        const top = item => item.mapToItem(root, 0, 0).y;
        tryVerify(() => top(box) > 0 && top(box) + box.height < root.height);
        const theme = findChild(root.subject.contentItem, "settings.theme");
        verify(top(theme) < 0);
        theme.forceActiveFocus(Qt.TabFocusReason);
        tryVerify(() => top(theme) > 0);
    }

    function test_escapeAndDoneClose() {
        const root = make();
        keyClick(Qt.Key_Escape);
        tryVerify(() => !root.subject.visible);
        root.subject.open();
        tryVerify(() => root.subject.opened);
        const done = findChild(root.subject.footer, "settings.close");
        mouseClick(done);
        tryVerify(() => !root.subject.visible);
    }
}
