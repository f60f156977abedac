// The inner loop of the exact simulation (docs/fifo.md). inrarch/fifo/interpreted.py does the same in Python.
//
// Every process is walked along its chain as far as it goes within a horizon: accesses before cycle `until` are made,
// later ones are not. A ring per end of a stream holds the cycles of those accesses that the other end may still ask for.
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace {

using Int = std::int64_t;
constexpr Int unbounded = INT64_MAX;
constexpr int port_bits = 24;
constexpr Int laps_kept = 1024;

// One end of a stream: 2 x stream for reads, + 1 for writes. Access number n >= floor is held up by access n - room of
// the other end, until `lag` cycles later. limit: number of the access for which the ring has to be looked after.
struct alignas(64) Port {
    Int count, floor, room, lag;
    Int* ring;
    Int limit;
    std::uint32_t mask;
    std::int32_t waiter;
    Int waited;
};
static_assert(sizeof(Port) == 64);

enum State : Int { running, blocked, finished };

// Where a process stands. left: repetitions of the segment's pattern, with this one. time: of its last access.
// pending: cycle of its next access if nothing holds it up. laps: how often a pattern has ended (for `lap_times`).
struct Process {
    Int segment, offset, left, time, pending, laps, state, unused;
};

struct Segment {
    Int begin, length, count, base;
};

struct Network {
    int processes_number, streams_number;
    std::vector<Int> code;
    std::vector<Segment> segments;
    std::vector<Int> first;
    std::vector<Process> processes;
    std::vector<Port> ports;
    std::vector<std::unique_ptr<Int[]>> rings;
    std::vector<Int> merged, high, lap_times;  // merged: by port, accesses that `high` has seen
    std::vector<int> queue;
    std::size_t head = 0, waiting = 0;
    bool figures = false, keep = false;
    Int since = 0;  // accesses from here on are not before this cycle (after a jump)

    void push(int process) {
        std::size_t tail = head + waiting++;
        queue[tail < queue.size() ? tail : tail - queue.size()] = process;
    }

    int pop() {
        int process = queue[head];
        head = head + 1 < queue.size() ? head + 1 : 0;
        --waiting;
        return process;
    }

    // Most words held: after a write at cycle t, all but those read before cycle t. `all`: later reads are not before t.
    void merge(int stream, bool all) {
        const Port &reads = ports[2 * stream], &writes = ports[2 * stream + 1];
        Int i = merged[2 * stream + 1], f = merged[2 * stream], most = high[stream];
        for (; i < writes.count; ++i) {
            const Int time = writes.ring[i & writes.mask];
            while (f < reads.count && reads.ring[f & reads.mask] < time) ++f;
            if (f == reads.count && !all) break;
            if (i + 1 - f > most) most = i + 1 - f;
        }
        if (all) f = reads.count;
        merged[2 * stream + 1] = i, merged[2 * stream] = f, high[stream] = most;
    }

    void resize(int index, Int capacity, Int tail) {
        Port& port = ports[index];
        std::unique_ptr<Int[]> ring(new Int[capacity]);
        for (Int n = tail; n < port.count; ++n) ring[n & (capacity - 1)] = port.ring[n & port.mask];
        rings[index] = std::move(ring);
        port.ring = rings[index].get();
        port.mask = static_cast<std::uint32_t>(capacity - 1);
    }

    // Make room in a ring for one more access.
    void attend(int index) {
        Port& port = ports[index];
        const Port& other = ports[index ^ 1];
        Int tail = 0;
        if (!keep) {
            if (figures) merge(index / 2, false);
            tail = port.count;
            if (other.room != unbounded) {
                const Int asked = (other.count > other.floor ? other.count : other.floor) - other.room;
                if (asked < tail) tail = asked;
            }
            if (figures && merged[index] < tail) tail = merged[index];
            if (tail < 0) tail = 0;
        }
        Int capacity = Int(port.mask) + 1;
        if (port.count - tail >= capacity) {
            do capacity *= 2;
            while (port.count - tail >= capacity);
            resize(index, capacity, tail);
        }
        port.limit = tail + capacity;
    }

    void walk(int number, Int until) {
        Process& me = processes[number];
        const Segment* segment = &segments[me.segment];
        const Segment* const last = segments.data() + first[number + 1];
        if (segment == last) {
            me.state = finished;
            return;
        }
        const Int* begin = &code[segment->begin];
        const Int* at = begin + me.offset;
        const Int* end = begin + segment->length;
        Port* const all = ports.data();
        const Int since = this->since;
        Int time = me.time, left = me.left, next;
        State state = running;
        for (;;) {
            const Int index = *at & ((1 << port_bits) - 1);
            Port& port = all[index];
            const Int n = port.count;
            next = time + (*at >> port_bits);
            Int made = next > since ? next : since;
            if (n >= port.floor) {
                Port& other = all[index ^ 1];
                const Int needed = n - port.room;
                if (needed >= other.count) {
                    other.waiter = number;
                    state = blocked;
                    break;
                }
                const Int earliest = other.ring[needed & other.mask] + port.lag;
                if (earliest > made) made = earliest;
            }
            if (made >= until) break;
            port.waited += made - next;
            time = made;
            if (n == port.limit) attend(static_cast<int>(index));
            port.ring[n & port.mask] = time;
            port.count = n + 1;
            if (port.waiter >= 0) {
                processes[port.waiter].state = running;
                push(port.waiter);
                port.waiter = -1;
            }
            if (++at == end) {
                lap_times[number * laps_kept + me.laps++ % laps_kept] = time;
                if (--left > 0) {
                    at = begin;
                    continue;
                }
                if (++segment == last) {
                    state = finished;
                    next = time;
                    at = begin;
                    break;
                }
                begin = at = &code[segment->begin];
                end = begin + segment->length;
                left = segment->count;
            }
        }
        me = {segment - segments.data(), at - begin, left, time, next, me.laps, state, 0};
    }
};

}  // namespace

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
