// Runs the processes of a design, each a model of Verilator, with the FIFOs between them.
//
//     harness DESIGN FOLDER      (in the folder of the RTL, to which the paths of memories are relative)
//
// DESIGN is written by inrarch/hardware/cosim/run.py: words separated by spaces, no names but those of modules and files;
// paths are in double quotes.
// Writes FOLDER/result.json, and of every port FOLDER/port<k>.words (32-bit chunks) and FOLDER/port<k>.cycles (int64).
// Exit code 0 also where words are missing: the caller judges.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "channel.hpp"
#include "instance.hpp"
#include "verilated.h"

using namespace inrarch_cosim;

namespace {

template <class Number>
std::vector<Number> load(const std::string& path) {
    if (path == "-") return {};
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<Number> numbers(bytes.size() / sizeof(Number));
    std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(Number));
    return numbers;
}

// All of a file, or an error: a disk may be full.
void save(const std::string& path, const char* bytes, std::size_t count) {
    std::ofstream file(path, std::ios::binary);
    file.write(bytes, static_cast<std::streamsize>(count));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
}

template <class Number>
void save(const std::string& path, const std::vector<Number>& numbers) {
    save(path, reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number));
}

// Hexadecimal words, one per line, as $readmemh reads them.
rom load_rom(const std::string& path, int bits, std::int64_t count) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    rom made;
    made.chunks = chunks_of(bits);
    for (std::string line; std::getline(file, line);) {
        const std::size_t start = made.words.size();
        made.words.resize(start + static_cast<std::size_t>(made.chunks));
        for (std::size_t digit = 0; digit < line.size(); ++digit) {
            const chunk value = static_cast<chunk>(std::stoi(line.substr(line.size() - 1 - digit, 1), nullptr, 16));
            made.words[start + digit / 8] |= value << 4 * (digit % 8);
        }
    }
    if (static_cast<std::int64_t>(made.words.size()) != count * made.chunks) {
        throw std::runtime_error(path + " has not as many words as its memory");
    }
    return made;
}

struct design {
    std::int64_t limit = 0;  // cycles
    std::vector<std::unique_ptr<fifo>> fifos;
    std::vector<std::unique_ptr<input_port>> inputs;
    std::vector<std::unique_ptr<output_port>> outputs;
    std::vector<channel*> channels;  // fifos, inputs, outputs
    std::vector<std::unique_ptr<instance>> processes;
    std::string waveform;  // file for the signals of the first process; -: none
};

template <class Number>
Number next(std::istream& text) {
    Number number{};
    if (!(text >> number)) throw std::runtime_error("the description of the design ends too early");
    return number;
}

std::string next_path(std::istream& text) {
    std::string path;
    if (!(text >> std::quoted(path))) throw std::runtime_error("the description of the design ends too early");
    return path;
}

design load_design(const std::string& path, VerilatedContext& context) {
    std::ifstream text(path);
    design made;
    made.limit = next<std::int64_t>(text);
    instance::invocations = next<std::int64_t>(text);
    context.randReset(2);
    context.randSeed(next<int>(text));
    made.waveform = next_path(text);
    for (int k = next<int>(text); k > 0; --k) {
        const int bits = next<int>(text);
        const auto words = next<std::int64_t>(text), depth = next<std::int64_t>(text), latency = next<std::int64_t>(text);
        made.fifos.push_back(std::make_unique<fifo>(bits, words, depth, latency));
        made.channels.push_back(made.fifos.back().get());
    }
    for (int k = next<int>(text); k > 0; --k) {
        const int bits = next<int>(text);
        const std::string words = next_path(text), gaps = next_path(text);
        made.inputs.push_back(std::make_unique<input_port>(bits, load<chunk>(words), load<std::int64_t>(gaps)));
        made.channels.push_back(made.inputs.back().get());
    }
    for (int k = next<int>(text); k > 0; --k) {
        const int bits = next<int>(text);
        const auto words = next<std::int64_t>(text);
        const std::string gaps = next_path(text);
        made.outputs.push_back(std::make_unique<output_port>(bits, words, load<std::int64_t>(gaps)));
        made.channels.push_back(made.outputs.back().get());
    }
    const auto joined = [&] {
        std::vector<channel*> found;
        for (int k = next<int>(text); k > 0; --k) found.push_back(made.channels.at(next<std::size_t>(text)));
        return found;
    };
    for (int k = next<int>(text); k > 0; --k) {
        const std::string module = next<std::string>(text);
        const bool may_sleep = next<int>(text) != 0;
        std::vector<channel*> reads = joined(), writes = joined();
        std::vector<rom> roms;
        for (int m = next<int>(text); m > 0; --m) {
            const std::string file = next_path(text);
            const int bits = next<int>(text);
            roms.push_back(load_rom(file, bits, next<std::int64_t>(text)));
        }
        made.processes.push_back(std::make_unique<instance>(makers().at(module)(context), std::move(reads),
                                                            std::move(writes), std::move(roms), may_sleep));
    }
    return made;
}

enum class ending { complete, deadlock, late };

bool complete(const design& made) {
    return std::all_of(made.channels.begin(), made.channels.end(), [](const channel* each) { return each->complete(); });
}

// Nobody moved in this cycle: whether that remains so.
bool dead(const design& made) {
    return std::none_of(made.processes.begin(), made.processes.end(), [](const auto& each) {
        return each->waits.reading ? each->awaited().will_be_readable() : each->awaited().will_be_writable();
    });
}

ending simulate(design& made, cycle& now) {
    if (made.waveform != "-") made.processes.front()->model().open_waveform(made.waveform.c_str());
    for (int k = 0; k < 3; ++k) {
        for (auto& each : made.processes) each->reset_cycle();
    }
    for (now = 0; now < made.limit; ++now) {
        bool moved = false;
        for (auto& each : made.processes) moved |= each->step(now);
        if (!moved) {
            if (complete(made)) return ending::complete;
            if (dead(made)) return ending::deadlock;
        } else if (now % 64 == 0 && complete(made)) {
            return ending::complete;
        }
    }
    return complete(made) ? ending::complete : ending::late;
}

std::string blocked(const design& made) {
    std::string text;
    for (std::size_t k = 0; k < made.processes.size(); ++k) {
        const instance& each = *made.processes[k];
        if (each.waits.end < 0) continue;
        const channel& awaited = each.awaited();
        const auto place = std::find(made.channels.begin(), made.channels.end(), &awaited) - made.channels.begin();
        text += (text.empty() ? "" : ", ") + ("{\"process\": " + std::to_string(k)) +
                ", \"channel\": " + std::to_string(place) + ", \"reading\": " + (each.waits.reading ? "true" : "false") +
                ", \"fill\": " + std::to_string(awaited.writes() - awaited.reads()) + "}";
    }
    return "[" + text + "]";
}

void report(const design& made, ending how, cycle now, const std::string& folder) {
    const char* endings[] = {"complete", "deadlock", "late"};
    std::ostringstream file;
    file << "{\"ending\": \"" << endings[static_cast<int>(how)] << "\", \"simulated\": " << now << ", \"processes\": [";
    const char* separator = "";
    for (const auto& each : made.processes) {
        file << separator << "{\"last\": " << each->last << ", \"last_of_first\": " << each->last_of_first << "}";
        separator = ", ";
    }
    file << "], \"channels\": [";
    separator = "";
    for (const channel* each : made.channels) {
        file << separator << "{\"reads\": " << each->reads() << ", \"writes\": " << each->writes() << "}";
        separator = ", ";
    }
    file << "], \"high_water\": [";
    separator = "";
    for (const auto& each : made.fifos) {
        file << separator << each->high_water;
        separator = ", ";
    }
    file << "], \"blocked\": " << blocked(made) << "}\n";
    const std::string text = file.str();
    save(folder + "/result.json", text.data(), text.size());
    std::size_t number = 0;
    for (const auto& each : made.inputs) save(folder + "/port" + std::to_string(number++) + ".cycles", each->cycles);
    for (const auto& each : made.outputs) {
        save(folder + "/port" + std::to_string(number) + ".words", each->data);
        save(folder + "/port" + std::to_string(number++) + ".cycles", each->cycles);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: harness DESIGN FOLDER\n";
        return 2;
    }
    try {
        VerilatedContext context;
        design made = load_design(argv[1], context);
        cycle now = 0;
        const ending how = simulate(made, now);
        report(made, how, now, argv[2]);
    } catch (const std::exception& fault) {
        std::cerr << "harness: " << fault.what() << "\n";
        return 2;
    }
    return 0;
}
