import QtQuick
import QtTest
import Ponder.Chat
import Ponder.TestChat

TestCase {
    id: test

    name: "StatusLine"
    when: windowShown
    width: 900
    height: 500
    visible: true

    Component {
        id: component

        Item {
            id: page

            readonly property TestChat back: back
            property int settingsAsked: 0

            width: 900
            height: 500

            TestChat {
                id: back
            }
            StatusLine {
                anchors.bottom: parent.bottom
                width: parent.width
                chat: back.chat
                model: back.model
                offline: back.offline
                onDeviceSettingsRequested: ++page.settingsAsked
                onDeviceRetryRequested: back.device.tryAgain()
            }
        }
    }

    function make(gpus: var, gibibytes: int): var {
        const root = createTemporaryObject(component, test);
        root.back.setGpus(gpus, gibibytes);
        verify(!device(root).visible);
        root.back.openModel();
        tryVerify(() => root.back.model.ready && !root.back.model.opening);
        tryVerify(() => device(root).visible);
        return root;
    }

    function device(root: Item): Item {
        return findChild(root, "status.device");
    }

    function popover(root: Item): QtObject {
        return findChild(root, "devicePopover");
    }

    function test_saysWhereTheModelComputes_data() {
        return [
            {
                tag: "processor",
                gpus: [],
                size: 0,
                words: "CPU",
                plan: "Weights 24 MiB, on 2 threads"
            },
            {
                tag: "GPU",
                gpus: ["NVIDIA H100 80GB HBM3"],
                size: 79,
                words: "GPU: NVIDIA H100 80GB HBM3",
                plan: "NVIDIA H100 80GB HBM3: weights 24 MiB"
            },
            {
                tag: "both",
                gpus: ["NVIDIA T400"],
                size: 2,
                words: "GPU + processor",
                plan: "NVIDIA T400: weights 24 MiB"
            }
        ];
    }

    function test_saysWhereTheModelComputes(data) {
        const root = make(data.gpus, data.size);
        compare(device(root).text, data.words);
        compare(device(root).Accessible.name, "Computes on: " + data.words);
        compare(device(root).Accessible.description, data.plan);
    }

    function test_leadsToTheChoiceFromTheKeyboard() {
        const root = make([], 0);
        device(root).forceActiveFocus();
        keyClick(Qt.Key_Space);
        tryVerify(() => popover(root).opened);
        const choose = findChild(popover(root).contentItem, "devicePopover.choose");
        tryVerify(() => choose.activeFocus);
        keyClick(Qt.Key_Space);
        compare(root.settingsAsked, 1);
        tryVerify(() => !popover(root).visible);
    }

    function test_triesALostGpuAgain() {
        const root = make(["NVIDIA H100 80GB HBM3"], 79);
        root.back.loseGpu();
        root.back.chat.ask("What?");
        tryVerify(() => device(root).text === "CPU");
        compare(device(root).Accessible.description, "The GPU stopped answering.");
        tryVerify(() => !root.back.chat.generating);
        mouseClick(device(root));
        tryVerify(() => popover(root).opened);
        const retry = findChild(popover(root).contentItem, "devicePopover.retry");
        verify(retry.visible);
        mouseClick(retry);
        tryVerify(() => device(root).text === "GPU: NVIDIA H100 80GB HBM3");
        compare(device(root).Accessible.description, "NVIDIA H100 80GB HBM3: weights 24 MiB");
        tryVerify(() => !root.back.model.opening);
        verify(!retry.visible);
    }

    function test_nothingOverlapsInANarrowWindow() {
        const root = make(["NVIDIA H100 80GB HBM3"], 79);
        root.width = 480;
        const text = findChild(root, "status.text");
        tryVerify(() => text.width > 40 && text.mapToItem(root, text.width, 0).x <= device(root).mapToItem(root, 0, 0).x);
    }
}
