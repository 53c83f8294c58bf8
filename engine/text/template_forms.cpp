#include "engine/text/template_forms.h"

#include <algorithm>

#include "engine/text/tokenizer.h"

namespace ponder {

namespace {

// One message after the other, each between the same marks. Most families differ in nothing else.
#define PONDER_EACH(PREFIX, SUFFIX)                                                                \
    "{% for message in messages %}{{ " PREFIX " + message['content'] + " SUFFIX " }}{% endfor %}"
#define PONDER_PROMPT(TEXT) "{% if add_generation_prompt %}{{ " TEXT " }}{% endif %}"

// What DeepSeek publishes for R1, without tools. Earlier thoughts are dropped: they are not in content.
constexpr std::string_view kDeepSeekThinking
    = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ "
      "message['content'] }}{% endif %}{% endfor %}"
      "{% for message in messages %}{% if message['role'] == 'user' %}{{ '<｜User｜>' + "
      "message['content'] }}"
      "{% elif message['role'] == 'assistant' %}{{ '<｜Assistant｜>' + message['content'] + "
      "eos_token }}{% endif %}{% endfor %}"
      "{% if add_generation_prompt %}{{ '<｜Assistant｜>' }}"
      "{% if thinks and enable_thinking is not false %}{{ '<think>\\n' }}{% endif %}{% endif %}";

// What DeepSeek publishes for V2-Chat; other models without a template understand it too.
constexpr std::string_view kPlainText
    = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ 'User: ' + "
      "message['content'] + '\\n\\n' }}"
      "{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + message['content'] + eos_token "
      "}}"
      "{% elif message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}{% endif %}{% "
      "endfor "
      "%}"
      "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

// What OpenAI publishes for gpt-oss, without tools.
constexpr std::string_view kHarmony
    = "{{ '<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\\n"
      "Knowledge cutoff: 2024-06\\nCurrent date: ' + strftime_now('%Y-%m-%d') + '\\n\\nReasoning: "
      "' "
      "+ (reasoning_effort | default('medium')) + '\\n\\n# Valid channels: analysis, commentary, "
      "final. Channel must be included for every message.<|end|>' }}"
      "{% for message in messages %}{% if message['role'] == 'system' %}{{ "
      "'<|start|>developer<|message|># Instructions\\n\\n' + message['content'] + '\\n\\n<|end|>' "
      "}}"
      "{% elif message['role'] == 'assistant' %}{{ '<|start|>assistant<|channel|>final<|message|>' "
      "+ message['content'] + '<|end|>' }}"
      "{% else %}{{ '<|start|>user<|message|>' + message['content'] + '<|end|>' }}{% endif %}{% "
      "endfor %}"
      "{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}";

constexpr std::string_view kChatMl = PONDER_EACH("'<|im_start|>' + message['role'] + '\\n'",
    "'<|im_end|>\\n'") "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
                       "{% if thinks and enable_thinking is false %}{{ "
                       "'<think>\\n\\n</think>\\n\\n' }}"
                       "{% endif %}{% endif %}";

constexpr std::string_view kKimi = PONDER_EACH(
    "'<|im_' + message['role'] + '|>' + message['role'] + '<|im_middle|>'", "'<|im_end|>'")
    PONDER_PROMPT("'<|im_assistant|>assistant<|im_middle|>'");

constexpr std::string_view kPhi4 = PONDER_EACH("'<|im_start|>' + message['role'] + '<|im_sep|>'",
    "'<|im_end|>'") PONDER_PROMPT("'<|im_start|>assistant<|im_sep|>'");

constexpr std::string_view kLlama3 = "{{ bos_token }}" PONDER_EACH(
    "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'", "'<|eot_id|>'")
    PONDER_PROMPT("'<|start_header_id|>assistant<|end_header_id|>\\n\\n'");

constexpr std::string_view kLlama4 = "{{ bos_token }}" PONDER_EACH(
    "'<|header_start|>' + message['role'] + '<|header_end|>\\n\\n'", "'<|eot|>'")
    PONDER_PROMPT("'<|header_start|>assistant<|header_end|>\\n\\n'");

// Gemma has no system role: what it says stands before the first question.
constexpr std::string_view kGemma
    = "{{ bos_token }}{% set ns = namespace(before='') %}{% for message in messages %}"
      "{% if message['role'] == 'system' %}{% set ns.before = message['content'] + '\\n\\n' %}"
      "{% else %}{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + "
      "'\\n' + ns.before + message['content'] | trim + '<end_of_turn>\\n' }}{% set ns.before = '' "
      "%}"
      "{% endif %}{% endfor %}" PONDER_PROMPT("'<start_of_turn>model\\n'");

constexpr std::string_view kPhi3 = PONDER_EACH("'<|' + message['role'] + '|>\\n'", "'<|end|>\\n'")
    PONDER_PROMPT("'<|assistant|>\\n'");

constexpr std::string_view kZephyr = PONDER_EACH(
    "'<|' + message['role'] + '|>\\n'", "eos_token + '\\n'") PONDER_PROMPT("'<|assistant|>\\n'");

constexpr std::string_view kGlm4 = "{{ '[gMASK]<sop>' }}" PONDER_EACH(
    "'<|' + message['role'] + '|>\\n'", "''") "{% if add_generation_prompt %}{{ '<|assistant|>' }}"
                                              "{% if thinks and enable_thinking is false %}{{ "
                                              "'\\n<think></think>' }}{% endif %}{% endif %}";

// Mistral's first models with tokens of their own put the system prompt before the last question.
#define PONDER_MISTRAL(SPACE)                                                                      \
    "{{ bos_token }}{% set ns = namespace(before='') %}{% for message in messages %}"              \
    "{% if message['role'] == 'system' %}{% set ns.before = message['content'] + '\\n\\n' %}"      \
    "{% elif message['role'] == 'assistant' %}{{ " SPACE " + message['content'] + eos_token }}"    \
    "{% else %}{{ '[INST]' + " SPACE " + (ns.before if loop.last else '') + message['content'] + " \
    "'[/INST]' }}{% endif %}{% endfor %}"
constexpr std::string_view kMistral = PONDER_MISTRAL("' '");
constexpr std::string_view kMistralTekken = PONDER_MISTRAL("''");
constexpr std::string_view kMistralSystem
    = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ "
      "'[SYSTEM_PROMPT]' + message['content'] + '[/SYSTEM_PROMPT]' }}"
      "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}"
      "{% else %}{{ '[INST]' + message['content'] + '[/INST]' }}{% endif %}{% endfor %}";

constexpr std::string_view kCommandR
    = "{{ bos_token }}" PONDER_EACH("'<|START_OF_TURN_TOKEN|>' + {'system': '<|SYSTEM_TOKEN|>', "
                                    "'assistant': '<|CHATBOT_TOKEN|>'}.get(message['role'], "
                                    "'<|USER_TOKEN|>')",
        "'<|END_OF_TURN_TOKEN|>'") PONDER_PROMPT("'<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>'");

constexpr std::string_view kGranite = PONDER_EACH(
    "'<|start_of_role|>' + message['role'] + '<|end_of_role|>'", "'<|end_of_text|>\\n'")
    PONDER_PROMPT("'<|start_of_role|>assistant<|end_of_role|>'");

constexpr std::string_view kExaone = PONDER_EACH(
    "'[|' + message['role'] + '|]'", "('\\n' if message['role'] == 'user' else '[|endofturn|]\\n')")
    PONDER_PROMPT("'[|assistant|]'");

constexpr std::string_view kSeed = PONDER_EACH("'<seed:bos>' + message['role'] + '\\n'",
    "'<seed:eos>'") PONDER_PROMPT("'<seed:bos>assistant\\n'");

constexpr std::string_view kHunyuan
    = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ "
      "message['content'] + '<｜hy_place▁holder▁no▁3｜>' }}"
      "{% elif message['role'] == 'assistant' %}{{ '<｜hy_Assistant｜>' + message['content'] + "
      "'<｜hy_place▁holder▁no▁2｜>' }}"
      "{% else %}{{ '<｜hy_User｜>' + message['content'] }}{% endif %}{% endfor %}" PONDER_PROMPT(
          "'<｜hy_Assistant｜>'");

constexpr std::string_view kErnie
    = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ "
      "message['content'] + '\\n' }}"
      "{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + message['content'] + eos_token "
      "}}"
      "{% else %}{{ 'User: ' + message['content'] + '\\n' }}{% endif %}{% endfor %}" PONDER_PROMPT(
          "'Assistant: '");

const std::vector<TemplateForm>& forms()
{
    static const std::vector<TemplateForm> table{
        {"harmony", "gpt-oss (harmony)", {"<|start|>", "<|channel|>", "<|message|>", "<|end|>"},
            kHarmony},
        {"deepseek", "DeepSeek", {"<｜User｜>", "<｜Assistant｜>"}, kDeepSeekThinking},
        {"hunyuan", "Hunyuan", {"<｜hy_User｜>", "<｜hy_Assistant｜>"}, kHunyuan},
        {"llama3", "Llama 3", {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}, kLlama3},
        {"llama4", "Llama 4", {"<|header_start|>", "<|header_end|>", "<|eot|>"}, kLlama4},
        {"kimi", "Kimi", {"<|im_user|>", "<|im_assistant|>", "<|im_middle|>", "<|im_end|>"}, kKimi},
        {"phi4", "Phi-4", {"<|im_start|>", "<|im_sep|>", "<|im_end|>"}, kPhi4},
        {"chatml", "ChatML", {"<|im_start|>", "<|im_end|>"}, kChatMl},
        {"gemma", "Gemma", {"<start_of_turn>", "<end_of_turn>"}, kGemma},
        {"glm4", "GLM-4", {"[gMASK]", "<sop>", "<|user|>", "<|assistant|>"}, kGlm4},
        {"command-r", "Command R",
            {"<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|USER_TOKEN|>",
                "<|CHATBOT_TOKEN|>"},
            kCommandR},
        {"granite", "Granite", {"<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>"},
            kGranite},
        {"exaone", "EXAONE", {"[|user|]", "[|assistant|]", "[|endofturn|]"}, kExaone},
        {"seed", "Seed-OSS", {"<seed:bos>", "<seed:eos>"}, kSeed},
        {"ernie", "ERNIE 4.5", {"<|begin_of_sentence|>", "<|end_of_sentence|>"}, kErnie},
        {"mistral-v7", "Mistral with system prompts",
            {"[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"}, kMistralSystem},
        {"mistral-tekken", "Mistral (tekken)", {"[INST]", "[/INST]", "[PREFIX]", "[SUFFIX]"},
            kMistralTekken},
        {"mistral", "Mistral", {"[INST]", "[/INST]"}, kMistral},
        {"phi3", "Phi-3", {"<|user|>", "<|assistant|>", "<|end|>"}, kPhi3},
        {"zephyr", "Zephyr", {"<|user|>", "<|assistant|>"}, kZephyr},
        {"plain", "plain text", {}, kPlainText},
    };
    return table;
}

} // namespace

std::span<const TemplateForm> templateForms()
{
    return forms();
}

const TemplateForm* findTemplateForm(std::string_view id)
{
    const auto form = std::ranges::find(forms(), id, &TemplateForm::id);
    return form != forms().end() ? &*form : nullptr;
}

const TemplateForm& templateFormOf(const Tokenizer& tokenizer)
{
    return *std::ranges::find_if(forms(), [&](const TemplateForm& form) {
        return std::ranges::all_of(
            form.tokens, [&](std::string_view token) { return tokenizer.find(token) >= 0; });
    });
}

bool isPlainText(const TemplateForm& form)
{
    return form.tokens.empty();
}

std::string sourceOf(const TemplateForm& form, const Tokenizer& tokenizer)
{
    // Where the vocabulary has no thought, the template names none either: the thought format is found by that.
    constexpr std::string_view kBegin = "{% if thinks and ";
    constexpr std::string_view kEnd = "{% endif %}";
    std::string source(form.source);
    const std::size_t begin = source.find(kBegin);
    if (begin == std::string::npos)
        return source;
    if (tokenizer.find("<think>") >= 0)
        source.replace(begin, kBegin.size(), "{% if ");
    else
        source.erase(begin, source.find(kEnd, begin) + kEnd.size() - begin);
    return source;
}

} // namespace ponder
