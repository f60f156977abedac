// How a generated top wires processes. Under the vendor's tool a process is a plain call in a dataflow region. In
// simulation (simulation/hls_stream.h) it is a coroutine on bounded streams, and INRARCH_RUN starts them all.
//
//     hls::stream<token> s("s");
//     #pragma HLS STREAM variable=s depth=2
//     INRARCH_DEPTH(s, 2);
//     INRARCH_PROCESS("reader", inrarch::source<64, 4>(x, s));
//     INRARCH_PROCESS("writer", inrarch::sink<64, 4, inrarch::index_list<0>>(s, y));
//     INRARCH_RUN();
#ifndef INRARCH_COMMON_PROCESS_HPP
#define INRARCH_COMMON_PROCESS_HPP

#include <hls_stream.h>

#ifdef INRARCH_SIMULATION
#define INRARCH_DEPTH(STREAM, WORDS) STREAM.set_depth(WORDS)
#define INRARCH_PROCESS(NAME, ...) inrarch_simulation::scheduler::instance().add(NAME, [&] { __VA_ARGS__; })
#define INRARCH_RUN() inrarch_simulation::scheduler::instance().run()
#else
#define INRARCH_DEPTH(STREAM, WORDS)
#define INRARCH_PROCESS(NAME, ...) __VA_ARGS__
#define INRARCH_RUN()
#endif

#endif
