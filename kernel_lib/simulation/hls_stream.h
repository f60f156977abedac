// hls::stream and dataflow processes for simulation with a plain C++17 compiler on Linux.
//
// Streams are FIFOs of bounded depth, as in hardware: a write to a full one and a read from an empty one block.
// Processes run as coroutines, so that a blocked process lets the others run; when all that are left wait for each
// other the network is dead, and a `deadlock` is thrown that names each process, the stream it waits for and how full
// that is. (The vendor's C simulation runs processes one after the other on unbounded streams and cannot show a
// deadlock.)
//
// A process network is built with the macros of common/process.hpp.
#ifndef INRARCH_SIMULATION_HLS_STREAM_H
#define INRARCH_SIMULATION_HLS_STREAM_H

#define INRARCH_SIMULATION 1

#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace inrarch_simulation {

struct process;

// What is known of a stream apart from its words.
struct fifo {
    std::string name;
    std::size_t depth = 0;  // words; 0 = unbounded
    std::size_t fill = 0;
    std::size_t high_water = 0;
    unsigned long long reads = 0;
    unsigned long long writes = 0;
    process* reader = nullptr;  // waits for a word
    process* writer = nullptr;  // waits for room
};

// Every stream that existed, by name, over all invocations: the deepest fill and the sums of the accesses.
inline std::vector<fifo>& statistics() {
    static std::vector<fifo> all;
    return all;
}

inline void record(const fifo& stream) {
    for (fifo& known : statistics()) {
        if (known.name == stream.name) {
            known.high_water = std::max(known.high_water, stream.high_water);
            known.reads += stream.reads;
            known.writes += stream.writes;
            return;
        }
    }
    statistics().push_back(stream);
}

struct blocked {
    std::string process;
    std::string stream;
    bool reading;
    std::size_t fill;
    std::size_t depth;
};

struct deadlock : std::runtime_error {
    std::vector<blocked> processes;
    explicit deadlock(std::vector<blocked> list) : std::runtime_error(text(list)), processes(std::move(list)) {}

    static std::string text(const std::vector<blocked>& list) {
        std::string message = "deadlock:";
        for (const blocked& b : list) {
            message += "\n  process '" + b.process + "' waits to " + (b.reading ? "read" : "write") + " '" + b.stream +
                       "', which holds " + std::to_string(b.fill) + " of " +
                       (b.depth ? std::to_string(b.depth) : std::string("any number of")) + " words";
        }
        return message;
    }
};

// A coroutine. Its stack is reserved address space; the system gives memory only to the part that is used.
struct process {
    static constexpr std::size_t stack_bytes = std::size_t(64) << 20;
    std::string name;
    std::function<void()> body;
    ucontext_t context;
    void* stack;
    bool finished = false;
    const fifo* waits_for = nullptr;
    bool waits_to_read = false;

    process(std::string title, std::function<void()> function) : name(std::move(title)), body(std::move(function)) {
        stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (stack == MAP_FAILED) throw std::bad_alloc();
    }
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process() { munmap(stack, stack_bytes); }
};

class scheduler {
public:
    void add(const char* name, std::function<void()> body) {
        processes_.push_back(std::make_unique<process>(name, std::move(body)));
        ready_.push_back(processes_.back().get());
    }

    // Runs all processes to their end. Throws `deadlock`.
    void run() {
        for (const std::unique_ptr<process>& p : processes_) {
            getcontext(&p->context);
            p->context.uc_stack.ss_sp = p->stack;
            p->context.uc_stack.ss_size = process::stack_bytes;
            p->context.uc_link = &main_;
            makecontext(&p->context, start, 0);
        }
        while (!ready_.empty()) {
            current_ = ready_.front();
            ready_.pop_front();
            swapcontext(&main_, &current_->context);
            current_ = nullptr;
        }
        std::vector<blocked> waiting;
        for (const std::unique_ptr<process>& p : processes_) {
            if (p->finished) continue;
            const fifo& s = *p->waits_for;
            waiting.push_back({p->name, s.name, p->waits_to_read, s.fill, s.depth});
        }
        processes_.clear();
        if (!waiting.empty()) throw deadlock(std::move(waiting));
    }

    // Called by the running process: let the others run until `wake`.
    void wait(const fifo& stream, bool to_read) {
        if (current_ == nullptr) {
            throw std::logic_error("stream '" + stream.name + "' would block outside of a process");
        }
        process* self = current_;
        self->waits_for = &stream;
        self->waits_to_read = to_read;
        swapcontext(&self->context, &main_);
    }

    void wake(process*& sleeper) {
        ready_.push_back(sleeper);
        sleeper = nullptr;
    }

    process* current() const { return current_; }

    static scheduler& instance() {
        static scheduler only;
        return only;
    }

private:
    static void start() {
        process* self = instance().current_;
        self->body();
        self->finished = true;
    }

    std::vector<std::unique_ptr<process>> processes_;
    std::deque<process*> ready_;
    process* current_ = nullptr;
    ucontext_t main_;
};

}  // namespace inrarch_simulation

namespace hls {

template <class T, int DEPTH = 0> class stream {
public:
    explicit stream(const char* name = "unnamed") {
        state_.name = name;
        set_depth(DEPTH);
    }
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;
    ~stream() {
        if (state_.depth != 0) inrarch_simulation::record(state_);
    }

    // Only before the first access. Simulation only: hardware takes the depth from `#pragma HLS STREAM`.
    void set_depth(int depth) {
        state_.depth = std::size_t(depth);
        words_.resize(std::max<std::size_t>(state_.depth, 16));
    }

    bool empty() const { return state_.fill == 0; }
    bool full() const { return state_.depth != 0 && state_.fill == state_.depth; }
    std::size_t size() const { return state_.fill; }

    void write(const T& word) {
        if (full()) {
            state_.writer = scheduler().current();
            scheduler().wait(state_, false);
        }
        if (state_.fill == words_.size()) grow();
        std::size_t place = first_ + state_.fill;
        words_[place < words_.size() ? place : place - words_.size()] = word;
        ++state_.fill;
        ++state_.writes;
        state_.high_water = std::max(state_.high_water, state_.fill);
        if (state_.reader) scheduler().wake(state_.reader);
    }

    T read() {
        if (empty()) {
            state_.reader = scheduler().current();
            scheduler().wait(state_, true);
        }
        T word = words_[first_];
        first_ = first_ + 1 == words_.size() ? 0 : first_ + 1;
        --state_.fill;
        ++state_.reads;
        if (state_.writer) scheduler().wake(state_.writer);
        return word;
    }

    void read(T& word) { word = read(); }

private:
    static inrarch_simulation::scheduler& scheduler() { return inrarch_simulation::scheduler::instance(); }

    void grow() {
        std::rotate(words_.begin(), words_.begin() + std::ptrdiff_t(first_), words_.end());
        first_ = 0;
        words_.resize(2 * words_.size());
    }

    inrarch_simulation::fifo state_;
    std::vector<T> words_;
    std::size_t first_ = 0;
};

}  // namespace hls

#endif
