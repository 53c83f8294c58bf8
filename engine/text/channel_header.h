#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ponder {

/// The header of a gpt-oss message while it is written, and where it stops being one:
///
///     <|start|> assistant to=functions.f <|channel|> commentary <|constrain|> json <|message|>
///
/// Models leave pieces out. What cannot belong to a header is the message's text: a second word after a channel's
/// name, a word that is no name. What may belong to one is held until the next mark or word. For one message.
class ChannelHeader {
public:
    enum class Channel {
        None, ///< no name, or none yet
        Thought, ///< analysis, a name of the model's own, a call of a tool
        Answer, ///< final, commentary for the person
    };

    /// role: "<|start|>" stands before it, so that a role comes first.
    void begin(bool role);
    void write(std::string_view text);
    void markChannel(); ///< precondition: not hasChannel()
    void markDetail();

    [[nodiscard]] bool hasChannel() const { return m_hasChannel; }
    [[nodiscard]] Channel channel() const { return m_channel; } ///< as far as it is known

    /// Of text(), which belongs to no channel whose name may be its first word.
    [[nodiscard]] Channel textChannel() const { return m_known ? m_channel : Channel::None; }

    /// A part of it is the message's text already.
    [[nodiscard]] bool isText() const { return m_textAt != std::string::npos; }
    /// That text. Where it is not isText(): what of the header is none, were it to end without "<|message|>".
    [[nodiscard]] std::string text() const;

private:
    void read();
    void readRole(bool closed);
    void readChannel();
    void readName(std::size_t at, std::string_view word, bool whole);
    void readWord(std::size_t at, std::string_view word, bool whole);

    std::string m_text; ///< role and channel
    bool m_expectsRole = false;
    bool m_hasChannel = false;
    std::size_t m_channelAt = std::string::npos; ///< where the channel's part begins
    std::size_t m_detailAt = std::string::npos; ///< where what "<|constrain|>" announces begins

    // What read() finds.
    Channel m_channel = Channel::None;
    bool m_named = false; ///< the channel has a name
    bool m_known = false; ///< one of the three that there are
    bool m_calls = false; ///< a tool
    bool m_hasType = false;
    std::string_view m_name;
    std::size_t m_textAt = std::string::npos;
    std::size_t m_doubtAt = std::string::npos; ///< what is header only if "<|message|>" follows
};

} // namespace ponder
