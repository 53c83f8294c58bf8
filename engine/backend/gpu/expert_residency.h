#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ponder {

/// Which of the experts in RAM deserve a slot on the GPU: those that the running conversation used most, a use
/// counting half as much after kHalfLife tokens. Nothing but numbers; one thread uses it.
///
/// An expert that should come is named by next(), holds its slot from then on, and is resident from arrived(). The one
/// that it replaces stays resident until leaves().
class ExpertResidency {
public:
    static constexpr double kHalfLife = 256; ///< tokens
    static constexpr std::size_t kNoPool = ~std::size_t{0};
    static constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};

    struct LayerShape {
        std::size_t experts = 0;
        std::size_t pool = kNoPool; ///< whose slots fit its experts; kNoPool: none may come
    };
    /// slots: of each pool.
    ExpertResidency(const std::vector<LayerShape>& layers, std::span<const std::size_t> slots);

    struct Expert {
        std::size_t layer = 0, expert = 0;
        bool operator==(const Expert&) const = default;
    };
    struct Move {
        Expert comes;
        std::optional<Expert> leaves; ///< who has the slot now
        std::size_t pool = 0;
        std::uint32_t slot = 0;
        bool operator==(const Move&) const = default;
    };

    void pass(std::size_t tokens); ///< so many tokens later: earlier uses count less
    void use(std::size_t layer, std::span<const std::int32_t> experts);

    /// Who should come next; nothing where nobody is used enough more than who is there.
    [[nodiscard]] std::optional<Move> next();
    void leaves(const Move& move);
    void arrived(const Move& move);

    [[nodiscard]] bool isResident(std::size_t layer, std::size_t expert) const;
    [[nodiscard]] std::uint32_t slotOf(std::size_t layer, std::size_t expert) const; ///< or kNoSlot
    [[nodiscard]] std::size_t residents() const { return m_residents; }

private:
    enum class State : std::uint8_t { Away, Coming, Resident, Leaving };
    struct Entry {
        double uses = 0;
        std::uint32_t slot = kNoSlot;
        State state = State::Away;
    };
    [[nodiscard]] Entry& at(const Expert& e) { return m_layers[e.layer][e.expert]; }
    [[nodiscard]] const Entry& at(const Expert& e) const { return m_layers[e.layer][e.expert]; }

    std::vector<LayerShape> m_shapes;
    std::vector<std::vector<Entry>> m_layers; // [layers][experts]
    std::vector<std::vector<std::uint32_t>> m_free; // [pools]: slots, the next last
    double m_weight = 1; // of a use now; grows, so that older ones need not shrink
    std::size_t m_residents = 0;
};

} // namespace ponder
