import QtQuick
import QtTest
import Ponder.Theme

TestCase {
    id: root

    name: "Theme"
    when: windowShown
    visible: true
    width: 400
    height: 300

    Component {
        id: buttonType
        PButton {
            text: "Press"
        }
    }
    Component {
        id: iconButtonType
        PIconButton {
            iconPath: Icons.copy
            text: "Copy"
        }
    }
    Component {
        id: linkType
        PLink {
            text: "More"
        }
    }
    Component {
        id: rowType
        PListItem {
            text: "Row"
        }
    }
    Component {
        id: fieldType
        PTextField {
            placeholderText: "Search"
            clearable: true
        }
    }
    TextEdit {
        id: pasted
    }
    Component {
        id: bannerType
        PBanner {
            width: 380
            kind: PBanner.Error
            text: "It failed."
            detail: "Try this."
            actionText: "Retry"
        }
    }

    function cleanup() {
        Theme.scheme = Theme.System;
    }

    function luminance(c: color): real {
        const part = v => v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
        return 0.2126 * part(c.r) + 0.7152 * part(c.g) + 0.0722 * part(c.b);
    }

    function contrast(a: color, b: color): real {
        const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
        return (high + 0.05) / (low + 0.05);
    }

    function test_textCanBeRead_data() {
        const rows = [];
        const add = (inks, papers) => {
            for (const ink of inks)
                for (const paper of papers)
                    for (const scheme of [Theme.Light, Theme.Dark])
                        rows.push({
                            tag: ink + " on " + paper + (scheme === Theme.Dark ? ", dark" : ""),
                            ink,
                            paper,
                            scheme
                        });
        };
        add(["ink", "inkSoft", "inkFaint"], ["paper", "margin", "raised", "sunken", "bubble"]);
        add(["accent"], ["paper", "margin", "raised", "sunken"]);
        add(["ink"], ["selection"]);
        add(["ink", "inkSoft"], ["accentTint", "dangerTint", "warningTint", "successTint"]);
        add(["thoughtInk", "thoughtFaint", "thoughtAccent"], ["thought"]);
        add(["thoughtAccent"], ["sunken"]);
        add(["accentInk"], ["accent", "accentHover", "accentPress"]);
        add(["danger"], ["paper", "raised", "dangerTint"]);
        add(["warning"], ["warningTint"]);
        add(["success"], ["successTint", "sunken"]);
        return rows;
    }

    function test_textCanBeRead(data) {
        Theme.scheme = data.scheme;
        const ratio = contrast(Theme[data.ink], Theme[data.paper]);
        verify(ratio >= 4.5, ratio.toFixed(2));
    }

    function test_schemeCanBeChosen() {
        Theme.scheme = Theme.Light;
        verify(!Theme.dark);
        Theme.scheme = Theme.Dark;
        verify(Theme.dark);
        Theme.scheme = Theme.System;
        compare(Theme.dark, Application.styleHints.colorScheme === Qt.ColorScheme.Dark);
    }

    function test_fontsAreOurs() {
        compare(Typography.sans, "Inter");
        compare(Typography.mono, "JetBrains Mono");
        Typography.zoom = 2;
        compare(Typography.body, 30);
        Typography.zoom = 1;
    }

    function test_reducedMotionTakesNoTime() {
        Motion.reduced = true;
        compare(Motion.calm + Motion.quick + Motion.instant, 0);
        Motion.reduced = false;
        verify(Motion.calm > 0);
    }

    function test_buttonsFromTheKeyboard() {
        const button = createTemporaryObject(buttonType, root);
        button.forceActiveFocus(Qt.TabFocusReason);
        let clicks = 0;
        button.clicked.connect(() => ++clicks);
        keyClick(Qt.Key_Space);
        compare(clicks, 1);
        mouseClick(button);
        compare(clicks, 2);
        compare(button.Accessible.name, "Press");
    }

    function test_enterPresses_data() {
        return [
            {
                tag: "button",
                type: buttonType
            },
            {
                tag: "icon",
                type: iconButtonType
            },
            {
                tag: "link",
                type: linkType
            },
            {
                tag: "row",
                type: rowType
            }
        ];
    }

    function test_enterPresses(data) {
        const button = createTemporaryObject(data.type, root);
        button.forceActiveFocus(Qt.TabFocusReason);
        let clicks = 0;
        button.clicked.connect(() => ++clicks);
        keyClick(Qt.Key_Return);
        compare(clicks, 1);
        keyClick(Qt.Key_Enter, Qt.KeypadModifier);
        compare(clicks, 2);
    }

    function test_iconButtonsHaveNames() {
        const button = createTemporaryObject(iconButtonType, root);
        compare(button.Accessible.name, "Copy");
        compare(button.Accessible.role, Accessible.Button);
    }

    function test_fieldsClear() {
        const field = createTemporaryObject(fieldType, root);
        compare(field.Accessible.name, "Search");
        field.forceActiveFocus();
        keyClick(Qt.Key_A);
        compare(field.text, "a");
        mouseClick(field, field.width - 12, field.height / 2);
        compare(field.text, "");
    }

    function test_bannersSayAndAct() {
        const banner = createTemporaryObject(bannerType, root);
        compare(banner.Accessible.name, "It failed. Try this.");
        let acted = 0;
        banner.actionTriggered.connect(() => ++acted);
        const button = findButton(banner, "Retry");
        mouseClick(button);
        compare(acted, 1);
    }

    function test_bannersUnfoldDetailsToCopy() {
        const banner = createTemporaryObject(bannerType, root, {
            details: "engine: FileCorrupt\nmetadata key 3"
        });
        const toggle = findChild(banner, "details.toggle");
        const words = findChild(banner, "details.text");
        const copy = findChild(banner, "details.copy");
        verify(toggle.visible);
        verify(!words.visible);
        compare(toggle.Accessible.name, "Show the details");
        const folded = banner.implicitHeight;

        toggle.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryVerify(() => words.visible);
        compare(toggle.Accessible.name, "Hide the details");
        tryVerify(() => banner.implicitHeight > folded + 30, 5000, "the banner grows");
        verify(words.text.startsWith("engine: FileCorrupt\nmetadata key 3\n"), words.text);
        compare(words.font.family, Typography.mono);
        verify(words.readOnly && words.selectByMouse);

        keyClick(Qt.Key_Tab);
        verify(words.activeFocus);
        keyClick(Qt.Key_Tab);
        verify(copy.activeFocus, "Tab leads through the text to the button");
        keyClick(Qt.Key_Space);
        compare(copy.text, "Copied");
        pasted.clear();
        pasted.paste();
        compare(pasted.text, words.text);

        banner.details = "";
        verify(!toggle.visible && !words.visible);
        tryVerify(() => banner.implicitHeight < folded, 5000, "and shrinks again");
    }

    function findButton(item: Item, text: string): Item {
        if (item instanceof PButton && item.text === text)
            return item;
        for (const child of item.children) {
            const found = findButton(child, text);
            if (found)
                return found;
        }
        return null;
    }
}
