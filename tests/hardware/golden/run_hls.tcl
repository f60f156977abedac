# Vitis HLS: C simulation, synthesis, co-simulation and IP of inrarch_top.
#
#   up to 2023.1:   vitis_hls -f run_hls.tcl
#   from 2024.2 on: vitis-run --mode hls --tcl run_hls.tcl
#
# The environment variable INRARCH_STEPS chooses steps, for example "csim csynth"; all four by default.
# The project is made in the working directory.
set root [file normalize [file join [file dirname [info script]] ..]]
set steps {csim csynth cosim export}
if {[info exists ::env(INRARCH_STEPS)]} { set steps $::env(INRARCH_STEPS) }
set flags "-std=c++14 -I$root/kernels -I$root/src"

open_project -reset inrarch_hls
set_top inrarch_top
add_files [file join $root src top.cpp] -cflags $flags
add_files -tb [file join $root testbench tb.cpp] -cflags $flags
open_solution -reset solution1 -flow_target vivado
set_part xcu50-fsvh2104-2-e
create_clock -period 3.333 -name default

foreach step $steps {
    switch -- $step {
        csim   { csim_design -argv [file join $root data] }
        csynth { csynth_design }
        cosim  { cosim_design -argv "[file join $root data] . 16" }
        export { export_design -format ip_catalog }
        default { error "unknown step $step in INRARCH_STEPS" }
    }
}
exit
