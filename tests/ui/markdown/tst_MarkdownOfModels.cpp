// Markdown as models write it, where CommonMark says something else. Every text is also streamed, cut at
// every byte: the blocks are those of the text so far, whichever way it came.
#include <QTest>

#include "ui/markdown/markdown_model.h"
#include "ui/markdown/step_text.h"

using ponder::MarkdownBlock;
using ponder::MarkdownModel;

namespace {

QList<MarkdownBlock> parse(const QString& text)
{
    MarkdownModel model;
    model.append(text);
    return model.blocks();
}

QString described(const MarkdownBlock& block)
{
    constexpr const char* kNames[] = {"p", "h", "table", "code", "math", "rule"};
    QString text = QString::fromLatin1(kNames[block.type]);
    if (block.listDepth > 0)
        text += QStringLiteral(" list%1").arg(block.listDepth);
    if (block.quoteDepth > 0)
        text += QStringLiteral(" quote%1").arg(block.quoteDepth);
    if (block.quoteLists > 0)
        text += QStringLiteral(" in%1").arg(block.quoteLists);
    if (!block.marker.isEmpty())
        text += QStringLiteral(" [%1]").arg(block.marker);
    return text + QStringLiteral(": ")
        + (block.type == MarkdownBlock::Table || block.html.isEmpty() ? block.text : block.html);
}

QStringList described(const QList<MarkdownBlock>& blocks)
{
    QStringList texts;
    for (const MarkdownBlock& block : blocks)
        texts << described(block);
    return texts;
}

} // namespace

class MarkdownOfModelsTest : public QObject {
    Q_OBJECT

private slots:
    void blocks_data();
    void blocks();
    void sameHoweverItIsCut_data() { blocks_data(); }
    void sameHoweverItIsCut();
    void longCodeStaysCode_data();
    void longCodeStaysCode();
    void aLongItemKeepsItsPlace();
    void sourcesAreLinkedOnceTheyCome();
    void figuresStandOnTheRight();
    void directionsAreTold();
    void aStepKeepsItsMarkdown();
    void codeGoesOnInTheNextStep();
};

void MarkdownOfModelsTest::blocks_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char* name, const char* source, const QStringList& expected) {
        QTest::newRow(name) << QString::fromUtf8(source) << expected;
    };
    // Tildes.
    row("one tilde", "大约3~5天，价格100~200元。", {"p: 大约3~5天，价格100~200元。"});
    row("tildes in front", "A fix (~2000 lines) and a test (~50 lines)",
        {"p: A fix (~2000 lines) and a test (~50 lines)"});
    row("two tildes strike", "~~old~~ and 原价~~100元~~现价50元 but 3~~5",
        {"p: <s>old</s> and 原价<s>100元</s>现价50元 but 3~~5"});

    // Products.
    row("product", "2*3*4 = 24, a*b*c", {"p: 2*3*4 = 24, a*b*c"});
    row("product of words", "price*count*2 and width*height*depth",
        {"p: price*count*2 and width*height*depth"});
    row("product of brackets", "(a+b)*c*(d+1) or f(x)*g(y)*2", {"p: (a+b)*c*(d+1) or f(x)*g(y)*2"});
    row("power", "a**2 + b**2 = c**2, **so x**2 = 4** and 2**10**2",
        {"p: a**2 + b**2 = c**2, <b>so x**2 = 4</b> and 2**10**2"});
    row("product of other letters",
        "2*π*r, 4/3*π*r³, ½*m*v², Δx*Δy*Δz, x²*y*z, a₁*b₁ + a₂*b₂, 5*π and 6*π",
        {"p: 2*π*r, 4/3*π*r³, ½*m*v², Δx*Δy*Δz, x²*y*z, a₁*b₁ + a₂*b₂, 5*π and 6*π"});
    row("product with signs", "20%*50*2, n!*2*k, f'*g*h and 90°*2*x",
        {"p: 20%*50*2, n!*2*k, f'*g*h and 90°*2*x"});
    row("power of other letters", "σ**2 + μ**2, **σ**2", {"p: σ**2 + μ**2, <b>σ</b>2"});
    row("all columns", "COUNT(*) and SUM(*), f(*, 2) or g(2,*)",
        {"p: COUNT(*) and SUM(*), f(*, 2) or g(2,*)"});
    row("emphasis of other letters", "это *важно*, ราคา**100 บาท**ครับ",
        {"p: это <i>важно</i>, ราคา<b>100 บาท</b>ครับ"});
    row("emphasis all the same", "*un*happy, **Step**1, a *b* c, ***x***, *2*3*4*",
        {"p: <i>un</i>happy, <b>Step</b>1, a <i>b</i> c, <i><b>x</b></i>, <i>2</i>3<i>4</i>"});
    row("paths", "src/**/*.ts and test/**/*.ts, /* a */ and /* b */",
        {"p: src/**/*.ts and test/**/*.ts, /* a */ and /* b */"});
    row("keycap", "*\uFE0F\u20E3 and *\uFE0F\u20E3", {"p: *\uFE0F\u20E3 and *\uFE0F\u20E3"});

    // Bold in languages without spaces.
    row("bold before a colon", "**注意：**请先备份。", {"p: <b>注意：</b>请先备份。"});
    row("bold quotes", "这是**“已知问题”**的例子，和**「重要」**です",
        {"p: 这是<b>“已知问题”</b>的例子，和<b>「重要」</b>です"});
    row("bold brackets", "参见**《红楼梦》**第3章**（上）**。한국어**“중요”**입니다",
        {"p: 参见<b>《红楼梦》</b>第3章<b>（上）</b>。한국어<b>“중요”</b>입니다"});
    row("italics", "这是*“重点”*的，*注意：*请", {"p: 这是<i>“重点”</i>的，<i>注意：</i>请"});
    row("code and formula in bold", "**`a`：**后，**结果是$x$：**好",
        {"p: <b><code>a</code>：</b>后，<b>结果是<span class=\"math\">$x$</span>：</b>好"});
    row("bold, several", "**一：**甲**二：**乙**三：**丙",
        {"p: <b>一：</b>甲<b>二：</b>乙<b>三：</b>丙"});
    row("bold without a space", "**Note:**text and foo**\"bar\"**baz",
        {"p: <b>Note:</b>text and foo<b>&quot;bar&quot;</b>baz"});
    row("bold in a list and a table", "- **注意：**请\n\n|**甲：**乙|b|\n|-|-|\n|**“x”**的|c|",
        {"p list1 [•]: <b>注意：</b>请", "table: 甲：乙\tb\n“x”的\tc"});

    // Dollars.
    row("shell", "Set PATH=$PATH:$HOME/bin first, then **restart**.",
        {"p: Set PATH=$PATH:$HOME/bin first, then <b>restart</b>."});
    row("prices",
        "The fee is $5 (was 6$) and **bold**. $50k/year; 100$ is less. From $1,000–$2,000.",
        {"p: The fee is $5 (was 6$) and <b>bold</b>. $50k/year; 100$ is less. From "
         "$1,000–$2,000."});
    row("bold prices", "**$4** to **$6**, $3.50, or $4",
        {"p: <b>$4</b> to <b>$6</b>, $3.50, or $4"});
    row("variables",
        "Compare $a->x and ($b->y) **now**, ${A}/${B} and $(pwd)/$(date) or US$5 and A$6",
        {"p: Compare $a-&gt;x and ($b-&gt;y) <b>now</b>, ${A}/${B} and $(pwd)/$(date) or US$5 and "
         "A$6"});
    row("words between prices", "It costs $20 now and 30$ later",
        {"p: It costs $20 now and 30$ later"});
    row("formulas",
        "$x$, $n$th, $a_1*b_2*c$, $5$, $\\frac{1}{2}$, $f(x) = \\sin x$, $2x + 3 = 7$, $\\{1, "
        "2\\}$",
        {"p: <span class=\"math\">$x$</span>, <span class=\"math\">$n$</span>th, "
         "<span class=\"math\">$a_1*b_2*c$</span>, <span class=\"math\">$5$</span>, "
         "<span class=\"math\">$\\frac{1}{2}$</span>, <span class=\"math\">$f(x) = \\sin "
         "x$</span>, "
         "<span class=\"math\">$2x + 3 = 7$</span>, <span class=\"math\">$\\{1, 2\\}$</span>"});
    row("formulas between words", "设$x$为$y$的值，$a+b$。",
        {"p: 设<span class=\"math\">$x$</span>为<span class=\"math\">$y$</span>的值，<span "
         "class=\"math\">$a+b$</span>。"});

    // Tables.
    row("table under a line", "Here is the comparison:\n| A | B |\n|---|---|\n| 1 | 2 |",
        {"p: Here is the comparison:", "table: A\tB\n1\t2"});
    row("table under bold", "Text\n**Summary**\n| A | B |\n|---|---|\n| 1 | 2 |\n\nend",
        {"p: Text<br><b>Summary</b>", "table: A\tB\n1\t2", "p: end"});
    row("table in an item", "- Summary:\n  | A | B |\n  |---|---|\n  | 1 | 2 |\n- next",
        {"p list1 [•]: Summary:", "table list1: A\tB\n1\t2", "p list1 [•]: next"});
    row("table in a quote", "> Summary:\n> | A | B |\n> |---|---|\n> | 1 | 2 |",
        {"p quote1: Summary:", "table quote1: A\tB\n1\t2"});
    row("a quote in an item", "1. a\n   > b\n", {"p list1 [1.]: a", "p list1 quote1 in1: b"});
    row("an item that is a quote", "- > c\n", {"p list1 quote1 in1 [\u2022]: c"});
    row("an item in a quote", "> - d\n", {"p list1 quote1 [\u2022]: d"});
    row("a delimiter short of cells", "| A | B | C |\n|---|---|\n| 1 | 2 | 3 |",
        {"table: A\tB\tC\n1\t2\t3"});
    row("a delimiter short of cells, under a line", "So:\n| A | B | C |\n|:-\n| 1 | 2 | 3 |\n\nend",
        {"p: So:", "table: A\tB\tC\n1\t2\t3", "p: end"});
    row("a delimiter short of cells, in an item", "- | A | B |\n  |---|\n  | 1 | 2 |",
        {"table list1 [•]: A\tB\n1\t2"});
    row("no table", "a | b\nfoo\n-- | -- | --\n| x |",
        {"p: a | b<br>foo<br>-- | -- | --<br>| x |"});

    // Sums and code.
    row("sum", "10 - 3\n------\n7", {"p: 10 - 3<br>------<br>7"});
    row("sum in lines", "10\n- 3\n----\n 7", {"p: 10<br>- 3<br>----<br>7"});
    row("other sums", "  123\n+ 456\n-----\n  579\n\n12 x 3\n====\n36",
        {"p: 123<br>+ 456<br>-----<br>579", "p: 12 x 3<br>====<br>36"});
    row("a year", "2024\n----\ntext", {"h: 2024", "p: text"});
    row("heading under a line", "Title 2\n-------\ntext", {"h: Title 2", "p: text"});
    row("a heading of few marks", "Title\n-\ntext\n\nTitle\n==\n",
        {"h: Title", "p: text", "h: Title"});
    row("the begin of a list", "Here are the points:\n- ", {"p: Here are the points:<br>-"});
    row("the begin of an underline", "Text\n==", {"p: Text<br>=="});
    row("the begin of an item", "- a\n-", {"p list1 [•]: a", "p list1 [•]: "});
    row("the begin of an inner item", "- a\n  -", {"p list1 [•]: a<br>-"});
    row("list under figures", "Numbers:\n- 3\n- 4",
        {"p: Numbers:", "p list1 [•]: 3", "p list1 [•]: 4"});
    row("four spaces", "Run:\n\n    # not a heading\n    - no item\n\n        deeper\n\nend",
        {"p: Run:", "code: # not a heading\n- no item\n\n    deeper", "p: end"});
    row("four spaces under an item", "1. One\n\n    more\n2. Two",
        {"p list1 [1.]: One", "p list1: more", "p list1 [2.]: Two"});
    row("four spaces in a paragraph", "a\n    b", {"p: a<br>b"});

    // Sources and footnotes.
    row("sources",
        "See [1] and [b][2].\n\n[1]: https://a.example/x\n[2]: <https://b.example> \"T\"",
        {"p: See <a href=\"https://a.example/x\">[1]</a> and <a href=\"https://b.example\">b</a>.",
            "p list1 [[1]]: <a href=\"https://a.example/x\">https://a.example/x</a>",
            "p list1 [[2]]: <a href=\"https://b.example\">https://b.example</a> – T"});
    row("sources in a row", "So [1][2], a[0] and [3].\n\n[1]: https://a.b\n[2]: https://c.d",
        {"p: So <a href=\"https://a.b\">[1]</a><a href=\"https://c.d\">[2]</a>, a[0] and [3].",
            "p list1 [[1]]: <a href=\"https://a.b\">https://a.b</a>",
            "p list1 [[2]]: <a href=\"https://c.d\">https://c.d</a>"});
    row("sources right under a line", "Sources:\n[1]: https://a.example",
        {"p: Sources:", "p list1 [[1]]: <a href=\"https://a.example\">https://a.example</a>"});
    row("footnote", "A note[^1], [^x] none.\n\n[^1]: The **note**\n    goes on.\n\nend",
        {"p: A note<sup>1</sup>, [^x] none.", "p list1 [1]: The <b>note</b><br>goes on.",
            "p: end"});
    row("no definition", "[Tom]: Hello\n\n[Note]: this is text\n\n- [x]: y",
        {"p: [Tom]: Hello", "p: [Note]: this is text", "p list1 [•]: [x]: y"});

    // HTML.
    row("html", "one<br>two, H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd>, <b>b</b> <u>u</u>",
        {"p: one<br>two, H<sub>2</sub>O, x<sup>2</sup>, <code>Ctrl</code>, <b>b</b> <u>u</u>"});
    row("html that is text", "use <b> or </i>, <foo>x</foo>, `<br>` and <u onclick=x>y</u>",
        {"p: use &lt;b&gt; or &lt;/i&gt;, &lt;foo&gt;x&lt;/foo&gt;, <code>&lt;br&gt;</code> and "
         "&lt;u onclick=x&gt;y&lt;/u&gt;"});
    row("details", "<details>\n<summary>More</summary>\n\ntext\n\n</details>\n\nend",
        {"p: <b>More</b>", "p: text", "p: end"});

    // Fences in fences.
    row("markdown in a fence", "```markdown\n# T\n```python\nx = 1\n```\nend\n```\nafter",
        {"code: # T\n```python\nx = 1\n```\nend", "p: after"});
    row("markdown in an item's fence",
        "- a\n  ```markdown\n  # T\n  ```py\n  x\n  ```\n  end\n  ```\n- b",
        {"p list1 [•]: a", "code list1: # T\n```py\nx\n```\nend", "p list1 [•]: b"});
    row("four backticks", "````markdown\n```py\nx\n```\n````\nafter",
        {"code: ```py\nx\n```", "p: after"});

    row("four backticks, and an inner fence without its end",
        "````md\n```py\nx\n````\nafter\n```\ny\n```", {"code: ```py\nx", "p: after", "code: y"});

    // Characters.
    row("control characters", "a\x1b[31mb\u202Ec `d\u202Ee`",
        {"p: a\u241B[31mb[U+202E]c <code>d[U+202E]e</code>"});
    row("code is not touched",
        "```\na\u202Eb *c* ~d~ $x$ <br>\n```\n\n- x\n  ```\n  2*3*4 <br> $x$ 3~5\n  ```",
        {"code: a[U+202E]b *c* ~d~ $x$ <br>", "p list1 [•]: x", "code list1: 2*3*4 <br> $x$ 3~5"});
}

void MarkdownOfModelsTest::blocks()
{
    QFETCH(QString, source);
    QFETCH(QStringList, expected);
    const QStringList actual = described(parse(source));
    QCOMPARE(actual, expected);
}

void MarkdownOfModelsTest::sameHoweverItIsCut()
{
    QFETCH(QString, source);
    MarkdownModel model;
    for (qsizetype at = 0; at < source.size(); ++at) {
        model.append(source.sliced(at, 1));
        if (!source.at(at).isHighSurrogate())
            QCOMPARE(described(model.blocks()), described(parse(source.first(at + 1))));
    }
    QCOMPARE(model.blocks(), parse(source));
}

void MarkdownOfModelsTest::longCodeStaysCode_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("indent");
    QTest::addColumn<int>("level");
    QTest::newRow("item") << QStringLiteral("1. Save:\n   ```python\n") << QStringLiteral("   ")
                          << 1;
    QTest::newRow("on the item's line")
        << QStringLiteral("- ```python\n") << QStringLiteral("  ") << 1;
    QTest::newRow("item in an item")
        << QStringLiteral("1. Save:\n   - so:\n     ```python\n") << QStringLiteral("     ") << 2;
    QTest::newRow("quote") << QStringLiteral("> Save:\n> ```python\n") << QStringLiteral("> ") << 0;
    QTest::newRow("top") << QStringLiteral("Save:\n```python\n") << QString() << 0;
}

void MarkdownOfModelsTest::longCodeStaysCode()
{
    QFETCH(QString, before);
    QFETCH(QString, indent);
    QFETCH(int, level);
    QString source = before;
    QStringList lines;
    for (int i = 0; i < 900; ++i) {
        lines << (i % 7 == 3 ? QString()
                             : QStringLiteral("value_%1 = compute(%1) # - not **an** item").arg(i));
        source += (lines.last().isEmpty() ? indent.trimmed() : indent + lines.last()) + u'\n';
    }
    source += indent + QStringLiteral("```\n");
    const bool list = level > 0;
    source += list ? QStringLiteral("2. Then run it\n\ntext")
                   : QStringLiteral("\n2. Then run it\n\ntext");
    const QList<MarkdownBlock> blocks = parse(source);
    QCOMPARE(blocks.size(), 3 + qMax(level, 1) - (before.startsWith(u'-') ? 1 : 0));
    const MarkdownBlock& code = blocks.at(blocks.size() - 3);
    QCOMPARE(code.type, MarkdownBlock::Code);
    QCOMPARE(code.text, lines.join(u'\n'));
    QCOMPARE(code.listDepth, level);
    QCOMPARE(blocks.at(blocks.size() - 2).marker, QStringLiteral("2."));
    QCOMPARE(blocks.last().text, QStringLiteral("text"));
    MarkdownModel model;
    for (qsizetype at = 0; at < source.size(); at += 997)
        model.append(source.sliced(at, qMin(source.size() - at, qsizetype(997))));
    QCOMPARE(model.blocks(), blocks);
}

void MarkdownOfModelsTest::aLongItemKeepsItsPlace()
{
    QString source = QStringLiteral("1. First\n");
    for (int i = 0; i < 500; ++i) {
        source += QStringLiteral("   - inner item number %1 with **some** words to read\n").arg(i);
        if (i % 50 == 49)
            source
                += QStringLiteral("     ```py\n     x = %1\n     ```\n   | a | b |\n   |---|---|\n"
                                  "   | 1 | 2 |\n")
                       .arg(i);
    }
    source += QStringLiteral("2. Second\n");
    int inner = 0;
    int codes = 0;
    int tables = 0;
    for (const MarkdownBlock& block : parse(source)) {
        inner += block.listDepth == 2 && block.marker == u"\u2022" ? 1 : 0;
        codes += block.type == MarkdownBlock::Code && block.listDepth == 2 ? 1 : 0;
        tables += block.type == MarkdownBlock::Table && block.listDepth == 1 ? 1 : 0;
        QVERIFY(!block.text.contains(u'|') && !block.text.contains(u"```"));
    }
    QCOMPARE(inner, 500);
    QCOMPARE(codes, 10);
    QCOMPARE(tables, 10);
    QCOMPARE(parse(source).last().marker, QStringLiteral("2."));
    MarkdownModel model;
    for (qsizetype at = 0; at < source.size(); at += 61)
        model.append(source.sliced(at, qMin(source.size() - at, qsizetype(61))));
    QCOMPARE(model.blocks(), parse(source));
}

void MarkdownOfModelsTest::sourcesAreLinkedOnceTheyCome()
{
    MarkdownModel model;
    model.append(QStringLiteral("See [1].\n\n").repeated(3) + QStringLiteral("text\n\n"));
    QCOMPARE(model.blocks().first().html, QStringLiteral("See [1]."));
    model.append(QStringLiteral("[1]: https://a.example/b"));
    QCOMPARE(model.blocks().first().html,
        QStringLiteral("See <a href=\"https://a.example/b\">[1]</a>."));
    model.append(QStringLiteral("c\n"));
    QCOMPARE(
        model.blocks().at(2).html, QStringLiteral("See <a href=\"https://a.example/bc\">[1]</a>."));
}

void MarkdownOfModelsTest::figuresStandOnTheRight()
{
    const QString html
        = parse(QStringLiteral("|model|score|note|\n|-|-|:-|\n|a|1,234.5|1|\n|b|–|2|\n|c|$5|3|"))
              .first()
              .html;
    QCOMPARE(html.count(QStringLiteral("align=\"right\"")), 4);
    QVERIFY(html.contains(QStringLiteral("<th align=\"right\">score</th>")));
    QVERIFY(html.contains(QStringLiteral("<td align=\"left\">3</td>")));
}

void MarkdownOfModelsTest::directionsAreTold()
{
    const QList<MarkdownBlock> blocks = parse(QStringLiteral(
        "- \u0645\u0631\u062D\u0628\u0627\n  ```\n  x\n  ```\n- word\n\nHTML \u0644\u063A\u0629 "
        "\u062A\u0648\u0635\u064A\u0641 \u0648\u062B\u064A\u0642\u0629"));
    QCOMPARE(blocks.size(), 4);
    QVERIFY(blocks.at(0).rightToLeft);
    QVERIFY(blocks.at(1).rightToLeft); // code stands where its item does
    QVERIFY(!blocks.at(2).rightToLeft);
    QVERIFY(blocks.at(3).rightToLeft);
}

void MarkdownOfModelsTest::aStepKeepsItsMarkdown()
{
    ponder::StepText step;
    step.setSource(QStringLiteral("**Step 1**: use `a<b`\n- one\n\n```py\nx  = 1\n\\(x^2\\)"));
    QVERIFY(step.html().contains(QStringLiteral("<b>Step 1</b>: use <code>a&lt;b</code>")));
    QVERIFY(step.html().contains(QStringLiteral("\u2022\u00a0 one")));
    QVERIFY(step.html().contains(QStringLiteral("<code>x  = 1<br>\\(x^2\\)</code>")));
    QVERIFY(!step.html().contains(QStringLiteral("```")));
    step.setSource(QStringLiteral("so \\(a*b*c\\) is"));
    QVERIFY(step.html().contains(QStringLiteral("so <span class=\"math\">\\(a*b*c\\)</span> is")));
}

void MarkdownOfModelsTest::codeGoesOnInTheNextStep()
{
    const QString fence = ponder::openFenceAfter({}, QStringLiteral("a\n```python\nx = 1"));
    QCOMPARE(fence, QStringLiteral("```python"));
    QCOMPARE(ponder::openFenceAfter(fence, QStringLiteral("y = 2\n```\ntext")), QString());
    QCOMPARE(ponder::openFenceAfter(fence, QStringLiteral("y = 2")), fence);
    ponder::StepText step;
    step.setFence(fence);
    step.setSource(QStringLiteral("y = **2**\n```\n**text**"));
    QVERIFY(step.html().contains(QStringLiteral("<code>y = **2**</code>")));
    QVERIFY(step.html().contains(QStringLiteral("<b>text</b>")));
}

QTEST_GUILESS_MAIN(MarkdownOfModelsTest)
#include "tst_MarkdownOfModels.moc"
