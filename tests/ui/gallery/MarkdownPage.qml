import QtQuick
import Ponder.Markdown
import Ponder.Theme

Rectangle {
    id: root

    property bool dark: false

    width: 820
    height: 1500
    color: Theme.paper
    Component.onCompleted: Theme.scheme = dark ? Theme.Dark : Theme.Light

    MarkdownView {
        x: 40
        y: 30
        width: Metrics.readingWidth
        source: `# Adding with carries

Let us add **347** and **586** column by column, *from the right*, with \`carry\` kept apart. A [reference](https://example.org/carries?a=1) is only shown, and ~~never~~ opened.

## The columns

1. Ones: 7 + 6 = 13, write 3, carry 1
2. Tens: 4 + 8 + 1 = 13, write 3, carry 1
   - the carry came from the ones
   - and goes on to the hundreds
     - as deep as this
3. Hundreds: 3 + 5 + 1 = 9

- [x] checked by subtraction
- [ ] checked by casting out nines

| Column | Digits | Sum | Carry |
|:-------|:------:|----:|------:|
| ones | 7, 6 | 13 | 1 |
| tens | 4, 8 | 13 | 1 |
| hundreds | 3, 5 | 9 | 0 |

> A sum is only as good as its check.
>
> > And the check as its checker.

\`\`\`python
def add(a: int, b: int) -> int:
    """Column by column, as on paper."""
    carry, digits = 0, []
    for x, y in zip(reversed(str(a)), reversed(str(b))):
        total = int(x) + int(y) + carry
        digits.append(total % 10)  # what is written
        carry = total // 10
    return int("".join(map(str, reversed(digits))))
\`\`\`

### In symbols

Euler's $e^{i\\pi} + 1 = 0$ stands in the line, the sum on its own:

$$\\sum_{k=0}^{n} d_k \\cdot 10^k = 933$$

---

\`\`\`
no language, and a line that is rather too long to fit into the width of this page without scrolling it sideways
\`\`\`

The answer is **933**. <b>HTML</b> is text, ![a picture](https://example.org/p.png) is not loaded.`
    }
}
