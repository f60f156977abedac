// The inner loop of the exact simulation (docs/fifo.md). inrarch/fifo/interpreted.py does the same in Python.
//
// Every process is walked along its chain as far as it goes within a horizon: accesses before cycle `until` are made,
// later ones are not. A ring per end of a stream holds the cycles of those accesses that the other end may still ask for.
#pragma once

#include <cstdint>
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
