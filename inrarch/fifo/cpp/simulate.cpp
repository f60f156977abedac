// What inrarch/fifo/native.py calls: a network is made, put back to its start, advanced, looked at, and jumped ahead.
#include <cstring>

#include "network.hpp"

extern "C" {

// code, segments, first: of all processes together, as `inrarch.fifo.plan` makes them; first[p]: first segment of p.
void* inrarch_new(
    Int processes, Int streams, const Int* code, Int code_length, const Int* segments, const Int* first
) {
    auto* net = new Network;
    net->processes_number = static_cast<int>(processes);
    net->streams_number = static_cast<int>(streams);
    net->code.assign(code, code + code_length);
    net->first.assign(first, first + processes + 1);
    net->segments.resize(first[processes]);
    if (!net->segments.empty()) std::memcpy(net->segments.data(), segments, sizeof(Segment) * net->segments.size());
    net->segments.push_back({});
    net->processes.resize(processes + 1);
    net->ports.resize(2 * streams + 1);
    net->rings.resize(2 * streams + 1);
    net->merged.resize(2 * streams + 1);
    net->high.resize(streams + 1);
    net->lap_times.resize(processes * laps_kept + 1);
    net->queue.resize(processes + 1);
    return net;
}

void inrarch_delete(void* handle) { delete static_cast<Network*>(handle); }

// Back to the start. depths: words, < 0 for unbounded. lags: RAW latency. words: through each stream.
// figures: high-water marks are wanted. keep: the cycles of all accesses are.
void inrarch_reset(
    void* handle, const Int* depths, const Int* lags, const Int* words, std::int32_t figures, std::int32_t keep
) {
    auto& net = *static_cast<Network*>(handle);
    net.figures = figures, net.keep = keep, net.since = 0;
    for (int p = 0; p < net.processes_number; ++p) {
        const Int segment = net.first[p];
        const bool some = segment < net.first[p + 1];
        net.processes[p] = {segment, 0, some ? net.segments[segment].count : 0, -1, -1, 0, running, 0};
    }
    for (int index = 0; index < 2 * net.streams_number; ++index) {
        Int capacity = 64;
        if (keep) while (capacity < words[index / 2]) capacity *= 2;
        Port& port = net.ports[index];
        const Int depth = depths[index / 2] < 0 ? unbounded : depths[index / 2];
        const Int room = index % 2 ? depth : 0;
        const bool same = net.rings[index] && (!keep || Int(port.mask) + 1 >= capacity);
        port = {0, room, room, index % 2 ? 1 : lags[index / 2], port.ring, 0, port.mask, -1, 0};
        if (!same) net.resize(index, capacity, 0);
        port.limit = Int(port.mask) + 1;
        net.merged[index] = 0;
    }
    for (auto& each : net.high) each = 0;
}

// Make all accesses before cycle `until`. 0: there is more to do, 1: all have finished, 2: deadlock.
std::int32_t inrarch_advance(void* handle, Int until) {
    auto& net = *static_cast<Network*>(handle);
    for (int p = 0; p < net.processes_number; ++p)
        if (net.processes[p].state == running) net.push(p);
    while (net.waiting) net.walk(net.pop(), until);
    if (net.figures)
        for (int s = 0; s < net.streams_number; ++s) net.merge(s, true);
    bool some_run = false, some_stand = false;
    for (int p = 0; p < net.processes_number; ++p) {
        some_run |= net.processes[p].state == running;
        some_stand |= net.processes[p].state == blocked;
    }
    return some_run ? 0 : some_stand ? 2 : 1;
}

Int* inrarch_processes(void* handle) { return &static_cast<Network*>(handle)->processes[0].segment; }
Int* inrarch_ports(void* handle) { return &static_cast<Network*>(handle)->ports[0].count; }
Int* inrarch_high(void* handle) { return static_cast<Network*>(handle)->high.data(); }
Int* inrarch_laps(void* handle) { return static_cast<Network*>(handle)->lap_times.data(); }
const Int* inrarch_ring(void* handle, Int port) { return static_cast<Network*>(handle)->rings[port].get(); }

// Words that are not visible yet at cycle `now`: (stream, cycles until then) into `found`; returns how many there are,
// at most `most`.
Int inrarch_in_flight(void* handle, Int now, Int* found, Int most) {
    const auto& net = *static_cast<Network*>(handle);
    Int number = 0;
    for (int s = 0; s < net.streams_number; ++s) {
        const Port &reads = net.ports[2 * s], &writes = net.ports[2 * s + 1];
        for (Int n = writes.count; n-- > reads.count && n >= reads.floor;) {
            const Int wait = writes.ring[n & writes.mask] + reads.lag - now;
            if (wait <= 0) break;
            if (number < most) found[2 * number] = s, found[2 * number + 1] = wait;
            ++number;
        }
    }
    return number;
}

// Continue `shift` cycles later as if every process had gone on from cycle `now` as before: positions as given,
// `moved` processes and words in flight later by `shift`, accesses more by `added`, waits by `waits` (by port).
void inrarch_jump(
    void* handle, Int now, Int shift, const Int* offsets, const Int* left, const Int* moved, const Int* added,
    const Int* waits
) {
    auto& net = *static_cast<Network*>(handle);
    for (int p = 0; p < net.processes_number; ++p) {
        Process& process = net.processes[p];
        if (!moved[p]) continue;
        process.offset = offsets[p], process.left = left[p];
        process.time += shift, process.pending += shift;
        process.laps = 0;
    }
    net.since = now + shift;
    std::vector<Int> times;
    for (int s = 0; s < net.streams_number; ++s) {
        Port &reads = net.ports[2 * s], &writes = net.ports[2 * s + 1];
        times.clear();
        for (Int n = writes.count; n-- > reads.count && n >= reads.floor;) {
            const Int time = writes.ring[n & writes.mask];
            if (time + reads.lag <= now) break;
            times.push_back(time + shift);
        }
        writes.count += added[2 * s + 1], reads.count += added[2 * s];
        writes.waited += waits[2 * s + 1], reads.waited += waits[2 * s];
        for (Int k = 0; k < Int(times.size()); ++k) writes.ring[(writes.count - 1 - k) & writes.mask] = times[k];
        // Whatever was written or read before and is not in flight holds up nobody any more.
        reads.floor = writes.count - Int(times.size());
        if (writes.room != unbounded && reads.count + writes.room > writes.floor)
            writes.floor = reads.count + writes.room;
        writes.limit = reads.floor + Int(writes.mask) + 1;
        reads.limit = reads.count + Int(reads.mask) + 1;
        net.merged[2 * s] = reads.count, net.merged[2 * s + 1] = writes.count;
    }
}

}  // extern "C"
