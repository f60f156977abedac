// What stands between processes: FIFOs, and the ports of the design with the world behind them.
//
// A process sees the state at the beginning of a cycle: a word that is written in cycle t can be read from t + latency on,
// a read in cycle t makes room from t + 1 on. So processes may be evaluated in any order.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "rhythm.hpp"
#include "signals.hpp"

namespace inrarch_cosim {

// words: that may pass in the whole run; those of further invocations are held back.
class channel {
public:
    channel(int bits, std::int64_t words) : chunks(chunks_of(bits)), words(words) {}
    virtual ~channel() = default;

    virtual bool readable(cycle now) const = 0;
    virtual bool writable(cycle now) const = 0;
    // The word that can be read: `chunks` chunks.
    virtual const chunk* front() const = 0;
    virtual void read(cycle now) = 0;
    virtual void write(cycle now, const signal& from) = 0;
    // Whether it will be readable, or writable, if nobody does anything more.
    virtual bool will_be_readable() const = 0;
    virtual bool will_be_writable() const = 0;

    bool complete() const { return reads_ >= words && writes_ >= words; }
    std::int64_t reads() const { return reads_; }
    std::int64_t writes() const { return writes_; }

    const int chunks;
    const std::int64_t words;

protected:
    std::int64_t reads_ = 0, writes_ = 0;
};

class fifo final : public channel {
public:
    fifo(int bits, std::int64_t words, std::int64_t depth, std::int64_t latency)
        : channel(bits, words), depth(depth), latency_(latency), data_(static_cast<std::size_t>(depth) * chunks),
          written_(static_cast<std::size_t>(depth)) {}

    bool readable(cycle now) const override { return reads_ < writes_ && now >= written_[out_] + latency_; }
    bool writable(cycle now) const override { return writes_ < words && held(now) < depth; }
    const chunk* front() const override { return data_.data() + static_cast<std::size_t>(out_) * chunks; }
    bool will_be_readable() const override { return reads_ < writes_; }
    bool will_be_writable() const override { return false; }

    void read(cycle now) override {
        ++reads_;
        out_ = out_ + 1 == depth ? 0 : out_ + 1;
        last_read_ = now;
    }

    void write(cycle now, const signal& from) override {
        high_water = std::max(high_water, held(now) + 1);
        from.get(data_.data() + static_cast<std::size_t>(in_) * chunks, chunks);
        written_[in_] = now;
        ++writes_;
        in_ = in_ + 1 == depth ? 0 : in_ + 1;
    }

    std::int64_t fill() const { return writes_ - reads_; }

    const std::int64_t depth;
    std::int64_t high_water = 0;

private:
    // Words at the beginning of the cycle; the reader may have taken one in this cycle already.
    std::int64_t held(cycle now) const { return writes_ - reads_ + (last_read_ == now); }

    std::int64_t latency_, in_ = 0, out_ = 0;
    cycle last_read_ = -1;
    std::vector<chunk> data_;
    std::vector<cycle> written_;
};

// An input port. data: all words.
class input_port final : public channel {
public:
    input_port(int bits, std::vector<chunk> data, std::vector<std::int64_t> gaps)
        : channel(bits, static_cast<std::int64_t>(data.size()) / chunks_of(bits)), data_(std::move(data)),
          giver_(words, std::move(gaps)) {
        writes_ = words;
    }

    bool readable(cycle now) const override { return giver_.valid(now); }
    bool writable(cycle) const override { return false; }
    const chunk* front() const override { return data_.data() + giver_.place() * chunks; }
    bool will_be_readable() const override { return !giver_.done(); }
    bool will_be_writable() const override { return false; }
    void write(cycle, const signal&) override {}

    void read(cycle now) override {
        ++reads_;
        giver_.taken(now);
        cycles.push_back(now);
    }

    std::vector<cycle> cycles;

private:
    std::vector<chunk> data_;
    giver giver_;
};

// An output port; keeps what is written.
class output_port final : public channel {
public:
    output_port(int bits, std::int64_t words, std::vector<std::int64_t> gaps)
        : channel(bits, words), taker_(std::move(gaps)) {}

    bool readable(cycle) const override { return false; }
    bool writable(cycle now) const override { return writes_ < words && taker_.ready(now); }
    const chunk* front() const override { return nullptr; }
    void read(cycle) override {}
    bool will_be_readable() const override { return false; }
    bool will_be_writable() const override { return writes_ < words; }

    void write(cycle now, const signal& from) override {
        ++writes_;
        ++reads_;
        taker_.given(now);
        cycles.push_back(now);
        data.resize(data.size() + static_cast<std::size_t>(chunks));
        from.get(data.data() + data.size() - chunks, chunks);
    }

    std::vector<cycle> cycles;
    std::vector<chunk> data;

private:
    taker taker_;
};

}  // namespace inrarch_cosim
