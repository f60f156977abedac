// The pace of the world at a port (docs/hardware.md, "Co-simulation"); inrarch/hardware/cosim/rhythm.py gives the same
// as processes of a network, so that the simulator predicts every access.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace inrarch_cosim {

using cycle = std::int64_t;

// Gives words: word k is offered gap[k] + 1 cycles after word k-1 was offered, or when that one was taken, if later.
class giver {
public:
    giver(std::int64_t words, std::vector<std::int64_t> gaps) : words_(words), gaps_(std::move(gaps)) {
        offered_ = gap(0);
    }

    bool valid(cycle now) const { return given_ < words_ && now >= offered_; }
    std::int64_t place() const { return given_; }
    bool done() const { return given_ == words_; }

    void taken(cycle now) {
        ++given_;
        offered_ = std::max(offered_ + 1 + gap(given_), now + 1);
    }

private:
    std::int64_t gap(std::int64_t k) const { return k < static_cast<std::int64_t>(gaps_.size()) ? gaps_[k] : 0; }

    std::int64_t words_, given_ = 0;
    std::vector<std::int64_t> gaps_;
    cycle offered_;
};

// Takes words: each is held until gap[k] + 1 cycles after the one before was let go; then the next is taken.
class taker {
public:
    explicit taker(std::vector<std::int64_t> gaps) : gaps_(std::move(gaps)) {}

    bool ready(cycle now) const { return now > let_go_; }

    void given(cycle now) {
        const std::int64_t gap = place_ < gaps_.size() ? gaps_[place_] : 0;
        ++place_;
        let_go_ = std::max(let_go_ + 1 + gap, now);
    }

private:
    std::vector<std::int64_t> gaps_;
    std::size_t place_ = 0;
    cycle let_go_ = -1;
};

}  // namespace inrarch_cosim
