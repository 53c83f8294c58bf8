import QtQuick
import QtTest
import Ponder.Settings
import Ponder.TestChat

TestCase {
    id: test

    name: "DeviceRows"
    when: windowShown
    width: 600
    height: 500
    visible: true

    Component {
        id: component

        Item {
            readonly property TestChat back: back
            readonly property DeviceRows subject: subject

            width: 560
            height: 460

            TestChat {
                id: back
            }
            DeviceRows {
                id: subject

                width: parent.width
                settings: back.settings
                devices: back.device.devices
                standing: back.device.standing
                reason: back.device.reason
            }
        }
    }

    function make(): var {
        return createTemporaryObject(component, test);
    }

    function box(root: Item): Item {
        return findChild(root, "settings.device");
    }

    function words(root: Item): string {
        return findChild(root, "settings.deviceWords").text;
    }

    function test_saysWhyThereIsNoGpu() {
        const root = make();
        root.back.openModel();
        root.back.device.look();
        tryVerify(() => words(root) === "Now: CPU\nThere is no NVIDIA driver on this computer.");
        compare(box(root).count, 2);
        compare(box(root).displayText, "Automatic");
        compare(box(root).Accessible.name, "Device that models compute on");
        compare(box(root).Accessible.description, words(root));
    }

    function test_listsGpusAndKeepsTheChoice() {
        const root = make();
        root.back.setGpus(["NVIDIA H100 80GB HBM3", "NVIDIA RTX A4000"], 79);
        root.back.device.look();
        tryCompare(box(root), "count", 4);
        root.back.openModel();
        tryVerify(() => root.back.model.place === "GPU: NVIDIA H100 80GB HBM3");
        box(root).forceActiveFocus();
        for (let i = 0; i < 3; ++i)
            keyClick(Qt.Key_Down);
        compare(box(root).displayText, "NVIDIA RTX A4000 · 79 GiB");
        compare(root.back.settings.device, "cuda:1");
        tryVerify(() => root.back.stored("device") === "cuda:1");
        tryVerify(() => words(root) === "Now: GPU: NVIDIA RTX A4000");
        compare(box(root).currentIndex, 3);
    }

    function test_opensAsAListWithMarks() {
        const root = make();
        root.back.setGpus(["NVIDIA H100 80GB HBM3"], 79);
        root.back.device.look();
        tryCompare(box(root), "count", 3);
        mouseClick(box(root));
        tryVerify(() => box(root).popup.opened);
        const list = box(root).popup.contentItem;
        tryVerify(() => list.itemAtIndex(2) !== null && list.itemAtIndex(2).y > 0 && list.height > 80);
        compare(list.itemAtIndex(2).text, "NVIDIA H100 80GB HBM3 · 79 GiB");
        compare(list.itemAtIndex(0).checked, true);
        compare(list.itemAtIndex(2).checked, false);
        mouseClick(list.itemAtIndex(2));
        compare(root.back.settings.device, "cuda:0");
        tryVerify(() => !box(root).popup.visible);
    }

    // What was chosen stays chosen while GPUs come and go, and is shown with the name that it has now.
    function test_showsTheChoiceWhateverIsHere() {
        const root = make();
        root.back.settings.device = "cuda:1";
        tryCompare(box(root), "displayText", "GPU 1");
        root.back.setGpus(["One", "Two"], 8);
        root.back.device.look();
        tryCompare(box(root), "displayText", "Two · 8.0 GiB");
        compare(box(root).currentIndex, 3);
        root.back.setGpus([], 0);
        root.back.device.look();
        tryCompare(box(root), "displayText", "GPU 1 (not here)");
        root.back.openModel();
        tryVerify(() => words(root).startsWith("There is no GPU cuda:1 here."));
        root.back.settings.device = "auto";
        tryCompare(box(root), "displayText", "Automatic");
        compare(box(root).count, 2);
    }
}
