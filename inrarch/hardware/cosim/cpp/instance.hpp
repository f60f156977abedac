// A process of the design with its channels and memories.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "channel.hpp"
#include "process.hpp"

namespace inrarch_cosim {

struct rom {
    int chunks = 1;
    std::vector<chunk> words;
};

// What a process waits for: read or write number `end`; -1: nothing.
struct waiting {
    int end = -1;
    bool reading = false;
};

class instance {
public:
    instance(std::unique_ptr<process> model, std::vector<channel*> reads, std::vector<channel*> writes,
             std::vector<rom> roms, bool may_sleep)
        : reads(std::move(reads)), writes(std::move(writes)), model_(std::move(model)), roms_(std::move(roms)),
          may_sleep_(may_sleep) {}

    // A cycle of reset, in which nothing can be read or written.
    void reset_cycle() {
        *model_->reset = 1;
        for (handshake& each : model_->reads) *each.valid = 0;
        for (handshake& each : model_->writes) *each.ready = 0;
        model_->level(0);
        model_->level(1);
        *model_->reset = 0;
    }

    // A cycle of the clock. Returns false if the process waits, as in the cycle before, for what did not come.
    //
    // An access that is due holds back those behind it, and `advance` with them (inrarch_control): a process with a due
    // access that cannot be made changes nothing but the marks of accesses made in this cycle.
    bool step(cycle now) {
        if (waits.end >= 0 && !able(now)) return false;
        for (std::size_t k = 0; k < reads.size(); ++k) {
            const bool valid = reads[k]->readable(now);
            *model_->reads[k].valid = valid;
            if (valid) model_->reads[k].data.put(reads[k]->front());
        }
        for (std::size_t k = 0; k < writes.size(); ++k) *model_->writes[k].ready = writes[k]->writable(now);
        model_->level(0);
        waits.end = -1;
        bool any = false;
        for (std::size_t k = 0; k < reads.size(); ++k) {
            const handshake& each = model_->reads[k];
            if (!*each.ready) continue;
            if (*each.valid) {
                any = true;
                reads[k]->read(now);
                last = now;
                if (reads[k]->reads() <= reads[k]->words / invocations) last_of_first = now;
            } else {
                waits = {static_cast<int>(k), true};
            }
        }
        for (std::size_t k = 0; k < writes.size(); ++k) {
            const handshake& each = model_->writes[k];
            if (!*each.valid) continue;
            if (*each.ready) {
                any = true;
                writes[k]->write(now, each.data);
                last = now;
                if (writes[k]->writes() <= writes[k]->words / invocations) last_of_first = now;
            } else {
                waits = {static_cast<int>(k), false};
            }
        }
        if (!may_sleep_) waits.end = -1;
        if (any || waits.end < 0) edge();
        return true;
    }

    // The channel that it waits for; only where waits.end >= 0.
    const channel& awaited() const { return *(waits.reading ? reads : writes)[static_cast<std::size_t>(waits.end)]; }

    process& model() { return *model_; }

    static inline std::int64_t invocations = 1;
    std::vector<channel*> reads, writes;
    waiting waits;
    cycle last = -1;           // of any access
    cycle last_of_first = -1;  // of an access of the first invocation

private:
    bool able(cycle now) const { return waits.reading ? awaited().readable(now) : awaited().writable(now); }

    // Memories are read with the addresses before the edge; their words come after it.
    void edge() {
        for (std::size_t k = 0; k < roms_.size(); ++k) {
            const memory_port& port = model_->memories[k];
            addresses_.resize(roms_.size());
            addresses_[k] = *port.enable ? static_cast<std::int64_t>(port.address.number()) : -1;
        }
        model_->level(1);
        for (std::size_t k = 0; k < roms_.size(); ++k) {
            const std::int64_t place = addresses_[k] * roms_[k].chunks;
            if (place >= 0 && place < static_cast<std::int64_t>(roms_[k].words.size())) {
                model_->memories[k].data.put(roms_[k].words.data() + place);
            }
        }
    }

    std::unique_ptr<process> model_;
    std::vector<rom> roms_;
    std::vector<std::int64_t> addresses_;
    bool may_sleep_;
};

}  // namespace inrarch_cosim
