import QtQuick
import Ponder.Theme
import Ponder.Thought

Rectangle {
    id: root

    property bool dark: false
    readonly property string words: `I need to add 347 and 586. Let me work from the right, column by column, and keep the carry.

Step 1: ones. 7 + 6 = 13. I write 3 and carry 1.

Step 2: tens. 4 + 8 = 12, and the carry makes 13. I write 3 and carry 1.

Step 3: hundreds. 3 + 5 = 8, and the carry makes 9. Nothing is left to carry.

So the digits are 9, 3, 3, which reads 933.

Wait, let me check it the other way round: 933 - 586 = 347. Yes.`

    width: 820
    height: 980
    color: Theme.paper
    Component.onCompleted: {
        Theme.scheme = dark ? Theme.Dark : Theme.Light;
        finished.goToStep(2);
    }

    Column {
        x: 40
        y: 30
        width: Metrics.readingWidth
        spacing: Metrics.xl

        ThoughtPane {
            width: parent.width
            thought: ThoughtViewModel {
                phase: ThoughtViewModel.Thinking
                text: root.words.slice(0, 290)
                seconds: 3.2
                tokens: 57
            }
        }

        ThoughtPane {
            id: finished

            width: parent.width
            maximumHeight: 320
            thought: ThoughtViewModel {
                text: root.words
                seconds: 12.3
                tokens: 1340
                foldAutomatically: false
            }
        }

        ThoughtPane {
            width: parent.width
            thought: ThoughtViewModel {
                text: root.words
                seconds: 12.3
                tokens: 340
            }
        }

        ThoughtPane {
            width: parent.width
            thought: ThoughtViewModel {
                phase: ThoughtViewModel.Stopped
                text: root.words
                seconds: 75
                tokens: 81
            }
        }
    }
}
