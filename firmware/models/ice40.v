// Models of iCE40 cells that Yosys leaves as black boxes, for the simulation of a synthesised netlist. Simulation only:
// they say what a cell computes, not how long it takes.

// PLL behind a clock pin. The clock passes as it is, and is locked at once: what a design computes does not depend on
// its clock.
module SB_PLL40_PAD #(
    parameter FEEDBACK_PATH = "SIMPLE",
    parameter DIVR = 4'b0,
    parameter DIVF = 7'b0,
    parameter DIVQ = 3'b0,
    parameter FILTER_RANGE = 3'b0
) (
    input PACKAGEPIN, RESETB, BYPASS,
    output PLLOUTCORE, PLLOUTGLOBAL, LOCK
);
    assign PLLOUTCORE = PACKAGEPIN;
    assign PLLOUTGLOBAL = PACKAGEPIN;
    assign LOCK = 1'b1;
endmodule
