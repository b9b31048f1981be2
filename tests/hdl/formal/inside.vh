// inside.vh: `INSIDE is a claim about a block's registers. It makes induction work, and is no part of what is promised; with
// CLAIMS it is left out, and only what can be seen from outside remains.
`ifdef CLAIMS
`define INSIDE if (1'b0) assert
`else
`define INSIDE assert
`endif
