import QtQuick
import QtTest
import Ponder.Markdown
import Ponder.Theme

TestCase {
    id: root

    name: "MarkdownView"
    when: windowShown
    visible: true
    width: 600
    height: 500

    Component {
        id: viewType
        MarkdownView {
            width: 600
        }
    }
    Component {
        id: codeType
        CodeBlock {
            width: 300
            language: "py"
            text: "x = 1\nprint(x)"
        }
    }
    Component {
        id: richType
        RichText {}
    }
    Component {
        id: pasteType
        TextEdit {}
    }

    // Every item below `item` for which `wanted` holds, in order.
    function all(item: Item, wanted): var {
        let found = wanted(item) ? [item] : [];
        for (const child of item.children)
            found = found.concat(all(child, wanted));
        return found;
    }

    function edits(view: Item): var {
        return all(view, item => item instanceof TextEdit && item.visible);
    }
    function pasted(): string {
        const edit = createTemporaryObject(pasteType, root);
        edit.paste();
        return edit.text;
    }

    function test_blocksStandUnderEachOther() {
        const view = createTemporaryObject(viewType, root, {
            source: "# One\n\ntwo\n\n- three\n\n```py\nfour\n```\n\n|a|\n|-|\n|5|\n\n$$\nsix\n$$"
        });
        tryVerify(() => edits(view).length === 6);
        let bottom = -1;
        for (const edit of edits(view)) {
            const top = edit.mapToItem(view, 0, 0).y;
            verify(top >= bottom, edit.getText(0, 20));
            bottom = top + edit.height;
        }
        verify(view.implicitHeight >= bottom);
    }

    function test_emojiThatAskForColourAreNamed_data() {
        const named = words => "<span class=\"emoji\">" + words + "</span>";
        return [
            {
                tag: "words",
                words: "1. <b>2 × 3</b> # *",
                wanted: "1. <b>2 × 3</b> # *"
            },
            {
                tag: "keycap",
                words: "Step 1\uFE0F\u20E3, then 12\uFE0F\u20E3",
                wanted: "Step " + named("1\uFE0F\u20E3") + ", then 1" + named("2\uFE0F\u20E3")
            },
            {
                tag: "heart",
                words: "a ❤\uFE0F b ❤ c",
                wanted: "a " + named("❤\uFE0F") + " b ❤ c"
            },
            {
                tag: "joined",
                words: "❤\uFE0F\u200D🔥 and 👩\u200D❤\uFE0F\u200D👨!",
                wanted: named("❤\uFE0F\u200D🔥") + " and " + named("👩\u200D❤\uFE0F\u200D👨") + "!"
            },
            {
                tag: "skin",
                words: "🕵🏽\uFE0F\u200D♀\uFE0F ok",
                wanted: named("🕵🏽\uFE0F\u200D♀\uFE0F") + " ok"
            },
            {
                tag: "in an address",
                words: "<a href=\"x❤\uFE0Fy\">1\uFE0F\u20E3</a>",
                wanted: "<a href=\"x❤\uFE0Fy\">" + named("1\uFE0F\u20E3") + "</a>"
            },
            {
                tag: "others stay",
                words: "🎉 你好 ©",
                wanted: "🎉 你好 ©"
            },
        ];
    }

    function test_emojiThatAskForColourAreNamed(data) {
        const text = createTemporaryObject(richType, root);
        compare(text.withEmoji(data.words), data.wanted);
        text.html = data.words;
        // What is drawn names the font where the words do.
        compare(text.getFormattedText(0, text.length).includes("Noto Color Emoji"), data.wanted !== data.words);
    }

    function test_streamingKeepsWhatIsThere() {
        const view = createTemporaryObject(viewType, root, {
            source: "first\n\nsec"
        });
        const before = edits(view);
        compare(before.length, 2);
        view.append("ond\n\n`third`");
        tryVerify(() => edits(view).length === 3);
        compare(edits(view)[0], before[0]);
        compare(edits(view)[1], before[1]);
        compare(edits(view)[1].getText(0, 20), "second");
    }

    function test_aBlockCanBecomeAnother() {
        const view = createTemporaryObject(viewType, root, {
            source: "|a|b|"
        });
        compare(all(view, item => item instanceof TableBlock).length, 0);
        view.source = "|a|b|\n|-|-|\n|1|2|";
        tryVerify(() => all(view, item => item instanceof TableBlock).length === 1);
    }

    function test_wideTablesMoveSideways() {
        const cells = [];
        for (let i = 0; i < 30; ++i)
            cells.push("Column" + i);
        const view = createTemporaryObject(viewType, root, {
            source: "|" + cells.join("|") + "|\n" + "|-".repeat(30) + "|\n|" + cells.join("|") + "|"
        });
        tryVerify(() => all(view, item => item instanceof TableBlock).length === 1);
        const block = all(view, item => item instanceof TableBlock)[0];
        compare(block.width, 600);
        verify(block.contentWidth > 1500);
        verify(block.height < 120); // a line a row: no word is broken
        block.forceActiveFocus();
        keyClick(Qt.Key_Right);
        verify(block.contentX > 0);
        keyClick(Qt.Key_End);
        compare(block.contentX, block.contentWidth - block.width);
        mouseWheel(block, 50, 10, 0, 120, Qt.NoButton, Qt.ShiftModifier);
        verify(block.contentX < block.contentWidth - block.width);
    }

    function test_tablesAreAsWideAsTheyNeedToBe() {
        const view = createTemporaryObject(viewType, root, {
            source: "|a|b|\n|-|-|\n|1|" + "word ".repeat(100) + "|"
        });
        tryVerify(() => all(view, item => item instanceof TableBlock).length === 1);
        const block = all(view, item => item instanceof TableBlock)[0];
        tryVerify(() => block.contentWidth === 600 && block.height > 100);
        view.source = "|a|b|\n|-|-|\n|1|2|";
        tryVerify(() => edits(view)[0].width < 120);
    }

    function test_tablesAreCopiedAsRows() {
        const view = createTemporaryObject(viewType, root, {
            source: "|a|b c|\n|-|-|\n|1|**2**|"
        });
        const edit = edits(view)[0];
        edit.forceActiveFocus();
        keyClick(Qt.Key_A, Qt.ControlModifier);
        keyClick(Qt.Key_C, Qt.ControlModifier);
        compare(pasted(), "a\tb c\n1\t2");
    }

    function test_marksStandBesideTheirWords() {
        const view = createTemporaryObject(viewType, root, {
            source: "- \u0645\u0631\u062D\u0628\u0627\n- word"
        });
        const marks = all(view, item => item instanceof PText && item.visible && item.text.endsWith("\u2022"));
        compare(marks.length, 2);
        verify(marks[0].mapToItem(view, 0, 0).x > 560);
        verify(marks[1].mapToItem(view, 0, 0).x < 40);
    }

    function test_codeAmongArabicKeepsItsDirection() {
        const view = createTemporaryObject(viewType, root, {
            source: "البند الثاني مع `code()` هنا"
        });
        tryVerify(() => edits(view).length === 1);
        const edit = edits(view)[0];
        const at = edit.getText(0, edit.length).indexOf("code()");
        verify(edit.positionToRectangle(at + 1).x < edit.positionToRectangle(at + 5).x);
        edit.selectAll();
        edit.copy();
        verify(pasted().includes("code()"));
    }

    function test_arrowsStayTwoCharacters() {
        const view = createTemporaryObject(viewType, root, {
            source: "a -> b != c"
        });
        compare(edits(view)[0].font.features["calt"], 0);
    }

    function test_textCanBeCopiedWithTheKeyboard() {
        const view = createTemporaryObject(viewType, root, {
            source: "some **bold** words"
        });
        const edit = edits(view)[0];
        mouseDoubleClickSequence(edit, 60, 10);
        verify(edit.selectedText !== "");
        keyClick(Qt.Key_A, Qt.ControlModifier);
        keyClick(Qt.Key_C, Qt.ControlModifier);
        compare(pasted(), "some bold words");
    }

    function test_linksAreShownNotOpened() {
        const view = createTemporaryObject(viewType, root, {
            source: "[here](https://example.org/x)"
        });
        let address = "";
        view.linkActivated.connect(target => address = target);
        const edit = edits(view)[0];
        mouseClick(edit, 10, edit.height / 2);
        compare(address, "https://example.org/x");
    }

    function test_codeIsNamedAndCopied() {
        const block = createTemporaryObject(codeType, root);
        compare(block.Accessible.name, "Code in Python");
        verify(!block.copied);
        block.copy();
        verify(block.copied);
        compare(pasted(), "x = 1\nprint(x)");
    }

    function test_codeIsSelectedFromItsMargin() {
        const block = createTemporaryObject(codeType, root);
        const edit = edits(block)[0];
        compare(edit.cursorPosition, 0);
        mousePress(edit, 8, 5);
        mouseMove(edit, 40, 5);
        mouseMove(edit, 150, edit.height - 5);
        mouseRelease(edit, 150, edit.height - 5);
        compare(edit.selectedText.replace("\u2029", "\n"), "x = 1\nprint(x)");
        keyClick(Qt.Key_C, Qt.ControlModifier);
        compare(pasted(), "x = 1\nprint(x)");
    }

    function test_codeGrows() {
        const block = createTemporaryObject(codeType, root);
        const before = block.implicitHeight;
        block.text += "\ny = 2\n";
        tryVerify(() => block.implicitHeight > before);
        compare(edits(block)[0].getText(0, 100).split(/[\n\u2029]/).length, 4);
    }

    function test_longCodeScrollsSideways() {
        const block = createTemporaryObject(codeType, root, {
            text: "a".repeat(500)
        });
        const flick = all(block, item => item instanceof Flickable)[0];
        tryVerify(() => flick.contentWidth > flick.width);
        compare(block.width, 300);
    }

    function test_manyBlocksComeInTurns() {
        const view = createTemporaryObject(viewType, root, {
            source: "x\n\n".repeat(300)
        });
        verify(view.model.count < 300);
        tryCompare(view.model, "count", 300, 10000);
    }
}
