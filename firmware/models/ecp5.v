// Models of ECP5 cells that Yosys leaves as black boxes, for the simulation of a synthesised netlist. Simulation only:
// they say what a cell computes, not how long it takes.

// Block RAM: 1,024 words of 18 bits with two ports, or with DATA_WIDTH_A = 36 one port for writing and one for reading.
// Addresses count bits: the lowest four choose within a word. A byte has nine bits, of which narrow ports see eight.
// Chip selects are left out, since synthesis ties them.
module DP16KD #(
    parameter DATA_WIDTH_A = 18,
    parameter DATA_WIDTH_B = 18,
    parameter REGMODE_A = "NOREG",
    parameter REGMODE_B = "NOREG",
    parameter RESETMODE = "SYNC",
    parameter ASYNC_RESET_RELEASE = "SYNC",
    parameter CSDECODE_A = "0b000",
    parameter CSDECODE_B = "0b000",
    parameter WRITEMODE_A = "NORMAL",
    parameter WRITEMODE_B = "NORMAL",
    parameter CLKAMUX = "CLKA",
    parameter CLKBMUX = "CLKB",
    parameter GSR = "ENABLED",
    parameter [319:0] INITVAL_00 = 320'b0,
    parameter [319:0] INITVAL_01 = 320'b0,
    parameter [319:0] INITVAL_02 = 320'b0,
    parameter [319:0] INITVAL_03 = 320'b0,
    parameter [319:0] INITVAL_04 = 320'b0,
    parameter [319:0] INITVAL_05 = 320'b0,
    parameter [319:0] INITVAL_06 = 320'b0,
    parameter [319:0] INITVAL_07 = 320'b0,
    parameter [319:0] INITVAL_08 = 320'b0,
    parameter [319:0] INITVAL_09 = 320'b0,
    parameter [319:0] INITVAL_0A = 320'b0,
    parameter [319:0] INITVAL_0B = 320'b0,
    parameter [319:0] INITVAL_0C = 320'b0,
    parameter [319:0] INITVAL_0D = 320'b0,
    parameter [319:0] INITVAL_0E = 320'b0,
    parameter [319:0] INITVAL_0F = 320'b0,
    parameter [319:0] INITVAL_10 = 320'b0,
    parameter [319:0] INITVAL_11 = 320'b0,
    parameter [319:0] INITVAL_12 = 320'b0,
    parameter [319:0] INITVAL_13 = 320'b0,
    parameter [319:0] INITVAL_14 = 320'b0,
    parameter [319:0] INITVAL_15 = 320'b0,
    parameter [319:0] INITVAL_16 = 320'b0,
    parameter [319:0] INITVAL_17 = 320'b0,
    parameter [319:0] INITVAL_18 = 320'b0,
    parameter [319:0] INITVAL_19 = 320'b0,
    parameter [319:0] INITVAL_1A = 320'b0,
    parameter [319:0] INITVAL_1B = 320'b0,
    parameter [319:0] INITVAL_1C = 320'b0,
    parameter [319:0] INITVAL_1D = 320'b0,
    parameter [319:0] INITVAL_1E = 320'b0,
    parameter [319:0] INITVAL_1F = 320'b0,
    parameter [319:0] INITVAL_20 = 320'b0,
    parameter [319:0] INITVAL_21 = 320'b0,
    parameter [319:0] INITVAL_22 = 320'b0,
    parameter [319:0] INITVAL_23 = 320'b0,
    parameter [319:0] INITVAL_24 = 320'b0,
    parameter [319:0] INITVAL_25 = 320'b0,
    parameter [319:0] INITVAL_26 = 320'b0,
    parameter [319:0] INITVAL_27 = 320'b0,
    parameter [319:0] INITVAL_28 = 320'b0,
    parameter [319:0] INITVAL_29 = 320'b0,
    parameter [319:0] INITVAL_2A = 320'b0,
    parameter [319:0] INITVAL_2B = 320'b0,
    parameter [319:0] INITVAL_2C = 320'b0,
    parameter [319:0] INITVAL_2D = 320'b0,
    parameter [319:0] INITVAL_2E = 320'b0,
    parameter [319:0] INITVAL_2F = 320'b0,
    parameter [319:0] INITVAL_30 = 320'b0,
    parameter [319:0] INITVAL_31 = 320'b0,
    parameter [319:0] INITVAL_32 = 320'b0,
    parameter [319:0] INITVAL_33 = 320'b0,
    parameter [319:0] INITVAL_34 = 320'b0,
    parameter [319:0] INITVAL_35 = 320'b0,
    parameter [319:0] INITVAL_36 = 320'b0,
    parameter [319:0] INITVAL_37 = 320'b0,
    parameter [319:0] INITVAL_38 = 320'b0,
    parameter [319:0] INITVAL_39 = 320'b0,
    parameter [319:0] INITVAL_3A = 320'b0,
    parameter [319:0] INITVAL_3B = 320'b0,
    parameter [319:0] INITVAL_3C = 320'b0,
    parameter [319:0] INITVAL_3D = 320'b0,
    parameter [319:0] INITVAL_3E = 320'b0,
    parameter [319:0] INITVAL_3F = 320'b0
) (
    input DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8, DIA9, DIA10, DIA11, DIA12, DIA13, DIA14,
        DIA15, DIA16, DIA17,
    input ADA0, ADA1, ADA2, ADA3, ADA4, ADA5, ADA6, ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13,
    input CLKA, CEA, OCEA, WEA, RSTA, CSA0, CSA1, CSA2,
    output DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8, DOA9, DOA10, DOA11, DOA12, DOA13, DOA14,
        DOA15, DOA16, DOA17,
    input DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8, DIB9, DIB10, DIB11, DIB12, DIB13, DIB14,
        DIB15, DIB16, DIB17,
    input ADB0, ADB1, ADB2, ADB3, ADB4, ADB5, ADB6, ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
    input CLKB, CEB, OCEB, WEB, RSTB, CSB0, CSB1, CSB2,
    output DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8, DOB9, DOB10, DOB11, DOB12, DOB13, DOB14,
        DOB15, DOB16, DOB17
);
    wire [17:0] di_a = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
        DIA3, DIA2, DIA1, DIA0};
    wire [13:0] ad_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
    wire [17:0] di_b = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4,
        DIB3, DIB2, DIB1, DIB0};
    wire [13:0] ad_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
    localparam WIDE = DATA_WIDTH_A == 36;
    wire clock_a = CLKAMUX == "INV" ? ~CLKA : CLKA;
    wire clock_b = CLKBMUX == "INV" ? ~CLKB : CLKB;
    wire async_a = RESETMODE == "ASYNC" && RSTA === 1'b1;
    wire async_b = RESETMODE == "ASYNC" && RSTB === 1'b1;

    reg [17:0] memory [0:1023];
    reg [17:0] latch_a, latch_b, register_a, register_b;
    integer i;

    // Contents: each parameter has 16 words of 18 bits, each in 20 bits.
    task fill(input integer row, input [319:0] words);
        for (i = 0; i < 16; i = i + 1) memory[row * 16 + i] = words[i * 20 +: 18];
    endtask

    initial begin
        fill(0, INITVAL_00);
        fill(1, INITVAL_01);
        fill(2, INITVAL_02);
        fill(3, INITVAL_03);
        fill(4, INITVAL_04);
        fill(5, INITVAL_05);
        fill(6, INITVAL_06);
        fill(7, INITVAL_07);
        fill(8, INITVAL_08);
        fill(9, INITVAL_09);
        fill(10, INITVAL_0A);
        fill(11, INITVAL_0B);
        fill(12, INITVAL_0C);
        fill(13, INITVAL_0D);
        fill(14, INITVAL_0E);
        fill(15, INITVAL_0F);
        fill(16, INITVAL_10);
        fill(17, INITVAL_11);
        fill(18, INITVAL_12);
        fill(19, INITVAL_13);
        fill(20, INITVAL_14);
        fill(21, INITVAL_15);
        fill(22, INITVAL_16);
        fill(23, INITVAL_17);
        fill(24, INITVAL_18);
        fill(25, INITVAL_19);
        fill(26, INITVAL_1A);
        fill(27, INITVAL_1B);
        fill(28, INITVAL_1C);
        fill(29, INITVAL_1D);
        fill(30, INITVAL_1E);
        fill(31, INITVAL_1F);
        fill(32, INITVAL_20);
        fill(33, INITVAL_21);
        fill(34, INITVAL_22);
        fill(35, INITVAL_23);
        fill(36, INITVAL_24);
        fill(37, INITVAL_25);
        fill(38, INITVAL_26);
        fill(39, INITVAL_27);
        fill(40, INITVAL_28);
        fill(41, INITVAL_29);
        fill(42, INITVAL_2A);
        fill(43, INITVAL_2B);
        fill(44, INITVAL_2C);
        fill(45, INITVAL_2D);
        fill(46, INITVAL_2E);
        fill(47, INITVAL_2F);
        fill(48, INITVAL_30);
        fill(49, INITVAL_31);
        fill(50, INITVAL_32);
        fill(51, INITVAL_33);
        fill(52, INITVAL_34);
        fill(53, INITVAL_35);
        fill(54, INITVAL_36);
        fill(55, INITVAL_37);
        fill(56, INITVAL_38);
        fill(57, INITVAL_39);
        fill(58, INITVAL_3A);
        fill(59, INITVAL_3B);
        fill(60, INITVAL_3C);
        fill(61, INITVAL_3D);
        fill(62, INITVAL_3E);
        fill(63, INITVAL_3F);
        latch_a = 0;
        latch_b = 0;
        register_a = 0;
        register_b = 0;
    end

    // Where a port's data begin within a word.
    function [4:0] place(input integer width, input [3:0] low);
        case (width)
            1: place = low[3] * 9 + low[2:0];
            2: place = low[3] * 9 + low[2:1] * 2;
            4: place = low[3] * 9 + low[2] * 4;
            9: place = low[3] * 9;
            default: place = 0;
        endcase
    endfunction

    function [17:0] mask(input integer width);
        mask = (19'd1 << width) - 19'd1;
    endfunction

    // A word after a write of a port's data.
    function [17:0] written(input [17:0] old, input integer width, input [3:0] low, input [17:0] data);
        reg [17:0] where;
        begin
            where = width == 18 ? {{9{low[1]}}, {9{low[0]}}} : mask(width) << place(width, low);
            written = (old & ~where) | ((data << place(width, low)) & where);
        end
    endfunction

    function [17:0] seen(input [17:0] word, input integer width, input [3:0] low);
        seen = (word >> place(width, low)) & mask(width);
    endfunction

    // Port A.
    wire [17:0] old_a = memory[ad_a[13:4]];
    wire [17:0] new_a = written(old_a, DATA_WIDTH_A, ad_a[3:0], di_a);
    always @(posedge clock_a)
        if (WIDE) begin
            if (CEA && WEA) begin
                memory[{ad_a[13:5], 1'b0}] <= written(memory[{ad_a[13:5], 1'b0}], 18, {2'b0, ad_a[1:0]}, di_a);
                memory[{ad_a[13:5], 1'b1}] <= written(memory[{ad_a[13:5], 1'b1}], 18, {2'b0, ad_a[3:2]}, di_b);
            end
        end else if (CEA && WEA && !RSTA) memory[ad_a[13:4]] <= new_a;

    // Port B.
    wire [17:0] old_b = memory[ad_b[13:4]];
    wire [17:0] new_b = written(old_b, DATA_WIDTH_B, ad_b[3:0], di_b);
    always @(posedge clock_b)
        if (!WIDE && CEB && WEB && !RSTB) memory[ad_b[13:4]] <= new_b;

    // Reading: first into the latch, then, if it is used, through the output register. Wide memories read through
    // port B's address and clock, the low half at port A's outputs if all 36 bits are read at once.
    wire clock_low = WIDE ? clock_b : clock_a;
    wire async_low = WIDE ? async_b : async_a;
    wire reset_low = WIDE ? RSTB : RSTA;
    always @(posedge clock_low or posedge async_low)
        if (async_low || reset_low) latch_a <= 0;
        else if (WIDE) begin
            if (CEB) latch_a <= memory[{ad_b[13:5], 1'b0}];
        end else if (CEA) begin
            if (!WEA || WRITEMODE_A == "READBEFOREWRITE") latch_a <= seen(old_a, DATA_WIDTH_A, ad_a[3:0]);
            else if (WRITEMODE_A == "WRITETHROUGH") latch_a <= seen(new_a, DATA_WIDTH_A, ad_a[3:0]);
        end

    always @(posedge clock_b or posedge async_b)
        if (async_b || RSTB) latch_b <= 0;
        else if (CEB) begin
            if (WIDE && DATA_WIDTH_B == 36) latch_b <= memory[{ad_b[13:5], 1'b1}];
            else if (WIDE || !WEB || WRITEMODE_B == "READBEFOREWRITE") latch_b <= seen(old_b, DATA_WIDTH_B, ad_b[3:0]);
            else if (WRITEMODE_B == "WRITETHROUGH") latch_b <= seen(new_b, DATA_WIDTH_B, ad_b[3:0]);
        end

    always @(posedge clock_low or posedge async_low)
        if (async_low || reset_low) register_a <= 0;
        else if (WIDE ? OCEB : OCEA) register_a <= latch_a;

    always @(posedge clock_b or posedge async_b)
        if (async_b || RSTB) register_b <= 0;
        else if (OCEB) register_b <= latch_b;

    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
        DOA1, DOA0} = REGMODE_A == "OUTREG" ? register_a : latch_a;
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
        DOB1, DOB0} = REGMODE_B == "OUTREG" ? register_b : latch_b;
endmodule

// PLL. The clock passes as it is, and is locked at once: what a design computes does not depend on its clock.
module EHXPLLL #(
    parameter CLKI_DIV = 1,
    parameter CLKFB_DIV = 1,
    parameter CLKOP_DIV = 8,
    parameter CLKOP_CPHASE = 0,
    parameter CLKOP_FPHASE = 0,
    parameter CLKOP_ENABLE = "ENABLED",
    parameter FEEDBK_PATH = "CLKOP",
    parameter PLLRST_ENA = "DISABLED",
    parameter INTFB_WAKE = "DISABLED",
    parameter STDBY_ENABLE = "DISABLED",
    parameter DPHASE_SOURCE = "DISABLED",
    parameter OUTDIVIDER_MUXA = "DIVA",
    parameter OUTDIVIDER_MUXB = "DIVB",
    parameter CLKOS_DIV = 8,
    parameter CLKOS_CPHASE = 0,
    parameter CLKOS_FPHASE = 0,
    parameter CLKOS_ENABLE = "DISABLED"
) (
    input CLKI, CLKFB, RST, STDBY, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC,
    input ENCLKOP, ENCLKOS,
    output CLKOP, CLKOS, LOCK
);
    assign CLKOP = CLKI;
    assign CLKOS = CLKI;
    assign LOCK = 1'b1;
endmodule
