#!/usr/bin/env python3
"""The corpus that tokenizers are held against: some 2,600 lines in many languages, code, emoji, and every kind of
whitespace. The same lines on every machine and with every Python.

    python3 tests/data/tokenizers/make_corpus.py > corpus.json        (an array of strings: lines may hold any character)
"""
import json
import sys

PARAGRAPHS = {
    "english": "It wasn't the answer she'd expected; they're never quite what you think. I'll say it again: WE'VE 3 options, "
               "don't we? 'Tis true (as he'D said), O'Brien's cats' toys... e.g. the mid-1990s, $4.50, 50%—or so.",
    "german": "Die Straße führt über die Brücke; größere Flüsse (z. B. die Donau) überquert man an 12 Stellen. „Wirklich?“, fragte Käthe.",
    "french": "L'été dernier, j'ai vu l'œuvre d'Honoré : « Où êtes-vous allés ? » C'était çà et là, à 21 h 30, n° 7.",
    "spanish": "¿Cómo estás? ¡Mañana iremos al café! El niño comió 3,5 kg de piñas; qué vergüenza.",
    "polish": "Zażółć gęślą jaźń. Pchnąć w tę łódź jeża lub ośm skrzyń fig, 1234 razy.",
    "turkish": "İstanbul'da ılık bir gün; Iğdır'ın ışığı şöyle dedi: «Çok güzel».",
    "vietnamese": "Tiếng Việt có nhiều dấu: Nguyễn Văn Đức đã đi Huế ngày 12/03/2024.",
    "russian": "Съешь же ещё этих мягких французских булок, да выпей чаю! Объём — 1 000 000 руб., т. е. много.",
    "ukrainian": "Ґава їла їжу; п'ять м'ячів, з'їзд об'єднаних.",
    "bulgarian": "Нещо на български: я, ѝ, щъркел.",
    "greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Ὦ ξεῖν', ἀγγέλλειν Λακεδαιμονίοις ὅτι τῇδε κείμεθα.",
    "hebrew": "שלום עולם! מה שלומך היום? בְּרֵאשִׁית בָּרָא אֱלֹהִים",
    "arabic": "مرحبا بالعالم، كيف حالك؟ العَرَبِيَّةُ لُغَةٌ جَمِيلَةٌ ١٢٣٤",
    "persian": "می‌خواهم به خانه بروم؛ ۱۲۳۴۵ تومان.",
    "hindi": "हिन्दी में लिखना आसान है। क्षत्रिय, ज्ञान, १२३४५ रुपये।",
    "bengali": "আমি বাংলায় গান গাই। কোথায় যাচ্ছো? ১২৩",
    "tamil": "தமிழ் ஒரு பழமையான மொழி; ௧௨௩ கோடி.",
    "telugu": "తెలుగు భాష చాలా మధురమైనది.",
    "thai": "ภาษาไทยไม่มีช่องว่างระหว่างคำ ราคา ๑๒๓ บาท กำลังทำ",
    "khmer": "កាន់តែពិសេសអាចខលចេញ ភាសាខ្មែរ ១២៣",
    "burmese": "မြန်မာစာ ရေးရတာ လွယ်ပါတယ်။",
    "tibetan": "བོད་ཡིག་ནི་ཡག་པོ་འདུག།",
    "georgian": "ქართული ენა ძალიან ლამაზია; ᲥᲐᲠᲗᲣᲚᲘ.",
    "armenian": "Հայերեն լեզու՝ շատ գեղեցիկ։",
    "amharic": "አማርኛ ቋንቋ ነው። ፩፪፫",
    "chinese": "我想在apple工作1314151天～今天天气很好，我们一起去北京大学图书馆。「引用」《书名》；人民币￥１２３．４５元",
    "traditional": "臺灣的繁體中文：龍鳳呈祥、憂鬱的烏龜。",
    "japanese": "これは日本語の文章です。カタカナもﾊﾝｶｸもあります。私は2024年に東京へ行きました、ガギグゲゴ々〆ヶ。",
    "korean": "한국어 문장도 있습니다. 대한민국 서울특별시 강남구 123-45번지, ㄱㄴㄷ.",
    "jamo": "\u1112\u1161\u11ab\u1100\u1173\u11af \u1112\u1161 \u11ab x\u1161 \uac00\u11a8 \uac01\u11a8",
    "decomposed": "Cafe\u0301 au lait, nai\u0308ve, A\u030angstro\u0308m, e\u0323\u0302 e\u0302\u0323, q\u0307\u0323, \u1e9b\u0323, \u212b \u2126 \u212a, a\u0301\u0301\u0316",
    "indic_marks": "\u0915\u093c \u0958 \u09c7\u09be \u0bc6\u0bd7 \u0d46\u0d3e \u0cc6\u0cc2\u0cd5 \u0344 \u0f73 \u0f71\u0f72",
    "compatibility": "ﬁ ﬂ ﷺ ㎏ ㍿ Ⅷ ⅷ ½ ¾ ² ³ ™ ℃ ＡＢＣ ｱ ǅ ǈ ʰ ª º ſ ẞ ŉ 'ſ 'K",
    "math": "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β), ∫₀^∞ e^{−x²} dx = √π/2, 𝒜𝔅ℂ 𝟘𝟙𝟚",
    "symbols": "→ ← ↑ ↓ ⇒ ★ ☆ ♠ ♥ ♦ ♣ ✓ ✗ © ® § ¶ † ‡ • ‰ ′ ″ € £ ¥ ₹ ₿ ¢ ° ± × ÷ ≠ ≤ ≥ ≈ ∞ ░▒▓█ ┌─┐ ╔═╗",
    "emoji": "🚀 (normal) 😶‍🌫️ (multiple emojis concatenated) ✅ 🦙🦙 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 👍🏽 ❤️ 1️⃣ #️⃣ 🙂🙃😀😃😄😁😆😅🤣😂",
    "numbers": "3 33 333 3333 33333 333333 3333333 33333333 1,234.56 1e-10 0x1F 3.14159 ٣٤٥ १२३ ⅷ x2 2x 10:30 192.168.0.1 +49-30-123456",
    "quotes": "''''''```````\"\"\"\"......!!!!!!?????? I've been 'told he's there, 'RE you sure? 'M not sure I'll make it, 'D you like some tea? We'Ve a'lL",
    "case": "CamelCaseWord HTTPServer XMLHttpRequest iPhone eBay ALLCAPS'S McDonald's ÉCOLE Éclair ΑΒΓδε ЖЗИклм ǅabc ʰabc aʰB",
    "url": "https://example.org/path/to/page.html?query=1&b=%20#frag mailto:someone@example.com C:\\Users\\name\\file.txt ../a/b",
    "latex": "$x^2 + y^2 = z^2$ \\frac{a}{b} \\begin{align*} e^{i\\pi} &= -1 \\\\ \\sum_{n=0}^\\infty \\end{align*}",
    "markdown": "# Title\n\n- item **bold** _it_\n- [x] done\n\n1. one\n2. two\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n> quote\n\n```py\nx = 1\n```\n",
    "html": "<!DOCTYPE html>\n<div class=\"a b\" id='x'>\n\t<p>Text &amp; more</p>\n</div>\n<!-- c -->",
    "json": "{\n  \"name\": \"value\",\n  \"list\": [1, 2.5, -3e4],\n  \"nested\": {\"key\": null, \"ok\": true}\n}",
    "python": "def add(a: int, b: int = 0) -> int:\n    \"\"\"Adds.\"\"\"\n    if a is None or b != 0:\n        return a + b  # comment\n\n    for i in range(10):\n\t\tprint(f\"{i:>5}\\n\")\n    return [x**2 for x in y if x % 2 == 0]\n",
    "cpp": "#include <vector>\ntemplate <typename T>\nstd::vector<T> f(const T& x)\n{\n    auto y = x ? x->z : nullptr; // why\n    return {y, std::move(x)};\n}\n\n\n#define A(x) ((x) * 2)\n",
    "shell": "for f in *.txt; do echo \"${f%.txt}\" | sed -e 's/a/b/g' >> out.log 2>&1; done && [ -f x ] || exit $?\r\n",
    "sql": "SELECT COUNT(*) AS n, t.\"col\" FROM tbl t WHERE a >= 10 AND b LIKE '%x%' GROUP BY 2 ORDER BY n DESC;",
    "rust": "fn main() -> Result<(), Box<dyn Error>> {\n    let x: &'static str = r#\"raw\"#;\n    println!(\"{x:?}\"); Ok(())\n}",
    "diff": "@@ -1,3 +1,4 @@\n-old line\n+new line\n context\n\\ No newline at end of file",
    "spaces": "a b  c   d    e     f      g\ttab\t\ttabs \t mixed\t \n\n \n  \n   \n\r\n\r\n \r \x0b\x0c end   ",
    "wide_spaces": "no\u00a0break\u2003em\u2009thin\u3000ideographic\u1680ogham\u2028line\u2029para\u0085next\u202fnarrow\u205fmath\u180emvs\u200bzero\u2060join\ufeffbom",
    "blank": "\n\n\n\n  \n\t\n \u3000\n\u00a0\n   x\n\n",
    "control": "\x00\x01\x02\x1b[31m\x7f\x80\x9f\u200e\u202a\ufffd\ufffe\U0010ffff\ue000",
    "special": "<｜User｜>Hi<｜Assistant｜><think>\nhm</think> <|im_start|>user\n<|im_end|> <|eot_id|> <s> </s> <unk> [INST] <0x0A> ▁ ▁▁x",
    "rare": "𐍈𐌰 𓀀𓁐 𐤀𐤁 ꙮ Ꙗ Ⴀⴀ ⰀⰠ 𝄞 🀄 ꧁꧂ 𠮷野家 㐀 䶿 ㊗️ ﷽ ⁂ ‽ ⸮",
}
CLASSES = ["abcXYZ", "tsdmrevl'", " ", "  ", "\n", "\r\n", "\t", "0123456789", ".,;:!?'\"-_()[]{}/", "$+<=>^`|~", "éüßõŁſ", "жЯ", "世界工作",
           "ひカ", "한", "🦙✅", "\u0301\u0323\u093f", "\u00a0\u3000\u2003", "½²٣", "\u200d\ufeff\x0b", "אב", "𐐀𐝀", "ʰªǅ"]


class Random:
    """A generator that every language has: x -> 6364136223846793005 x + 1442695040888963407 modulo 2^64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound

    def of(self, items):
        return items[self.below(len(items))]


def corpus():
    random = Random(7)
    lines = ["", " ", "  ", "\n", "\n\n", "\t", " \n", "a", " a", "a ", "1", "'", "\u0301", "🙂"]
    texts = list(PARAGRAPHS.values())
    lines += texts
    lines += [part for text in texts for part in text.split("\n") if part not in lines]
    for text in texts:  # cut anywhere, between any two characters
        for _ in range(12):
            begin = random.below(len(text))
            lines.append(text[begin:begin + 1 + random.below(60)])
    for _ in range(700):  # words of all kinds side by side
        words = [word for _ in range(1 + random.below(8)) for word in [random.of(random.of(texts).split(" "))]]
        lines.append(random.of([" ", "", "  ", "\n", " - ", "'", "\t"]).join(words))
    for _ in range(900):  # characters from classes that the rules tell apart
        lines.append("".join(random.of(random.of(CLASSES)) for _ in range(2 + random.below(23))))
    for count in (7, 50, 300):  # long runs
        lines += [character * count + tail for character in ("a", "A", " ", "\n", "7", "=", "'", "世", "\u0301", "🙂", "\t", "aB", "\r\n")
                  for tail in ("", "x")]
    return lines


if __name__ == "__main__":
    json.dump(corpus(), sys.stdout, ensure_ascii=True)
