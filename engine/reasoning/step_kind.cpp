#include "engine/reasoning/step_kind.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/reasoning/characters.h"

namespace ponder {

namespace {

constexpr std::size_t kHead = 240; ///< bytes of a step that tell what it does
constexpr std::size_t kTail = 240;

template <std::size_t count> using Phrases = std::array<std::string_view, count>;

/// Words before the ones that tell: "so, wait", "okay, let me".
constexpr Phrases<22> kOpeners = {"so, ", "so ", "okay, ", "okay ", "ok, ", "alright, ", "alright ",
    "and ", "now, ", "now ", "well, ", "then, ", "- ", "* ", "also, ", "but ", "yes, ", "yeah, ",
    "gut, ", "nun, ", "好的，", "那么"};

constexpr Phrases<54> kTurnsBack = {"wait", "hmm", "hold on", "no, ", "no. ", "actually, ", "oh, ",
    "oops", "hm, ", "hm.", "but wait", "that's not", "that doesn't", "that can't", "that seems",
    "ah, ", "ah! ", "i made a mistake", "i think i made", "not sure", "i'm not sure", "that is not",
    "on second thought", "scratch that", "i'm confused", "i'm getting confused",
    "this is confusing", "which is not", "this doesn't", "this seems", "that's conflicting",
    "which one is", "warte", "moment", "halt", "nein", "stimmt das", "eigentlich",
    "das stimmt nicht", "das kann nicht", "hm", "等等", "等一下", "不对", "不，", "哦", "但是等",
    "嗯，不", "不过等", "wait,", "sorry", "never mind", "i was wrong", "i must have"};

constexpr Phrases<46> kDoubts = {"doesn't seem right", "seems off", "mistake", "confus",
    "contradict", "conflict", "not sure", "inconsisten", "overcomplicat", "is wrong",
    "can't be right", "doesn't make sense", "misread", "misunder", "misappl", "something's wrong",
    "something is wrong", "not matching", "unclear", "ambiguous", "seems too", "doesn't match",
    "complicat", "i think i see the issue", "stuck", "falsch", "fehler", "widerspr", "verwirr",
    "unsicher", "macht keinen sinn", "搞错", "错误", "矛盾", "不确定", "不太对", "有问题", "疑惑",
    "混淆", "hmm", "is that right?", "is that correct?", "is it?", "right?", "did i",
    "which is correct"};

constexpr Phrases<44> kChecks = {"let me check", "let me verify", "let me double", "let me confirm",
    "let me make sure", "let's check", "let's verify", "let's confirm", "let's double",
    "double-check", "double check", "to verify", "verify", "to confirm", "to check", "checking",
    "just to be", "to make sure", "sanity check", "check:", "check if", "that's correct",
    "that's right", "that is correct", "seems correct", "looks correct", "seems right",
    "is consistent", "checks out", "which matches", "makes sense", "✔", "✓", "prüf", "überprüf",
    "zur kontrolle", "zur probe", "probe:", "stimmt", "检查", "验证", "确认", "核对", "检验"};

constexpr Phrases<54> kPlans = {"let me try", "let me think", "let me see", "let me start",
    "let me use", "let me consider", "let me look", "let me recall", "let me approach",
    "let me break", "let me try to", "let's try", "let's think", "let's see", "let's consider",
    "let's start", "let's use", "let's break", "alternatively", "maybe i", "maybe we", "maybe it",
    "maybe the", "perhaps", "i need to", "i can ", "i should", "i could", "i'll ", "i will",
    "we can ", "we could", "we should", "first, i", "first, let", "next, i", "next, let",
    "another way", "another approach", "one way", "to find", "to solve", "my plan", "the plan",
    "the best way", "starting with", "starting from", "ich muss", "ich sollte", "zuerst",
    "als nächstes", "alternativ", "首先", "接下来"};
constexpr Phrases<38> kPlansZh = {"if i ", "if we ", "if the ", "to get", "to compute",
    "to determine", "for this", "what if", "now, i", "now i", "i think the best", "another",
    "in that case, i", "i want", "then i", "i would", "我需要", "我们需要", "让我", "我应该",
    "我可以", "可以尝试", "另一种", "或者", "下一步", "先看", "先来", "思路", "考虑一下",
    "vielleicht", "versuchen wir", "lass mich", "man könnte", "ich werde", "let me compute",
    "let's compute", "let me calculate", "let me write"};

constexpr Phrases<30> kSetups = {"the problem", "the question", "i have this", "i've got this",
    "i have a ", "we are given", "we're given", "given that", "given:", "it says", "the user",
    "i'm given", "we have a ", "the puzzle", "this problem", "the task", "die aufgabe", "die frage",
    "gegeben", "es ist gegeben", "gesucht", "题目", "问题是", "用户", "已知", "这道题",
    "我现在需要", "我现在要", "我要", "there is a "};

constexpr Phrases<34> kConcludes = {"therefore", "thus, ", "hence", "so the answer",
    "so, the answer", "the answer is", "the final answer", "final answer", "**final answer",
    "in conclusion", "to conclude", "in summary", "to summarize", "overall", "putting it all",
    "consequently", "so, the total", "so, the final", "the result is", "daher", "deshalb", "somit",
    "folglich", "zusammenfassend", "die antwort", "also ist die antwort", "insgesamt", "因此",
    "所以", "综上", "总结", "总的来说", "最终", "答案"};

constexpr Phrases<9> kObjects = {"but that", "but wait", "but is ", "but this", "but maybe",
    "but then", "but hold", "but hmm", "aber das"};
constexpr Phrases<8> kAffirms = {"so, that's", "so, that is", "so that's", "yes, so", "yes, that",
    "that's the", "so, same", "rounded to"};

std::string_view withoutOpeners(std::string_view text)
{
    for (bool found = true; found;) {
        found = false;
        text.remove_prefix(std::min(text.find_first_not_of(" \n\t*-•"), text.size()));
        for (const std::string_view opener : kOpeners) {
            if (text.starts_with(opener)) {
                text.remove_prefix(opener.size());
                found = true;
                break;
            }
        }
    }
    return text;
}

bool beginsWith(std::string_view text, auto const& phrases)
{
    return std::ranges::any_of(
        phrases, [text](std::string_view phrase) { return text.starts_with(phrase); });
}

bool mentions(std::string_view text, auto const& phrases)
{
    return std::ranges::any_of(phrases,
        [text](std::string_view phrase) { return text.find(phrase) != std::string_view::npos; });
}

/// How much of a text is sums.
bool computes(std::string_view text)
{
    const bool relation
        = text.find('=') != std::string_view::npos || text.find("≈") != std::string_view::npos;
    const auto digits = std::ranges::count_if(
        text, [](char c) { return isDigit(static_cast<unsigned char>(c)); });
    return relation && digits > 0;
}

} // namespace

StepKind stepKind(std::string_view step, std::size_t index, std::size_t count)
{
    if (step.size() < 4) // no phrase is so short
        return index == 0 && count > 1 ? StepKind::Setup : StepKind::Work;
    const std::string head = lowered(step.substr(0, kHead));
    const std::string tail = lowered(step.substr(step.size() - std::min(step.size(), kTail)));
    const std::string_view start = withoutOpeners(head);
    // A thought begins with what it is about; its first tenth, or its first three steps.
    const bool early = index < std::max<std::size_t>(3, count / 12);

    if (beginsWith(start, kConcludes))
        return StepKind::Conclude;
    if (mentions(tail, Phrases<3>{"\\boxed", "final answer", "最终答案"}))
        return StepKind::Conclude;
    if ((index == 0 && count > 1)
        || (early && mentions(head, kSetups) && !beginsWith(start, kTurnsBack)))
        return StepKind::Setup;
    if (mentions(start.substr(0, 60), kChecks))
        return StepKind::Check;
    if (beginsWith(start, kTurnsBack) || beginsWith(std::string_view(head), kObjects))
        return StepKind::TurnBack;
    if (beginsWith(std::string_view(head), kAffirms))
        return computes(start) ? StepKind::Work : StepKind::Conclude;
    if (mentions(start, kChecks) && !computes(start))
        return StepKind::Check;
    if (mentions(start, kDoubts))
        return StepKind::TurnBack;
    if ((beginsWith(start, kPlans) || beginsWith(start, kPlansZh)) && !computes(start))
        return StepKind::Plan;
    if (beginsWith(start, kSetups) && !computes(start))
        return StepKind::Setup;
    return StepKind::Work;
}

} // namespace ponder
