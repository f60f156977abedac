// The program of tests/rtl_bench.py: bench STIMULUS ANSWERS SEED.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <vector>

#include "model/Vbench_all.cpp"
#include "rhythm.hpp"
#include "signals.hpp"

using namespace inrarch_cosim;

namespace {

struct port {
    int bits = 0;
    bool reads = false;
    std::int64_t wanted = 0;
    std::vector<chunk> words;  // given, or found
    std::vector<cycle> cycles;
    std::unique_ptr<giver> from;
    std::unique_ptr<taker> to;
    std::function<void(cycle)> offer;
    std::function<bool(cycle)> transfer;

    bool done() const { return static_cast<std::int64_t>(cycles.size()) >= wanted; }
};

struct stimulus {
    std::ifstream file;
    template <class Number>
    Number next() {
        Number number{};
        file.read(reinterpret_cast<char*>(&number), sizeof number);
        return number;
    }
    template <class Number>
    std::vector<Number> next(std::int64_t count) {
        std::vector<Number> numbers(static_cast<std::size_t>(count));
        file.read(reinterpret_cast<char*>(numbers.data()), count * static_cast<std::int64_t>(sizeof(Number)));
        return numbers;
    }
};

template <class Number>
void save(std::ofstream& file, const std::vector<Number>& numbers) {
    file.write(reinterpret_cast<const char*>(numbers.data()), static_cast<std::streamsize>(numbers.size() * sizeof(Number)));
}

}  // namespace

int main(int, char** argv) {
    stimulus given{std::ifstream(argv[1], std::ios::binary)};
    VerilatedContext context;
    context.randReset(2);
    context.randSeed(std::atoi(argv[3]));
    Vbench top{&context};
    std::vector<std::unique_ptr<port>> ports;
    const auto patience = given.next<std::int64_t>();

    const auto common = [&](int bits, bool reads) {
        ports.push_back(std::make_unique<port>());
        port& made = *ports.back();
        made.bits = bits;
        made.reads = reads;
        made.wanted = given.next<std::int64_t>();
        auto gaps = given.next<std::int64_t>(given.next<std::int64_t>());
        if (reads) {
            made.words = given.next<chunk>(made.wanted * chunks_of(bits));
            made.from = std::make_unique<giver>(made.wanted, std::move(gaps));
        } else {
            made.to = std::make_unique<taker>(std::move(gaps));
        }
        return &made;
    };
    const auto input = [&](auto& data, auto& valid, auto& ready, int bits) {
        port* made = common(bits, true);
        made->offer = [made, to = signal_of(data), &valid, bits](cycle now) {
            valid = now >= 0 && made->from->valid(now);
            if (valid) to.put(made->words.data() + made->from->place() * chunks_of(bits));
        };
        made->transfer = [made, &valid, &ready](cycle now) {
            if (!valid || !ready) return false;
            made->from->taken(now);
            made->cycles.push_back(now);
            return true;
        };
    };
    const auto output = [&](auto& data, auto& valid, auto& ready, int bits) {
        port* made = common(bits, false);
        made->offer = [made, &ready](cycle now) { ready = now >= 0 && made->to->ready(now); };
        made->transfer = [made, from = signal_of(data), &valid, &ready, bits](cycle now) {
            if (!valid || !ready) return false;
            made->to->given(now);
            if (made->done()) return true;  // of a further invocation
            made->cycles.push_back(now);
            made->words.resize(made->words.size() + static_cast<std::size_t>(chunks_of(bits)));
            from.get(made->words.data() + made->words.size() - chunks_of(bits), chunks_of(bits));
            return true;
        };
    };
    // @PORTS@

    const auto edge = [&](cycle now) {
        bool any = false;
        for (auto& each : ports) each->offer(now);
        top.clk = 0;
        top.eval();
        if (now >= 0) {
            for (auto& each : ports) any |= each->transfer(now);
        }
        top.clk = 1;
        top.eval();
        return any;
    };
    const auto unfinished = [&] {
        for (auto& each : ports) {
            if (!each->done()) return true;
        }
        return false;
    };
    top.reset = 1;
    for (cycle now = -3; now < 0; ++now) edge(now);
    top.reset = 0;
    cycle last = 0;
    for (cycle now = 0; now - last < patience && unfinished(); ++now) {
        if (edge(now)) last = now;
    }
    top.final();

    std::ofstream answers(argv[2], std::ios::binary);
    for (auto& each : ports) {
        const std::vector<std::int64_t> count{static_cast<std::int64_t>(each->cycles.size())};
        save(answers, count);
        save(answers, each->cycles);
        if (each->reads) each->words.resize(each->cycles.size() * static_cast<std::size_t>(chunks_of(each->bits)));
        save(answers, each->words);
    }
    return 0;
}
